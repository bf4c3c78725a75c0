import { UmweltError } from '../../core/errors.js';
import { didYouMean } from '../../core/validation.js';

/** What needs no learning, in the order of tables: each knows more than the one before. */
export const BASELINES = {
  'copy-last': 'holds the last pose',
  'constant-velocity': 'keeps the last linear and angular velocity',
  'free-fall': 'falls with constant spin, through the table',
  'physics-default': 'the engine as it comes: friction 0.5, restitution 0, one step a frame',
  'physics-fitted': 'the engine at 4 steps a frame; friction and restitution fitted on the train side',
} as const;

/** Name of a baseline, as the command line takes it. */
export type BaselineName = keyof typeof BASELINES;

/** Every name, in the order of tables. */
export const BASELINE_NAMES = Object.keys(BASELINES) as readonly BaselineName[];

/**
 * Checks names of baselines that a person gave and puts them in their usual order, each once.
 *
 * @throws UmweltError `invalid-input` naming the one that does not exist.
 */
export function requireBaselines(names: readonly string[]): readonly BaselineName[] {
  for (const name of names) {
    if (Object.hasOwn(BASELINES, name)) continue;
    throw new UmweltError(
      'invalid-input',
      { name, known: BASELINE_NAMES },
      `unknown baseline "${name}": expected one of ${BASELINE_NAMES.join(', ')}${didYouMean(name, BASELINE_NAMES)}`,
    );
  }
  return BASELINE_NAMES.filter((name) => names.includes(name));
}
