import { normaliseQuaternion } from '../../core/math/quaternion.js';
import type { RandomStream } from '../../core/random.js';
import type { StateArrays } from './state-track.js';

/** How far an observed state may lie from the true one, standard deviations: m, quaternion, m/s, rad/s. */
const DEVIATION: Readonly<Record<keyof StateArrays, number>> = {
  position: 5e-4,
  orientation: 2e-3,
  linearVelocity: 0.02,
  angularVelocity: 0.1,
};

/** Adds noise to some rows of states: in training, so that the model forgives its own errors, and between the samples of a rollout. */
export function scatterStates(
  states: StateArrays,
  firstRow: number,
  rows: number,
  random: RandomStream,
): void {
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (const name of Object.keys(DEVIATION) as (keyof StateArrays)[]) {
      const width = name === 'orientation' ? 4 : 3;
      for (let index = row * width; index < (row + 1) * width; index++) {
        states[name][index]! += DEVIATION[name] * random.normal();
      }
    }
    const q = states.orientation.subarray(row * 4, row * 4 + 4);
    q.set(normaliseQuaternion([q[0]!, q[1]!, q[2]!, q[3]!]));
  }
}
