import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import { IDENTITY } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, moving, SPHERE, scene, table } from './scene.js';

/** A plate that falls on the table and breaks into two halves along x; bodies are table, plate, halves. */
function falling(options: Partial<BodySpec> = {}, heightM = 0.25): BodySpec[] {
  const plate = moving(
    { kind: 'box', halfExtentsM: [0.1, 0.05, 0.02] },
    {
      name: 'plate',
      massKg: 0.4,
      friction: 0.5,
      material: MATERIALS.plastic,
      breakForceN: 50,
      pose: at(0, 0, heightM),
      linearVelocityMps: [0.5, 0, 0],
      ...options,
    },
  );
  const { breakForceN: _, ...rest } = plate;
  const halves = [-0.05, 0.05].map((x, i) => ({
    ...rest,
    name: `plate-piece-${i}`,
    shape: { kind: 'box', halfExtentsM: [0.05, 0.05, 0.02] } as const,
    massKg: 0.2,
    pieceOf: 1,
    pose: { positionM: [plate.pose.positionM[0] + x, 0, heightM] as Vec3, orientation: IDENTITY },
  }));
  return [table({ friction: 0.5 }), plate, ...halves];
}

async function run(spec: SimSpec, steps: number): Promise<SimFrame[]> {
  const world = await createWorld(spec);
  try {
    return [world.frame(), ...Array.from({ length: steps }, () => world.step())];
  } finally {
    world.free();
  }
}

const presentIn = ({ present }: SimFrame): number[] => [...present];
const breaksAt = (frames: readonly SimFrame[]): number => frames.findIndex(({ present }) => present[1] === 0);

