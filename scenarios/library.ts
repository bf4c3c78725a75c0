import { UmweltError } from '../core/errors.js';
import { didYouMean } from '../core/validation.js';
import { breakCup } from './library/break-cup.js';
import { cubeToss } from './library/cube-toss.js';
import { dropAndRoll } from './library/drop-and-roll.js';
import { fingerSlide } from './library/finger-slide.js';
import { pushBox } from './library/push-box.js';
import { streetPass } from './library/street-pass.js';
import { parseScenario, type Scenario, type ScenarioDocument } from './schema.js';

const PRESETS: readonly ScenarioDocument[] = [
  breakCup,
  cubeToss,
  dropAndRoll,
  fingerSlide,
  pushBox,
  streetPass,
];

/** Lists the presets, in the order of their names. */
export function listScenarios(): readonly { readonly name: string; readonly description: string }[] {
  return PRESETS.map(({ name, description }) => ({ name, description }));
}

/** Returns a preset as its author wrote it, a starting point for one's own scenario. The copy belongs to the caller. */
export function scenarioDocument(name: string): ScenarioDocument {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found !== undefined) return structuredClone(found);
  const known = PRESETS.map((preset) => preset.name);
  throw new UmweltError(
    'invalid-input',
    { name, known },
    `unknown scenario "${name}": expected one of ${known.join(', ')}, or the path of a .json file${didYouMean(name, known)}`,
  );
}

/**
 * Returns a preset, parsed.
 *
 * @throws UmweltError `invalid-input` when there is none of that name.
 */
export function findScenario(name: string): Scenario {
  return parseScenario(scenarioDocument(name));
}
