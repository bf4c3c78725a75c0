import { describe, expect, it } from 'vitest';
import { IDENTITY, type Quaternion } from '../../core/math/quaternion.js';
import { fromAxisAngle, uniformRotation } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import {
  calibrationError,
  coverage,
  covers,
  type Place,
  pitHistogram,
  placeByDepth,
  placeInEnsemble,
  placeInNormal,
  randomisedPit,
  reliabilityCurve,
} from '../../evaluation/metrics/uncertainty/calibration.js';
import {
  crpsEnsemble,
  crpsNormal,
  ensembleNll,
  normalNll,
} from '../../evaluation/metrics/uncertainty/crps.js';
import {
  angularDistance,
  chordalDistance,
  energyScore,
  euclideanDistance,
  geodesicDistance,
} from '../../evaluation/metrics/uncertainty/energy-score.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const { uncertainty } = REFERENCE;
const members = uniformNumbers(6, 11).map((value) => 3 * value);
const normals = (count: number, ...name: (string | number)[]) => {
  const random = randomStream(1, 'test', ...name);
  return Array.from({ length: count }, () => random.normal());
};

describe('scores of distributions', () => {
  it('are those that scipy integrates', () => {
    expect(crpsEnsemble(members, 1.7).value).toBeCloseTo(uncertainty.crpsEnsemble, 12);
    expect(crpsNormal(0.4, 1.3, 1.7).value).toBeCloseTo(uncertainty.crpsNormal, 10);
    expect(normalNll(0.4, 1.3, 1.7).value).toBeCloseTo(uncertainty.normalNll, 12);
    expect(ensembleNll(members, 1.7).value).toBeCloseTo(uncertainty.ensembleNll, 12);
  });

  it('of orientations are those of scipy’s rotations', () => {
    const numbers = uniformNumbers(7, 36).map((value) => value - 0.5);
    const turns = Array.from({ length: 9 }, (_, i): Quaternion => {
      const q = numbers.subarray(4 * i, 4 * i + 4);
      return [q[0]!, q[1]!, q[2]!, q[3]!];
    });
    const [observed, ...samples] = turns;
    expect(energyScore(samples, observed!, geodesicDistance).value).toBeCloseTo(
      uncertainty.energyScoreGeodesic,
      7,
    );
    expect(energyScore(samples, observed!, chordalDistance).value).toBeCloseTo(
      uncertainty.energyScoreChordal,
      7,
    );
  });

  it('of one member are the absolute error, and do not exist for none', () => {
    expect(crpsEnsemble([3], 5).value).toBe(2);
    expect(crpsNormal(3, 0, 5).value).toBe(2);
    expect(energyScore([[3, 0]], [0, 4], euclideanDistance).value).toBe(5);
    expect(crpsEnsemble([], 5).valid).toBe(false);
    expect(crpsEnsemble([1, Number.NaN], 5).valid).toBe(false);
    expect(crpsNormal(3, -1, 5).valid).toBe(false);
    expect(normalNll(3, 0, 5).valid).toBe(false);
    expect(ensembleNll([3, 3, 3, 3], 5).valid).toBe(false);
    expect(energyScore([], 1, angularDistance).valid).toBe(false);
  });

  it('of an ensemble do not depend on its size, but on what it was drawn from', () => {
    const meanScore = (m: number) => {
      const draws = normals(4000 * (m + 1), 'fair', m);
      let sum = 0;
      for (let i = 0; i < 4000; i++)
        sum += crpsEnsemble(draws.slice(i * (m + 1), i * (m + 1) + m), draws[i * (m + 1) + m]!).value / 4000;
      return sum;
    };
    // The CRPS of the standard normal at its own draws is 1 / sqrt(pi).
    for (const m of [2, 5, 20]) expect(Math.abs(meanScore(m) * Math.sqrt(Math.PI) - 1)).toBeLessThan(0.05);
    const many = normals(3000, 'many');
    expect(crpsEnsemble(many, 0.7).value).toBeCloseTo(crpsNormal(0, 1, 0.7).value, 1);
  });

  it('are the CRPS where there is one dimension', () => {
    expect(
      energyScore(
        Array.from(members, (value) => [value]),
        [1.7],
        euclideanDistance,
      ).value,
    ).toBeCloseTo(uncertainty.crpsEnsemble, 12);
  });

  it('measure angles the short way round', () => {
    expect(angularDistance(0.1, 2 * Math.PI - 0.1)).toBeCloseTo(0.2, 12);
    expect(angularDistance(-20, -20 + Math.PI)).toBeCloseTo(Math.PI, 9);
    expect(energyScore([3.1, -3.1], Math.PI, angularDistance).value).toBeLessThan(0.05);
    const turn = fromAxisAngle([1, 2, 3], 1);
    expect(geodesicDistance(IDENTITY, turn.map((value) => -value) as unknown as Quaternion)).toBeCloseTo(
      1,
      9,
    );
    expect(chordalDistance(IDENTITY, turn)).toBeCloseTo(2 * Math.sin(0.5), 12);
  });
});

