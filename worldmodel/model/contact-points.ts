import { randomStream } from '../../core/random.js';
import { silu, tanh } from '../engine/activation.js';
import { reshape, sum } from '../engine/broadcast.js';
import { add, multiply, sqrt, square, subtract } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, slice, split, transpose } from '../engine/layout.js';
import { linear, matmul } from '../engine/matrix.js';
import { type BodyStates, rotateTogether, type StateChange, verticalInBody } from './kinematics.js';
import { dense, ensembleLayers, type Network } from './layers.js';

/**
 * Points fixed in a body at which the model may push it. Where they sit is learned: nothing tells the model the body's
 * shape. For a cube they end up near its corners.
 */
const POINTS = 12;
/** Width of what is known of each point. */
const WIDTH = 32;
/** Points begin this far apart, m. */
const SPREAD_M = 0.05;
/** Brings the torque of an impulse that changes the speed by 1 m/s to about 1 rad/s times ten. */
const TORQUE_SCALE = 300;
const SHIFT_SCALE = 0.01;
/** What one tick can change at most: m/s, rad/s, m, rad. */
const LIMIT = { linearVelocity: 5, angularVelocity: 60, position: 0.05, rotation: 1 } as const;

/** What the points of M bodies know of themselves at a tick; all in the bodies' own frames. */
export interface PointStates {
  /** [M POINTS, WIDTH] */
  readonly codes: Tensor;
  /** [M, WIDTH + 2] a summary of the whole body: pooled codes, height and climb of its origin. */
  readonly summary: Tensor;
  /** [M, 3 POINTS] the world's vertical, once for each point. */
  readonly verticals: Tensor;
  /** [M, 3 POINTS] velocity of each point along the floor, m/s. */
  readonly sliding: Tensor;
  /** [6, 3 POINTS]: maps (angular, linear) velocity of a body to its points' velocities; transposed, impulses to (torque, force). */
  readonly lever: Tensor;
}

/**
 * Looks at a body through its points: how high each is above the floor, how fast it climbs and how fast it slides. That is
 * all that contact with a level floor can depend on, and it is the same wherever the body is and whichever way it faces.
 *
 * Vectors of a body's points lie side by side in one row, and sums and copies over x y z are products with matrices of
 * zeros and ones: ONNX Runtime is slow at broadcasting over axes as short as three.
 */
export function observePoints(network: Network, states: BodyStates, rotation: Tensor): PointStates {
  const { graph, seed } = network;
  const bodies = states.position.shape[0]!;
  const points = graph.parameter('points', [POINTS, 3], () => {
    const stream = randomStream(seed, 'weights', 'points');
    return Float32Array.from({ length: POINTS * 3 }, () => stream.normal() * SPREAD_M);
  });
  const lever = leverOf(network, points);
  const vertical = verticalInBody(rotation);
  const velocitiesInBody = [states.angularVelocity, states.linearVelocity];
  const [angularInBody, linearInBody] = rotateTogether(rotation, velocitiesInBody, true) as [Tensor, Tensor];
  const xyzOfPoint = graph.constant(
    eachPoint((point, axis) => [point, point * 3 + axis]),
    [POINTS, 3 * POINTS],
  );
  const velocities = linear(concat([angularInBody, linearInBody], 1), lever);
  const verticals = linear(vertical, repeatVector(network));
  const heightM = slice(states.position, 1, 2, 3);
  const pointHeightM = add(matmul(vertical, points, { transposeB: true }), heightM);
  const pointClimbMps = matmul(multiply(velocities, verticals), xyzOfPoint, { transposeB: true });
  const sliding = subtract(velocities, multiply(matmul(pointClimbMps, xyzOfPoint), verticals));
  const slidingMps = sqrt(add(matmul(square(sliding), xyzOfPoint, { transposeB: true }), 1e-4));
  const sideBySide = concat([multiply(pointHeightM, 20), pointClimbMps, slidingMps], 1);
  const byPoint = graph.constant(
    eachPoint((point, kind) => [kind * POINTS + point, point * 3 + kind]),
    [3 * POINTS, 3 * POINTS],
  );
  const features = reshape(matmul(sideBySide, byPoint), [bodies * POINTS, 3]);
  const seen = silu(dense(network, 'points/1', features, WIDTH, 1.5));
  const codes = silu(dense(network, 'points/2', seen, WIDTH));
  const pooled = multiply(sum(reshape(codes, [bodies, POINTS, WIDTH]), [1]), 0.3);
  const climbMps = sum(multiply(vertical, linearInBody), [1], true);
  return { codes, summary: concat([pooled, multiply(heightM, 10), climbMps], 1), verticals, sliding, lever };
}

