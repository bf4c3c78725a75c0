/** First frame of each span of horizons that shares its coefficients and residuals, counted from the last frame seen. */
const FIRST_FRAMES = [1, 2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70, 100, 150, 250, 500] as const;

export const SPANS = FIRST_FRAMES.length;

/** Finds the span of a horizon in frames, from 1. */
export function spanOf(horizon: number): number {
  let span = 0;
  while (span + 1 < SPANS && FIRST_FRAMES[span + 1]! <= horizon) span++;
  return span;
}