describe('a fragile body', () => {
  it('is there alone until it breaks, then its pieces are', async () => {
    const frames = await run(scene(falling()), 600);
    const broke = breaksAt(frames);
    expect(broke).toBeGreaterThan(100);
    for (const frame of frames.slice(0, broke)) expect(presentIn(frame)).toEqual([1, 1, 0, 0]);
    for (const frame of frames.slice(broke)) expect(presentIn(frame)).toEqual([1, 0, 1, 1]);
    const pairs = new Set(
      frames.slice(broke + 1).flatMap(({ contacts }) => contacts.map((c) => `${c.bodyA}-${c.bodyB}`)),
    );
    expect([...pairs].filter((pair) => pair.includes('1'))).toEqual([]);
    expect(pairs).toContain('0-2');
    // Both halves come to rest on the table.
    for (const piece of [2, 3]) expect(frames.at(-1)!.poses[piece * 7 + 2]).toBeCloseTo(0.02, 2);
  });

  it('leaves its pieces its pose and its motion', async () => {
    const frames = await run(scene(falling({ angularVelocityRadps: [0, 2, 0] })), 400);
    const broke = frames[breaksAt(frames)]!;
    const before = frames[breaksAt(frames) - 1]!;
    const middle = [0, 1, 2].map((axis) => (broke.poses[14 + axis]! + broke.poses[21 + axis]!) / 2);
    for (const axis of [0, 1, 2]) expect(middle[axis]).toBeCloseTo(broke.poses[7 + axis]!, 6);
    expect(Math.abs(broke.poses[7]! - before.poses[7]!)).toBeLessThan(1e-3);
    expect([...broke.poses.subarray(17, 21)]).toEqual([...broke.poses.subarray(10, 14)]);
    // Rigid: halves differ by w x r.
    const spin = broke.velocities[16]!;
    const apart = [0, 1, 2].map((axis) => broke.poses[21 + axis]! - broke.poses[14 + axis]!);
    const differ = [0, 1, 2].map((axis) => broke.velocities[18 + axis]! - broke.velocities[12 + axis]!);
    expect(differ[0]).toBeCloseTo(spin * apart[2]!, 4);
    expect(differ[2]).toBeCloseTo(-spin * apart[0]!, 4);
    expect([...broke.velocities.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('breaks at the first patch that presses harder than it bears, and not below', async () => {
    const strong = await run(scene(falling({ breakForceN: 1e6 })), 400);
    const hardest = Math.max(
      ...strong.map(({ contacts }) => contacts.reduce((sum, c) => sum + c.normalImpulseNs, 0) * 1000),
    );
    expect(hardest).toBeGreaterThan(100);
    expect(breaksAt(await run(scene(falling({ breakForceN: hardest * 1.001 })), 400))).toBe(-1);
    expect(breaksAt(await run(scene(falling({ breakForceN: hardest * 0.999 })), 400))).toBeGreaterThan(0);
  });

  it('weakens with heat as its material says', async () => {
    const strong = await run(scene(falling({ breakForceN: 1e6 })), 400);
    const hardest = Math.max(
      ...strong.map(({ contacts }) => contacts.reduce((sum, c) => sum + c.normalImpulseNs, 0) * 1000),
    );
    // Plastic: -8e-3 per kelvin, so 70 degrees C leaves 0.6 of the strength; and its friction grows alike on both.
    const breaks = async (share: number, temperatureC: number): Promise<boolean> =>
      breaksAt(await run(scene(falling({ breakForceN: hardest * share, temperatureC })), 400)) > 0;
    expect(await breaks(1.2, 20)).toBe(false);
    expect(await breaks(1.2, 70)).toBe(true);
    expect(await breaks(2, 70)).toBe(false);
    expect(await breaks(1.2, 40)).toBe(false);
  });

  it('bears its own weight at rest', async () => {
    const frames = await run(scene(falling({ breakForceN: 8, linearVelocityMps: [0, 0, 0] }, 0.02)), 200);
    expect(breaksAt(frames)).toBe(-1);
  });

  it('breaks the same whether steps are read out or not', async () => {
    const frames = await run(scene(falling()), 400);
    const world = await createWorld(scene(falling()));
    const [first, last] = [world.step(150), world.step(250)];
    expect(first).toEqual(frames[150]);
    expect(last).toEqual(frames[400]);
    world.free();
  });
});

describe('snapshot and restore', () => {
  const spec: SimSpec = {
    ...scene([
      ...falling(),
      moving(CUBE, {
        name: 'lift',
        motion: 'kinematic',
        pose: at(-0.5, 0, 0.2),
        path: [
          { timeS: 0, pose: at(-0.5, 0, 0.2) },
          { timeS: 0.4, pose: at(0.3, 0.02, 0.1) },
        ],
      }),
      moving(SPHERE, {
        name: 'pushed',
        friction: 0.3,
        pose: at(0, 0.5, 0.05),
        forces: [
          { fromS: 0.05, toS: 0.25, forceN: [3, -2, 0], torqueNm: [0, 0.01, 0] },
          { fromS: 0.2, toS: 0.3, forceN: [0, -8, 0], torqueNm: [0, 0, 0] },
        ],
      }),
      moving(CUBE, { name: 'door', pose: at(0.3, 0.8, 0.4) }),
      moving({ kind: 'cone', radiusM: 0.04, halfHeightM: 0.05 }, { name: 'cone', pose: at(0.1, 0, 0.4) }),
    ]),
    joints: [
      {
        name: 'hinge',
        kind: 'revolute',
        parent: 0,
        child: 6,
        anchorInParentM: [0.1, 0.8, 0.9],
        anchorInChildM: [-0.2, 0, 0],
        axis: [0, 1, 0],
        limits: [-0.5, 0.7],
        motor: { target: 0.2, targetVelocity: 0, stiffness: 20, damping: 1, maxForce: 30 },
      },
    ],
  };

  it('continue bit for bit with joints, motors, pushes, paths and a break in between', async () => {
    const steps = 450;
    const world = await createWorld(spec);
    const frames = [world.frame()];
    const snapshots = [world.snapshot()];
    for (let step = 1; step <= steps; step++) {
      frames.push(world.step());
      snapshots.push(world.snapshot());
    }
    const broke = breaksAt(frames);
    expect(broke).toBeGreaterThan(100);
    expect(broke).toBeLessThan(400);
    const end = snapshots.at(-1)!;
    const fresh = await createWorld(spec);
    for (const from of [0, 100, broke - 1, broke, broke + 1, 300]) {
      fresh.restore(snapshots[from]!);
      expect(fresh.frame()).toEqual(frames[from]);
      expect(fresh.snapshot()).toEqual(snapshots[from]);
      for (let step = from + 1; step <= steps; step++) {
        const frame = fresh.step();
        if (step % 25 === 0 || step <= broke + 2) expect(frame).toEqual(frames[step]);
      }
      expect(fresh.snapshot()).toEqual(end);
    }
    world.free();
    fresh.free();
  });
});

describe('createWorld', () => {
  const bodies = [table(), moving(CUBE, { pose: at(0, 0, 1) })];
  const change = (options: Partial<BodySpec>): SimSpec => scene([bodies[0]!, { ...bodies[1]!, ...options }]);
  const none = { torqueNm: [0, 0, 0] as Vec3 };
  const hinge = {
    name: 'h',
    kind: 'revolute',
    parent: 0,
    child: 1,
    anchorInParentM: [0, 0, 0],
    anchorInChildM: [0, 0, 0],
    axis: [0, 0, 1],
  } as const;
  it.each<[string, SimSpec]>([
    ['bodies.body.pose', change({ pose: { positionM: [0, Number.NaN, 0], orientation: IDENTITY } })],
    ['bodies.body.temperatureC', change({ temperatureC: Number.NaN })],
    ['bodies.body.breakForceN', change({ breakForceN: -1 })],
    ['bodies.body.pieceOf', change({ pieceOf: 0 })],
    ['bodies.body.path', change({ path: [{ timeS: 0, pose: at(0, 0, 0) }] })],
    [
      'bodies.body.path.1.timeS',
      change({
        motion: 'kinematic',
        path: [
          { timeS: 1, pose: at(0, 0, 0) },
          { timeS: 1, pose: at(0, 0, 0) },
        ],
      }),
    ],
    ['bodies.body.path.0', change({ motion: 'kinematic', path: [{ timeS: 1, pose: at(0, Number.NaN, 0) }] })],
    [
      'bodies.body.forces',
      change({ motion: 'kinematic', forces: [{ fromS: 0, toS: 1, forceN: [1, 0, 0], ...none }] }),
    ],
    ['bodies.body.forces.0', change({ forces: [{ fromS: 0, toS: 1, forceN: [Number.NaN, 0, 0], ...none }] })],
    ['bodies.body.forces.0.toS', change({ forces: [{ fromS: 2, toS: 1, forceN: [1, 0, 0], ...none }] })],
    ['bodies.body.shape.wallM', change({ shape: { kind: 'sphere', radiusM: 0.1, wallM: 0.2 } })],
    [
      'bodies.body.shape.triangles',
      change({ shape: { kind: 'mesh', file: 'x.glb', verticesM: [0, 0, 0], triangles: [0, 0, 1] } }),
    ],
    [
      'bodies.body.shape.verticesM',
      change({ shape: { kind: 'mesh', file: 'x.glb', verticesM: [0, 0, Number.NaN], triangles: [0, 0, 0] } }),
    ],
    [
      'bodies.body.shape',
      change({
        shape: {
          kind: 'mesh',
          file: 'flat.glb',
          verticesM: [0, 0, 0, 1, 0, 0, 0, 1, 0],
          triangles: [0, 1, 2],
        },
      }),
    ],
    ['joints.h.child', { ...scene(bodies), joints: [{ ...hinge, child: 7 }] }],
    ['joints.h.child', { ...scene(bodies), joints: [{ ...hinge, child: 0 }] }],
    ['joints.h.axis', { ...scene(bodies), joints: [{ ...hinge, axis: [0, 0, 2] }] }],
    ['joints.h.limits', { ...scene(bodies), joints: [{ ...hinge, limits: [1, 0] }] }],
    ['joints.h.limits', { ...scene(bodies), joints: [{ ...hinge, kind: 'spherical', limits: [0, 1] }] }],
  ])('refuses %s that it cannot run', async (path, spec) => {
    await expect(createWorld(spec)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(`${path}: expected`),
    });
  });
});
