import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import { elasticModes } from '../../sensors/audio/elastic-modes.js';
import { sphereShellModes, tubeShellModes } from '../../sensors/audio/shell-modes.js';

const { steel, tin } = MATERIALS;

describe('sphereShellModes', () => {
  const unit = (radiusM: number) =>
    Math.sqrt(steel.youngPa / (steel.densityKgpm3 * (1 - steel.poisson ** 2))) / radiusM;

  it('solve the quadratic of Lamb and Baker where the wall is a membrane', () => {
    const modes = sphereShellModes(0.2, 1e-9, steel);
    const nu = steel.poisson;
    for (let order = 2; order < 8; order++) {
      const l = order * (order + 1);
      const b = 1 + 3 * nu + l;
      const c = (1 - nu * nu) * (l - 2);
      const expected = Math.sqrt((b - Math.sqrt(b * b - 4 * c)) / 2);
      const found = modes.find(({ around }) => around === order)!;
      expect(found.angularFrequency / unit(0.2) / expected).toBeCloseTo(1, 9);
    }
    const breathing = modes.find(({ around }) => around === 0)!;
    expect(breathing.angularFrequency / unit(0.2)).toBeCloseTo(Math.sqrt(2 * (1 + nu)), 12);
  });

  it('agree with the hollow solid where the wall is a tenth of the radius', () => {
    const solid = elasticModes({ kind: 'sphere', radiusM: 0.1, wallM: 0.01 }, steel.poisson);
    const speed = Math.sqrt(steel.youngPa / steel.densityKgpm3);
    const lowest = (solid.modes[0]!.angularFrequency / solid.scaleM) * speed;
    const shell = sphereShellModes(0.095, 0.01, steel)[0]!;
    expect(shell.around).toBe(2);
    expect(Math.abs(shell.angularFrequency / lowest - 1)).toBeLessThan(0.01);
  });
});

describe('tubeShellModes', () => {
  it('bend a long tube as a ring: n^2 (n^2 - 1)^2 / (n^2 + 1) h^2 / 12 R^2', () => {
    const modes = tubeShellModes(0.05, 50, 0.001, tin, 1e9);
    const unit = Math.sqrt(tin.youngPa / (tin.densityKgpm3 * (1 - tin.poisson ** 2))) / 0.05;
    for (const n of [2, 3, 4]) {
      const ring = Math.sqrt(((n * n * (n * n - 1) ** 2) / (n * n + 1)) * (0.001 ** 2 / (12 * 0.05 ** 2)));
      const found = modes.find(({ around, along }) => around === n && along === 1)!;
      expect(found.angularFrequency / unit / ring).toBeCloseTo(1, 3);
    }
  });

  it('breathe without waves around them as a ring does, sqrt(E / rho) / R, where the tube is long', () => {
    const modes = tubeShellModes(0.05, 0.4, 0.001, tin, 1e9).filter(({ around }) => around === 0);
    const ring = Math.sqrt(tin.youngPa / tin.densityKgpm3) / 0.05;
    // Stretching along the tube approaches from below, breathing from above.
    expect(modes[0]!.angularFrequency).toBeLessThan(ring);
    expect(
      modes[0]!.angularFrequency / ((Math.PI / 0.4) * Math.sqrt(tin.youngPa / tin.densityKgpm3)),
    ).toBeCloseTo(1, 1);
  });

  it('are finite, in order and of unit amplitude for any tube', () => {
    const share = fc.double({ min: 1e-4, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(share, fc.double({ min: 0.2, max: 50, noNaN: true }), (wall, slender) => {
        let before = 0;
        for (const mode of tubeShellModes(0.1, 0.1 * slender, 0.1 * wall, steel, 1e9)) {
          expect(mode.angularFrequency).toBeGreaterThanOrEqual(before);
          before = mode.angularFrequency;
          expect(mode.radial ** 2 + mode.axial ** 2 + mode.tangential ** 2).toBeCloseTo(1, 9);
        }
        expect(before).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });
});