/**
 * Pushes a body at its points: each point gives an impulse along the vertical and one along its sliding, and the impulses add up to the
 * body's change of velocity and, through their levers, of spin. A second pair does the same for position and rotation.
 *
 * @param context [M, width] what the recurrent state knows.
 */
export function pushPoints(network: Network, points: PointStates, context: Tensor): StateChange {
  const { codes, verticals, sliding, lever } = points;
  const bodies = verticals.shape[0]!;
  const told = reshape(dense(network, 'points/context', context, WIDTH), [bodies, 1, WIDTH]);
  const own = reshape(dense(network, 'points/3', codes, WIDTH), [bodies, POINTS, WIDTH]);
  const mixed = reshape(silu(add(own, told)), [bodies * POINTS, WIDTH]);
  const pushes = ensembleLayers(network, 'points/push', mixed, bodies, {
    width: WIDTH,
    outputs: 4,
    scale: 0.01,
  });
  const strengths = reshape(pushes, [bodies, 4 * POINTS]);
  const [lift, rub, liftShift, rubShift] = Array.from({ length: 4 }, (_, kind) => {
    const chosen = eachPoint((point, axis) => [point * 4 + kind, point * 3 + axis], 4 * POINTS);
    return matmul(strengths, network.graph.constant(chosen, [4 * POINTS, 3 * POINTS]));
  }) as [Tensor, Tensor, Tensor, Tensor];
  const push = (along: Tensor, across: Tensor): Tensor =>
    add(multiply(along, verticals), multiply(across, sliding));
  const impulses = concat([push(lift, rub), push(liftShift, rubShift)], 0);
  const wrenches = matmul(impulses, lever, { transposeB: true });
  const inverseInertia = network.graph.parameter('points/inverseInertia', [3], () =>
    Float32Array.of(1, 1, 1),
  );
  const turns = multiply(multiply(slice(wrenches, 1, 0, 3), inverseInertia), TORQUE_SCALE);
  const [angularVelocity, rotation] = split(turns, 0, 2) as [Tensor, Tensor];
  const [linearVelocity, position] = split(slice(wrenches, 1, 3, 6), 0, 2) as [Tensor, Tensor];
  return {
    linearVelocity: bounded(linearVelocity, LIMIT.linearVelocity),
    angularVelocity: bounded(angularVelocity, LIMIT.angularVelocity),
    position: bounded(multiply(position, SHIFT_SCALE), LIMIT.position),
    rotation: bounded(multiply(rotation, SHIFT_SCALE), LIMIT.rotation),
  };
}

/** Nearly x while that is small; never beyond the limit, so that no state can run away to infinity. */
function bounded(x: Tensor, limit: number): Tensor {
  return multiply(tanh(multiply(x, 1 / limit)), limit);
}

/** A matrix of zeros with a one at each (row, column) that is given for a point and one of x y z. */
function eachPoint(
  place: (point: number, axis: number) => readonly [number, number],
  rows?: number,
): Float32Array {
  const columns = 3 * POINTS;
  const last = place(POINTS - 1, 2)[0] + 1;
  const matrix = new Float32Array((rows ?? last) * columns);
  for (let point = 0; point < POINTS; point++) {
    for (let axis = 0; axis < 3; axis++) {
      const [row, column] = place(point, axis);
      matrix[row * columns + column] = 1;
    }
  }
  return matrix;
}

/** [3, 3 POINTS]: copies a vector once for each point. */
function repeatVector({ graph }: Network): Tensor {
  return graph.constant(
    eachPoint((point, axis) => [axis, point * 3 + axis], 3),
    [3, 3 * POINTS],
  );
}

/** Rows 0 to 2: w x r of each point for unit spins; rows 3 to 5: the linear velocity, the same for every point. */
function leverOf(network: Network, points: Tensor): Tensor {
  const crossTable = new Float32Array(27);
  for (let i = 0; i < 3; i++) {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    // (w x r)_k has w_i r_j, and (w x r)_j has -w_i r_k.
    crossTable[j * 9 + i * 3 + k] = 1;
    crossTable[k * 9 + i * 3 + j] = -1;
  }
  const spins = reshape(matmul(points, network.graph.constant(crossTable, [3, 9])), [POINTS, 3, 3]);
  const spinLever = reshape(transpose(spins, [1, 0, 2]), [3, 3 * POINTS]);
  return concat([spinLever, repeatVector(network)], 0);
}
