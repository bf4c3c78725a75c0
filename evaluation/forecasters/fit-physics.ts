import type { Control } from '../../core/progress.js';
import { randomStream } from '../../core/random.js';
import type { CreateWorld } from '../../sim/contract.js';
import type { Trajectory } from '../contract.js';
import { requireRunning } from '../interruption.js';
import { meanOverFrames } from '../metrics/aggregate.js';
import { positionErrorPctWidth } from '../metrics/position.js';
import { rotationErrorDeg } from '../metrics/rotation.js';
import { minimise, type SearchAxis } from '../minimise.js';
import type { RecordedCube } from '../recorded-cube.js';
import { continueFrom } from '../rollout.js';
import type { RecordingIdentity } from '../split.js';
import type { CubeWorldParameters, EngineSettings } from './cube-world.js';
import { physicsForecaster } from './physics.js';

/** Not fitted: finer steps and smaller tolerances than these change the forecasts by less than the tosses' spread. */
export const FITTED_ENGINE: EngineSettings = { substeps: 4, lengthUnitM: 0.1 };

/** The search: a coarse grid on few tosses, then a simplex from its best point on more of them. */
const GRID_FRICTION = [0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5];
const GRID_RESTITUTION = [0, 0.15];
const GRID_TOSSES = 24;
const SIMPLEX_TOSSES = 48;
const SIMPLEX_EVALUATIONS = 20;
const AXES: readonly SearchAxis[] = [
  { min: 0, max: 1, step: 0.02 },
  { min: 0, max: 1, step: 0.05 },
];

/** Returns at most how many forecasts a fit to so many tosses makes, for progress. */
export function fitForecasts(tosses: number): number {
  const grid = GRID_FRICTION.length * GRID_RESTITUTION.length * Math.min(tosses, GRID_TOSSES);
  return grid + SIMPLEX_EVALUATIONS * Math.min(tosses, SIMPLEX_TOSSES);
}

/** Chooses what to fit to: a random few, by a seed and the digests of their contents alone. */
export function chooseTosses<R extends RecordingIdentity>(train: readonly R[], seed: number): readonly R[] {
  return train
    .map((recording) => ({
      recording,
      rank: randomStream(seed, 'evaluation', 'fit', recording.sha256).uniform(),
    }))
    .sort((a, b) => a.rank - b.rank || (a.recording.sha256 < b.recording.sha256 ? -1 : 1))
    .slice(0, SIMPLEX_TOSSES)
    .map(({ recording }) => recording);
}

export interface PhysicsFit {
  readonly parameters: CubeWorldParameters;
  /** Mean position error (% of the width) plus mean rotation error (degrees) over the tosses of the last search. */
  readonly loss: number;
  readonly tosses: number;
  readonly evaluations: number;
}

/**
 * Fits friction and restitution to recordings: minimises the mean position error (% of the width) plus the mean rotation
 * error (degrees) of the engine's forecasts.
 *
 * @param tosses recordings to fit to, as `chooseTosses` orders them; at least one.
 * @throws UmweltError `interrupted`.
 */
export async function fitPhysics(
  tosses: readonly Trajectory[],
  cube: RecordedCube,
  createWorld: CreateWorld,
  contextFrames: number,
  { onProgress, signal }: Control = {},
): Promise<PhysicsFit> {
  const total = fitForecasts(tosses.length);
  let done = 0;
  const lossOver = (judged: readonly Trajectory[]) => async (point: readonly number[]) => {
    const parameters = { friction: point[0]!, restitution: point[1]!, ...FITTED_ENGINE };
    const forecaster = physicsForecaster('physics-fitted', createWorld, cube, parameters);
    let sum = 0;
    for (const recording of judged) {
      requireRunning(signal);
      const { predicted, actual } = await continueFrom(forecaster, recording, contextFrames);
      sum += meanOverFrames(positionErrorPctWidth(predicted, actual, cube.widthM)).value;
      sum += meanOverFrames(rotationErrorDeg(predicted, actual)).value;
      onProgress?.({ done: ++done, total });
    }
    return sum / judged.length;
  };
  const coarse = lossOver(tosses.slice(0, GRID_TOSSES));
  let start = { point: [GRID_FRICTION[0]!, GRID_RESTITUTION[0]!], value: Number.POSITIVE_INFINITY };
  for (const friction of GRID_FRICTION) {
    for (const restitution of GRID_RESTITUTION) {
      const value = await coarse([friction, restitution]);
      if (value < start.value) start = { point: [friction, restitution], value };
    }
  }
  const found = await minimise(lossOver(tosses), start.point, AXES, SIMPLEX_EVALUATIONS);
  return {
    parameters: { friction: found.point[0]!, restitution: found.point[1]!, ...FITTED_ENGINE },
    loss: found.value,
    tosses: tosses.length,
    evaluations: GRID_FRICTION.length * GRID_RESTITUTION.length + found.evaluations,
  };
}
