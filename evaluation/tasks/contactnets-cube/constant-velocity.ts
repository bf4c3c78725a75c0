import type { Forecaster } from '../../contract.js';
import { extrapolate, moveAndSpin } from './extrapolate.js';

/** Keeps the last linear and angular velocity: p + v t, exp(w t) q. */
export const constantVelocity: Forecaster = {
  name: 'constant-velocity',
  forecast: async (context, frames) => extrapolate(context, frames, moveAndSpin),
};
