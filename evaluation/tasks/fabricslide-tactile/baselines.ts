import { NORMAL } from './scale-mixture.js';
import { frameOf, heldForce, meanPattern, type SlideContext, type SlideForecast, TAXELS } from './slide.js';

/** Says that nothing changes after the last frame. */
export function copyLast({ seen, frames }: SlideContext): SlideForecast {
  return holding(frameOf(seen, seen.frames - 1), frames);
}

/** Says that every taxel stays at its mean over the frames seen. */
export function contextMean({ seen, frames }: SlideContext): SlideForecast {
  return holding(meanPattern(seen.taxels), frames);
}

/** Says that the pattern stays, at the strength that makes the held force what is commanded. */
export function commandedPattern({ seen, frames }: SlideContext): SlideForecast {
  const pattern = meanPattern(seen.taxels);
  const held = heldForce(pattern)[0]!;
  const gain = held > 0 ? seen.condition.forceLevelCount / held : 1;
  return holding(
    pattern.map((value) => gain * value),
    frames,
  );
}

function holding(pattern: Float64Array, frames: number): SlideForecast {
  const mean = new Float64Array(frames * TAXELS);
  for (let frame = 0; frame < frames; frame++) mean.set(pattern, frame * TAXELS);
  return { mean, sigma: null, shape: NORMAL, isRerun: false };
}
