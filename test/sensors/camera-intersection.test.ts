import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from '../../sensors/camera/intersection.js';
import { intersectCapsule, intersectCone } from '../../sensors/camera/intersection-round.js';

type V = [number, number, number];

const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
const direction = fc
  .tuple(coordinate, coordinate, coordinate)
  .filter((d) => Math.hypot(...d) > 0.1 && d.every((c) => c === 0 || Math.abs(c) > 1e-6));
const size = fc.double({ min: 0.2, max: 2, noNaN: true });
const origin = fc.tuple(coordinate, coordinate, coordinate);

const at = (o: V, d: V, t: number): V => [o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]];
const first = (candidates: number[]): number => Math.min(MISS, ...candidates.filter((t) => t > 0));

/** Every face's plane in turn, kept where the point lies within the face. */
function boxByFaces(h: V, o: V, d: V): number {
  const candidates: number[] = [];
  for (const axis of [0, 1, 2]) {
    for (const side of [-1, 1]) {
      const t = (side * h[axis]! - o[axis]!) / d[axis]!;
      const p = at(o, d, t);
      if (Number.isFinite(t) && [0, 1, 2].every((k) => k === axis || Math.abs(p[k]!) <= h[k]!))
        candidates.push(t);
    }
  }
  return first(candidates);
}

function quadratic(a: number, b: number, c: number): number[] {
  const discriminant = b * b - 4 * a * c;
  if (a === 0 || discriminant < 0) return [];
  return [(-b - Math.sqrt(discriminant)) / (2 * a), (-b + Math.sqrt(discriminant)) / (2 * a)];
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

function sphereByQuadratic(r: number, o: V, d: V): number {
  return first(quadratic(dot(d, d), 2 * dot(o, d), dot(o, o) - r * r));
}

/** The wall's quadratic, kept between the ends, and the planes of the ends, kept within the radius. */
function cylinderByParts(r: number, h: number, o: V, d: V): number {
  const [o2, d2] = [o.slice(0, 2), d.slice(0, 2)];
  const wall = quadratic(dot(d2, d2), 2 * dot(o2, d2), dot(o2, o2) - r * r);
  const ends = [-h, h].map((z) => (z - o[2]) / d[2]).filter(Number.isFinite);
  return first([
    ...wall.filter((t) => Math.abs(at(o, d, t)[2]) <= h),
    ...ends.filter((t) => Math.hypot(at(o, d, t)[0], at(o, d, t)[1]) <= r),
  ]);
}

/** Compares with a formula of another form, but for rays that graze an edge: there a change of 1e-9 in size decides. */
function expectAgreement(actual: number, reference: (scale: number) => number): void {
  const inner = reference(1 - 1e-9);
  const outer = reference(1 + 1e-9);
  if (!(Math.abs(inner - outer) < 1e-5 || inner === outer)) return;
  const expected = reference(1);
  if (expected === MISS) expect(actual).toBe(MISS);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-7 * (1 + expected));
}

describe('intersection', () => {
  it('agrees with the faces of a box, from outside and inside', () => {
    fc.assert(
      fc.property(fc.tuple(size, size, size), origin, direction, (h, o, d) => {
        expectAgreement(intersectBox(...h, ...o, ...d), (s) => boxByFaces(h.map((x) => x * s) as V, o, d));
      }),
      { numRuns: 400 },
    );
  });

  it("agrees with a sphere's quadratic equation", () => {
    fc.assert(
      fc.property(size, origin, direction, (r, o, d) => {
        expectAgreement(intersectSphere(r, ...o, ...d), (s) => sphereByQuadratic(r * s, o, d));
      }),
      { numRuns: 400 },
    );
  });

  it("agrees with a cylinder's wall and ends", () => {
    fc.assert(
      fc.property(size, size, origin, direction, (r, h, o, d) => {
        expectAgreement(intersectCylinder(r, h, ...o, ...d), (s) => cylinderByParts(r * s, h * s, o, d));
      }),
      { numRuns: 400 },
    );
  });

  it('hits what rays are aimed at', () => {
    // Random rays miss often: these aim at a point inside, so that each must hit.
    fc.assert(
      fc.property(
        fc.tuple(size, size, size),
        direction,
        fc.double({ min: 5, max: 1e5, noNaN: true }),
        (h, d, far) => {
          const o = at([0, 0, 0], d, -far);
          const reach = far * Math.hypot(...d);
          expect(intersectBox(...h, ...o, ...d)).toBeLessThan(far);
          const t = intersectSphere(h[0], ...o, ...d);
          expect(Math.abs(t * Math.hypot(...d) - (reach - h[0]))).toBeLessThan(1e-9 * reach);
          expect(intersectCylinder(h[0], h[1], ...o, ...d)).toBeLessThan(far);
        },
      ),
    );
  });

  it('treats parallel rays alike whatever the sign of zero', () => {
    for (const zero of [0, -0]) {
      expect(intersectBox(1, 1, 1, -3, 0.5, 0.5, 1, zero, zero)).toBe(2);
      expect(intersectBox(1, 1, 1, -3, 1.5, 0, 1, zero, zero)).toBe(MISS);
      for (const side of [-1, 1]) {
        expect(intersectBox(1, 1, 1, -3, side, 0, 1, zero, zero), 'in the plane of a face').toBe(MISS);
        expect(intersectBox(1, 1, 1, side, -3, 0, zero, 1, zero), 'in the plane of a face').toBe(MISS);
        expect(intersectBox(1, 1, 1, 0, side, -3, zero, zero, 1), 'in the plane of a face').toBe(MISS);
        expect(intersectBox(1, 1, 1, -3, 0, side, 1, zero, zero), 'in the plane of a face').toBe(MISS);
        expect(intersectCylinder(1, 2, -3, 0, 2 * side, 1, zero, zero), 'in the plane of an end').toBe(MISS);
      }
      expect(intersectCylinder(1, 2, 0.5, 0.5, 5, zero, zero, -1)).toBe(3);
      expect(intersectCylinder(1, 2, 1.5, 0, 5, zero, zero, -1)).toBe(MISS);
      expect(intersectCylinder(1, 2, -3, 0, 1, 1, zero, zero)).toBe(2);
      expect(intersectCylinder(1, 2, -3, 0, 2.5, 1, zero, zero)).toBe(MISS);
    }
  });

  it('sees nothing behind the origin', () => {
    expect(intersectBox(1, 1, 1, 3, 0, 0, 1, 0, 0)).toBe(MISS);
    expect(intersectSphere(1, 3, 0, 0, 1, 0, 0)).toBe(MISS);
    expect(intersectCylinder(1, 1, 3, 0, 0, 1, 0, 0)).toBe(MISS);
  });
});

