import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { Shape } from '../../core/shape.js';
import type { BodySpec, PhysicsSpec } from '../../scenarios/contract.js';
import { shareImpulse } from '../../sim/composite-contacts.js';
import type { SimFrame } from '../../sim/contract.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, GRAVITY, moving, SPHERE, scene, table } from './scene.js';

type Point = readonly [number, number];

/** A closed mesh of a polygon (counter-clockwise in x, z), from y = -depth to depth; triangles are of its corners. */
function extrude(corners: readonly Point[], caps: readonly number[], depth: number): Shape {
  const n = corners.length;
  const verticesM = [-depth, depth].flatMap((y) => corners.flatMap(([x, z]) => [x, y, z]));
  const triangles = [...caps, ...caps.map((_, i) => n + caps[i - (i % 3) + (2 - (i % 3))]!)];
  for (let s = 0; s < n; s++) {
    const next = (s + 1) % n;
    triangles.push(s, n + next, next, s, n + s, n + next);
  }
  return { kind: 'mesh', file: 'made.glb', verticesM, triangles };
}

const SLAB = extrude(
  [
    [-3, -0.2],
    [3, -0.2],
    [3, 0],
    [-3, 0],
  ],
  [0, 1, 2, 0, 2, 3],
  3,
);
const NOTCH = extrude(
  [
    [-0.1, 0],
    [0.1, 0],
    [0.1, 0.14],
    [0, 0.08],
    [-0.1, 0.14],
  ],
  [0, 1, 3, 1, 2, 3, 0, 3, 4],
  0.04,
);
/** A gutter whose sides rise at 45 degrees. */
const GUTTER = extrude(
  [
    [-1, -0.5],
    [1, -0.5],
    [1, 1],
    [0, 0],
    [-1, 1],
  ],
  [0, 1, 3, 1, 2, 3, 0, 3, 4],
  1,
);

function prism(sides: number): Shape {
  const corner = (s: number): Point => [
    0.05 * Math.cos((2 * Math.PI * s) / sides - Math.PI / 2 + Math.PI / sides),
    0.05 * Math.sin((2 * Math.PI * s) / sides - Math.PI / 2 + Math.PI / sides),
  ];
  const caps = Array.from({ length: sides - 2 }, (_, i) => [0, i + 1, i + 2]).flat();
  return extrude(
    Array.from({ length: sides }, (_, s) => corner(s)),
    caps,
    0.1,
  );
}

/** The mean force on body 1 over the last half of a second, N. */
async function bears(
  bodies: readonly BodySpec[],
  physics: Partial<PhysicsSpec> = {},
): Promise<{ forceN: Vec3; frame: SimFrame }> {
  const world = await createWorld(scene(bodies, physics));
  const sum: [number, number, number] = [0, 0, 0];
  world.step(500);
  for (let step = 0; step < 500; step++)
    for (const { bodyB, normal, normalImpulseNs, tangentImpulseNs } of world.step().contacts) {
      if (bodyB !== 1) continue;
      for (const axis of [0, 1, 2] as const)
        sum[axis] += normal[axis] * normalImpulseNs + tangentImpulseNs[axis];
    }
  const frame = world.frame();
  world.free();
  return { forceN: [sum[0] * 2, sum[1] * 2, sum[2] * 2], frame };
}

const ground = (shape: Shape) => moving(shape, { name: 'ground', motion: 'fixed', friction: 0.5 });
/** Laid on its side, so that a polygon of many corners stands on the ground. */
const STANDING = { positionM: [0, 0, 0.1] as Vec3, orientation: [Math.SQRT1_2, Math.SQRT1_2, 0, 0] as const };

