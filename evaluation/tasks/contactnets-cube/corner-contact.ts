import type { Quaternion } from '../../../core/math/quaternion.js';
import { rotate } from '../../../core/math/quaternion.js';
import { add, cross, subtract, type Vec3 } from '../../../core/math/vector.js';
import { type BodyState, setState } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import { emptyTrajectory } from '../../trajectory.js';
import { estimateStart } from './initial-state.js';
import { agedVelocity, type Rig } from './rig.js';

/** How a corner presses and rubs. */
export interface CornerContact {
  /** Normal force of a corner that is 1 mm deep, N. */
  readonly stiffnessN: number;
  /** Exponent of depth in the normal force: 1 a spring, 1.5 Hertz. */
  readonly exponent: number;
  /** Loss, s/m: the force grows by this share a m/s of approach (Hunt and Crossley 1975). */
  readonly dissipationSpm: number;
  /** Coulomb friction of a corner that slides fast. */
  readonly slidingFriction: number;
  /** Coulomb friction of a corner that hardly slides. */
  readonly stickingFriction: number;
  /** Speed over which friction falls from one to the other (Stribeck), m/s. */
  readonly stribeckMps: number;
  /** Speed below which friction grows in proportion to it, m/s: what stands for sticking. */
  readonly creepMps: number;
  readonly cornerRadiusM: number;
}

/** Everything that decides how a toss goes on. */
export interface CornerModel {
  readonly contact: CornerContact;
  readonly rig: Rig;
  readonly massKg: number;
  readonly widthM: number;
}

/** Steps in a frame of 148 Hz: halving them moves errors by 0.04 % of the width. */
const STEPS_PER_FRAME = 16;
const MM_PER_M = 1000;

/**
 * Simulates a cube above a table: a rigid body whose eight round corners press on the table by a lossy spring and rub by
 * Coulomb's law with Stribeck's fall, integrated by the semi-implicit Euler method.
 *
 * F_n = k (d / 1 mm)^n (1 - c v_n), F_t = -mu(|v_t|) F_n v_t / max(|v_t|, v_creep), mu(v) = mu_1 + (mu_0 - mu_1) exp(-v / v_s).
 *
 * @returns `frames` frames after the start.
 */
export function simulateCorners(
  start: BodyState,
  rateHz: number,
  frames: number,
  model: CornerModel,
): Trajectory {
  const { centreOfMassM } = model.rig;
  const motion = emptyTrajectory(rateHz, frames);
  const state = stateOf(start, model.rig);
  const stepS = 1 / (rateHz * STEPS_PER_FRAME);
  for (let frame = 0; frame < frames; frame++) {
    for (let step = 0; step < STEPS_PER_FRAME; step++) advance(state, model, stepS);
    setState(motion, frame, bodyOf(state, centreOfMassM));
  }
  return motion;
}

/** Continues a context by `frames` frames. */
export function followCorners(seen: Trajectory, frames: number, model: CornerModel): Trajectory {
  const start = estimateStart(seen, model.rig, model.widthM);
  return simulateCorners(start, seen.rateHz, frames, model);
}

/** Turns a body's state into that of its centre of mass. */
function stateOf(start: BodyState, rig: Rig): Float64Array {
  const arm = rotate(start.orientation, rig.centreOfMassM);
  const velocity = agedVelocity(start.linearVelocityMps, rig);
  return Float64Array.of(
    ...add(start.positionM, arm),
    ...start.orientation,
    ...add(velocity, cross(start.angularVelocityRadps, arm)),
    ...start.angularVelocityRadps,
  );
}

function bodyOf(state: Float64Array, centreOfMassM: Vec3): BodyState {
  const vector = (at: number): Vec3 => [state[at]!, state[at + 1]!, state[at + 2]!];
  const orientation: Quaternion = [state[3]!, state[4]!, state[5]!, state[6]!];
  const arm = rotate(orientation, centreOfMassM);
  const spin = vector(SPIN);
  return {
    positionM: subtract(vector(0), arm),
    orientation,
    linearVelocityMps: subtract(vector(VELOCITY), cross(spin, arm)),
    angularVelocityRadps: spin,
  };
}

/** Places in the state of the centre of mass: position 0 to 2, orientation 3 to 6, velocity and spin in the world frame. */
const VELOCITY = 7;
const SPIN = 10;

/** Force and torque of a step, N and N m: reused, because a toss has thousands of steps. */
const load = new Float64Array(6);

