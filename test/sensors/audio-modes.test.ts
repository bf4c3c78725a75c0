import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import type { Shape } from '../../scenarios/contract.js';
import { elasticModes } from '../../sensors/audio/elastic-modes.js';
import { bodyModes } from '../../sensors/audio/modes.js';
import { bendingFrequencyHz, plateModes } from '../../sensors/audio/plate-modes.js';
import { ballEfficiency, barEfficiency, freePlateEfficiency } from '../../sensors/audio/radiation.js';
import { solveGeneralised } from '../../sensors/audio/symmetric-eigen.js';
import { body } from './scene.js';

/** Frequencies, in Hz, of a solid of unit density and unit modulus. */
function frequencies(shape: Shape, poisson: number): number[] {
  const { scaleM, modes } = elasticModes(shape, poisson);
  return modes.map(({ angularFrequency }) => angularFrequency / scaleM / (2 * Math.PI));
}

function nearest(values: readonly number[], target: number): number {
  return values.reduce((best, value) => (Math.abs(value - target) < Math.abs(best - target) ? value : best));
}

const shearSpeed = (poisson: number): number => Math.sqrt(1 / (2 * (1 + poisson)));

describe('elasticModes', () => {
  it.each([0.19, 0.3, 0.37])(
    'finds the Lamé modes of a cube, c / (sqrt 2 side), at Poisson %f',
    (poisson) => {
      const cube = frequencies({ kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, poisson);
      const lame = shearSpeed(poisson) / (Math.SQRT2 * 0.1);
      expect(Math.abs(nearest(cube, lame) / lame - 1)).toBeLessThan(1e-3);
    },
  );

  it('finds the five lowest torsional modes of a ball, tan x = (...): k a = 2.5011', () => {
    const ball = frequencies({ kind: 'sphere', radiusM: 0.03 }, 0.3);
    for (const hz of ball.slice(0, 5)) {
      const ka = (2 * Math.PI * hz * 0.03) / shearSpeed(0.3);
      expect(ka).toBeCloseTo(2.5011, 2);
    }
    const torsional = elasticModes({ kind: 'sphere', radiusM: 0.03 }, 0.3).modes.slice(0, 5);
    // Torsion moves a ball's surface along itself: nothing is heard.
    for (const { meanNormalSquare } of torsional) expect(meanNormalSquare).toBeLessThan(1e-20);
  });

  it('finds torsion and stretching of a slender rod at c / 2 L, and its bending', () => {
    const lengthM = 0.5;
    const radiusM = 0.01;
    const rod = frequencies({ kind: 'cylinder', radiusM, halfHeightM: lengthM / 2 }, 0.29);
    const torsion = shearSpeed(0.29) / (2 * lengthM);
    const stretching = 1 / (2 * lengthM);
    const bending = ((4.730041 / lengthM) ** 2 * (radiusM / 2)) / (2 * Math.PI);
    expect(Math.abs(nearest(rod, torsion) / torsion - 1)).toBeLessThan(1e-6);
    expect(Math.abs(nearest(rod, stretching) / stretching - 1)).toBeLessThan(2e-3);
    expect(Math.abs(rod[0]! / bending - 1)).toBeLessThan(0.01);
    expect(Math.abs(rod[1]! / rod[0]! - 1)).toBeLessThan(1e-6);
  });

  it('comes within 1.5 % of a thin free square plate (Leissa: 13.47, 19.60, 24.27)', () => {
    const halfThickness = 0.005;
    const plate = frequencies({ kind: 'box', halfExtentsM: [0.5, 0.5, halfThickness] }, 0.3);
    const thickness = 2 * halfThickness;
    const stiffness = thickness ** 3 / (12 * (1 - 0.3 * 0.3));
    const unit = Math.sqrt(stiffness / thickness) / (2 * Math.PI);
    for (const [index, eigenvalue] of [13.468, 19.596, 24.27].entries()) {
      expect(Math.abs(plate[index]! / (eigenvalue * unit) - 1)).toBeLessThan(0.015);
    }
  });

  it('scales with size: the same shape twice as large sounds an octave lower', () => {
    const small = frequencies({ kind: 'box', halfExtentsM: [0.1, 0.04, 0.03] }, 0.25);
    const large = frequencies({ kind: 'box', halfExtentsM: [0.2, 0.08, 0.06] }, 0.25);
    for (const [index, hz] of small.entries()) expect(large[index]! / hz).toBeCloseTo(0.5, 9);
  });

  it('does not depend on which axis is which', () => {
    const one = frequencies({ kind: 'box', halfExtentsM: [0.1, 0.04, 0.03] }, 0.25);
    const other = frequencies({ kind: 'box', halfExtentsM: [0.03, 0.1, 0.04] }, 0.25);
    for (const [index, hz] of one.entries()) expect(other[index]! / hz).toBeCloseTo(1, 7);
  });
});

describe('elasticModes of any shape', () => {
  const lengthM = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const anyShape: fc.Arbitrary<Shape> = fc.oneof(
    fc.record({ kind: fc.constant('box' as const), halfExtentsM: fc.tuple(lengthM, lengthM, lengthM) }),
    fc.record({ kind: fc.constant('sphere' as const), radiusM: lengthM }),
    fc.record({ kind: fc.constant('cylinder' as const), radiusM: lengthM, halfHeightM: lengthM }),
  );

  it('are finite, in order, and above the rigid motions', () => {
    fc.assert(
      fc.property(anyShape, fc.double({ min: 0, max: 0.45, noNaN: true }), (shape, poisson) => {
        const { modes } = elasticModes(shape, poisson);
        expect(modes).toHaveLength(20);
        let before = 0;
        for (const { angularFrequency, meanNormalSquare } of modes) {
          expect(angularFrequency).toBeGreaterThan(0);
          expect(angularFrequency).toBeGreaterThanOrEqual(before);
          expect(meanNormalSquare).toBeGreaterThanOrEqual(0);
          before = angularFrequency;
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('solveGeneralised', () => {
  it('solves K x = lambda M x with x normalised by M, for any positive definite pair', () => {
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 72, maxLength: 72 });
    fc.assert(
      fc.property(entries, (values) => {
        const n = 6;
        const stiffness = gram(values.slice(0, 36), n, 0);
        const mass = gram(values.slice(36), n, 0.5);
        const { values: eigenvalues, vectors } = solveGeneralised(stiffness, mass, n);
        for (let a = 0; a < n; a++) {
          expect(eigenvalues[a]!).toBeGreaterThanOrEqual(a === 0 ? -1e-9 : eigenvalues[a - 1]!);
          for (let b = 0; b < n; b++) {
            expect(form(mass, vectors, a, b, n)).toBeCloseTo(a === b ? 1 : 0, 8);
            expect(form(stiffness, vectors, a, b, n)).toBeCloseTo(a === b ? eigenvalues[a]! : 0, 7);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what has no eigenvalues instead of searching for ever', () => {
    const identity = Float64Array.of(1, 0, 0, 1);
    expect(() => solveGeneralised(identity, Float64Array.of(-1, 0, 0, 1), 2)).toThrow(/finite/);
    expect(() => solveGeneralised(Float64Array.of(1, Number.NaN, Number.NaN, 1), identity, 2)).toThrow(
      /finite/,
    );
    expect([...solveGeneralised(new Float64Array(4), identity, 2).values]).toEqual([0, 0]);
  });
});

/** A^T A + shift I. */
function gram(a: readonly number[], n: number, shift: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      out[i * n + j] = i === j ? shift : 0;
      for (let k = 0; k < n; k++) out[i * n + j]! += a[k * n + i]! * a[k * n + j]!;
    }
  return out;
}

function form(matrix: Float64Array, vectors: Float64Array, a: number, b: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) sum += vectors[a * n + i]! * matrix[i * n + j]! * vectors[b * n + j]!;
  return sum;
}

describe('plateModes', () => {
  it('follows Kirchhoff where the plate is thin and the shear wave where it is thick', () => {
    const glass = MATERIALS.glass;
    const stiffness = (glass.youngPa * 0.004 ** 3) / (12 * (1 - glass.poisson ** 2));
    const kirchhoff = (k: number) =>
      (k * k * Math.sqrt(stiffness / (glass.densityKgpm3 * 0.004))) / (2 * Math.PI);
    expect(bendingFrequencyHz(5, 0.004, glass) / kirchhoff(5)).toBeCloseTo(1, 3);
    const shear = Math.sqrt(
      ((Math.PI ** 2 / 12) * glass.youngPa) / (2 * (1 + glass.poisson) * glass.densityKgpm3),
    );
    expect((2 * Math.PI * bendingFrequencyHz(1e5, 0.1, glass)) / 1e5 / shear).toBeCloseTo(1, 2);
  });

  it('stands for every mode in the band, each once', () => {
    const all = countBelow([1.2, 0.8, 0.02], 7200);
    const { modes } = plateModes([1.2, 0.8, 0.02], MATERIALS.wood, 20, 7200);
    expect(modes.reduce((sum, { count }) => sum + count, 0)).toBe(all);
    expect(modes.length).toBeLessThanOrEqual(24);
  });

  function countBelow([a, b, h]: [number, number, number], highestHz: number): number {
    let count = 0;
    for (let m = 1; m < 200; m++)
      for (let n = 1; n < 200; n++) {
        const hz = bendingFrequencyHz(
          Math.sqrt(((m * Math.PI) / a) ** 2 + ((n * Math.PI) / b) ** 2),
          h,
          MATERIALS.wood,
        );
        if (hz >= 20 && hz <= highestHz) count++;
      }
    return count;
  }

  it('answers for a floor as wide as the world', () => {
    const { modes, sidesM } = plateModes([2e5, 2e5, 0.001], MATERIALS.plastic, 20, 43200);
    expect(sidesM).toEqual([4, 4]);
    expect(modes.length).toBeGreaterThan(8);
  });
});

describe('bodyModes', () => {
  it('drops what sampling cannot hold and what is below hearing', () => {
    for (const rateHz of [8000, 16000, 48000]) {
      for (const motion of ['fixed', 'dynamic'] as const) {
        const { frequencyHz } = bodyModes(
          body('b', motion, { kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] }, 'glass'),
          rateHz,
        );
        for (const hz of frequencyHz) {
          expect(hz).toBeLessThanOrEqual(0.45 * rateHz);
          expect(hz).toBeGreaterThanOrEqual(20);
        }
      }
    }
  });

  it('damps free bodies by Rayleigh, (alpha + beta w^2) / 2', () => {
    const { frequencyHz, decayPerS } = bodyModes(
      body('b', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'wood'),
      48000,
    );
    expect(frequencyHz.length).toBeGreaterThan(0);
    for (const [index, hz] of frequencyHz.entries()) {
      expect(decayPerS[index]!).toBeCloseTo((60 + 2e-6 * (2 * Math.PI * hz) ** 2) / 2, 6);
    }
  });

  it('gives the same kinetic energy to a lighter body of the same shape in proportion to 1 / mass', () => {
    const shape: Shape = { kind: 'box', halfExtentsM: [0.05, 0.04, 0.03] };
    const heavy = bodyModes(body('b', 'dynamic', shape, 'plastic', { massKg: 2 }), 48000);
    const light = bodyModes(body('b', 'dynamic', shape, 'plastic', { massKg: 0.5 }), 48000);
    const energy = (modes: typeof heavy) =>
      modes.excite([0.05, 0.04, 0.03], [0.1, 0.2, 0.3]).reduce((sum, v) => sum + (v * v) / 2, 0);
    expect(energy(light) / energy(heavy)).toBeCloseTo(4, 9);
  });
});

describe('radiation efficiencies', () => {
  it('of balls rise as (ka)^2, (ka)^6 / 81 and (ka)^8 / 3600 and end at one', () => {
    expect(ballEfficiency(0, 0.01)).toBeCloseTo(1e-4, 7);
    expect(ballEfficiency(2, 0.1) / (1e-6 / 81)).toBeCloseTo(1, 2);
    expect(ballEfficiency(3, 0.1) / (1e-8 / 3600)).toBeCloseTo(1, 2);
    for (const order of [0, 1, 2, 3, 8]) expect(ballEfficiency(order, 1000)).toBeCloseTo(1, 3);
    expect(ballEfficiency(12, 1e-30)).toBe(0);
  });

  it('of order 0 and 2 are the closed forms of a ball that breathes and one that flattens', () => {
    for (const ka of [0.05, 0.5, 2, 7, 40]) {
      const x = ka * ka;
      expect(ballEfficiency(0, ka)).toBeCloseTo(x / (1 + x), 9);
      expect(ballEfficiency(2, ka)).toBeCloseTo((x * x * x) / (81 + 9 * x - 2 * x * x + x * x * x), 9);
    }
  });

  it('of bars and free plates rise with frequency to one', () => {
    let [bar, plate] = [0, 0];
    for (let hz = 50; hz < 1e5; hz *= 1.5) {
      // Bending waves slow down, relative to sound, as the square root of frequency.
      const waveNumber = 30 * Math.sqrt(hz / 1000);
      expect(barEfficiency(hz, waveNumber, 0.02)).toBeGreaterThan(bar);
      expect(freePlateEfficiency(hz, waveNumber, 0.04)).toBeGreaterThan(plate);
      bar = barEfficiency(hz, waveNumber, 0.02);
      plate = freePlateEfficiency(hz, waveNumber, 0.04);
    }
    expect(bar).toBeCloseTo(1, 2);
    expect(plate).toBeCloseTo(1, 2);
  });
});
