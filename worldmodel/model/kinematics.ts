import { reshape, sum } from '../engine/broadcast.js';
import { add, divide, multiply, sqrt, square, subtract } from '../engine/elementwise.js';
import type { Graph, Tensor } from '../engine/graph.js';
import { concat, slice, split } from '../engine/layout.js';
import { matmul } from '../engine/matrix.js';

/** The state of M rigid bodies, all float32 [M, ...], in the world's frame. */
export interface BodyStates {
  /** [M, 3], m */
  readonly position: Tensor;
  /** [M, 4], unit quaternion w x y z */
  readonly orientation: Tensor;
  /** [M, 3], m/s */
  readonly linearVelocity: Tensor;
  /** [M, 3], rad/s */
  readonly angularVelocity: Tensor;
}

/** What a tick does to bodies beyond falling freely, in one frame or another; all [M, 3]. */
export interface StateChange {
  readonly linearVelocity: Tensor;
  readonly angularVelocity: Tensor;
  readonly position: Tensor;
  /** Rotation vector, rad. */
  readonly rotation: Tensor;
}

const GRAVITY_MPS2 = 9.81;

/** Constants of a graph that the kinematics need; made once, shared by all ticks. */
export interface KinematicConstants {
  readonly rotationFromProducts: Tensor;
  readonly composeFromProducts: Tensor;
  readonly gravityChange: Tensor;
  readonly one: Tensor;
}

/** Adds the constants for M bodies and ticks of 1 / tickHz. */
export function kinematicConstants(graph: Graph, bodies: number, tickHz: number): KinematicConstants {
  return {
    rotationFromProducts: graph.constant(rotationFromProducts(), [16, 9]),
    composeFromProducts: graph.constant(composeFromProducts(), [16, 4]),
    gravityChange: graph.constant(Float32Array.of(0, 0, -GRAVITY_MPS2 / tickHz), [1, 3]),
    one: graph.constant(new Float32Array(bodies).fill(1), [bodies, 1]),
  };
}

/** All 16 products of two quaternions' components: [M, 16], product i * 4 + j is a_i b_j. */
function products(a: Tensor, b: Tensor): Tensor {
  const bodies = a.shape[0]!;
  return reshape(multiply(reshape(a, [bodies, 4, 1]), reshape(b, [bodies, 1, 4])), [bodies, 16]);
}

/** Rotation matrices, world from body, [M, 3, 3], of unit quaternions [M, 4]. */
export function rotationMatrices(
  orientation: Tensor,
  { rotationFromProducts: table }: KinematicConstants,
): Tensor {
  return reshape(matmul(products(orientation, orientation), table), [orientation.shape[0]!, 3, 3]);
}

/** R is a linear function of the products q_i q_j (w^2 + x^2 + y^2 + z^2 = 1). */
function rotationFromProducts(): Float32Array {
  const table = new Float32Array(16 * 9);
  const set = (row: number, column: number, terms: readonly (readonly [number, number, number])[]): void => {
    for (const [i, j, factor] of terms) table[(i * 4 + j) * 9 + row * 3 + column]! += factor;
  };
  const [w, x, y, z] = [0, 1, 2, 3];
  const diagonal = [
    [1, 1, -1, -1],
    [1, -1, 1, -1],
    [1, -1, -1, 1],
  ];
  for (const [axis, signs] of diagonal.entries())
    set(
      axis,
      axis,
      signs.map((sign, i) => [i, i, sign] as const),
    );
  set(0, 1, [
    [x, y, 2],
    [w, z, -2],
  ]);
  set(0, 2, [
    [x, z, 2],
    [w, y, 2],
  ]);
  set(1, 0, [
    [x, y, 2],
    [w, z, 2],
  ]);
  set(1, 2, [
    [y, z, 2],
    [w, x, -2],
  ]);
  set(2, 0, [
    [x, z, 2],
    [w, y, -2],
  ]);
  set(2, 1, [
    [y, z, 2],
    [w, x, 2],
  ]);
  return table;
}

