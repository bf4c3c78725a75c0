import { exp } from '../../../core/math/exact.js';
import { NORMAL } from './scale-mixture.js';
import { frameOf, type Slide, type SlideContext, type SlideForecast, TAXELS } from './slide.js';

/**
 * How long a re-run remembers where the recording was when it was last seen, s: of 0, 2, 5, 8 ... 40 frames, two bring the 364
 * published recordings nearest to their re-runs.
 */
const FADE_S = 0.06;

/**
 * Predicts a slide by another run of the same condition, frame by frame from its start. Where the recording was last seen, the two
 * are joined: their difference there is added and fades as exp(-t / 0.06 s). Shifting one in time until the frames seen fit best does
 * not bring them closer.
 *
 * @param rerun null where there is none: a forecast of nothing.
 */
export function replay(rerun: Slide | null, { seen, frames }: SlideContext, rateHz: number): SlideForecast {
  const from = seen.frames;
  const length = rerun === null ? 0 : Math.max(0, Math.min(frames, rerun.frames - from));
  const mean = new Float64Array(length * TAXELS);
  if (rerun === null) return { mean, sigma: null, shape: NORMAL, isRerun: true };
  const [shown, run] = [frameOf(seen, from - 1), frameOf(rerun, Math.min(from, rerun.frames) - 1)];
  for (let frame = 0; frame < length; frame++) {
    const left = exp(-(frame + 1) / rateHz / FADE_S);
    for (let taxel = 0; taxel < TAXELS; taxel++) {
      const at = frame * TAXELS + taxel;
      mean[at] = rerun.taxels[from * TAXELS + at]! + left * (shown[taxel]! - run[taxel]!);
    }
  }
  return { mean, sigma: null, shape: NORMAL, isRerun: true };
}
