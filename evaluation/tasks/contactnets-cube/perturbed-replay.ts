import { multiply, normaliseQuaternion, type Quaternion } from '../../../core/math/quaternion.js';
import { fromRotationVector } from '../../../core/math/rotation.js';
import type { Vec3 } from '../../../core/math/vector.js';
import { type RandomStream, randomStream } from '../../../core/random.js';
import { type BodyState, setState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import { framesOf } from '../../trajectory.js';
import type { CubeMethod, CubeSetup } from './cube-method.js';
import { FITTED_ENGINE } from './fit-physics.js';
import { type CubeContext, fromLastSeen } from './forecast.js';
import { physicsForecaster } from './physics.js';

/** Standard deviations of what the cameras say of a cube at one frame, each axis. */
export interface TrackingNoise {
  readonly positionM: number;
  readonly orientationRad: number;
  readonly linearVelocityMps: number;
  readonly angularVelocityRadps: number;
}

/**
 * Measured on 429 recorded tosses that begin in flight: the difference of the first two poses and the velocity recorded at the first
 * differ by 8.7 mm/s and 0.12 rad/s (root mean square an axis; z left out, where gravity acts). Half of that variance is the recorded
 * velocity's, and poses are off by what makes such velocities in a frame of 1/148 s.
 */
export const TRACKING_NOISE: TrackingNoise = {
  positionM: 3e-5,
  orientationRad: 4e-4,
  linearVelocityMps: 0.006,
  angularVelocityRadps: 0.085,
};

/** Contact as ContactNets logged it: the ceiling asks how far noise alone carries a toss, on any plausible table. */
const CONTACT = { friction: 0.18, restitution: 0 };

/**
 * The ceiling where no toss was ever repeated: the engine from the recorded start against the engine from a start that is off by
 * the tracking's noise. No method that begins from recorded states can be expected to come nearer to a recording.
 */
export function perturbedReplay({ cube, createWorld, seed }: CubeSetup): CubeMethod {
  const parameters = { ...CONTACT, ...FITTED_ENGINE };
  const engine = physicsForecaster('perturbed-replay', createWorld, cube, parameters);
  const replay = async (context: CubeContext, seen: Trajectory) =>
    fromLastSeen(context, await engine.forecast(seen, context.frames));
  return {
    name: 'perturbed-replay',
    kind: 'ceiling',
    description: "the engine against itself, started with the tracking's noise",
    identity: { method: 'perturbed-replay' },
    preparation: 0,
    prepare: async () => ({
      parameters: { ...parameters, noise: TRACKING_NOISE },
      forecast: async (context, { recording }) => {
        const random = randomStream(seed, 'evaluation', 'ceiling', recording.sha256);
        return { point: await replay(context, perturbLast(context.seen, random, TRACKING_NOISE)) };
      },
      against: (context) => replay(context, context.seen),
    }),
  };
}

/** Moves the last frame of a context by one draw of the noise. The context is copied. */
export function perturbLast(seen: Trajectory, random: RandomStream, noise: TrackingNoise): Trajectory {
  const copy = framesOf(seen, 0, seen.frames);
  setState(copy, seen.frames - 1, perturb(stateAt(seen, seen.frames - 1), random, noise));
  return copy;
}

/** Moves a state by one draw of the noise. */
export function perturb(state: BodyState, random: RandomStream, noise: TrackingNoise): BodyState {
  const draw = (deviation: number): Vec3 => [
    deviation * random.normal(),
    deviation * random.normal(),
    deviation * random.normal(),
  ];
  const moved = (vector: Vec3, by: Vec3): Vec3 => [vector[0] + by[0], vector[1] + by[1], vector[2] + by[2]];
  const turn: Quaternion = fromRotationVector(draw(noise.orientationRad));
  return {
    positionM: moved(state.positionM, draw(noise.positionM)),
    orientation: normaliseQuaternion(multiply(turn, state.orientation)),
    linearVelocityMps: moved(state.linearVelocityMps, draw(noise.linearVelocityMps)),
    angularVelocityRadps: moved(state.angularVelocityRadps, draw(noise.angularVelocityRadps)),
  };
}