describe('capsules and cones', () => {
  /** How far inside a point is; negative outside. A capsule's is the distance to its surface, a cone's the lesser of two. */
  const inCapsule = (r: number, h: number, [x, y, z]: V): number =>
    r - Math.hypot(x, y, Math.max(0, Math.abs(z) - h));
  const inCone = (r: number, h: number, [x, y, z]: V): number => {
    const slope = r / (2 * h);
    return Math.min(z + h, (slope * (h - z) - Math.hypot(x, y)) / Math.hypot(1, slope));
  };

  const STEPS = 4000;
  const REACH = 12;
  const bulk = fc.double({ min: 0.2, max: 1.5, noNaN: true });

  /** Where a ray first passes the surface: the first change of sign over dense samples, refined by bisection. */
  function bySampling(inside: (p: V) => number, o: V, d: V): number {
    const step = REACH / Math.hypot(...d) / STEPS;
    const within = inside(o) > 0;
    for (let k = 1; k <= STEPS; k++) {
      if (inside(at(o, d, k * step)) > 0 === within) continue;
      let [low, high] = [(k - 1) * step, k * step];
      for (let halving = 0; halving < 50; halving++) {
        const middle = (low + high) / 2;
        if (inside(at(o, d, middle)) > 0 === within) low = middle;
        else high = middle;
      }
      return high;
    }
    return MISS;
  }

  function expectSampled(actual: number, inside: (p: V) => number, o: V, d: V): void {
    const sampled = bySampling(inside, o, d);
    if (sampled !== MISS) {
      // Samples may pass over a grazed edge, never find a surface that the closed form does not.
      expect(actual).toBeLessThanOrEqual(sampled + 1e-7);
    }
    if (actual === MISS) return;
    expect(Math.abs(inside(at(o, d, actual)))).toBeLessThan(1e-7);
    // Nothing before it but what is thinner than a step.
    const step = REACH / Math.hypot(...d) / STEPS;
    if (sampled !== MISS && sampled - actual > 1e-7) {
      expect(inside(at(o, d, actual + 2 * step)) > 0).toBe(inside(o) > 0);
    }
  }

  it('are met where dense samples along the ray first change sides, from outside and inside', () => {
    let hits = 0;
    fc.assert(
      fc.property(bulk, bulk, origin, direction, (r, h, o, d) => {
        const capsule = intersectCapsule(r, h, ...o, ...d);
        const cone = intersectCone(r, h, ...o, ...d);
        expectSampled(capsule, (p) => inCapsule(r, h, p), o, d);
        expectSampled(cone, (p) => inCone(r, h, p), o, d);
        if (capsule !== MISS) hits += 1;
        if (cone !== MISS) hits += 1;
      }),
      { numRuns: 200 },
    );
    expect(hits).toBeGreaterThan(60);
  });

  it('are met on their axes, whatever the sign of zero', () => {
    for (const zero of [0, -0]) {
      expect(intersectCapsule(0.5, 1, zero, zero, 4, zero, zero, -1)).toBe(2.5);
      expect(intersectCapsule(0.5, 1, -3, zero, 0.5, 1, zero, zero)).toBe(2.5);
      expect(intersectCapsule(0.5, 1, -3, zero, 1.6, 1, zero, zero)).toBe(MISS);
      expect(intersectCapsule(0.5, 1, 0.6, zero, 4, zero, zero, -1)).toBe(MISS);
      expect(intersectCone(1, 1, zero, zero, -4, zero, zero, 1)).toBe(3);
      expect(intersectCone(1, 1, zero, zero, 4, zero, zero, -1)).toBe(3);
      expect(intersectCone(1, 1, -3, zero, zero, 1, zero, zero)).toBe(2.5);
      expect(intersectCone(1, 1, -3, zero, 1.1, 1, zero, zero)).toBe(MISS);
      expect(intersectCone(1, 1, 1.1, zero, 4, zero, zero, -1)).toBe(MISS);
    }
  });

  it('are missed behind the origin', () => {
    expect(intersectCapsule(1, 1, 3, 0, 0, 1, 0, 0)).toBe(MISS);
    expect(intersectCone(1, 1, 3, 0, 0, 1, 0, 0)).toBe(MISS);
    // The cone's mirror image above its tip is not part of it.
    expect(intersectCone(1, 1, -3, 0, 2, 1, 0, 0)).toBe(MISS);
  });
});
