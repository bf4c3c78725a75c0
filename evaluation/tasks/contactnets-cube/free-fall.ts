import type { Forecaster } from '../../contract.js';
import { extrapolate, moveAndSpin } from './extrapolate.js';
import { GRAVITY_MPS2 } from './rig.js';

/** Falls as if there were no table: p + v t - g t^2 / 2, with constant spin (exact for a cube, whose inertia is isotropic). */
export const freeFall: Forecaster = {
  name: 'free-fall',
  forecast: async (context, frames) =>
    extrapolate(context, frames, (start, timeS) => {
      const state = moveAndSpin(start, timeS);
      const [x, y, z] = state.positionM;
      const [vx, vy, vz] = state.linearVelocityMps;
      return {
        ...state,
        positionM: [x, y, z - (GRAVITY_MPS2 * timeS * timeS) / 2],
        linearVelocityMps: [vx, vy, vz - GRAVITY_MPS2 * timeS],
      };
    }),
};
