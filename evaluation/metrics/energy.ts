import { conjugate, type Quaternion, rotate } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { Trajectory } from '../contract.js';
import { requireSameFrames } from './frames.js';

/** What a body's mechanical energy depends on. */
export interface BodyMass {
  readonly massKg: number;
  /** About the body's own axes, kg m2. */
  readonly inertiaKgM2: Vec3;
  readonly gravityMps2?: number;
}

/**
 * Computes the mechanical energy of each frame, J: m g z + m v^2 / 2 + w^T I w / 2, with z above the world's origin and
 * velocities in the world's frame.
 *
 * @returns float64 [frames].
 */
export function mechanicalEnergyJ(
  trajectory: Trajectory,
  { massKg, inertiaKgM2, gravityMps2 = 9.81 }: BodyMass,
): Float64Array {
  const { positionM, orientation, linearVelocityMps: v, angularVelocityRadps: w } = trajectory;
  return Float64Array.from({ length: trajectory.frames }, (_, frame) => {
    const at = frame * 3;
    const turn: Quaternion = [
      orientation[frame * 4]!,
      orientation[frame * 4 + 1]!,
      orientation[frame * 4 + 2]!,
      orientation[frame * 4 + 3]!,
    ];
    const spin = rotate(conjugate(turn), [w[at]!, w[at + 1]!, w[at + 2]!]);
    const linear = v[at]! ** 2 + v[at + 1]! ** 2 + v[at + 2]! ** 2;
    const turning = spin.reduce((sum, rate, axis) => sum + inertiaKgM2[axis]! * rate * rate, 0);
    return massKg * gravityMps2 * positionM[at + 2]! + (massKg * linear + turning) / 2;
  });
}

/**
 * Computes the error of the mechanical energy of each frame, % of what the recorded body had to lose:
 * 100 |E - E'| / (max E' - m g min z').
 *
 * @returns float64 [frames]; NaN where a number is not finite, or the recorded body never had energy.
 * @throws UmweltError `shape-mismatch` when the two differ in frames or rate.
 */
export function energyErrorPct(predicted: Trajectory, actual: Trajectory, body: BodyMass): Float64Array {
  requireSameFrames(predicted, actual);
  const a = mechanicalEnergyJ(predicted, body);
  const b = mechanicalEnergyJ(actual, body);
  const weightN = body.massKg * (body.gravityMps2 ?? 9.81);
  let lowestJ = Number.POSITIVE_INFINITY;
  for (let frame = 0; frame < actual.frames; frame++)
    lowestJ = Math.min(lowestJ, weightN * actual.positionM[frame * 3 + 2]!);
  const toLose = b.reduce((most, energy) => Math.max(most, energy), Number.NEGATIVE_INFINITY) - lowestJ;
  return a.map((energy, frame) => (toLose > 0 ? (100 * Math.abs(energy - b[frame]!)) / toLose : Number.NaN));
}
