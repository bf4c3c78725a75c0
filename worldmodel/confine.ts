import type { ObservedState } from './contract.js';
import type { ModelConfiguration } from './model/configuration.js';

const GRAVITY_MPS2 = 9.81;
/** Bodies may leave the positions of the training data by this much. */
const MARGIN_M = 0.1;
/** And be faster by this share. */
const MARGIN_SHARE = 0.2;
/** Half the squared radius of gyration that turning may give back as motion, m2: a body of 0.1 m. */
const SPIN_ENERGY_M2 = 0.5 * 0.1 * 0.1;
/** Energy that errors of observation may add, J/kg: 5 cm of height. */
const MARGIN_JPKG = 0.05 * GRAVITY_MPS2;

/**
 * Tells how much energy each body may have to move and climb with, J/kg, by row of the state.
 *
 * A body alone may have what it has, and a margin. Of several that share a scene each may have what the one with most has: one
 * that rests is hit and thrown by another. Masses are not known, so that is no bound from physics: a light body that a heavy one
 * hits may leave with up to four times the striker's energy per kilogram (twice its speed), and is held at once its energy.
 *
 * @param state of one scene or of several (samples), scene after scene: [scenes * bodies, ..].
 * @param bodies of one scene; all rows by default.
 * @returns [scenes * bodies], owned by the caller.
 */
export function energyLimits(state: ObservedState, bodies = state.position.length / 3): Float64Array {
  const limits = Float64Array.from({ length: state.position.length / 3 }, (_, row) => {
    const speed2 = squared(state.linearVelocity, row);
    const spin2 = squared(state.angularVelocity, row);
    const height = GRAVITY_MPS2 * state.position[row * 3 + 2]!;
    return 0.5 * speed2 + SPIN_ENERGY_M2 * spin2 + height + MARGIN_JPKG;
  });
  for (let first = 0; first < limits.length; first += bodies) {
    const scene = limits.subarray(first, first + bodies);
    scene.fill(scene.reduce((most, limit) => Math.max(most, limit)));
  }
  return limits;
}

/**
 * Keeps a dreamt state where bodies can be, in place: positions and speeds within the training data's (and a margin), and, of
 * bodies that nothing drives, energy at most what they (or the others of their scene) had when they were last observed.
 *
 * @param limits from `energyLimits`; null where something is commanded.
 */
export function confine(
  state: ObservedState,
  { lowM, highM, speedMps, spinRadps }: ModelConfiguration['stateRange'],
  limits: Float64Array | null,
): void {
  const bodies = state.position.length / 3;
  for (let body = 0; body < bodies; body++) {
    for (let axis = 0; axis < 3; axis++) {
      const at = body * 3 + axis;
      const low = lowM[axis]! - MARGIN_M;
      const high = highM[axis]! + MARGIN_M;
      state.position[at] = Math.min(Math.max(state.position[at]!, low), high);
    }
    shorten(state.linearVelocity, body, speedMps * (1 + MARGIN_SHARE));
    shorten(state.angularVelocity, body, spinRadps * (1 + MARGIN_SHARE));
    if (limits !== null) {
      const at = body * 3 + 2;
      state.position[at] = Math.min(state.position[at]!, limits[body]! / GRAVITY_MPS2);
      const left = limits[body]! - GRAVITY_MPS2 * state.position[at]!;
      shorten(state.linearVelocity, body, Math.sqrt(2 * Math.max(0, left)));
    }
  }
}

function shorten(vectors: Float32Array, body: number, longest: number): void {
  const length = Math.sqrt(squared(vectors, body));
  if (length <= longest) return;
  for (let at = body * 3; at < body * 3 + 3; at++) vectors[at]! *= longest / length;
}

function squared(vectors: Float32Array, body: number): number {
  const [x, y, z] = [vectors[body * 3]!, vectors[body * 3 + 1]!, vectors[body * 3 + 2]!];
  return x * x + y * y + z * z;
}
