import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { Shape } from '../../scenarios/contract.js';
import { intersectBox, MISS } from '../../sensors/camera/intersection.js';
import { createMesh } from '../../sensors/camera/mesh.js';
import { intersectMesh, meshNormal, meshOccludes } from '../../sensors/camera/mesh-intersection.js';
import { createNoise } from '../../sensors/noise.js';

type MeshShape = Extract<Shape, { kind: 'mesh' }>;

const meshOf = (verticesM: number[], triangles: number[]): MeshShape => ({
  kind: 'mesh',
  file: 'thing.glb',
  verticesM,
  triangles,
});

/** A box as twelve triangles, counter-clockwise seen from outside. */
function boxMesh(hx: number, hy: number, hz: number): MeshShape {
  const vertices = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
    i & 1 ? hx : -hx,
    i & 2 ? hy : -hy,
    i & 4 ? hz : -hz,
  ]);
  const quads = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ];
  return meshOf(
    vertices,
    quads.flatMap(([a, b, c, d]) => [a!, b!, c!, a!, c!, d!]),
  );
}

/** A bumpy ball of 2 x rings x segments triangles. */
function ball(rings: number, segments: number, bump = 0.1): MeshShape {
  const vertices: number[] = [];
  for (let i = 0; i <= rings; i++) {
    for (let j = 0; j < segments; j++) {
      const [a, b] = [(Math.PI * i) / rings, (2 * Math.PI * j) / segments];
      const r = 1 + bump * Math.sin(5 * a) * Math.cos(7 * b);
      vertices.push(r * Math.sin(a) * Math.cos(b), r * Math.sin(a) * Math.sin(b), r * Math.cos(a));
    }
  }
  const triangles: number[] = [];
  for (let i = 0; i < rings; i++) {
    for (let j = 0; j < segments; j++) {
      const [a, b] = [i * segments + j, i * segments + ((j + 1) % segments)];
      triangles.push(a, a + segments, b, b, a + segments, b + segments);
    }
  }
  return meshOf(vertices, triangles);
}

/** All triangles, one after the other, by solving o + t d = v + a e1 + b e2 with Cramer's rule. */
function bruteForce({ verticesM, triangles }: MeshShape, o: Vec3, d: Vec3): number {
  let best = MISS;
  const vertex = (index: number): Vec3 => [
    verticesM[index * 3]!,
    verticesM[index * 3 + 1]!,
    verticesM[index * 3 + 2]!,
  ];
  const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const determinant = (a: Vec3, b: Vec3, c: Vec3): number =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    b[0] * (a[1] * c[2] - a[2] * c[1]) +
    c[0] * (a[1] * b[2] - a[2] * b[1]);
  for (let i = 0; i < triangles.length; i += 3) {
    const v = vertex(triangles[i]!);
    const [e1, e2, s] = [
      minus(vertex(triangles[i + 1]!), v),
      minus(vertex(triangles[i + 2]!), v),
      minus(o, v),
    ];
    const back: Vec3 = [-d[0], -d[1], -d[2]];
    const whole = determinant(e1, e2, back);
    const [a, b, t] = [
      determinant(s, e2, back) / whole,
      determinant(e1, s, back) / whole,
      determinant(e1, e2, s) / whole,
    ];
    if (a >= -1e-12 && b >= -1e-12 && a + b <= 1 + 1e-12 && t > 0 && t < best) best = t;
  }
  return best;
}

const hit = new Int32Array(1);
const random = createNoise(1, 'mesh-test');
const vector = (scale: number): Vec3 => [random.next() * scale, random.next() * scale, random.next() * scale];

