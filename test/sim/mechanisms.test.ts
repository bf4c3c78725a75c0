import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec, JointSpec, PhysicsSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, GRAVITY, moving, SPHERE, scene, table } from './scene.js';

const POST = moving(CUBE, { name: 'post', motion: 'fixed', pose: at(0, 0, 0) });

function joint(kind: JointSpec['kind'], options: Partial<JointSpec> = {}): JointSpec {
  return {
    name: 'joint',
    kind,
    parent: 0,
    child: 1,
    anchorInParentM: [0, 0, 0],
    anchorInChildM: [0, 0, 0],
    axis: [0, 1, 0],
    ...options,
  };
}

async function run(
  bodies: readonly BodySpec[],
  joints: readonly JointSpec[],
  durationS: number,
  physics: Partial<PhysicsSpec> = {},
): Promise<SimFrame[]> {
  const world = await createWorld({ ...scene(bodies, physics), joints });
  try {
    return [...simulate(world, durationS)];
  } finally {
    world.free();
  }
}

function placeOf({ poses }: SimFrame, body: number): Vec3 {
  return [poses[body * 7]!, poses[body * 7 + 1]!, poses[body * 7 + 2]!];
}

/** Turn of a body about y. */
function pitchOf({ poses }: SimFrame, body: number): number {
  return 2 * Math.atan2(poses[body * 7 + 5]!, poses[body * 7 + 3]!);
}

describe('a revolute joint', () => {
  it('lets a pendulum swing with its period, and keep its energy', async () => {
    const lengthM = 0.5;
    const startRad = 0.1;
    const bob = moving(SPHERE, {
      pose: {
        positionM: [-lengthM * Math.sin(startRad), 0, -lengthM * Math.cos(startRad)],
        orientation: [Math.cos(startRad / 2), 0, Math.sin(startRad / 2), 0],
      },
    });
    const frames = await run([POST, bob], [joint('revolute', { anchorInChildM: [0, 0, lengthM] })], 10);
    // Physical pendulum: I = m (L^2 + 2/5 r^2) about the hinge; the amplitude lengthens the period by 1 + a^2 / 16.
    const inertia = lengthM ** 2 + 0.4 * 0.05 ** 2;
    const periodS = 2 * Math.PI * Math.sqrt(inertia / (GRAVITY * lengthM)) * (1 + startRad ** 2 / 16);
    const crossings = frames.flatMap((frame, i) => {
      const before = i === 0 ? 0 : placeOf(frames[i - 1]!, 1)[0];
      const now = placeOf(frame, 1)[0];
      return before < 0 && now >= 0 ? [(i - now / (now - before)) / 1000] : [];
    });
    const swings = crossings.length - 1;
    expect(swings).toBeGreaterThan(4);
    expect((crossings.at(-1)! - crossings[0]!) / swings / periodS).toBeCloseTo(1, 3);
    const energyOf = (frame: SimFrame): number => {
      const [vx, vy, vz, wx, wy, wz] = frame.velocities.subarray(6, 12) as unknown as number[];
      const turning = 0.2 * 0.05 ** 2 * (wx! ** 2 + wy! ** 2 + wz! ** 2);
      return (vx! ** 2 + vy! ** 2 + vz! ** 2) / 2 + turning + GRAVITY * (placeOf(frame, 1)[2] + lengthM);
    };
    const firstJ = energyOf(frames[0]!);
    for (const frame of frames) expect(Math.abs(energyOf(frame) / firstJ - 1)).toBeLessThan(0.03);
    for (const frame of frames)
      expect(Math.abs(Math.hypot(...placeOf(frame, 1)) - lengthM)).toBeLessThan(1e-4);
  });

  it('holds its limits', async () => {
    const arm = moving(CUBE, { pose: at(0.3, 0, 0) });
    const frames = await run(
      [POST, arm],
      [joint('revolute', { anchorInChildM: [-0.3, 0, 0], limits: [-0.2, 0.5] })],
      2,
    );
    expect(Math.max(...frames.map((frame) => pitchOf(frame, 1)))).toBeLessThan(0.51);
    expect(pitchOf(frames.at(-1)!, 1)).toBeCloseTo(0.5, 2);
  });

  it("reaches its motor's target, and no further than its torque carries", async () => {
    const arm = moving(CUBE, { pose: at(0.3, 0, 0) });
    const motor = { target: -0.5, targetVelocity: 0, stiffness: 400, damping: 40, maxForce: 100 };
    const driven = (change: Partial<typeof motor>): JointSpec =>
      joint('revolute', { anchorInChildM: [-0.3, 0, 0], motor: { ...motor, ...change } });
    const still = { gravityMps2: [0, 0, 0] } as const;
    expect(pitchOf((await run([POST, arm], [driven({})], 2, still)).at(-1)!, 1)).toBeCloseTo(-0.5, 3);
    // Against gravity it hangs by m g l cos(a) / stiffness.
    const hanging = pitchOf((await run([POST, arm], [driven({})], 3)).at(-1)!, 1);
    expect(400 * (hanging + 0.5)).toBeCloseTo(GRAVITY * 0.3 * Math.cos(hanging), 1);
    const weak = pitchOf((await run([POST, arm], [driven({ maxForce: 1 })], 0.5)).at(-1)!, 1);
    expect(weak).toBeGreaterThan(0.5);
  });

  it("turns at its motor's speed", async () => {
    const wheel = moving({ kind: 'cylinder', radiusM: 0.1, halfHeightM: 0.02 });
    const motor = { target: 0, targetVelocity: 6, stiffness: 0, damping: 10, maxForce: 100 };
    const frames = await run([POST, wheel], [joint('revolute', { axis: [0, 0, 1], motor })], 1);
    expect(frames.at(-1)!.velocities[11]).toBeCloseTo(6, 2);
  });
});

