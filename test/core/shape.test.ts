import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundingRadiusM,
  boundsOf,
  centreOfMassM,
  halfExtentsOf,
  inertiaOfShape,
  inertiaTensorOf,
  type Shape,
  volumeM3,
} from '../../core/shape.js';

type Mesh = Extract<Shape, { kind: 'mesh' }>;

/** A closed mesh of a body of revolution about z, from its profile of (radius, height) from the bottom to the top. */
function revolve(profile: readonly (readonly [number, number])[], sectors: number): Mesh {
  const verticesM: number[] = [0, 0, profile[0]![1], 0, 0, profile.at(-1)![1]];
  const triangles: number[] = [];
  for (const [radius, z] of profile)
    for (let s = 0; s < sectors; s++) {
      const angle = (2 * Math.PI * s) / sectors;
      verticesM.push(radius * Math.cos(angle), radius * Math.sin(angle), z);
    }
  const at = (ring: number, s: number): number => 2 + ring * sectors + (s % sectors);
  for (let s = 0; s < sectors; s++) {
    triangles.push(0, at(0, s + 1), at(0, s), 1, at(profile.length - 1, s), at(profile.length - 1, s + 1));
    for (let ring = 0; ring + 1 < profile.length; ring++) {
      triangles.push(at(ring, s), at(ring, s + 1), at(ring + 1, s + 1));
      triangles.push(at(ring, s), at(ring + 1, s + 1), at(ring + 1, s));
    }
  }
  return { kind: 'mesh', file: 'made.glb', verticesM, triangles };
}

function boxMesh([x, y, z]: readonly [number, number, number], offset = [0, 0, 0]): Mesh {
  const verticesM: number[] = [];
  for (const i of [-1, 1])
    for (const j of [-1, 1])
      for (const k of [-1, 1]) verticesM.push(i * x + offset[0]!, j * y + offset[1]!, k * z + offset[2]!);
  const triangles = [
    [0, 1, 3, 0, 3, 2],
    [4, 6, 7, 4, 7, 5],
    [0, 4, 5, 0, 5, 1],
    [2, 3, 7, 2, 7, 6],
    [0, 2, 6, 0, 6, 4],
    [1, 5, 7, 1, 7, 3],
  ].flat();
  return { kind: 'mesh', file: 'box.glb', verticesM, triangles };
}

const arc = (from: number, to: number, count: number, radius: number, z: number): [number, number][] =>
  Array.from({ length: count + 1 }, (_, i) => {
    const angle = from + ((to - from) * i) / count;
    return [radius * Math.cos(angle), z + radius * Math.sin(angle)];
  });

const BALL = revolve(arc(-Math.PI / 2, Math.PI / 2, 200, 0.3, 0), 400);
const CAPSULE = revolve(
  [...arc(-Math.PI / 2, 0, 100, 0.3, -0.4), ...arc(0, Math.PI / 2, 100, 0.3, 0.4)],
  400,
);
const CONE = revolve(
  [
    [0.3, -0.4],
    [0, 0.4],
  ],
  1000,
);

describe('a shape against a fine mesh of it', () => {
  it.each<[Shape, Mesh]>([
    [{ kind: 'sphere', radiusM: 0.3 }, BALL],
    [{ kind: 'capsule', radiusM: 0.3, halfHeightM: 0.4 }, CAPSULE],
    [{ kind: 'cone', radiusM: 0.3, halfHeightM: 0.4 }, CONE],
    [
      { kind: 'cylinder', radiusM: 0.3, halfHeightM: 0.4 },
      revolve(
        [
          [0.3, -0.4],
          [0.3, 0.4],
        ],
        1000,
      ),
    ],
  ])('has its volume, centre and inertia: %j', (shape, mesh) => {
    expect(volumeM3(mesh) / volumeM3(shape)).toBeCloseTo(1, 3);
    for (const axis of [0, 1, 2] as const) {
      expect(centreOfMassM(mesh)[axis]).toBeCloseTo(centreOfMassM(shape)[axis], 4);
      expect(inertiaOfShape(mesh, 2)[axis] / inertiaOfShape(shape, 2)[axis]).toBeCloseTo(1, 3);
      expect(halfExtentsOf(mesh)[axis]).toBeCloseTo(halfExtentsOf(shape)[axis], 4);
    }
    expect(boundingRadiusM(mesh)).toBeCloseTo(boundingRadiusM(shape), 4);
  });
});

describe('a mesh', () => {
  it('of a box has its moments, whatever its place and winding', () => {
    const half = [0.1, 0.2, 0.3] as const;
    const box: Shape = { kind: 'box', halfExtentsM: half };
    fc.assert(
      fc.property(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)), fc.boolean(), (offset, isTurned) => {
        const made = boxMesh(half, offset);
        const mesh = isTurned ? { ...made, triangles: [...made.triangles].reverse() } : made;
        expect(volumeM3(mesh)).toBeCloseTo(volumeM3(box), 10);
        const inertia = inertiaTensorOf(mesh, 3);
        for (const [place, value] of inertiaTensorOf(box, 3).entries())
          expect(inertia[place]).toBeCloseTo(value, 9);
        for (const axis of [0, 1, 2] as const) {
          expect(centreOfMassM(mesh)[axis]).toBeCloseTo(offset[axis]!, 9);
          expect(boundsOf(mesh).mostM[axis] - boundsOf(mesh).leastM[axis]).toBeCloseTo(2 * half[axis], 9);
        }
      }),
    );
  });

  it('shows a product of inertia where it leans', () => {
    const leaning = boxMesh([0.1, 0.1, 0.3]);
    const verticesM = leaning.verticesM.map((value, i) =>
      i % 3 === 0 ? value + 0.5 * leaning.verticesM[i + 2]! : value,
    );
    // x' = x + z / 2, so the mean of x'z is that of z^2 over 2.
    expect(inertiaTensorOf({ ...leaning, verticesM }, 1)[4]).toBeCloseTo(-0.5 * 0.03, 9);
  });

  it('without triangles has no volume', () => {
    expect(volumeM3({ kind: 'mesh', file: 'none.glb', verticesM: [], triangles: [] })).toBe(0);
  });
});

describe('a hollow shape', () => {
  it('approaches a thin shell', () => {
    const shell: Shape = { kind: 'sphere', radiusM: 1, wallM: 1e-5 };
    expect(volumeM3(shell) / (4 * Math.PI * 1e-5)).toBeCloseTo(1, 4);
    expect(inertiaOfShape(shell, 1)[0]).toBeCloseTo(2 / 3, 4);
    const can: Shape = { kind: 'cylinder', radiusM: 1, halfHeightM: 2, wallM: 1e-5 };
    // A mantle of 8 pi and two lids of pi each.
    expect(volumeM3(can) / (10 * Math.PI * 1e-5)).toBeCloseTo(1, 4);
    expect(inertiaOfShape(can, 10)[2]).toBeCloseTo(8 + 2 * 0.5, 3);
    expect(inertiaOfShape(can, 10)[0]).toBeCloseTo(8 * (0.5 + 4 / 3) + 2 * (0.25 + 4), 3);
  });

  it('is solid where the wall is as thick as the radius', () => {
    expect(volumeM3({ kind: 'sphere', radiusM: 0.2, wallM: 0.2 })).toBe(
      volumeM3({ kind: 'sphere', radiusM: 0.2 }),
    );
  });
});