/** Moves `state` by one step, in place. */
function advance(state: Float64Array, model: CornerModel, stepS: number): void {
  const { massKg, rig } = model;
  for (let i = 0; i < 3; i++) {
    load[i] = massKg * rig.gravityMps2[i]!;
    load[3 + i] = 0;
  }
  if (mayTouch(state, model)) addContacts(state, model);
  for (let i = 0; i < 3; i++) {
    state[VELOCITY + i]! += (stepS * load[i]!) / massKg;
    state[SPIN + i]! += (stepS * load[3 + i]!) / rig.inertiaKgm2;
    state[i]! += stepS * state[VELOCITY + i]!;
  }
  turn(state, stepS / 2);
}

/** False where no corner can reach the table, however the cube is turned. */
function mayTouch(state: Float64Array, { rig, widthM }: CornerModel): boolean {
  return state[2]! - tableAt(rig, state[0]!, state[1]!) < widthM;
}

function tableAt({ tableHeightM, tableSlope }: Rig, x: number, y: number): number {
  return tableHeightM + tableSlope[0] * x + tableSlope[1] * y;
}

function addContacts(state: Float64Array, model: CornerModel): void {
  const { contact, rig, widthM } = model;
  const qw = state[3]!;
  const qx = state[4]!;
  const qy = state[5]!;
  const qz = state[6]!;
  const half = widthM / 2 - contact.cornerRadiusM;
  const arm = rotate([qw, qx, qy, qz], rig.centreOfMassM);
  // Half edges in the world frame.
  const ax = half * (1 - 2 * (qy * qy + qz * qz));
  const ay = half * 2 * (qx * qy + qw * qz);
  const az = half * 2 * (qx * qz - qw * qy);
  const bx = half * 2 * (qx * qy - qw * qz);
  const by = half * (1 - 2 * (qx * qx + qz * qz));
  const bz = half * 2 * (qy * qz + qw * qx);
  const cx = half * 2 * (qx * qz + qw * qy);
  const cy = half * 2 * (qy * qz - qw * qx);
  const cz = half * (1 - 2 * (qx * qx + qy * qy));
  for (let corner = 0; corner < 8; corner++) {
    const sa = (corner & 1) === 0 ? -1 : 1;
    const sb = (corner & 2) === 0 ? -1 : 1;
    const sc = (corner & 4) === 0 ? -1 : 1;
    const x = sa * ax + sb * bx + sc * cx - arm[0];
    const y = sa * ay + sb * by + sc * cy - arm[1];
    const z = sa * az + sb * bz + sc * cz - arm[2] - contact.cornerRadiusM;
    addCorner(state, model, x, y, z);
  }
}

/** Adds what the table does to the point of a corner that is lowest, [x, y, z] from the centre of mass. */
function addCorner(
  state: Float64Array,
  { contact, rig }: CornerModel,
  x: number,
  y: number,
  z: number,
): void {
  const depthM = tableAt(rig, state[0]! + x, state[1]! + y) - (state[2]! + z);
  if (depthM <= 0) return;
  const wx = state[SPIN]!;
  const wy = state[SPIN + 1]!;
  const wz = state[SPIN + 2]!;
  const ux = state[VELOCITY]! + wy * z - wz * y;
  const uy = state[VELOCITY + 1]! + wz * x - wx * z;
  const uz = state[VELOCITY + 2]! + wx * y - wy * x;
  const normal =
    contact.stiffnessN * (depthM * MM_PER_M) ** contact.exponent * (1 - contact.dissipationSpm * uz);
  if (normal <= 0) return;
  const slip = Math.sqrt(ux * ux + uy * uy);
  const { slidingFriction, stickingFriction, stribeckMps, creepMps } = contact;
  const friction = slidingFriction + (stickingFriction - slidingFriction) * Math.exp(-slip / stribeckMps);
  const rub = (-friction * normal) / Math.max(slip, creepMps);
  const fx = rub * ux;
  const fy = rub * uy;
  load[0]! += fx;
  load[1]! += fy;
  load[2]! += normal;
  load[3]! += y * normal - z * fy;
  load[4]! += z * fx - x * normal;
  load[5]! += x * fy - y * fx;
}

/** Turns the orientation by the spin for twice `halfS`. */
function turn(state: Float64Array, halfS: number): void {
  const ax = halfS * state[SPIN]!;
  const ay = halfS * state[SPIN + 1]!;
  const az = halfS * state[SPIN + 2]!;
  const qw = state[3]!;
  const qx = state[4]!;
  const qy = state[5]!;
  const qz = state[6]!;
  const w = qw - ax * qx - ay * qy - az * qz;
  const x = qx + ax * qw + ay * qz - az * qy;
  const y = qy + ay * qw + az * qx - ax * qz;
  const z = qz + az * qw + ax * qy - ay * qx;
  const norm = Math.sqrt(w * w + x * x + y * y + z * z);
  state[3] = w / norm;
  state[4] = x / norm;
  state[5] = y / norm;
  state[6] = z / norm;
}
