import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import {
  addDistance,
  fitMixture,
  mixtureCdf,
  mixtureCrps,
  NORMAL,
  noDistances,
} from '../../evaluation/tasks/fabricslide-tactile/scale-mixture.js';
import { METRICS, scoreSlide } from '../../evaluation/tasks/fabricslide-tactile/score.js';
import {
  heldForce,
  type SlideForecast,
  type SlideTruth,
  TAXELS,
} from '../../evaluation/tasks/fabricslide-tactile/slide.js';

const RATE_HZ = 10;

function truthOf(frames: number, valueAt: (frame: number, taxel: number) => number): SlideTruth {
  const taxels = Float64Array.from({ length: frames * TAXELS }, (_, at) =>
    valueAt(Math.floor(at / TAXELS), at % TAXELS),
  );
  return { taxels, levelCount: 100, rateHz: RATE_HZ, spread: new Float64Array(TAXELS).fill(20) };
}

function forecastOf(mean: Float64Array, more: Partial<SlideForecast> = {}): SlideForecast {
  return { mean, sigma: null, shape: NORMAL, isRerun: false, ...more };
}

/** CRPS by its definition, the integral of (F(x) - [x >= y])^2. */
function integrate(cdf: (x: number) => number, y: number): number {
  let sum = 0;
  const step = 0.001;
  for (let x = -40 + step / 2; x < 40; x += step) sum += (cdf(x) - (x >= y ? 1 : 0)) ** 2 * step;
  return sum;
}

describe('the scores of a slide', () => {
  it('hold the mean of the taxels without the largest and the smallest', () => {
    const frame = Float64Array.from({ length: TAXELS }, (_, taxel) =>
      taxel === 3 ? 1000 : taxel === 5 ? -1000 : 7,
    );
    expect([...heldForce(frame)]).toEqual([7]);
  });

  it('are errors in units of the spread and of the commanded force, at each horizon', () => {
    const truth = truthOf(4, () => 100);
    // Off by 2 counts a frame: 10 %, 20 %, 30 %, 40 % of the spread, 2 % ... 8 % of the level.
    const mean = truth.taxels.map((value, at) => value + 2 * (Math.floor(at / TAXELS) + 1));
    const { overall, byHorizon, finite } = scoreSlide(forecastOf(mean), truth, [0.1, 0.15, 0.4, 0.44, 0.6]);
    expect(finite).toBe(true);
    expect(overall.taxel_nrmse_pct!.value).toBeCloseTo(Math.sqrt((100 + 400 + 900 + 1600) / 4), 10);
    expect(overall.held_force_error_pct!.value).toBeCloseTo(5, 10);
    expect(overall.taxel_crps_pct!.value).toBeCloseTo(25, 10);
    expect(byHorizon.taxel_nrmse_pct!.slice(0, 4).map(({ value }) => value)).toEqual(
      [10, 15, 40, 40].map((v) => expect.closeTo(v, 9)),
    );
    expect(byHorizon.taxel_nrmse_pct!.map(({ valid }) => valid)).toEqual([true, true, true, true, false]);
    expect(overall.taxel_coverage_90).toBeUndefined();
    expect(overall.force_spectrum_db!.valid).toBe(false);
  });

  it('take half the distance of a re-run, over the frames that both have, and nothing where there is none', () => {
    const truth = truthOf(4, () => 100);
    const rerun = forecastOf(new Float64Array(3 * TAXELS).fill(110), { isRerun: true });
    const { overall } = scoreSlide(rerun, truth, [0.1]);
    expect(overall.taxel_crps_pct!.value).toBeCloseTo(25, 10);
    expect(overall.taxel_nrmse_pct!.value).toBeCloseTo(50, 10);
    const none = scoreSlide(forecastOf(new Float64Array(0), { isRerun: true }), truth, [0.1]);
    expect(none).toEqual({ overall: {}, byHorizon: {}, finite: true });
  });

  it('count how often intervals hold and where in the distribution readings fall', () => {
    const truth = truthOf(2, (_, taxel) => 100 + (taxel < 8 ? 0.5 : 3));
    const sigma = new Float64Array(truth.taxels.length).fill(1);
    const { overall, pit } = scoreSlide(
      forecastOf(new Float64Array(sigma.length).fill(100), { sigma }),
      truth,
      [],
    );
    expect(overall.taxel_coverage_50!.value).toBe(0.5);
    expect(overall.taxel_coverage_90!.value).toBe(0.5);
    expect(pit!.taxel).toEqual([0, 0, 0, 0, 0, 0, 16, 0, 0, 16]);
  });

  it('say that a forecast which is not a number has diverged', () => {
    const truth = truthOf(2, () => 100);
    expect(scoreSlide(forecastOf(new Float64Array(32).fill(Number.NaN)), truth, [0.1]).finite).toBe(false);
  });

  it('are fair to the true distribution: it scores what half the distance to a re-run is on average', () => {
    const random = randomStream(1, 'test', 'fair');
    const count = 20_000;
    let [known, rerun, mean] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const [a, b] = [random.normal(), random.normal()];
      known += mixtureCrps(NORMAL, a) / count;
      rerun += Math.abs(a - b) / 2 / count;
      mean += a ** 2 / (a - b) ** 2 < 1 ? 1 / count : 0;
    }
    expect(known).toBeCloseTo(1 / Math.sqrt(Math.PI), 1);
    expect(Math.abs(known - rerun)).toBeLessThan(0.01);
    // Yet by squared error the mean beats a draw in most cases.
    expect(mean).toBeGreaterThan(0.6);
  });

  it('name every metric once', () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
  });
});

describe('a mixture of scales', () => {
  const mixture = [
    { share: 0.7, scale: 0.5 },
    { share: 0.3, scale: 2 },
  ];

  it.each([0, 0.3, 1.7, 6])('has the CRPS of its definition at %f', (z) => {
    for (const shape of [NORMAL, mixture])
      expect(mixtureCrps(shape, z)).toBeCloseTo(
        integrate((x) => mixtureCdf(shape, x), z),
        3,
      );
  });

  it('is found again from draws', () => {
    const random = randomStream(2, 'test', 'mixture');
    const distances = noDistances();
    for (let i = 0; i < 50_000; i++)
      addDistance(distances, random.normal() * (random.uniform() < 0.7 ? 0.5 : 2));
    const [narrow, wide] = fitMixture(distances);
    expect(narrow!.share).toBeCloseTo(0.7, 1);
    expect(narrow!.scale).toBeCloseTo(0.5, 1);
    expect(wide!.scale).toBeCloseTo(2, 1);
    expect(fitMixture(noDistances())).toBe(NORMAL);
  });
});
