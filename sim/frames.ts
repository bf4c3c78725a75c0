import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { type DrivenState, drivenStateAt } from '../core/drive.js';
import { type Quaternion, rotate } from '../core/math/quaternion.js';
import { cross, subtract, type Vec3 } from '../core/math/vector.js';
import type { Slab } from '../core/slab.js';
import { tickTimeNs } from '../core/time.js';
import type { SimSpec } from '../scenarios/contract.js';
import { type Fragile, stateOfPiece } from './breakage.js';
import type { SimFrame } from './contract.js';
import type { BodyInWorld } from './world-bodies.js';

/** Frames that share one allocation. */
export const FRAMES_PER_BLOCK = 64;

/** Which wholes of a world broke: before the last step, and during it. */
export interface Breakage {
  readonly broken: readonly number[];
  /** The engine swaps these for their pieces at the start of the next step. */
  readonly breaking: readonly number[];
}

const vector = new RAPIER.Vector3(0, 0, 0);
const rotation = new RAPIER.Quaternion(0, 0, 0, 1);

/** Reads all bodies out of the engine, without contacts; what the engine does not hold is worked out. */
export function readFrame(
  bodies: readonly BodyInWorld[],
  spec: SimSpec,
  step: number,
  allocate: Slab<Float64Array>,
): SimFrame {
  const poses = allocate(bodies.length * 7);
  const velocities = allocate(bodies.length * 6);
  const frame: SimFrame = {
    step,
    timeNs: tickTimeNs(step, spec.physics.stepHz),
    poses,
    velocities,
    present: new Uint8Array(bodies.length).fill(1),
    contacts: [],
  };
  for (let index = 0; index < bodies.length; index++) {
    const there = bodies[index]!;
    if (there.spec.motion === 'kinematic')
      writeState(frame, index, drivenStateAt(there.spec, step / spec.physics.stepHz));
    else readBody(there, index, poses, velocities);
  }
  return frame;
}

/** Marks what is not there in a frame that was just read, and places the pieces of what broke during its step. */
export function applyBreakage(
  frame: SimFrame,
  fragile: readonly Fragile[],
  { broken, breaking }: Breakage,
): void {
  for (const { whole, pieces } of fragile) {
    const breaksNow = breaking.includes(whole);
    const isGone = breaksNow || broken.includes(whole);
    const state = readState(frame, whole);
    for (const { body, poseInWhole } of pieces) {
      if (breaksNow) writeState(frame, body, stateOfPiece(state, poseInWhole));
      if (!isGone) markAbsent(frame, body);
    }
    if (isGone) markAbsent(frame, whole);
  }
}

/** Reads one body out of the engine. */
export function stateOf(there: BodyInWorld, timeS: number): DrivenState {
  if (there.spec.motion === 'kinematic') return drivenStateAt(there.spec, timeS);
  const poses = new Float64Array(7);
  const velocities = new Float64Array(6);
  readBody(there, 0, poses, velocities);
  return readState({ poses, velocities }, 0);
}

/** Returns a body's pose and velocity in a frame. */
export function readState(
  { poses, velocities }: Pick<SimFrame, 'poses' | 'velocities'>,
  index: number,
): DrivenState {
  const p = index * 7;
  const v = index * 6;
  return {
    pose: {
      positionM: [poses[p]!, poses[p + 1]!, poses[p + 2]!],
      orientation: [poses[p + 3]!, poses[p + 4]!, poses[p + 5]!, poses[p + 6]!],
    },
    linearVelocityMps: [velocities[v]!, velocities[v + 1]!, velocities[v + 2]!],
    angularVelocityRadps: [velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!],
  };
}

function writeState({ poses, velocities }: SimFrame, index: number, state: DrivenState): void {
  poses.set(state.pose.positionM, index * 7);
  poses.set(state.pose.orientation, index * 7 + 3);
  velocities.set(state.linearVelocityMps, index * 6);
  velocities.set(state.angularVelocityRadps, index * 6 + 3);
}

function markAbsent({ present, velocities }: SimFrame, index: number): void {
  present[index] = 0;
  velocities.fill(0, index * 6, index * 6 + 6);
}

function readBody(
  { body, centreM }: BodyInWorld,
  index: number,
  poses: Float64Array,
  velocities: Float64Array,
): void {
  const pose = index * 7;
  const p = body.translation(vector);
  poses[pose] = p.x;
  poses[pose + 1] = p.y;
  poses[pose + 2] = p.z;
  const q = body.rotation(rotation);
  poses[pose + 3] = q.w;
  poses[pose + 4] = q.x;
  poses[pose + 5] = q.y;
  poses[pose + 6] = q.z;
  const velocity = index * 6;
  const v = body.linvel(vector);
  velocities[velocity] = v.x;
  velocities[velocity + 1] = v.y;
  velocities[velocity + 2] = v.z;
  const w = body.angvel(vector);
  velocities[velocity + 3] = w.x;
  velocities[velocity + 4] = w.y;
  velocities[velocity + 5] = w.z;
  if (centreM) velocities.set(originVelocity(poses, velocities, index, centreM), velocity);
}

/** The engine tells the velocity of the centre of mass; a frame holds that of the body's origin. */
function originVelocity(poses: Float64Array, velocities: Float64Array, index: number, centreM: Vec3): Vec3 {
  const p = index * 7 + 3;
  const v = index * 6;
  const orientation: Quaternion = [poses[p]!, poses[p + 1]!, poses[p + 2]!, poses[p + 3]!];
  const spin: Vec3 = [velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!];
  const centre: Vec3 = [velocities[v]!, velocities[v + 1]!, velocities[v + 2]!];
  return subtract(centre, cross(spin, rotate(orientation, centreM)));
}
