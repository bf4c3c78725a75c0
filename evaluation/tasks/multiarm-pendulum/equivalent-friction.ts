import { armsOf, type ChainParameters, followChain } from './chain.js';

/** Dry friction counts as its full torque at rates above this, rad/s. */
const SLOW_RADPS = 1e-3;

/**
 * Turns dry friction and drag into the viscous friction that takes as much energy out of one motion: what an engine whose joints
 * only know viscous friction is given. The power of each joint's friction, and of the drag on the arm that hangs on it, is
 * shared out over the square of the joint's rate along the motion that the chain itself predicts.
 *
 *     viscous_i = integral (f_i v_i + drag_i |w_i|^3) dt / integral v_i^2 dt
 *
 * @param start [2 arms] true angles, then rates.
 */
export function equivalentViscous(
  chain: ChainParameters,
  start: Float64Array,
  rateHz: number,
  frames: number,
): ChainParameters {
  const n = armsOf(chain);
  const path = followChain(chain, start, rateHz, frames);
  const viscousMps = chain.viscousMps.map((viscous, joint) => {
    let power = 0;
    let squares = 0;
    for (let frame = 0; frame < frames; frame++) {
      const rate = path[frame * 2 * n + n + joint]!;
      const between = rate - (joint > 0 ? path[frame * 2 * n + n + joint - 1]! : 0);
      power += chain.dryMps2[joint]! * Math.abs(between) + chain.dragM[joint]! * Math.abs(rate) ** 3;
      squares += between * between;
    }
    return viscous + power / Math.max(squares, frames * SLOW_RADPS ** 2);
  });
  const none = chain.viscousMps.map(() => 0);
  return { ...chain, viscousMps, dryMps2: none, dragM: none };
}
