import { tickCount } from '../../../core/time.js';
import type { Trajectory } from '../../contract.js';
import { horizonGrid } from '../../metrics/aggregate.js';
import { identitiesOf } from '../../sides.js';
import type { Case, OpenTask, Task, TaskSetup } from '../../task.js';
import { framesOf, STATE_STREAM, trajectoryOf } from '../../trajectory.js';
import { BASELINES } from './baselines.js';
import { CALIBRATED } from './calibrated.js';
import { calibrationOf } from './calibration.js';
import { exhibitOf } from './exhibit.js';
import type { CubeContext, CubeForecast } from './forecast.js';
import { methodsOf } from './methods.js';
import { recordedCube } from './recorded-cube.js';
import { METRICS, scoreForecast } from './score.js';

const HORIZON_STEP_S = 0.05;

/** Tosses of a cube onto a table, judged by ContactNets' protocol. */
export const contactnetsCubeTask: Task = {
  name: 'contactnets-cube',
  methodNames: [...Object.keys(BASELINES), ...CALIBRATED, 'mixture', 'perturbed-replay'],
  protocol:
    'A method sees the first frames (pose and velocity) and predicts all others; errors are averaged over the frames of a recording, the last one seen included with its error of 0, and then over recordings.',
  metrics: METRICS,
  contextFrames: 1,
  baseline: 'copy-last',
  ceiling: 'perturbed-replay',
  open: openCubes,
};

async function openCubes(setup: TaskSetup): Promise<OpenTask> {
  const { recordings, contextFrames } = setup;
  const cube = recordedCube(recordings.manifest);
  const names = identitiesOf(recordings.manifest);
  const cases = recordings.manifest.episodes.flatMap(({ episode, durationS }): Case[] => {
    const frames = tickCount(durationS, cube.rateHz);
    const recording = names[episode]!;
    const horizonS = (frames - contextFrames) / cube.rateHz;
    return frames > contextFrames ? [{ name: recording.name, recording, episode, startS: 0, horizonS }] : [];
  });
  // A toss is about 15 kB and is asked for by every method and every candidate of a calibration.
  const motions = new Map<number, Promise<Trajectory>>();
  const motionOf = ({ episode }: Case): Promise<Trajectory> => {
    const known = motions.get(episode);
    if (known !== undefined) return known;
    const read = recordings.readEpisode(episode, [STATE_STREAM]).then((found) => trajectoryOf(found));
    motions.set(episode, read);
    return read;
  };
  const task: OpenTask<CubeContext, Trajectory, CubeForecast> = {
    cases,
    horizonsS: (heldout) => horizonGrid(HORIZON_STEP_S, Math.max(...heldout.map(({ horizonS }) => horizonS))),
    async load(chosen) {
      const motion = await motionOf(chosen);
      const left = motion.frames - contextFrames;
      return {
        context: { seen: framesOf(motion, 0, contextFrames), frames: left },
        truth: framesOf(motion, contextFrames - 1, left + 1),
      };
    },
    methods: (train) => methodsOf({ ...setup, cube, train, motionOf }),
    score: (forecast, truth, horizonsS) => scoreForecast(forecast, truth, horizonsS, cube.widthM),
    asTruth: ({ point }) => point,
    exhibit: exhibitOf,
    calibration: (train) => calibrationOf({ ...setup, cube, train, motionOf }),
    simulator: setup.overlay === null ? 'physics-fitted' : 'physics-calibrated',
    facts: { rateHz: cube.rateHz, widthM: cube.widthM, massKg: cube.massKg, inertiaKgm2: cube.inertiaKgm2 },
    notes: [
      'One cube on one table, tracked by one system of cameras. The intervals cover the choice of these recordings, not other objects, tables or days.',
      'The tracked height carries a bias: cubes at rest reach below the table by about 1 % of their width. Penetration below that says nothing about a method.',
    ],
  };
  return task as unknown as OpenTask;
}
