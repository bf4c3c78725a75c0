import { UmweltError } from '../../core/errors.js';
import type { Trajectory } from '../contract.js';

/** @throws UmweltError `shape-mismatch` unless both trajectories have the same frames at the same rate. */
export function requireSameFrames(predicted: Trajectory, actual: Trajectory): void {
  if (predicted.frames === actual.frames && predicted.rateHz === actual.rateHz) return;
  throw new UmweltError(
    'shape-mismatch',
    {
      predicted: { frames: predicted.frames, rateHz: predicted.rateHz },
      actual: { frames: actual.frames, rateHz: actual.rateHz },
    },
    `a forecast must have the recording's frames: expected ${actual.frames} at ${actual.rateHz} Hz, got ${predicted.frames} at ${predicted.rateHz} Hz`,
  );
}
