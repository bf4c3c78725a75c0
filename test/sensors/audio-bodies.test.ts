import { describe, expect, it } from 'vitest';
import { MATERIAL_NAMES } from '../../core/materials.js';
import type { Shape } from '../../core/shape.js';
import { bodyModes } from '../../sensors/audio/modes.js';
import { body } from './scene.js';

const tetrahedron = {
  kind: 'mesh' as const,
  file: 'corner.glb',
  verticesM: [0, 0, 0, 0.2, 0, 0, 0, 0.1, 0, 0, 0, 0.1],
  triangles: [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3],
};

const SHAPES: Readonly<Record<string, Shape>> = {
  block: { kind: 'box', halfExtentsM: [0.1, 0.08, 0.06] },
  plate: { kind: 'box', halfExtentsM: [0.004, 0.15, 0.1] },
  bar: { kind: 'box', halfExtentsM: [0.01, 0.2, 0.008] },
  ball: { kind: 'sphere', radiusM: 0.2 },
  shell: { kind: 'sphere', radiusM: 0.1, wallM: 0.002 },
  thickShell: { kind: 'sphere', radiusM: 0.1, wallM: 0.03 },
  cylinder: { kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.06 },
  disc: { kind: 'cylinder', radiusM: 0.1, halfHeightM: 0.003 },
  rod: { kind: 'cylinder', radiusM: 0.01, halfHeightM: 0.2 },
  can: { kind: 'cylinder', radiusM: 0.04, halfHeightM: 0.06, wallM: 0.0005 },
  tube: { kind: 'cylinder', radiusM: 0.02, halfHeightM: 0.4, wallM: 0.001 },
  capsule: { kind: 'capsule', radiusM: 0.03, halfHeightM: 0.06 },
  longCapsule: { kind: 'capsule', radiusM: 0.01, halfHeightM: 0.2 },
  cone: { kind: 'cone', radiusM: 0.05, halfHeightM: 0.1 },
  mesh: tetrahedron,
};

describe.each(Object.entries(SHAPES))('the modes of a %s', (_, shape) => {
  it.each(MATERIAL_NAMES)('of %s are finite and answer a blow', (material) => {
    for (const motion of ['dynamic', 'fixed', 'kinematic'] as const) {
      const modes = bodyModes(body('b', motion, shape, material, { massKg: 0.7 }), 48000);
      const pushes = modes.excite([0.01, 0.02, 0.03], [0.3, 0.2, 1]);
      for (const [index, hz] of modes.frequencyHz.entries()) {
        expect(hz).toBeGreaterThanOrEqual(20);
        expect(hz).toBeLessThanOrEqual(0.45 * 48000);
        expect(modes.decayPerS[index]!).toBeGreaterThan(0);
        expect(Number.isFinite(modes.radiation[index]!)).toBe(true);
        expect(Number.isFinite(pushes[index]!)).toBe(true);
      }
      expect(pushes).toHaveLength(modes.frequencyHz.length);
      // Small hard things ring above hearing; these are large enough in steel.
      if (material === 'steel' && motion !== 'fixed')
        expect(Math.max(...pushes.map(Math.abs))).toBeGreaterThan(0);
    }
  });
});

describe('hollow bodies', () => {
  const lowest = (shape: Shape) =>
    Math.min(...bodyModes(body('b', 'dynamic', shape, 'steel'), 96000).frequencyHz);

  it('ring lower than solid ones, and the thinner the lower', () => {
    const solid = lowest({ kind: 'sphere', radiusM: 0.1 });
    const thick = lowest({ kind: 'sphere', radiusM: 0.1, wallM: 0.03 });
    const thin = lowest({ kind: 'sphere', radiusM: 0.1, wallM: 0.005 });
    expect(thick).toBeLessThan(solid);
    expect(thin).toBeLessThan(thick);
    const can = lowest({ kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1, wallM: 0.001 });
    const pot = lowest({ kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1, wallM: 0.003 });
    expect(can).toBeLessThan(pot);
    expect(pot).toBeLessThan(lowest({ kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1 }));
  });

  it('change little where the shell gives way to the hollow solid', () => {
    const shell = lowest({ kind: 'sphere', radiusM: 0.1, wallM: 0.00999 });
    const solid = lowest({ kind: 'sphere', radiusM: 0.1, wallM: 0.01001 });
    // The solid's lowest heard mode is the shell's order 2.
    expect(Math.abs(shell / solid - 1)).toBeLessThan(0.02);
  });

  it('answer a blow on a sphere alike wherever it falls', () => {
    const { excite } = bodyModes(
      body('b', 'dynamic', { kind: 'sphere', radiusM: 0.1, wallM: 0.004 }, 'steel'),
      48000,
    );
    const top = excite([0, 0, 0.1], [0, 0, -1]);
    const side = excite([0.06, 0.08, 0], [-0.6, -0.8, 0]);
    for (const [index, push] of top.entries()) expect(side[index]!).toBeCloseTo(push, 9);
  });
});