describe('a mesh', () => {
  it.each<[string, BodySpec, BodySpec]>([
    ['a ball on one', ground(SLAB), moving(SPHERE, { pose: at(0.3, 0.2, 0.05) })],
    ['a cube on one', ground(SLAB), moving(CUBE, { friction: 0.5, pose: at(0.3, 0.2, 0.05) })],
    ['one in parts on a box', table({ friction: 0.5 }), moving(NOTCH, { friction: 0.5 })],
    ['one in parts on another', ground(SLAB), moving(NOTCH, { friction: 0.5, pose: at(0, 0.3, 0) })],
    ['a pentagon on a box', table({ friction: 0.5 }), moving(prism(5), { friction: 0.5, pose: STANDING })],
    [
      'twenty corners on a box',
      table({ friction: 0.5 }),
      moving(prism(20), { friction: 0.5, pose: STANDING }),
    ],
    ['one in parts on a belt', { ...ground(SLAB), motion: 'kinematic' }, moving(NOTCH, { friction: 0.5 })],
  ])('bears weight: %s', async (_, lower, upper) => {
    const { forceN } = await bears([lower, upper]);
    expect(forceN[2] / GRAVITY).toBeCloseTo(1, 2);
    expect(Math.hypot(forceN[0], forceN[1])).toBeLessThan(0.05);
  });

  it('pushes a ball from both sides of a gutter, along its own normals', async () => {
    const world = await createWorld(
      scene([{ ...ground(GUTTER), friction: 0 }, moving(SPHERE, { pose: at(0, 0, 0.0707) })]),
    );
    world.step(500);
    const contacts = Array.from({ length: 500 }, () => world.step().contacts).flat();
    world.free();
    const sides = [-1, 1].map((side) =>
      contacts
        .filter(({ normal }) => normal[0] * side > 0.5)
        .reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0),
    );
    // Over half a second.
    for (const side of sides) expect(side * 2).toBeCloseTo(GRAVITY * Math.SQRT1_2, 1);
    for (const { normal } of contacts) expect(normal[2]).toBeCloseTo(Math.SQRT1_2, 3);
  });

  it('shows the friction of what slides on it', async () => {
    const slider = moving(CUBE, { friction: 0.3, pose: at(-1, 0, 0.05), linearVelocityMps: [2, 0, 0] });
    const world = await createWorld(scene([ground(SLAB), slider]));
    const { contacts } = world.step(100);
    world.free();
    const sum = (pick: (c: (typeof contacts)[number]) => number): number =>
      contacts.reduce((total, c) => total + pick(c), 0);
    expect(sum((c) => c.tangentImpulseNs[0]) / sum((c) => c.normalImpulseNs)).toBeCloseTo(-0.4, 2);
  });

  it('tells a blow as hard as it was', async () => {
    const ball = moving(SPHERE, { pose: at(0, 0, 0.25), linearVelocityMps: [0, 0, -3] });
    const world = await createWorld(scene([ground(SLAB), ball]));
    let impulse = 0;
    for (let step = 0; step < 150; step++)
      impulse += world.step().contacts.reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0);
    world.free();
    // It stops, and is carried from then on.
    expect(impulse).toBeCloseTo(3 + GRAVITY * 0.15, 1);
  });
});

describe('shareImpulse', () => {
  const place = (normal: Vec3, distanceM = 0) => ({ normal, distanceM });

  it('gives places of one normal alike, and none to those that are apart', () => {
    expect(
      shareImpulse([0, 0, 2], [place([0, 0, 1]), place([0, 0, 1]), place([0, 0, 1], 0.01)], 1e-4),
    ).toEqual([1, 1, 0]);
    expect(shareImpulse([0, 0, 2], [place([0, 0, 1], 0.01)], 1e-4)).toEqual([2]);
  });

  it('resolves a force along several normals, and never pulls', () => {
    const shares = shareImpulse([3, 0, 4], [place([1, 0, 0]), place([0, 0, 1]), place([0, 0, -1])], 1e-4);
    expect(shares[0]).toBeCloseTo(3, 9);
    expect(shares[1]).toBeCloseTo(4, 9);
    expect(shares[2]).toBe(0);
    expect(shareImpulse([0, 0, 1], [], 1e-4)).toEqual([]);
  });
});
