import type { Forecaster } from '../../contract.js';
import { extrapolate } from './extrapolate.js';

/** Holds the last pose that was seen: what a model must beat to have predicted anything. */
export const copyLast: Forecaster = {
  name: 'copy-last',
  forecast: async (context, frames) =>
    extrapolate(context, frames, (state) => ({
      ...state,
      linearVelocityMps: [0, 0, 0],
      angularVelocityRadps: [0, 0, 0],
    })),
};
