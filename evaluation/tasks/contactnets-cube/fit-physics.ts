import type { Control } from '../../../core/progress.js';
import { randomStream } from '../../../core/random.js';
import type { CreateWorld } from '../../../sim/contract.js';
import type { Trajectory } from '../../contract.js';
import { goldenSection } from '../../golden-section.js';
import { requireRunning } from '../../interruption.js';
import { meanOverFrames } from '../../metrics/aggregate.js';
import { positionErrorPctWidth } from '../../metrics/position.js';
import { rotationErrorDeg } from '../../metrics/rotation.js';
import { continueFrom } from '../../rollout.js';
import type { Case } from '../../task.js';
import type { CubeWorldParameters, EngineSettings } from './cube-world.js';
import { physicsForecaster } from './physics.js';
import type { RecordedCube } from './recorded-cube.js';

/** Not fitted: finer steps and smaller tolerances than these change the forecasts by less than the tosses' spread. */
export const FITTED_ENGINE: EngineSettings = { substeps: 4, lengthUnitM: 0.1 };

/**
 * The search: a grid of friction; from there, at each restitution, the valley of friction; then the bottoms of the two best
 * valleys, on more and more tosses. Restitution stays on a grid because the engine answers to it with a jump (it rebounds,
 * or it does not), and valleys are compared at their bottoms because they are narrow and lie apart.
 */
const FRICTIONS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.45];
const FRICTION_TOSSES = 16;
const RESTITUTIONS = [0, 0.1, 0.2];
const VALLEY = { tosses: 28, evaluations: 6 };
const BOTTOMS = 2;
const BOTTOM = { tosses: 64, evaluations: 5, reach: 0.015 };

/** What a degree counts beside a percent of the width: rotation varies more from toss to toss, and would drown position. */
const ROTATION_WEIGHT = 0.25;

/** Returns how many forecasts a fit to so many tosses makes, for progress. */
export function fitForecasts(tosses: number): number {
  return (
    FRICTIONS.length * Math.min(tosses, FRICTION_TOSSES) +
    RESTITUTIONS.length * VALLEY.evaluations * Math.min(tosses, VALLEY.tosses) +
    BOTTOMS * BOTTOM.evaluations * Math.min(tosses, BOTTOM.tosses)
  );
}

/** Puts what may be fitted to in a random order, by a seed and the digests of their contents alone. */
export function shuffleTosses(train: readonly Case[], seed: number): readonly Case[] {
  return train
    .map((chosen) => ({
      chosen,
      rank: randomStream(seed, 'evaluation', 'fit', chosen.recording.sha256).uniform(),
    }))
    .sort((a, b) => a.rank - b.rank || (a.chosen.recording.sha256 < b.chosen.recording.sha256 ? -1 : 1))
    .map(({ chosen }) => chosen);
}

/** Chooses what to fit to: a random few. */
export function chooseTosses(train: readonly Case[], seed: number): readonly Case[] {
  return shuffleTosses(train, seed).slice(0, BOTTOM.tosses);
}

/** What a fit found. */
export interface PhysicsFit {
  readonly parameters: CubeWorldParameters;
  /** Mean over the tosses of the last round. */
  readonly loss: number;
  readonly tosses: number;
}

/**
 * Fits friction and restitution to recordings: minimises the mean over recordings of p + r / 4 of the engine's forecasts, with
 * p the position error in % of the width and r the rotation error in degrees, both means over a recording's frames.
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
  const lossOver = async (count: number, friction: number, restitution: number): Promise<number> => {
    const parameters = { friction, restitution, ...FITTED_ENGINE };
    const forecaster = physicsForecaster('physics-fitted', createWorld, cube, parameters);
    const judged = tosses.slice(0, count);
    let sum = 0;
    for (const recording of judged) {
      requireRunning(signal);
      const { predicted, actual } = await continueFrom(forecaster, recording, contextFrames);
      sum += meanOverFrames(positionErrorPctWidth(predicted, actual, cube.widthM)).value;
      sum += ROTATION_WEIGHT * meanOverFrames(rotationErrorDeg(predicted, actual)).value;
      onProgress?.({ done: ++done, total });
    }
    return sum / judged.length;
  };
  const { friction, restitution, loss } = await search(lossOver);
  const judgedTosses = Math.min(tosses.length, BOTTOM.tosses);
  return { parameters: { friction, restitution, ...FITTED_ENGINE }, loss, tosses: judgedTosses };
}

interface Candidate {
  readonly friction: number;
  readonly restitution: number;
  readonly loss: number;
}

/** @param lossOver mean loss over the first `count` tosses. */
async function search(
  lossOver: (count: number, friction: number, restitution: number) => Promise<number>,
): Promise<Candidate> {
  const along = async (round: typeof VALLEY, lo: number, hi: number, restitution: number) => {
    const objective = (friction: number) => lossOver(round.tosses, friction, restitution);
    const { x, value } = await goldenSection(objective, lo, hi, round.evaluations);
    return { friction: x, restitution, loss: value };
  };
  const grid: Candidate[] = [];
  for (const friction of FRICTIONS) {
    const restitution = RESTITUTIONS[0]!;
    grid.push({ friction, restitution, loss: await lossOver(FRICTION_TOSSES, friction, restitution) });
  }
  const at = FRICTIONS.indexOf(best(grid).friction);
  const lo = FRICTIONS[at - 1] ?? 0;
  // Two cells up: the more restitution, the more friction fits best.
  const hi = FRICTIONS[at + 2] ?? 1;
  const valleys: Candidate[] = [];
  for (const restitution of RESTITUTIONS) valleys.push(await along(VALLEY, lo, hi, restitution));
  const bottoms: Candidate[] = [];
  for (const { friction, restitution } of valleys.sort(byLoss).slice(0, BOTTOMS)) {
    const from = Math.max(0, friction - BOTTOM.reach);
    bottoms.push(await along(BOTTOM, from, friction + BOTTOM.reach, restitution));
  }
  return best(bottoms);
}

function best(candidates: readonly Candidate[]): Candidate {
  return [...candidates].sort(byLoss)[0]!;
}

function byLoss(a: Candidate, b: Candidate): number {
  return a.loss - b.loss;
}