/** Places of observations among members that are drawn from the same normal distribution, times `spread`. */
function places(m: number, spread: number, count = 4000): Place[] {
  const draws = normals(count * (m + 1), 'place', m, spread);
  return Array.from(
    { length: count },
    (_, i) =>
      placeInEnsemble(
        draws.slice(i * (m + 1), i * (m + 1) + m).map((value) => value * spread),
        draws[i * (m + 1) + m]!,
      )!,
  );
}

describe('calibration', () => {
  it.each([3, 9, 40])('of %i exchangeable members shows the nominal coverage', (m) => {
    const known = places(m, 1);
    for (const level of [0.5, 0.9]) expect(Math.abs(coverage(known, level).value - level)).toBeLessThan(0.02);
    const histogram = pitHistogram(known);
    expect(histogram.reduce((sum, count) => sum + count, 0)).toBeCloseTo(4000, 6);
    for (const count of histogram) expect(Math.abs(count / 400 - 1)).toBeLessThan(0.15);
    expect(calibrationError(reliabilityCurve(known)).value).toBeLessThan(0.02);
  });

  it('tells who is too sure from who is not sure enough', () => {
    const tooSure = places(20, 0.5);
    const unsure = places(20, 2);
    expect(coverage(tooSure, 0.9).value).toBeLessThan(0.7);
    expect(coverage(unsure, 0.5).value).toBeGreaterThan(0.75);
    const [sureHistogram, unsureHistogram] = [pitHistogram(tooSure), pitHistogram(unsure)];
    expect(sureHistogram[0]!).toBeGreaterThan(2 * sureHistogram[5]!);
    expect(unsureHistogram[5]!).toBeGreaterThan(2 * unsureHistogram[0]!);
    expect(calibrationError(reliabilityCurve(tooSure)).value).toBeGreaterThan(0.1);
  });

  it('of a normal distribution is the share within its quantiles', () => {
    expect(placeInNormal(1, 2, 1 + 2 * 1.959963985)!.lo).toBeCloseTo(0.975, 9);
    expect(placeInNormal(1, 0, 1)).toBeNull();
    expect(covers(placeInNormal(0, 1, 1.6)!, 0.9)).toBe(1);
    expect(covers(placeInNormal(0, 1, 1.7)!, 0.9)).toBe(0);
    expect(coverage([], 0.9).valid).toBe(false);
    expect(pitHistogram([{ lo: 1, hi: 1 }, null], 4)).toEqual([0, 0, 0, 1]);
    expect(() => pitHistogram([], 0)).toThrow(/bins of at least 1/);
  });

  it('places an observation by rank, ties shared', () => {
    expect(placeInEnsemble([1, 2, 3], 2.5)).toEqual({ lo: 0.5, hi: 0.75 });
    expect(placeInEnsemble([1, 2, 2, 3], 2)).toEqual({ lo: 0.2, hi: 0.8 });
    expect(placeInEnsemble([], 1)).toBeNull();
    expect(placeInEnsemble([1], Number.NaN)).toBeNull();
    // Three members know nothing of a 90 % interval but that it holds most of each gap.
    expect(covers({ lo: 0, hi: 0.25 }, 0.9)).toBeCloseTo(0.8, 12);
    const random = randomStream(2, 'test');
    for (let i = 0; i < 20; i++) {
      const at = randomisedPit({ lo: 0.5, hi: 0.75 }, random);
      expect(at).toBeGreaterThanOrEqual(0.5);
      expect(at).toBeLessThan(0.75);
    }
  });

  it('of orientations and positions is read from how central the truth is', () => {
    const random = randomStream(3, 'test', 'depth');
    const draw = () =>
      fromAxisAngle([random.normal(), random.normal(), random.normal()], 0.3 * random.normal());
    const known = Array.from({ length: 1500 }, () =>
      placeByDepth(Array.from({ length: 12 }, draw), draw(), geodesicDistance),
    );
    for (const level of [0.5, 0.9])
      expect(Math.abs(coverage(known, level, 1).value - level)).toBeLessThan(0.04);
    const wild = Array.from({ length: 300 }, () =>
      placeByDepth(
        Array.from({ length: 12 }, draw),
        uniformRotation(random.uniform(), random.uniform(), random.uniform()),
        geodesicDistance,
      ),
    );
    expect(coverage(wild, 0.9, 1).value).toBeLessThan(0.5);
    expect(placeByDepth([[1, 2]], [1, 2], euclideanDistance)).toBeNull();
  });
});
