import { UmweltError } from '../../../core/errors.js';
import { tickCount } from '../../../core/time.js';
import { horizonGrid } from '../../metrics/aggregate.js';
import { identitiesOf } from '../../sides.js';
import type { Case, LoadedCase, OpenTask, Task, TaskSetup } from '../../task.js';
import { calibrationOf } from './calibration.js';
import { exhibitOf } from './exhibit.js';
import { BASELINE, CEILING, methodsOf, SIMULATOR } from './methods.js';
import { LIMIT_DEG, METRICS, scoreSwing } from './score.js';
import {
  anglesOf,
  framesOfSwing,
  type Rig,
  rigOf,
  type Swing,
  type SwingContext,
  type SwingForecast,
  swingOf,
} from './swing.js';

/** How long a forecast of each rig is watched, and how far apart forecasts begin in one chunk, s. */
const CASES: Readonly<Record<Rig, { readonly horizonS: number; readonly apartS: number }>> = {
  single: { horizonS: 8, apartS: 1 },
  double: { horizonS: 2.4, apartS: 0.2 },
  triple: { horizonS: 1.4, apartS: 0.2 },
};
const RATE_HZ = 1000;
const HORIZON_STEP_S = 0.1;

/** Free swings of a pendulum of one, two or three arms, judged by how long the angles stay right. */
export const multiarmPendulumTask: Task = {
  name: 'multiarm-pendulum',
  methodNames: [
    'copy-last',
    'constant-velocity',
    'physics-default',
    'integrator-default',
    'integrator-published',
    'physics-fitted',
    'integrator-fitted',
    'perturbed-replay',
  ],
  protocol: `A method sees the arms' angles for the first frames of a window of a free swing (not the published rates, which know the future) and predicts the angles for the next 8 s (single), 2.4 s (double) or 1.4 s (triple); errors are means over arms and frames, and the time until they pass ${LIMIT_DEG} degrees is cut off at the window's end.`,
  metrics: METRICS,
  contextFrames: 50,
  baseline: BASELINE,
  ceiling: CEILING,
  open: openPendulums,
};

async function openPendulums(setup: TaskSetup): Promise<OpenTask> {
  const { recordings, contextFrames, models } = setup;
  if (models.length > 0) {
    throw new UmweltError(
      'invalid-input',
      { models: models.map(({ name }) => name) },
      "multiarm-pendulum: no world model has the arms' angles as its sense; evaluate without --model",
    );
  }
  const { episodes } = recordings.manifest;
  const rigs = episodes.map(({ episode, attributes }) => rigOf(attributes, `episode ${episode}`));
  const rigOfCase = ({ episode }: Case): Rig => rigs[episode]!;
  const readSwing = async (chosen: Case): Promise<Swing> => {
    const rig = rigOfCase(chosen);
    return swingOf(await recordings.readEpisode(chosen.episode, [rig]), rig);
  };
  const load = async (chosen: Case): Promise<LoadedCase<SwingContext, Swing>> => {
    const swing = await readSwing(chosen);
    const from = Math.round(chosen.startS * swing.rateHz);
    const frames = Math.round(chosen.horizonS * swing.rateHz);
    return {
      context: { rig: swing.rig, seen: anglesOf(framesOfSwing(swing, from, contextFrames)), frames },
      truth: framesOfSwing(swing, from + contextFrames - 1, frames + 1),
    };
  };
  const task: OpenTask<SwingContext, Swing, SwingForecast> = {
    cases: casesOf(setup, rigs),
    horizonsS: (heldout) => {
      const lastS = Math.max(...heldout.map(({ horizonS }) => horizonS));
      return lastS < HORIZON_STEP_S ? [lastS] : horizonGrid(HORIZON_STEP_S, lastS);
    },
    load,
    methods: (train) => methodsOf({ ...setup, train, rigOf: rigOfCase, swingOf: readSwing, load }),
    score: scoreSwing,
    calibration: (train) => calibrationOf(train, { rigOf: rigOfCase, swingOf: readSwing }),
    simulator: SIMULATOR,
    asTruth: ({ point }) => point,
    exhibit: exhibitOf,
    facts: { rateHz: RATE_HZ, cases: CASES, limitDeg: LIMIT_DEG },
    notes: [
      'One rig of each kind, each one run that was cut into chunks: a held-out chunk has train chunks before and after it. The intervals cover the choice of chunks, not other rigs or days.',
      `A forecast that never passes ${LIMIT_DEG} degrees counts with the length of its window, so that good methods are better than their mean time says.`,
      'integrator-published was identified by the authors on chunks of both sides.',
    ],
  };
  return task as unknown as OpenTask;
}

/** Windows of a chunk; a chunk that is too short for one is one window as long as it is. */
function casesOf({ recordings, contextFrames }: TaskSetup, rigs: readonly Rig[]): readonly Case[] {
  const { manifest } = recordings;
  const names = identitiesOf(manifest);
  return manifest.episodes.flatMap(({ episode, durationS }): Case[] => {
    const recording = names[episode]!;
    const rig = rigs[episode]!;
    const { horizonS, apartS } = CASES[rig];
    const left = tickCount(durationS, RATE_HZ) - contextFrames;
    if (left < 1) return [];
    const horizon = Math.min(left, Math.round(horizonS * RATE_HZ));
    const apart = Math.round(apartS * RATE_HZ);
    return Array.from({ length: Math.floor((left - horizon) / apart) + 1 }, (_, i) => ({
      name: i === 0 ? recording.name : `${recording.name}@${((i * apart) / RATE_HZ).toFixed(1)}`,
      recording,
      episode,
      startS: (i * apart) / RATE_HZ,
      horizonS: horizon / RATE_HZ,
      stratum: rig,
    }));
  });
}
