import { MATERIALS } from '../../../core/materials.js';
import type { Pose } from '../../../core/math/quaternion.js';
import { ZERO } from '../../../core/math/vector.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../../../scenarios/contract.js';
import type { CarState } from '../../../sim/agents/agent.js';
import type { CreateWorld } from '../../../sim/contract.js';
import type { Scene, SceneTrack } from './scene.js';

/** Engine steps in one frame of the recording. */
const SUBSTEPS = 10;
const HEIGHT_M = 1.5;
/** Where a car waits that is not yet there, or has left: below the road. */
const BELOW_M = -10;

/** What a replay of a scene in the engine gave. */
export interface Replay {
  /** The scene with every state as the engine had it. */
  readonly scene: Scene;
  /** Largest distance between a recorded position and the engine's, over all tracks and frames. */
  readonly largestErrorM: number;
  /** Largest angle between the headings. */
  readonly largestAngleRad: number;
  /** How many states were compared. */
  readonly states: number;
}

/** Describes a scene as bodies that are driven along their tracks: nothing random, nothing that pushes, flat ground. */
export function replaySpec(scene: Scene): SimSpec {
  return {
    scenario: 'recorded-traffic',
    seed: 0,
    episode: 0,
    durationS: (scene.frames - 1) / scene.rateHz,
    physics: {
      stepHz: scene.rateHz * SUBSTEPS,
      gravityMps2: [0, 0, -9.81],
      lengthUnitM: 1,
      solverIterations: 4,
    },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [1, 1, 1] },
    acoustics: OUTDOORS,
    bodies: scene.tracks.map((track) => bodyOf(track, scene)),
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}

function bodyOf(track: SceneTrack, { rateHz, frames }: Scene): BodySpec {
  const { id, kind, lengthM, widthM, firstFrame, states } = track;
  const path = states.map((state, index) => ({
    timeS: (firstFrame + index) / rateHz,
    pose: poseOf(state, HEIGHT_M / 2),
  }));
  const last = firstFrame + states.length - 1;
  if (firstFrame > 0) path.unshift({ timeS: (firstFrame - 1) / rateHz, pose: poseOf(states[0]!, BELOW_M) });
  if (last < frames - 1) path.push({ timeS: (last + 1) / rateHz, pose: poseOf(states.at(-1)!, BELOW_M) });
  return {
    ...PLAIN,
    name: `${kind}-${id}`,
    semantic: kind,
    motion: 'kinematic',
    shape: { kind: 'box', halfExtentsM: [lengthM / 2, widthM / 2, HEIGHT_M / 2] },
    material: MATERIALS.steel,
    massKg: 1500,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: path[0]!.pose,
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
    path,
  };
}

function poseOf({ x, y, dirX, dirY }: CarState, z: number): Pose {
  const yaw = Math.atan2(dirY, dirX);
  return { positionM: [x, y, z], orientation: [Math.cos(yaw / 2), 0, 0, Math.sin(yaw / 2)] };
}

/**
 * Drives a scene's road users along their tracks in the engine and compares where they are at every frame.
 *
 * @throws UmweltError `invalid-input` when the engine cannot compute with what was recorded.
 */
export async function replayScene(createWorld: CreateWorld, scene: Scene): Promise<Replay> {
  const world = await createWorld(replaySpec(scene));
  try {
    let [largestErrorM, largestAngleRad, states] = [0, 0, 0];
    const replayed = scene.tracks.map(({ states: recorded }) => [...recorded]);
    for (let frame = 0; frame < scene.frames; frame++) {
      const { poses } = frame === 0 ? world.frame() : world.step(SUBSTEPS);
      for (const [body, { firstFrame, states: recorded }] of scene.tracks.entries()) {
        const state = recorded[frame - firstFrame];
        if (state === undefined) continue;
        const there = placed(state, poses.subarray(7 * body, 7 * body + 7));
        replayed[body]![frame - firstFrame] = there;
        largestErrorM = Math.max(largestErrorM, Math.hypot(there.x - state.x, there.y - state.y));
        const sine = there.dirX * state.dirY - there.dirY * state.dirX;
        const cosine = there.dirX * state.dirX + there.dirY * state.dirY;
        largestAngleRad = Math.max(largestAngleRad, Math.abs(Math.atan2(sine, cosine)));
        states++;
      }
    }
    const tracks = scene.tracks.map((track, index) => ({ ...track, states: replayed[index]! }));
    return { scene: { ...scene, tracks }, largestErrorM, largestAngleRad, states };
  } finally {
    world.free();
  }
}

/** Speed and acceleration are the recording's: the engine has poses only. */
function placed(state: CarState, pose: Float64Array): CarState {
  const [w, z] = [pose[3]!, pose[6]!];
  return { ...state, x: pose[0]!, y: pose[1]!, dirX: w * w - z * z, dirY: 2 * w * z };
}
