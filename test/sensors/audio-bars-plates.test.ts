import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import {
  type BarSection,
  barModes,
  rectangularSection,
  roundSection,
} from '../../sensors/audio/bar-modes.js';
import { elasticModes } from '../../sensors/audio/elastic-modes.js';
import { freePlateModes } from '../../sensors/audio/free-plate-modes.js';

const steel = MATERIALS.steel;
const speed = Math.sqrt(steel.youngPa / steel.densityKgpm3);
/** Roots of cos x cosh x = 1. */
const ROOTS = [4.7300407, 7.8532046, 10.9956078, 14.1371655, 17.2787597, 20.4203522];

const family = (kind: string, lengthM: number, section: BarSection) =>
  barModes(lengthM, section, steel, 1e9).filter((mode) => mode.kind === kind);

describe('barModes', () => {
  it('bends a slender bar as Euler and Bernoulli say: (x / L)^2 sqrt(E I / rho A), cos x cosh x = 1', () => {
    const section = roundSection(5e-4, 0, steel.poisson);
    const bending = family('bending', 1, section).filter(({ plane }) => plane === 0);
    for (const [index, root] of ROOTS.entries()) {
      const expected = root ** 2 * (5e-4 / 2) * speed;
      expect(bending[index]!.angularFrequency / expected).toBeCloseTo(1, 3);
      expect(bending[index]!.waveNumber / root).toBeCloseTo(1, 4);
      expect(bending[index]!.number).toBe(index + 1);
    }
  });

  it.each([
    [0.3, 0.02, 0.03],
    [0.1, 0.01, 0.012],
  ])(
    'bends a stout bar of %f m as the roots of the Timoshenko frequency equation say',
    (lengthM, width, height) => {
      const section = rectangularSection(width, height, steel.poisson);
      const bending = family('bending', lengthM, section).filter(({ plane }) => plane === 1);
      for (let index = 0; index < 5; index++) {
        const w = bending[index]!.angularFrequency;
        // The determinant changes sign within a few parts in 10^5 of the mode, and nowhere else near it.
        const at = (factor: number) => timoshenkoDeterminant(w * factor, lengthM, section);
        expect(at(1 - 3e-5) * at(1 + 3e-5)).toBeLessThan(0);
        expect(at(0.99) * at(1 - 3e-5)).toBeGreaterThan(0);
      }
    },
  );

  it('agrees with the solid of the same rectangle: bending within 0.3 %, torsion within 2 %', () => {
    const section = rectangularSection(0.02, 0.03, 0.29);
    const bar = barModes(0.3, section, steel, 1e9);
    const { scaleM, modes } = elasticModes({ kind: 'box', halfExtentsM: [0.15, 0.01, 0.015] }, 0.29);
    const solid = modes.map(({ angularFrequency }) => (angularFrequency / scaleM) * speed);
    for (const [index, tolerance] of [0.003, 0.003, 0.003, 0.003, 0.02].entries())
      expect(Math.abs(bar[index]!.angularFrequency / solid[index]! - 1)).toBeLessThan(tolerance);
  });

  it('makes each mode orthonormal: the integral of rho |u|^2 is 1, of two modes 0', () => {
    const section = roundSection(0.01, 0.006, steel.poisson);
    const lengthM = 0.4;
    const modes = barModes(lengthM, section, steel, 1e9).filter(({ plane }) => plane === 0);
    const product = (a: (typeof modes)[0], b: (typeof modes)[0]) => {
      const { areaM2, bendingM4 } = section;
      const polar = bendingM4[0] + bendingM4[1];
      let sum = 0;
      for (let i = 0; i < 2000; i++) {
        const xi = (2 * (i + 0.5)) / 2000 - 1;
        const [p, q] = [a.at(xi), b.at(xi)];
        const first = a.kind === 'torsion' ? polar : areaM2;
        sum += p[0] * q[0] * first + p[1] * q[1] * bendingM4[0];
      }
      return (sum * steel.densityKgpm3 * lengthM) / 2000;
    };
    for (const mode of modes) expect(product(mode, mode)).toBeCloseTo(1, 4);
    const [first, second] = modes.filter(({ kind, number }) => kind === 'bending' && number % 2 === 1);
    expect(product(first!, second!)).toBeCloseTo(0, 4);
  });

  it('stays finite and in order for any bar', () => {
    const lengthM = fc.double({ min: 1e-4, max: 100, noNaN: true });
    const share = fc.double({ min: 1e-5, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(lengthM, share, share, (length, a, b) => {
        const modes = barModes(length, rectangularSection(length * a, length * b, 0.3), steel, 1e12);
        let before = 0;
        for (const { angularFrequency, at } of modes) {
          expect(angularFrequency).toBeGreaterThan(0);
          expect(angularFrequency).toBeGreaterThanOrEqual(before);
          expect(Number.isFinite(at(0.3)[0])).toBe(true);
          before = angularFrequency;
        }
      }),
      { numRuns: 30 },
    );
  });
});

/**
 * Determinant of the free ends of a Timoshenko bar at a frequency (Huang 1961), from the two waves of the endless bar:
 * zero where moment and shear force vanish at both ends. Valid below the cut-off of the second wave.
 */
function timoshenkoDeterminant(w: number, lengthM: number, section: BarSection): number {
  const { youngPa, densityKgpm3, poisson } = steel;
  const g = youngPa / (2 * (1 + poisson));
  const r2 = section.bendingM4[1] / section.areaM2;
  const kg = section.shear * g;
  const a = (densityKgpm3 * w * w) / kg;
  const b = (densityKgpm3 * w * w) / youngPa;
  const sum = (a + b) / 2;
  const root = Math.sqrt(((a - b) / 2) ** 2 + b / r2);
  const p = Math.sqrt(root + sum);
  const q = Math.sqrt(root - sum);
  // Rotations that go with the deflections cos p x and cosh q x: psi' = w'' + a w. Free: psi' = 0 and w' = psi.
  const h = lengthM / 2;
  const [sp, sq] = [(a - p * p) / p, (a + q * q) / q];
  const even =
    sp * p * Math.cos(p * h) * (q - sq) * Math.sinh(q * h) +
    sq * q * Math.cosh(q * h) * (p + sp) * Math.sin(p * h);
  const odd =
    sp * p * Math.sin(p * h) * (q - sq) * Math.cosh(q * h) -
    sq * q * Math.sinh(q * h) * (p + sp) * Math.cos(p * h);
  return even * odd;
}

describe('freePlateModes', () => {
  const thin = (poisson: number, aspect: number) => {
    const material = { ...MATERIALS.glass, poisson };
    const thicknessM = 1e-4;
    const stiffness = (material.youngPa * thicknessM ** 3) / (12 * (1 - poisson ** 2));
    const unit = Math.sqrt(stiffness / (material.densityKgpm3 * thicknessM)) / (2 * Math.PI);
    return freePlateModes([1, 1 / aspect, thicknessM], material, 12).map(
      ({ frequencyHz }) => frequencyHz / unit,
    );
  };

  it.each([
    // Leissa 1973 (36 terms, upper bounds) for Poisson 0.3, sides 1 : 1 and 3 : 2 (over a^2).
    [0.3, 1, [13.489, 19.789, 24.432, 35.024, 35.024, 61.526], 0.011],
    [0.3, 1.5, [20.128, 21.603, 46.654, 50.293, 58.201, 67.494], 0.01],
    // Ritz 1909 for Poisson 0.225.
    [0.225, 1, [14.1, 20.56, 23.91, 35.96], 0.01],
  ] as const)('finds the published values at Poisson %f, %f : 1', (poisson, aspect, expected, tolerance) => {
    const found = thin(poisson, aspect);
    for (const [index, value] of expected.entries()) {
      expect(Math.abs(found[index]! / value - 1)).toBeLessThan(tolerance);
      if (poisson === 0.3) expect(found[index]!).toBeLessThanOrEqual(value);
    }
  });

  it('bends a long strip as a bar that cannot narrow at first, twists it in between', () => {
    const found = thin(0.3, 8);
    // (4.730)^2 without Poisson's stiffening, to 1 %: a strip this narrow curls freely.
    expect(Math.abs(found[0]! / (4.7300407 ** 2 * Math.sqrt(1 - 0.3 ** 2)) - 1)).toBeLessThan(0.01);
  });

  it('agrees with the solid within 1.1 % at the thickest that counts as a plate: 150 x 120 x 8 mm of glass', () => {
    const { glass } = MATERIALS;
    const plate = freePlateModes([0.15, 0.12, 0.008], glass, 8).map(({ frequencyHz }) => frequencyHz);
    const solid = elasticModes({ kind: 'box', halfExtentsM: [0.075, 0.06, 0.004] }, glass.poisson);
    const hz = solid.modes.map(
      ({ angularFrequency }) =>
        ((angularFrequency / solid.scaleM) * Math.sqrt(glass.youngPa / glass.densityKgpm3)) / (2 * Math.PI),
    );
    for (const value of plate.slice(0, 6))
      expect(Math.min(...hz.map((other) => Math.abs(other / value - 1)))).toBeLessThan(0.011);
  });

  it('makes each mode orthonormal', () => {
    const { glass } = MATERIALS;
    const modes = freePlateModes([0.3, 0.2, 0.004], glass, 10);
    const massKg = 0.3 * 0.2 * 0.004 * glass.densityKgpm3;
    const count = 60;
    const product = (a: (typeof modes)[0], b: (typeof modes)[0]) => {
      let sum = 0;
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++) {
          const [x, y] = [(2 * (i + 0.5)) / count - 1, (2 * (j + 0.5)) / count - 1];
          sum += a.at(x, y) * b.at(x, y);
        }
      return (sum * massKg) / count ** 2;
    };
    expect(product(modes[0]!, modes[0]!)).toBeCloseTo(1, 2);
    expect(product(modes[4]!, modes[4]!)).toBeCloseTo(1, 2);
    expect(product(modes[0]!, modes[4]!)).toBeCloseTo(0, 2);
  });
});
