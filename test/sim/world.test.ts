import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { conjugate, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { length, subtract, type Vec3 } from '../../core/math/vector.js';
import { inertiaOfShape } from '../../core/shape.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, CYLINDER, GRAVITY, moving, SPHERE, scene, table } from './scene.js';

/** All frames of a spec, step 0 included. */
async function run(spec: SimSpec, durationS: number): Promise<SimFrame[]> {
  const world = await createWorld(spec);
  try {
    return [...simulate(world, durationS)];
  } finally {
    world.free();
  }
}

function positionOf(frame: SimFrame, body: number): Vec3 {
  return [frame.poses[body * 7]!, frame.poses[body * 7 + 1]!, frame.poses[body * 7 + 2]!];
}

function orientationOf(frame: SimFrame, body: number): Quaternion {
  return [...frame.poses.subarray(body * 7 + 3, body * 7 + 7)] as unknown as Quaternion;
}

function spinOf(frame: SimFrame, body: number): Vec3 {
  return [...frame.velocities.subarray(body * 6 + 3, body * 6 + 6)] as unknown as Vec3;
}

const slab = (options: Partial<BodySpec>): BodySpec =>
  moving({ kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] }, { pose: at(0, 0, 0.02), ...options });

describe('flight', () => {
  it('follows the parabola', async () => {
    const frames = await run(scene([moving(CUBE, { linearVelocityMps: [1, 2, 3] })]), 1);
    for (const frame of frames) {
      const t = frame.step / 1000;
      const [x, y, z] = positionOf(frame, 0);
      expect(x).toBeCloseTo(t, 3);
      expect(y).toBeCloseTo(2 * t, 3);
      // A semi-implicit step of h is late by at most g t h / 2.
      expect(Math.abs(z - (3 * t - (GRAVITY * t * t) / 2))).toBeLessThan(0.005 * t + 1e-6);
    }
  });

  it('keeps the angular momentum and the energy of a body that tumbles freely', async () => {
    const shape = { kind: 'box', halfExtentsM: [0.05, 0.1, 0.2] } as const;
    const spin = { angularVelocityRadps: [0.05, 8, 0.02] } as const;
    const frames = await run(scene([moving(shape, spin)], { gravityMps2: [0, 0, 0] }), 3);
    const inertia = inertiaOfShape(shape, 1);
    const about = (frame: SimFrame): { momentum: Vec3; energy: number; spin: Vec3 } => {
      const w = rotate(conjugate(orientationOf(frame, 0)), spinOf(frame, 0));
      const l: Vec3 = [inertia[0] * w[0], inertia[1] * w[1], inertia[2] * w[2]];
      return {
        momentum: rotate(orientationOf(frame, 0), l),
        energy: (l[0] * w[0] + l[1] * w[1] + l[2] * w[2]) / 2,
        spin: w,
      };
    };
    const first = about(frames[0]!);
    const flipped = frames.some((frame) => about(frame).spin[1] < -7);
    expect(flipped, 'spin about the middle axis is unstable').toBe(true);
    for (const frame of frames) {
      const { momentum, energy } = about(frame);
      expect(length(subtract(momentum, first.momentum)) / length(first.momentum)).toBeLessThan(2e-3);
      expect(energy / first.energy).toBeCloseTo(1, 2);
    }
  });

  it('gives a cylinder its inertia about our axes', async () => {
    // About the symmetry axis the spin of a symmetric top precesses at (Iz - Ix) / Ix * wz in the body's frame.
    const frames = await run(
      scene([moving(CYLINDER, { angularVelocityRadps: [1, 0, 6] })], { gravityMps2: [0, 0, 0] }),
      0.5,
    );
    const [ix, , iz] = inertiaOfShape(CYLINDER, 1);
    const last = frames.at(-1)!;
    const spin = rotate(conjugate(orientationOf(last, 0)), spinOf(last, 0));
    const angle = ((iz - ix) / ix) * 6 * 0.5;
    expect(spin[0]).toBeCloseTo(Math.cos(angle), 2);
    expect(spin[1]).toBeCloseTo(Math.sin(angle), 2);
    expect(spin[2]).toBeCloseTo(6, 2);
  });

  it('obeys an inertia that is given', async () => {
    const inertiaKgm2: Vec3 = [0.01, 0.02, 0.025];
    const body = moving(SPHERE, { inertiaKgm2, angularVelocityRadps: [3, 0.1, 0] });
    const frames = await run(scene([body], { gravityMps2: [0, 0, 0] }), 0.2);
    const change = subtract(spinOf(frames.at(-1)!, 0), spinOf(frames[0]!, 0));
    // Euler's equations: a sphere would keep its spin, this body turns it.
    expect(length(change)).toBeGreaterThan(0.02);
  });
});

