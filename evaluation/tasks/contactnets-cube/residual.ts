import { conjugate, multiply, normaliseQuaternion, rotate } from '../../../core/math/quaternion.js';
import { fromAxisAngle, fromRotationVector, toRotationVector } from '../../../core/math/rotation.js';
import { add, scale, subtract, type Vec3 } from '../../../core/math/vector.js';
import { setState, stateAt } from '../../body-state.js';
import { solvePositive } from '../../cholesky.js';
import type { Trajectory } from '../../contract.js';
import { framesOf } from '../../trajectory.js';

/** A toss as the simulator predicts it, beside what happened. Frame 0 of both is the last frame that was seen. */
export interface Practice {
  readonly predicted: Trajectory;
  readonly actual: Trajectory;
}

/** What a simulator gets wrong and can be told beforehand: linear in features of its own forecast. */
export interface Residual {
  /** [outputs][features], six outputs: position along, across and up, m; turn about the same axes, rad. */
  readonly weights: readonly (readonly number[])[];
  readonly ridge: number;
  readonly frames: number;
}

/** Frames of a toss that are learned from: neighbours say the same. */
const STRIDE = 5;
const OUTPUTS = 6;
const RIDGES = [1, 10, 100, 1000, 10_000];
const RIDGE_UNIT = 1e-3;
const FOLDS = 4;

/**
 * Learns what a simulator's forecasts lack: ridge regression of the errors of position and turn, seen along the direction of
 * the toss, on features of the forecast itself (Ajay et al. 2018, Augmenting physical simulators, arXiv:1808.03246). The ridge is
 * chosen by cross-validation over whole tosses.
 *
 * @param practice at least `FOLDS` tosses of the train side.
 */
export function learnResidual(practice: readonly Practice[]): Residual {
  const tosses = practice.map(rowsOf);
  const losses = RIDGES.map((ridge) => {
    let loss = 0;
    for (let fold = 0; fold < FOLDS; fold++) {
      const weights = regress(
        tosses.filter((_, i) => i % FOLDS !== fold),
        ridge,
      );
      for (const rows of tosses.filter((_, i) => i % FOLDS === fold)) loss += lossOf(rows, weights);
    }
    return loss;
  });
  const ridge = RIDGES[losses.indexOf(Math.min(...losses))] ?? RIDGES[0]!;
  return {
    weights: regress(tosses, ridge),
    ridge,
    frames: tosses.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Adds what was learned to a forecast. */
export function correct(predicted: Trajectory, { weights }: Residual): Trajectory {
  const corrected = framesOf(predicted, 0, predicted.frames);
  const heading = headingOf(predicted);
  for (let frame = 1; frame < predicted.frames; frame++) {
    const features = featuresAt(predicted, frame, heading);
    const [x, y, z, a, b, c] = weights.map((row) => dot(row, features));
    const state = stateAt(predicted, frame);
    const turn = fromRotationVector(rotate(heading, [a!, b!, c!]));
    setState(corrected, frame, {
      ...state,
      positionM: add(state.positionM, rotate(heading, [x!, y!, z!])),
      orientation: normaliseQuaternion(multiply(turn, state.orientation)),
    });
  }
  return corrected;
}

interface Row {
  readonly features: readonly number[];
  readonly outputs: readonly number[];
}

function rowsOf({ predicted, actual }: Practice): readonly Row[] {
  const heading = headingOf(predicted);
  const back = conjugate(heading);
  const rows: Row[] = [];
  for (let frame = STRIDE; frame < predicted.frames; frame += STRIDE) {
    const [p, a] = [stateAt(predicted, frame), stateAt(actual, frame)];
    const turn = toRotationVector(multiply(a.orientation, conjugate(p.orientation)));
    // A toss that went another way altogether has nothing to teach about small corrections.
    if (Math.hypot(...turn) > 1) break;
    rows.push({
      features: featuresAt(predicted, frame, heading),
      outputs: [...rotate(back, subtract(a.positionM, p.positionM)), ...rotate(back, turn)],
    });
  }
  return rows;
}

/** The turn about z that takes x into the direction in which the cube was tossed. */
function headingOf(predicted: Trajectory): ReturnType<typeof fromAxisAngle> {
  const [x, y] = stateAt(predicted, 0).linearVelocityMps;
  return fromAxisAngle([0, 0, 1], Math.atan2(y, x));
}

/** Features of a forecast: how far it has gone, how it began, how it was turned, and how long ago, along the heading. */
function featuresAt(predicted: Trajectory, frame: number, heading: ReturnType<typeof headingOf>): number[] {
  const back = conjugate(heading);
  const [start, now] = [stateAt(predicted, 0), stateAt(predicted, frame)];
  const moved: Vec3 = rotate(back, subtract(now.positionM, start.positionM));
  const spin: Vec3 = scale(rotate(back, start.angularVelocityRadps), 0.1);
  const turn = scale(
    rotate(back, toRotationVector(multiply(now.orientation, conjugate(start.orientation)))),
    0.3,
  );
  const speed = Math.hypot(...start.linearVelocityMps);
  const timeS = frame / predicted.rateHz;
  const held = Math.min(1, timeS / 0.2);
  return [
    ...moved,
    ...scale(spin, held),
    ...turn,
    held,
    timeS,
    speed * held,
    moved[0] * speed,
    moved[0] * moved[0],
    moved[0] * spin[2],
  ];
}

/** Solves the normal equations; features are of the order of one, so that one ridge serves all. */
function regress(tosses: readonly (readonly Row[])[], ridge: number): readonly (readonly number[])[] {
  const rows = tosses.flat();
  const width = rows[0]?.features.length ?? 0;
  const gram = new Float64Array(width * width);
  const right = new Float64Array(width * OUTPUTS);
  for (const { features, outputs } of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) gram[i * width + j]! += features[i]! * features[j]!;
      for (let k = 0; k < OUTPUTS; k++) right[i * OUTPUTS + k]! += features[i]! * outputs[k]!;
    }
  }
  for (let i = 0; i < width; i++) gram[i * width + i]! += ridge * RIDGE_UNIT;
  const solved = solvePositive(gram, right, width) ?? right.fill(0);
  return Array.from({ length: OUTPUTS }, (_, k) =>
    Array.from({ length: width }, (__, i) => solved[i * OUTPUTS + k]!),
  );
}

function lossOf(rows: readonly Row[], weights: readonly (readonly number[])[]): number {
  let loss = 0;
  for (const { features, outputs } of rows) {
    const left = outputs.map((output, k) => output - dot(weights[k]!, features));
    loss += Math.hypot(left[0]!, left[1]!, left[2]!) / 0.1 + Math.hypot(left[3]!, left[4]!, left[5]!);
  }
  return loss;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