describe('a prismatic joint', () => {
  it('slides along its axis only, up to its limit', async () => {
    const slider = moving(CUBE, { pose: at(0, 0, 0.3), linearVelocityMps: [0.5, 0, 0] });
    const frames = await run(
      [POST, slider],
      [
        joint('prismatic', {
          axis: [0, 0, 1],
          anchorInChildM: [0, 0, -0.3],
          limits: [-0.12, 0.1],
        }),
      ],
      1,
    );
    for (const frame of frames) {
      const [x, y, z] = placeOf(frame, 1);
      expect(Math.hypot(x, y)).toBeLessThan(1e-3);
      expect(z).toBeGreaterThan(0.179);
    }
    expect(placeOf(frames.at(-1)!, 1)[2]).toBeCloseTo(0.18, 3);
  });
});

describe('other joints', () => {
  it('a fixed one makes one body of two, a spherical one a pendulum that turns any way', async () => {
    const other = moving(CUBE, { pose: at(0.3, 0, 0), angularVelocityRadps: [0, 0, 0] });
    const welded = await run([POST, other], [joint('fixed', { anchorInParentM: [0.3, 0, 0] })], 0.5);
    expect(placeOf(welded.at(-1)!, 1)[2]).toBeCloseTo(0, 4);
    const ball = moving(SPHERE, { pose: at(0, 0, -0.4), linearVelocityMps: [0.3, 0.4, 0] });
    const swung = await run([POST, ball], [joint('spherical', { anchorInChildM: [0, 0, 0.4] })], 0.2);
    const [x, y, z] = placeOf(swung.at(-1)!, 1);
    expect(y / x).toBeCloseTo(4 / 3, 2);
    expect(Math.hypot(x, y, z)).toBeCloseTo(0.4, 3);
  });

  it('lets the two bodies it joins overlap', async () => {
    const inside = moving(SPHERE, { pose: at(0, 0, -0.01) });
    const frames = await run([POST, inside], [joint('fixed', { anchorInParentM: [0, 0, -0.01] })], 0.1);
    expect(frames.every(({ contacts }) => contacts.length === 0)).toBe(true);
  });

  it('tells the friction of a jointed body that slides on the ground', async () => {
    const bodies = [
      table({ friction: 0.4 }),
      moving(CUBE, { pose: at(0, 0, 0.0499), friction: 0.4, linearVelocityMps: [1, 0, 0] }),
    ];
    // A rail to a third body, since joined bodies do not touch.
    const railed = [...bodies, moving(CUBE, { name: 'far', motion: 'fixed', pose: at(0, 0, 3) })];
    const carriage = moving(CUBE, { name: 'carriage', massKg: 0.01, pose: at(0, 0, 1) });
    const frames = await run(
      [...railed, carriage],
      [
        joint('prismatic', { parent: 2, child: 3, anchorInParentM: [0, 0, -2], axis: [1, 0, 0] }),
        {
          ...joint('prismatic', { parent: 3, child: 1, anchorInChildM: [0, 0, 0.9501], axis: [0, 0, 1] }),
          name: 'lift',
        },
      ],
      0.1,
    );
    const rubbing = frames.slice(20).flatMap(({ contacts }) => contacts);
    expect(rubbing.length).toBeGreaterThan(0);
    for (const { normalImpulseNs, tangentImpulseNs } of rubbing) {
      expect(tangentImpulseNs[0] / normalImpulseNs).toBeCloseTo(-0.4, 4);
      expect(Math.abs(tangentImpulseNs[1] / normalImpulseNs)).toBeLessThan(1e-2);
    }
  });
});