describe('contact', () => {
  it.each([0.3, 0.5, 0.8])('bounces to e^2 of the height at restitution %f', async (restitution) => {
    const bodies = [table({ restitution }), moving(SPHERE, { restitution, pose: at(0, 0, 1.05) })];
    const frames = await run(scene(bodies), 1);
    const hit = frames.findIndex(({ contacts }) => contacts.length > 0);
    const top = Math.max(...frames.slice(hit + 5).map((frame) => positionOf(frame, 1)[2] - 0.05));
    expect(top).toBeGreaterThan(0.98 * restitution ** 2);
    expect(top).toBeLessThan(1.01 * restitution ** 2);
  });

  it('averages friction and restitution over a pair', async () => {
    const height = async (own: number, other: number): Promise<number> => {
      const bodies = [
        table({ restitution: other }),
        moving(SPHERE, { restitution: own, pose: at(0, 0, 0.3) }),
      ];
      return positionOf((await run(scene(bodies), 0.4)).at(-1)!, 1)[2];
    };
    expect(await height(0.8, 0.2)).toBe(await height(0.5, 0.5));
    const slide = async (own: number, other: number): Promise<number> => {
      const bodies = [table({ friction: other }), slab({ friction: own, linearVelocityMps: [1, 0, 0] })];
      return positionOf((await run(scene(bodies), 0.5)).at(-1)!, 1)[0];
    };
    expect(await slide(0.5, 0.1)).toBeCloseTo(await slide(0.3, 0.3), 6);
  });

  it.each([0.1, 0.3, 0.6])('slides v^2 / (2 mu g) at friction %f', async (friction) => {
    const bodies = [table({ friction }), slab({ friction, linearVelocityMps: [1, 0, 0] })];
    const last = (await run(scene(bodies), 1.2)).at(-1)!;
    expect(positionOf(last, 1)[0] / (1 / (2 * friction * GRAVITY))).toBeCloseTo(1, 2);
    expect(Math.abs(last.velocities[6]!)).toBeLessThan(1e-3);
  });

  it('sticks on a slope below the angle of friction and slides above it', async () => {
    const angle = 0.35;
    const slope = async (friction: number): Promise<number> => {
      const bodies = [table({ friction }), slab({ friction })];
      const gravityMps2: Vec3 = [GRAVITY * Math.sin(angle), 0, -GRAVITY * Math.cos(angle)];
      return positionOf((await run(scene(bodies, { gravityMps2 }), 1)).at(-1)!, 1)[0];
    };
    expect(Math.abs(await slope(Math.tan(angle) * 1.02))).toBeLessThan(1e-4);
    const friction = Math.tan(angle) * 0.9;
    const expected = (GRAVITY * (Math.sin(angle) - friction * Math.cos(angle))) / 2;
    expect((await slope(friction)) / expected).toBeCloseTo(1, 2);
  });

  it.each([
    ['box', CUBE],
    ['sphere', SPHERE],
    ['cylinder', CYLINDER],
  ] as const)('never adds energy to a tumbling %s', async (_, shape) => {
    const body = moving(shape, {
      friction: 0.4,
      restitution: 0.5,
      pose: { positionM: [0, 0, 0.4], orientation: fromAxisAngle([1, 2, 0.5], 0.7) },
      linearVelocityMps: [1, 0.5, 0],
      angularVelocityRadps: [4, -3, 6],
    });
    const frames = await run(scene([table({ friction: 0.4, restitution: 0.5 }), body]), 1.5);
    const inertia = inertiaOfShape(shape, 1);
    const energies = frames.map((frame) => {
      const w = rotate(conjugate(orientationOf(frame, 1)), spinOf(frame, 1));
      const v = frame.velocities.subarray(6, 9);
      const kinetic = v[0]! ** 2 + v[1]! ** 2 + v[2]! ** 2;
      const spinning = inertia[0] * w[0] ** 2 + inertia[1] * w[1] ** 2 + inertia[2] * w[2] ** 2;
      return (kinetic + spinning) / 2 + GRAVITY * positionOf(frame, 1)[2];
    });
    let least = energies[0]!;
    for (const energy of energies) {
      // A step of semi-implicit flight shifts height by g h^2 / 2; an overlap that is pushed out lifts the body.
      expect(energy).toBeLessThan(least + 0.005 * energies[0]!);
      least = Math.min(least, energy);
    }
    expect(least).toBeLessThan(0.5 * energies[0]!);
  });

  it('stops a fast body at a thin plate', async () => {
    const plate = moving(
      { kind: 'box', halfExtentsM: [1, 1, 0.001] },
      { name: 'plate', motion: 'fixed', pose: at(0, 0, 0) },
    );
    const bullet = moving(SPHERE, { pose: at(0, 0, 0.5), linearVelocityMps: [0, 0, -39] });
    const last = (await run(scene([plate, bullet], { stepHz: 100 }), 0.2)).at(-1)!;
    expect(positionOf(last, 1)[2]).toBeGreaterThan(0);
  });
});