describe('meshes', () => {
  it('are met where a look at all triangles says, from inside and outside', () => {
    const shape = ball(20, 30);
    const mesh = createMesh('thing', shape);
    let [hits, misses] = [0, 0];
    for (let i = 0; i < 3000; i++) {
      const [o, d] = [vector(1.2), vector(1)];
      const expected = bruteForce(shape, o, d);
      const t = intersectMesh(mesh, ...o, ...d, MISS, hit);
      if (expected === MISS) expect(t).toBe(MISS);
      else expect(Math.abs(t - expected)).toBeLessThan(1e-9 * Math.max(1, expected));
      expect(hit[0] === -1).toBe(expected === MISS);
      expect(meshOccludes(mesh, ...o, ...d, MISS)).toBe(expected !== MISS);
      if (expected === MISS) misses += 1;
      else {
        hits += 1;
        expect(intersectMesh(mesh, ...o, ...d, expected * 0.999, hit)).toBe(MISS);
        expect(meshOccludes(mesh, ...o, ...d, expected * 0.999)).toBe(false);
        expect(meshOccludes(mesh, ...o, ...d, expected * 1.001)).toBe(true);
      }
    }
    expect(Math.min(hits, misses)).toBeGreaterThan(500);
  });

  it('of a box are met as the box is, without a gap along the edges', () => {
    const mesh = createMesh('box', boxMesh(0.5, 0.3, 0.2));
    const grid = fc.integer({ min: -5, max: 5 });
    fc.assert(
      fc.property(fc.tuple(grid, grid, grid), fc.tuple(grid, grid, grid), ([x, y, z], [a, b, c]) => {
        // From outside towards lattice points within: many rays pass right through edges, corners and diagonals.
        const o: Vec3 = [x, y, z].map((value) => value + Math.sign(value || 1) * 0.7) as unknown as Vec3;
        const d: Vec3 = [a * 0.08 - o[0], b * 0.05 - o[1], c * 0.03 - o[2]];
        const expected = intersectBox(0.5, 0.3, 0.2, ...o, ...d);
        const t = intersectMesh(mesh, ...o, ...d, MISS, hit);
        expect(Math.abs(t - expected)).toBeLessThan(1e-12);
      }),
      { numRuns: 3000, seed: 4 },
    );
  });

  it('tell the unit normal of the triangle, on the side that is seen', () => {
    const mesh = createMesh('box', boxMesh(0.5, 0.3, 0.2));
    const out = new Float64Array(3);
    for (const [axis, sign] of [0, 1, 2].flatMap((k) => [
      [k, 1],
      [k, -1],
    ])) {
      const normal = [0, 1, 2].map((k) => (k === axis ? sign! : 0));
      const o = normal.map((value) => 2 * value + 0.01) as unknown as Vec3;
      const d = normal.map((value) => -value) as unknown as Vec3;
      intersectMesh(mesh, ...o, ...d, MISS, hit);
      meshNormal(mesh, hit[0]!, ...d, out);
      for (let k = 0; k < 3; k++) expect(out[k]).toBeCloseTo(normal[k]!, 12);
      // From within, the same wall shows its other side.
      intersectMesh(mesh, 0.01, 0.01, 0.01, ...(normal as unknown as Vec3), MISS, hit);
      meshNormal(mesh, hit[0]!, ...(normal as unknown as Vec3), out);
      for (let k = 0; k < 3; k++) expect(out[k]).toBeCloseTo(-normal[k]!, 12);
    }
  });

  it('of 100,000 triangles are built and met, and built once a shape', () => {
    const shape = ball(224, 224);
    const mesh = createMesh('thing', shape);
    expect(mesh.triangles.length / 9).toBe(100_352);
    expect(createMesh('thing', shape)).toBe(mesh);
    const copy = { ...shape, verticesM: [...shape.verticesM], triangles: [...shape.triangles] };
    expect(createMesh('thing', copy)).toBe(mesh);
    expect(createMesh('thing', { ...copy, verticesM: copy.verticesM.map((x) => 2 * x) })).not.toBe(mesh);
    expect([...mesh.order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100_352 }, (_, i) => i));
    for (let i = 0; i < 20; i++) {
      const [o, d] = [vector(2), vector(1)];
      const [expected, t] = [bruteForce(shape, o, d), intersectMesh(mesh, ...o, ...d, MISS, hit)];
      expect(t === MISS ? expected : Math.abs(t - expected)).toBeLessThanOrEqual(t === MISS ? MISS : 1e-9);
    }
  });

  it('stand triangles that are alike, without area, or of very different sizes', () => {
    const same = Array.from({ length: 50 }, () => [0, 1, 2]).flat();
    const stacked = createMesh('stack', meshOf([0, 0, 0, 1, 0, 0, 0, 1, 0], same));
    expect(intersectMesh(stacked, 0.2, 0.2, 1, 0, 0, -1, MISS, hit)).toBe(1);
    const flat = createMesh('flat', meshOf([0, 0, 0, 1, 0, 0, 2, 0, 0], [0, 1, 2, 0, 0, 0]));
    expect(intersectMesh(flat, 0.5, 0, 1, 0, 0, -1, MISS, hit)).toBe(MISS);
    const vertices: number[] = [];
    for (let i = 0; i < 400; i++) {
      const x = 1.09 ** -i * 1000;
      vertices.push(x, 0, 0, x * 1.05, 0, 0, x, x * 0.05, 0);
    }
    const shape = meshOf(
      vertices,
      Array.from({ length: 1200 }, (_, i) => i),
    );
    const uneven = createMesh('uneven', shape);
    for (let i = 0; i < 400; i += 7) {
      const x = 1.09 ** -i * 1000;
      expect(intersectMesh(uneven, x * 1.01, x * 0.01, 1, 0, 0, -1, MISS, hit)).toBeCloseTo(1, 12);
      expect(uneven.order[hit[0]!]).toBe(i);
    }
  });

  it('are refused when empty or broken, by the body and what is wrong', () => {
    const broken: [MeshShape, RegExp][] = [
      [meshOf([], []), /bodies\.mug\.shape: expected triangles, got none; load.*thing\.glb/],
      [meshOf([0, 0, 0, 1, 0, 0], [0, 1, 2]), /expected indices of the 2 vertices, from 0 on, got 2/],
      [meshOf([0, 0, 0, 1, 0, 0, 0, 1, 0], [0, 1, 0.5]), /got 0\.5/],
      [meshOf([0, 0, 0, 1, 0, 0, 0, 1, 0], [0, 1]), /three numbers a vertex and a triangle/],
      [meshOf([0, 0, Number.NaN, 1, 0, 0, 0, 1, 0], [0, 1, 2]), /finite vertices, got NaN/],
    ];
    for (const [shape, message] of broken) expect(() => createMesh('mug', shape)).toThrow(message);
  });
});
