import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import {
  fitRelaxation,
  RELAXATION_PARAMETERS,
  relax,
  relaxationLoss,
} from '../../evaluation/tasks/fabricslide-tactile/relaxation.js';
import {
  type SlideContext,
  type SlideTruth,
  TAXELS,
} from '../../evaluation/tasks/fabricslide-tactile/slide.js';

const RATE_HZ = 10;
const VALUES = { settleS: 0.5, commandedShare: 1, stayShare: 0, sigmaShare: 0.1, spreadS: 0.2, tail: 2 };

/** Two frames at 90 and 110 counts on every taxel, with 200 commanded. */
function contextOf(frames: number): SlideContext {
  const taxels = Float64Array.from({ length: 2 * TAXELS }, (_, at) => (at < TAXELS ? 90 : 110));
  return {
    seen: { condition: { fabric: 'a', forceLevelCount: 200, speedMps: 0.1 }, frames: 2, taxels },
    frames,
  };
}

function slideThat(followsS: number, seed: number): { context: SlideContext; truth: SlideTruth } {
  const random = randomStream(seed, 'test', 'relaxation');
  const context = contextOf(60);
  const { mean } = relax(context, { ...VALUES, settleS: followsS }, RATE_HZ);
  const taxels = mean.map((value) => value + 2 * random.normal());
  return {
    context,
    truth: { taxels, levelCount: 200, rateHz: RATE_HZ, spread: new Float64Array(TAXELS).fill(20) },
  };
}

describe('the relaxation', () => {
  it('goes from the last frame to the pattern at the commanded force, and grows less sure', () => {
    const { mean, sigma } = relax(contextOf(100), VALUES, RATE_HZ);
    expect(mean[0]).toBeCloseTo(200 + (110 - 200) * Math.exp(-0.2), 10);
    expect(mean.at(-1)).toBeCloseTo(200, 6);
    expect(sigma![0]).toBeCloseTo(20 * Math.sqrt(1 - Math.exp(-0.5)), 10);
    expect(sigma!.at(-1)).toBeCloseTo(20, 6);
    const still = relax(contextOf(100), { ...VALUES, commandedShare: 0, stayShare: 1 }, RATE_HZ);
    expect(still.mean.at(-1)).toBeCloseTo(110, 10);
  });

  it('costs least where it is right, however long the slide', () => {
    const { context, truth } = slideThat(0.5, 1);
    const loss = (more: Partial<typeof VALUES>) =>
      relaxationLoss(context, truth, { ...VALUES, sigmaShare: 0.01, ...more });
    for (const wrong of [
      { settleS: 2 },
      { settleS: 0.1 },
      { commandedShare: 0.8 },
      { sigmaShare: 0.1 },
      { sigmaShare: 0.001 },
    ])
      expect(loss({})).toBeLessThan(loss(wrong));
    const short = { ...context, frames: 1 };
    expect(Number.isFinite(relaxationLoss(short, truth, VALUES))).toBe(true);
  });

  it('is found again by calibration, the same for the same seed', async () => {
    const slides = [1, 2, 3].map((seed) => slideThat(0.8, seed));
    const found = await fitRelaxation(slides, 4, {});
    expect(found.settleS).toBeGreaterThan(0.7);
    expect(found.settleS).toBeLessThan(0.9);
    // Several ways of sharing end at the same force.
    expect(Math.abs(relax(contextOf(100), found, RATE_HZ).mean.at(-1)! - 200)).toBeLessThan(2);
    expect(found.sigmaShare).toBeLessThan(0.02);
    expect(await fitRelaxation(slides, 4, {})).toEqual(found);
    expect(Object.keys(found)).toEqual(RELAXATION_PARAMETERS.map(({ name }) => name));
  });
});