describe('frames', () => {
  it('start at step 0 with the state of the spec and without contacts', async () => {
    const body = moving(CUBE, { pose: at(0.25, 0.5, 1), linearVelocityMps: [1, 0, 0] });
    const [first] = await run(scene([table(), body]), 0.001);
    expect(first).toMatchObject({ step: 0, timeNs: 0n, contacts: [] });
    expect([...first!.poses.subarray(7)]).toEqual([0.25, 0.5, 1, 1, 0, 0, 0]);
    expect([...first!.velocities.subarray(6)]).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('carry exact times, one a step, for a fractional duration too', async () => {
    const frames = await run(scene([moving(CUBE)], { stepHz: 592 }), 0.5);
    expect(frames.map(({ step }) => step)).toEqual(Array.from({ length: 297 }, (_, step) => step));
    expect(frames[4]!.timeNs).toBe(1_000_000_000n / 148n);
    expect(frames.at(-1)!.timeNs).toBe(500_000_000n);
  });

  it('belong to the receiver', async () => {
    const spec = scene([table(), moving(CUBE, { pose: at(0, 0, 0.1) })]);
    const world = await createWorld(spec);
    const first = world.step();
    const copy = Float64Array.from(first.poses);
    for (let i = 0; i < 10; i++) world.step();
    expect(first.poses).toEqual(copy);
    world.free();
  });

  it('go on from where the world is', async () => {
    const world = await createWorld(scene([moving(CUBE)]));
    world.step();
    expect([...simulate(world, 0.003)].map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    world.free();
    world.free();
  });

  it('are the same when those between are not read out', async () => {
    const body = moving(CUBE, { friction: 0.3, pose: at(0, 0, 0.06), linearVelocityMps: [1, 0, 0] });
    const spec = scene([table({ friction: 0.3 }), body]);
    const frames = await run(spec, 0.12);
    const world = await createWorld(spec);
    for (const step of [1, 41, 80, 120]) expect(world.step(step - world.frame().step)).toEqual(frames[step]);
    expect(world.frame().contacts.length).toBeGreaterThan(0);
    for (const count of [0, -1, 1.5, Number.NaN]) expect(() => world.step(count)).toThrowError(UmweltError);
    world.free();
  });

  it('do not depend on worlds that run beside', async () => {
    const spec = scene([table(), moving(CUBE, { pose: at(0, 0, 0.08), angularVelocityRadps: [3, 2, 1] })]);
    const alone = await run(spec, 0.3);
    const [one, other] = await Promise.all([createWorld(spec), createWorld({ ...spec, seed: 2 })]);
    for (const frame of alone.slice(1)) {
      other.step();
      expect(one.step()).toEqual(frame);
    }
    one.free();
    other.free();
  });
});

describe('specs that the engine would silently change or turn into NaN', () => {
  const refused: readonly (readonly [string, SimSpec])[] = [
    ['bodies.body.massKg', scene([moving(CUBE, { massKg: 0 })])],
    ['bodies.body.pose', scene([moving(CUBE, { pose: at(Number.NaN, 0, 0) })])],
    ['bodies.body.shape.radiusM', scene([moving({ kind: 'sphere', radiusM: -1 })])],
    ['bodies.body.friction', scene([moving(CUBE, { friction: -0.1 })])],
    ['bodies.body.linearVelocityMps', scene([moving(CUBE, { linearVelocityMps: [41, 0, 0] })])],
    ['bodies.body.angularVelocityRadps', scene([moving(CUBE, { angularVelocityRadps: [0, 900, 0] })])],
    ['bodies.body.angularVelocityRadps', scene([moving(CUBE, { angularVelocityRadps: [0, Number.NaN, 0] })])],
    ['physics.stepHz', scene([], { stepHz: 0 })],
    ['physics.solverIterations', scene([], { solverIterations: 1.5 })],
    ['physics.gravityMps2', scene([], { gravityMps2: [0, 0, Number.POSITIVE_INFINITY] })],
  ];

  it.each(refused)('refuses %s', async (path, spec) => {
    const error = await createWorld(spec).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UmweltError);
    expect(error).toMatchObject({ code: 'invalid-input', context: { path } });
  });
});
