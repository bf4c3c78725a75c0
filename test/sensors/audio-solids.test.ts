import { describe, expect, it } from 'vitest';
import { inertiaOfShape, type Shape, volumeM3 } from '../../core/shape.js';
import { elasticModes } from '../../sensors/audio/elastic-modes.js';
import { momentsOf, solidOf, surfaceOf } from '../../sensors/audio/solids.js';

const SHAPES: readonly Shape[] = [
  { kind: 'box', halfExtentsM: [0.1, 0.04, 0.03] },
  { kind: 'sphere', radiusM: 0.05 },
  { kind: 'sphere', radiusM: 0.05, wallM: 0.02 },
  { kind: 'cylinder', radiusM: 0.04, halfHeightM: 0.06 },
  { kind: 'cylinder', radiusM: 0.04, halfHeightM: 0.06, wallM: 0.01 },
  { kind: 'capsule', radiusM: 0.03, halfHeightM: 0.05 },
];

describe('momentsOf', () => {
  it.each(SHAPES)('integrates the volume and the inertia of $kind', (shape) => {
    const solid = solidOf(shape);
    const [a, b, c] = solid.semiAxesM;
    const moment = momentsOf(solid, 4);
    const scale = a * b * c;
    expect((moment(0, 0, 0) * scale) / volumeM3(shape)).toBeCloseTo(1, 12);
    const [ix, , iz] = inertiaOfShape(shape, volumeM3(shape));
    const xx = moment(2, 0, 0) * scale * a * a;
    const yy = moment(0, 2, 0) * scale * b * b;
    const zz = moment(0, 0, 2) * scale * c * c;
    expect((yy + zz) / ix).toBeCloseTo(1, 12);
    expect((xx + yy) / iz).toBeCloseTo(1, 12);
  });

  it('agrees with a sum over a fine grid for a capsule', () => {
    const solid = solidOf({ kind: 'capsule', radiusM: 0.03, halfHeightM: 0.05 });
    const { straight } = solid;
    const moment = momentsOf(solid, 8);
    const sum = { a: 0, b: 0 };
    const count = 120;
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++)
        for (let k = 0; k < count; k++) {
          const [x, y, z] = [(i + 0.5) / count, (j + 0.5) / count, (k + 0.5) / count];
          const above = Math.max(0, z - straight) / (1 - straight);
          if (x * x + y * y + above * above > 1) continue;
          sum.a += (8 * x ** 2 * y ** 4 * z ** 2) / count ** 3;
          sum.b += (8 * z ** 6) / count ** 3;
        }
    expect(moment(2, 4, 2) / sum.a).toBeCloseTo(1, 2);
    expect(moment(0, 0, 6) / sum.b).toBeCloseTo(1, 2);
    expect(moment(1, 0, 0)).toBe(0);
  });
});

describe('surfaceOf', () => {
  it('covers the sphere, the cylinder and the capsule whole', () => {
    const area = (shape: Shape) => surfaceOf(solidOf(shape), solidOf(shape).semiAxesM).area;
    expect(area({ kind: 'sphere', radiusM: 2 })).toBeCloseTo(16 * Math.PI, 9);
    expect(area({ kind: 'cylinder', radiusM: 2, halfHeightM: 3 })).toBeCloseTo(32 * Math.PI, 9);
    expect(area({ kind: 'capsule', radiusM: 2, halfHeightM: 3 })).toBeCloseTo(40 * Math.PI, 9);
    expect(area({ kind: 'box', halfExtentsM: [1, 2, 3] })).toBeCloseTo(88, 9);
  });
});

describe('elasticModes of the other shapes', () => {
  const frequencies = (shape: Shape): number[] => {
    const { scaleM, modes } = elasticModes(shape, 0.3);
    return modes.map(({ angularFrequency }) => angularFrequency / scaleM);
  };

  it('make a capsule without a straight part a ball', () => {
    const capsule = frequencies({ kind: 'capsule', radiusM: 0.05, halfHeightM: 1e-9 });
    for (const [index, ball] of frequencies({ kind: 'sphere', radiusM: 0.05 }).entries())
      expect(capsule[index]! / ball).toBeCloseTo(1, 5);
  });

  it('make a long capsule a bar: its first stretching near c / 2 L', () => {
    // Rounded ends are lighter than flat ones: the bar of the same mass is 2 r / 3 shorter.
    const capsule = frequencies({ kind: 'capsule', radiusM: 0.01, halfHeightM: 0.2 });
    const stretching = Math.PI / (0.4 + (4 / 3) * 0.01);
    const nearest = Math.min(...capsule.map((w) => Math.abs(w / stretching - 1)));
    expect(nearest).toBeLessThan(5e-3);
  });

  it('lower a ball as a cavity grows, and do not hear a cavity that is a point', () => {
    const solid = frequencies({ kind: 'sphere', radiusM: 0.05 });
    const speck = frequencies({ kind: 'sphere', radiusM: 0.05, wallM: 0.0499 });
    expect(speck[7]! / solid[7]!).toBeCloseTo(1, 3);
    const half = frequencies({ kind: 'sphere', radiusM: 0.05, wallM: 0.025 });
    const fifth = frequencies({ kind: 'sphere', radiusM: 0.05, wallM: 0.01 });
    expect(half[0]!).toBeLessThan(solid[0]!);
    expect(fifth[0]!).toBeLessThan(half[0]!);
  });

  it('stand in for a cone by a cylinder and for a mesh by its box, about their own middles', () => {
    expect(solidOf({ kind: 'cone', radiusM: 0.03, halfHeightM: 0.1 })).toMatchObject({
      form: 'rod',
      centreM: [0, 0, -0.05],
    });
    const verticesM = [0, 0, 0, 0.2, 0, 0, 0, 0.1, 0, 0, 0, 0.1];
    const triangles = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3];
    const mesh = solidOf({ kind: 'mesh', file: 'corner.glb', verticesM, triangles });
    expect(mesh.form).toBe('box');
    expect(mesh.semiAxesM).toEqual([0.1, 0.05, 0.05]);
    expect(mesh.centreM).toEqual([0.1, 0.05, 0.05]);
  });
});
