import { randomStream } from '../../core/random.js';
import { reshape, sum } from '../engine/broadcast.js';
import { add, multiply, silu, sqrt, square, subtract } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, slice, split, transpose } from '../engine/layout.js';
import { linear, matmul } from '../engine/matrix.js';
import { type BodyStates, rotateVectors, type StateChange, verticalInBody } from './kinematics.js';
import { dense, type Network } from './layers.js';

/**
 * Points fixed in a body at which the model may push it. Where they sit is learned: nothing tells the model the body's
 * shape. For a cube they end up near its corners.
 */
const POINTS = 12;
/** Width of what is known of each point. */
const WIDTH = 64;
/** Points begin this far apart, m. */
const SPREAD_M = 0.05;
/** Brings the torque of an impulse that changes the speed by 1 m/s to about 1 rad/s times ten. */
const TORQUE_SCALE = 300;
const SHIFT_SCALE = 0.01;

/** What the points of M bodies know of themselves at a tick; all in the bodies' own frames. */
export interface PointStates {
  /** [M, POINTS, WIDTH] */
  readonly codes: Tensor;
  /** [M, WIDTH + 2] a summary of the whole body: pooled codes, height and climb of its origin. */
  readonly summary: Tensor;
  /** [M, 1, 3] the world's vertical. */
  readonly vertical: Tensor;
  /** [M, POINTS, 3] velocity of each point along the floor, m/s. */
  readonly sliding: Tensor;
  /** [6, 3 POINTS]: maps (angular, linear) velocity of a body to its points' velocities; transposed, impulses to (torque, force). */
  readonly lever: Tensor;
}

/**
 * Looks at a body through its points: how high each is above the floor, how fast it climbs and how fast it slides. That is
 * all that contact with a level floor can depend on, and it is the same wherever the body is and whichever way it faces.
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
  const linearInBody = rotateVectors(rotation, states.linearVelocity, true);
  const angularInBody = rotateVectors(rotation, states.angularVelocity, true);
  const velocities = reshape(linear(concat([angularInBody, linearInBody], 1), lever), [bodies, POINTS, 3]);
  const up = reshape(vertical, [bodies, 1, 3]);
  const heightM = slice(states.position, 1, 2, 3);
  const climbMps = sum(multiply(vertical, linearInBody), [1], true);
  const pointHeightM = reshape(add(matmul(vertical, points, { transposeB: true }), heightM), [
    bodies,
    POINTS,
    1,
  ]);
  const pointClimbMps = sum(multiply(velocities, up), [2], true);
  const sliding = subtract(velocities, multiply(pointClimbMps, up));
  const slidingMps = sqrt(add(sum(square(sliding), [2], true), 1e-4));
  const features = concat([multiply(pointHeightM, 20), pointClimbMps, slidingMps], 2);
  const seen = silu(dense(network, 'points/1', features, WIDTH, 1.5));
  const codes = silu(dense(network, 'points/2', seen, WIDTH));
  const pooled = multiply(sum(codes, [1]), 0.3);
  return {
    codes,
    summary: concat([pooled, multiply(heightM, 10), climbMps], 1),
    vertical: up,
    sliding,
    lever,
  };
}

/**
 * Pushes a body at its points: each point gives an impulse along the vertical and one along its sliding, and the impulses add up to the
 * body's change of velocity and, through their levers, of spin. A second pair does the same for position and rotation.
 *
 * @param context [M, width] what the recurrent state knows.
 */
export function pushPoints(network: Network, points: PointStates, context: Tensor): StateChange {
  const { codes, vertical, sliding, lever } = points;
  const bodies = codes.shape[0]!;
  const told = reshape(dense(network, 'points/context', context, WIDTH), [bodies, 1, WIDTH]);
  const mixed = silu(add(dense(network, 'points/3', codes, WIDTH), told));
  const last = silu(dense(network, 'points/4', mixed, WIDTH));
  const strengths = dense(network, 'points/push', last, 4, 0.01);
  const [lift, rub, liftShift, rubShift] = split(strengths, 2, 4);
  const push = (along: Tensor, across: Tensor): Tensor =>
    add(multiply(along, vertical), multiply(across, sliding));
  const impulses = concat([push(lift!, rub!), multiply(push(liftShift!, rubShift!), SHIFT_SCALE)], 0);
  const wrenches = matmul(reshape(impulses, [2 * bodies, 3 * POINTS]), lever, { transposeB: true });
  const inverseInertia = network.graph.parameter('points/inverseInertia', [3], () =>
    Float32Array.of(1, 1, 1),
  );
  const turns = multiply(multiply(slice(wrenches, 1, 0, 3), inverseInertia), TORQUE_SCALE);
  const shifts = slice(wrenches, 1, 3, 6);
  return {
    linearVelocity: slice(shifts, 0, 0, bodies),
    position: slice(shifts, 0, bodies, 2 * bodies),
    angularVelocity: slice(turns, 0, 0, bodies),
    rotation: slice(turns, 0, bodies, 2 * bodies),
  };
}

/** Rows 0 to 2: w x r of each point for unit spins; rows 3 to 5: the linear velocity, the same for every point. */
function leverOf({ graph }: Network, points: Tensor): Tensor {
  const crossTable = new Float32Array(27);
  for (let i = 0; i < 3; i++) {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    // (w x r)_k has w_i r_j, and (w x r)_j has -w_i r_k.
    crossTable[j * 9 + i * 3 + k] = 1;
    crossTable[k * 9 + i * 3 + j] = -1;
  }
  const spins = reshape(matmul(points, graph.constant(crossTable, [3, 9])), [POINTS, 3, 3]);
  const repeated = new Float32Array(9 * POINTS);
  for (let point = 0; point < POINTS; point++) {
    for (let axis = 0; axis < 3; axis++) repeated[axis * 3 * POINTS + point * 3 + axis] = 1;
  }
  return concat(
    [reshape(transpose(spins, [1, 0, 2]), [3, 3 * POINTS]), graph.constant(repeated, [3, 3 * POINTS])],
    0,
  );
}
