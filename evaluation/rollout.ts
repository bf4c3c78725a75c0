import type { Forecaster, Trajectory } from './contract.js';
import { framesOf, joinTrajectories } from './trajectory.js';

/** A forecast beside what happened. Frame 0 of both is the last frame that the forecaster saw, where its error is 0. */
export interface Comparison {
  readonly predicted: Trajectory;
  readonly actual: Trajectory;
}

/**
 * Shows a forecaster the first frames of a recording and has it predict all the others.
 *
 * @param contextFrames at least 1 and fewer than the recording has.
 */
export async function continueFrom(
  forecaster: Forecaster,
  recording: Trajectory,
  contextFrames: number,
): Promise<Comparison> {
  const context = framesOf(recording, 0, contextFrames);
  const forecast = await forecaster.forecast(context, recording.frames - contextFrames);
  return {
    predicted: joinTrajectories(framesOf(context, contextFrames - 1, 1), forecast),
    actual: framesOf(recording, contextFrames - 1, recording.frames - contextFrames + 1),
  };
}