/** The Hamilton product is linear in the products a_i b_j. */
function composeFromProducts(): Float32Array {
  const table = new Float32Array(16 * 4);
  const rows: readonly (readonly [number, number, number])[][] = [
    [
      [0, 0, 1],
      [1, 1, -1],
      [2, 2, -1],
      [3, 3, -1],
    ],
    [
      [0, 1, 1],
      [1, 0, 1],
      [2, 3, 1],
      [3, 2, -1],
    ],
    [
      [0, 2, 1],
      [1, 3, -1],
      [2, 0, 1],
      [3, 1, 1],
    ],
    [
      [0, 3, 1],
      [1, 2, 1],
      [2, 1, -1],
      [3, 0, 1],
    ],
  ];
  for (const [component, terms] of rows.entries()) {
    for (const [i, j, sign] of terms) table[(i * 4 + j) * 4 + component] = sign;
  }
  return table;
}

/** Rotates several [M, 3] vectors of each body by its [M, 3, 3] matrix, or by its transpose, in one product. */
export function rotateTogether(
  rotation: Tensor,
  vectors: readonly Tensor[],
  inverse = false,
): readonly Tensor[] {
  const bodies = rotation.shape[0]!;
  const joined = reshape(concat(vectors, 1), [bodies, vectors.length, 3]);
  // The rows of V transpose(R) are R v.
  const turned = matmul(joined, rotation, { transposeB: !inverse });
  return split(reshape(turned, [bodies, vectors.length * 3]), 1, vectors.length);
}

/** Turns what was said in each body's frame at the tick's start into the world's frame. */
export function changeInWorld(change: StateChange, rotation: Tensor): StateChange {
  const [linearVelocity, angularVelocity, position, turn] = rotateTogether(rotation, [
    change.linearVelocity,
    change.angularVelocity,
    change.position,
    change.rotation,
  ]) as [Tensor, Tensor, Tensor, Tensor];
  return { linearVelocity, angularVelocity, position, rotation: turn };
}

/**
 * Moves bodies over one tick: velocities change by gravity and by `change`, position and orientation follow the mean
 * velocity of the tick (exact in free flight, where nothing but gravity acts and the spin is constant), plus the changes
 * of position and rotation, which take up what a blow in mid-tick does.
 *
 * @param change in the world's frame.
 */
export function moveBodies(
  states: BodyStates,
  change: StateChange,
  tickHz: number,
  constants: KinematicConstants,
): BodyStates {
  const linearVelocity = add(add(states.linearVelocity, constants.gravityChange), change.linearVelocity);
  const angularVelocity = add(states.angularVelocity, change.angularVelocity);
  const travelled = multiply(add(states.linearVelocity, linearVelocity), 0.5 / tickHz);
  const position = add(add(states.position, travelled), change.position);
  // A quarter of (w0 + w1) dt is half the rotation vector of the tick's mean spin, in the world's frame.
  const half = add(
    multiply(add(states.angularVelocity, angularVelocity), 0.25 / tickHz),
    multiply(change.rotation, 0.5),
  );
  const turn = quaternionOfHalf(half, constants);
  const composed = matmul(products(turn, states.orientation), constants.composeFromProducts);
  return { position, orientation: normaliseQuaternions(composed), linearVelocity, angularVelocity };
}

/** The unit quaternion whose half rotation vector is given: (cos, sin / angle x vector) by series, to 1e-5 below 1 rad. */
function quaternionOfHalf(half: Tensor, { one }: KinematicConstants): Tensor {
  const s = sum(square(half), [1], true);
  const cosine = add(one, multiply(s, add(multiply(s, add(multiply(s, -1 / 720), 1 / 24)), -0.5)));
  const sinc = add(one, multiply(s, add(multiply(s, add(multiply(s, -1 / 5040), 1 / 120)), -1 / 6)));
  return concat([cosine, multiply(half, sinc)], 1);
}

/** Scales [M, 4] quaternions to unit norm. */
export function normaliseQuaternions(q: Tensor): Tensor {
  return divide(q, sqrt(add(sum(square(q), [1], true), 1e-12)));
}

/** The world's vertical in each body's frame: the last row of its rotation matrix, [M, 3]. */
export function verticalInBody(rotation: Tensor): Tensor {
  return reshape(slice(rotation, 1, 2, 3), [rotation.shape[0]!, 3]);
}

/** Squared chordal distance |R_a - R_b|^2 = 8 sin^2(angle / 2) between orientations, [M, 1]. */
export function squaredChord(rotationA: Tensor, rotationB: Tensor): Tensor {
  const bodies = rotationA.shape[0]!;
  return sum(square(subtract(reshape(rotationA, [bodies, 9]), reshape(rotationB, [bodies, 9]))), [1], true);
}
