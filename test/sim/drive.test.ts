import { describe, expect, it } from 'vitest';
import { drivenStateAt } from '../../core/drive.js';
import { MATERIALS } from '../../core/materials.js';
import { rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle, toRotationVector } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import { inertiaOfShape, type Shape, volumeM3 } from '../../core/shape.js';
import type { BodySpec, PhysicsSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, GRAVITY, moving, SPHERE, scene, table } from './scene.js';

async function run(
  bodies: readonly BodySpec[],
  durationS: number,
  physics: Partial<PhysicsSpec> = {},
): Promise<SimFrame[]> {
  const world = await createWorld(scene(bodies, physics));
  try {
    return [...simulate(world, durationS)];
  } finally {
    world.free();
  }
}

function place({ poses }: SimFrame, body = 0): Vec3 {
  return [poses[body * 7]!, poses[body * 7 + 1]!, poses[body * 7 + 2]!];
}

function velocity({ velocities }: SimFrame, body = 0): Vec3 {
  return [velocities[body * 6]!, velocities[body * 6 + 1]!, velocities[body * 6 + 2]!];
}

const STILL = { gravityMps2: [0, 0, 0] } as const;

describe('a kinematic body', () => {
  const quarter = fromAxisAngle([0, 0, 1], Math.PI / 2);
  const path: BodySpec['path'] = [
    { timeS: 0.1, pose: at(0, 0, 1) },
    { timeS: 0.3, pose: { positionM: [1, 0, 1], orientation: quarter } },
    { timeS: 0.5, pose: { positionM: [1, 2, 1], orientation: quarter } },
  ];
  const driven = moving(CUBE, { motion: 'kinematic', path, pose: at(0, 0, 1) });

  it('follows its path exactly, with the velocities of it', async () => {
    const frames = await run([driven], 0.6);
    expect(place(frames[50]!)).toEqual([0, 0, 1]);
    expect(velocity(frames[50]!)).toEqual([0, 0, 0]);
    expect(place(frames[200]!)[0]).toBeCloseTo(0.5, 9);
    expect(velocity(frames[200]!)[0]).toBeCloseTo(5, 9);
    expect(frames[200]!.velocities[5]).toBeCloseTo(Math.PI / 2 / 0.2, 9);
    expect(place(frames[400]!)[1]).toBeCloseTo(1, 9);
    expect(velocity(frames[400]!)).toEqual([0, expect.closeTo(10, 9), 0]);
    expect([...frames[400]!.velocities.subarray(3, 6)]).toEqual([0, 0, 0]);
    expect(place(frames[600]!)).toEqual([1, 2, 1]);
    expect(velocity(frames[600]!)).toEqual([0, 0, 0]);
  });

  it('has velocities that are the change of its poses', async () => {
    const frames = await run([driven], 0.6);
    for (const step of [120, 250, 350, 480]) {
      const change = place(frames[step + 1]!).map(
        (value, axis) => (value - place(frames[step]!)[axis]!) * 1000,
      );
      for (const axis of [0, 1, 2]) expect(change[axis]).toBeCloseTo(velocity(frames[step]!)[axis]!, 6);
    }
  });

  it('keeps constant velocities where it has no path', async () => {
    const steady = moving(CUBE, {
      motion: 'kinematic',
      linearVelocityMps: [30, 0, 0],
      angularVelocityRadps: [0, 0, 2],
    });
    const last = (await run([steady], 1)).at(-1)!;
    expect(place(last)[0]).toBeCloseTo(30, 12);
    expect(velocity(last)).toEqual([30, 0, 0]);
    expect(toRotationVector([last.poses[3]!, last.poses[4]!, last.poses[5]!, last.poses[6]!])[2]).toBeCloseTo(
      2,
      12,
    );
  });

  it('carries what lies on it and is not pushed back', async () => {
    const belt = moving(
      { kind: 'box', halfExtentsM: [3, 1, 0.5] },
      {
        name: 'belt',
        motion: 'kinematic',
        friction: 0.5,
        pose: at(0, 0, -0.5),
        linearVelocityMps: [0.4, 0, 0],
      },
    );
    const frames = await run([belt, moving(CUBE, { friction: 0.5, pose: at(0, 0, 0.05) })], 1);
    // Friction of mu g brings it to the belt's speed within 0.4 / (0.5 g) = 82 ms.
    expect(velocity(frames[40]!, 1)[0]).toBeCloseTo(0.5 * GRAVITY * 0.04, 2);
    expect(velocity(frames.at(-1)!, 1)[0]).toBeCloseTo(0.4, 3);
    expect(velocity(frames.at(-1)!, 0)).toEqual([0.4, 0, 0]);
    const slipping = frames.slice(5, 60).flatMap(({ contacts }) => contacts);
    const along = slipping.reduce((sum, { tangentImpulseNs }) => sum + tangentImpulseNs[0], 0);
    const pressed = slipping.reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0);
    expect(along / pressed).toBeCloseTo(0.5, 2);
  });

  it('is at its first waypoint before and its last after', () => {
    expect(drivenStateAt(driven, -1).pose).toEqual(path[0]!.pose);
    expect(drivenStateAt(driven, 9).pose).toEqual(path[2]!.pose);
    expect(drivenStateAt({ ...driven, path: [path[1]!] }, 0.3).pose).toEqual(path[1]!.pose);
  });
});

describe('a push', () => {
  const none = { torqueNm: [0, 0, 0] } as const;

  it('accelerates by F / m while it lasts, from its first step to before its last', async () => {
    const forces = [{ fromS: 0.1, toS: 0.3, forceN: [2, 0, 0], ...none }] as const;
    const frames = await run([moving(CUBE, { massKg: 0.5, forces })], 0.5, STILL);
    expect(velocity(frames[100]!)[0]).toBe(0);
    expect(velocity(frames[101]!)[0]).toBeCloseTo(0.004, 6);
    expect(velocity(frames[300]!)[0]).toBeCloseTo(0.8, 4);
    expect(velocity(frames[500]!)[0]).toBe(velocity(frames[300]!)[0]);
    // 0.2 s under 4 m/s^2, then 0.2 s at 0.8 m/s.
    expect(place(frames[500]!)[0]).toBeCloseTo(0.08 + 0.16, 3);
  });

  it('falls with gravity and a force along it, and adds up with others', async () => {
    const forces = [
      { fromS: 0, toS: 9, forceN: [0, 0, -3], ...none },
      { fromS: 0, toS: 9, forceN: [1, 0, 1], ...none },
    ] as const;
    const last = (await run([moving(CUBE, { forces })], 0.4)).at(-1)!;
    expect(velocity(last)[2]).toBeCloseTo(-(GRAVITY + 2) * 0.4, 3);
    expect(velocity(last)[0]).toBeCloseTo(0.4, 4);
  });

  it('turns by torque / inertia', async () => {
    const forces = [{ fromS: 0, toS: 9, forceN: [0, 0, 0], torqueNm: [0, 0, 0.01] }] as const;
    const last = (await run([moving(CUBE, { forces })], 0.1, STILL)).at(-1)!;
    expect(last.velocities[5]).toBeCloseTo((0.01 * 0.1) / inertiaOfShape(CUBE, 1)[2], 3);
  });

  it('shows in the friction and the weight that a table bears', async () => {
    const forces = [{ fromS: 0, toS: 9, forceN: [1.5, 0, -5], ...none }] as const;
    const frames = await run(
      [table({ friction: 0.5 }), moving(CUBE, { friction: 0.5, forces, pose: at(0, 0, 0.05) })],
      0.4,
    );
    const last = frames.at(-1)!;
    expect(Math.abs(velocity(last, 1)[0])).toBeLessThan(1e-3);
    const sum = (pick: (c: SimFrame['contacts'][number]) => number): number =>
      last.contacts.reduce((total, contact) => total + pick(contact), 0) * 1000;
    expect(sum((c) => c.normalImpulseNs)).toBeCloseTo(GRAVITY + 5, 1);
    expect(sum((c) => c.tangentImpulseNs[0])).toBeCloseTo(-1.5, 1);
  });
});

describe('heat', () => {
  it('changes friction by its material, as the mean of the pair', async () => {
    const slowed = async (temperatureC: number): Promise<number> => {
      const slab = moving(
        { kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] },
        {
          material: MATERIALS.rubber,
          temperatureC,
          friction: 0.5,
          pose: at(0, 0, 0.02),
          linearVelocityMps: [1, 0, 0],
        },
      );
      const last = (await run([table({ friction: 0.3 }), slab], 0.1)).at(-1)!;
      return (1 - velocity(last, 1)[0]) / (GRAVITY * 0.1);
    };
    expect(await slowed(20)).toBeCloseTo(0.4, 2);
    expect(await slowed(120)).toBeCloseTo((0.3 + 0.5 * (1 + 0.004 * 100)) / 2, 2);
  });
});

function boxMesh([x, y, z]: Vec3): Shape {
  const verticesM = [-1, 1].flatMap((i) =>
    [-1, 1].flatMap((j) => [-1, 1].flatMap((k) => [i * x, j * y, k * z])),
  );
  const triangles = [
    0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7,
    3,
  ];
  return { kind: 'mesh', file: 'box.glb', verticesM, triangles };
}

describe('shapes', () => {
  it('a capsule lies, a cone stands, at the height of their surface', async () => {
    const lying = moving(
      { kind: 'capsule', radiusM: 0.05, halfHeightM: 0.1 },
      {
        friction: 0.5,
        pose: { positionM: [0, 0, 0.051], orientation: fromAxisAngle([0, 1, 0], Math.PI / 2) },
      },
    );
    const standing = moving(
      { kind: 'cone', radiusM: 0.08, halfHeightM: 0.1 },
      { name: 'cone', friction: 0.5, pose: at(1, 0, 0.101) },
    );
    const frames = await run([table({ friction: 0.5 }), lying, standing], 0.6);
    const last = frames.at(-1)!;
    expect(place(last, 1)[2]).toBeCloseTo(0.05, 3);
    expect(place(last, 2)[2]).toBeCloseTo(0.1, 3);
    for (const body of [1, 2]) {
      const weight = last.contacts
        .filter((c) => c.bodyB === body)
        .reduce((sum, c) => sum + c.normalImpulseNs, 0);
      expect(weight * 1000).toBeCloseTo(GRAVITY, 1);
    }
  });

  it('a cone turns about its centre of mass, and its velocity is that of its origin', async () => {
    const cone = moving(
      { kind: 'cone', radiusM: 0.1, halfHeightM: 0.2 },
      { angularVelocityRadps: [0, 3, 0] },
    );
    const frames = await run([cone], 0.5, STILL);
    const centre = (frame: SimFrame): Vec3 => {
      const [w, x, y, z] = frame.poses.subarray(3, 7);
      const arm = rotate([w!, x!, y!, z!], [0, 0, -0.1]);
      return [place(frame)[0] + arm[0], place(frame)[1] + arm[1], place(frame)[2] + arm[2]];
    };
    // The origin stands still at first, so the centre, 0.1 m below it, moves at w x r = -0.3 m/s along x.
    const moved = centre(frames.at(-1)!)[0] - centre(frames[0]!)[0];
    expect(moved).toBeCloseTo(-0.3 * 0.5, 3);
    for (const step of [100, 300]) {
      const change = (place(frames[step + 1]!)[0] - place(frames[step - 1]!)[0]) * 500;
      expect(change).toBeCloseTo(velocity(frames[step]!)[0], 2);
    }
  });

  it('a box turns about a centre of mass that is not its middle, in flight as about a corner', async () => {
    const box: Shape = { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] };
    const heavyBelow = moving(box, { centreOfMassM: [0, 0, -0.02], angularVelocityRadps: [0, 3, 0] });
    const frames = await run([heavyBelow], 0.5, STILL);
    const [w, x, y, z] = frames.at(-1)!.poses.subarray(3, 7);
    const arm = rotate([w!, x!, y!, z!], [0, 0, -0.02]);
    // The middle stands still at first, so the centre of mass, 0.02 m below it, moves at w x r = -0.06 m/s along x.
    const moved = place(frames.at(-1)!)[0] + arm[0] - place(frames[0]!)[0];
    expect(moved).toBeCloseTo(-0.06 * 0.5, 3);
    // Tilted by 40 degrees, a box falls on its side; not with its mass at the floor.
    const tilted = {
      pose: { positionM: [0, 0, 0.075] as Vec3, orientation: fromAxisAngle([0, 1, 0], 0.87) },
    };
    const uprightness = async (centreOfMassM: Vec3) => {
      const last = (await run([table(), moving(box, { ...tilted, centreOfMassM })], 1.5)).at(-1)!;
      return rotate([...last.poses.subarray(10, 14)] as [number, number, number, number], [0, 0, 1])[2];
    };
    expect(Math.abs(await uprightness([0, 0, 0]))).toBeLessThan(0.1);
    expect(await uprightness([0, 0, -0.04])).toBeGreaterThan(0.9);
  });

  it('a box with rounded edges rests at its height and weighs the same', async () => {
    const half: Vec3 = [0.05, 0.05, 0.05];
    const rounded: Shape = { kind: 'box', halfExtentsM: half, edgeRadiusM: 0.01 };
    const last = (await run([table(), moving(rounded, { pose: at(0, 0, 0.06) })], 1)).at(-1)!;
    expect(place(last, 1)[2]).toBeCloseTo(0.05, 3);
    const weight = last.contacts.reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0) * 1000;
    expect(weight).toBeCloseTo(GRAVITY, 1);
    await expect(run([moving({ ...rounded, edgeRadiusM: 0.05 })], 0.01)).rejects.toThrow(/less than 0.05 m/);
  });

  it('a mesh of a box behaves like the box', async () => {
    const half: Vec3 = [0.06, 0.05, 0.04];
    const start = { friction: 0.4, pose: at(0, 0, 0.2), linearVelocityMps: [0.3, 0, 0] as Vec3 };
    const box: Shape = { kind: 'box', halfExtentsM: half };
    const boxed = (await run([table({ friction: 0.4 }), moving(box, start)], 1)).at(-1)!;
    const meshed = (await run([table({ friction: 0.4 }), moving(boxMesh(half), start)], 1)).at(-1)!;
    for (const axis of [0, 1, 2]) {
      // Contact points come in another order.
      expect(Math.abs(place(meshed, 1)[axis]! - place(boxed, 1)[axis]!)).toBeLessThan(2e-3);
    }
    expect(volumeM3(boxMesh(half))).toBeCloseTo(volumeM3(box), 12);
  });

  it('a fixed mesh bears what falls on it', async () => {
    const ground = moving(boxMesh([1, 1, 0.1]), { name: 'ground', motion: 'fixed', pose: at(0, 0, -0.1) });
    const last = (await run([ground, moving(SPHERE, { pose: at(0.2, 0.1, 0.06) })], 0.5)).at(-1)!;
    expect(place(last, 1)[2]).toBeCloseTo(0.05, 3);
  });

  it('a hollow mesh keeps its hollow: a ball rests inside a bowl that moves', async () => {
    // A tray: a floor and four walls, as one closed mesh of an outer box with a pit.
    const tray = trayMesh(0.2, 0.1, 0.02);
    const bodies = [
      table(),
      moving(tray, { name: 'tray', massKg: 5, pose: at(0, 0, 0.1) }),
      moving(SPHERE, { massKg: 0.1, pose: at(0.02, 0, 0.12) }),
    ];
    const last = (await run(bodies, 1)).at(-1)!;
    expect(place(last, 2)[2]).toBeLessThan(0.09);
    expect(place(last, 2)[2]).toBeGreaterThan(0.05);
  });

  it('a hollow can rolls slower than a solid one', async () => {
    const rolled = async (wall: { wallM?: number }): Promise<number> => {
      const can = moving(
        { kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1, ...wall },
        {
          friction: 0.8,
          pose: { positionM: [0, 0, 0.05], orientation: fromAxisAngle([1, 0, 0], Math.PI / 2) },
        },
      );
      const slope = { gravityMps2: [1, 0, -9.7] } as const;
      return velocity((await run([table({ friction: 0.8 }), can], 0.5, slope)).at(-1)!, 1)[0];
    };
    const factor = (shape: Shape): number => 1 / (1 + inertiaOfShape(shape, 1)[2] / 0.05 ** 2);
    const solid: Shape = { kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1 };
    const hollow: Shape = { ...solid, wallM: 0.002 };
    const ratio = (await rolled({ wallM: 0.002 })) / (await rolled({}));
    expect(ratio).toBeCloseTo(factor(hollow) / factor(solid), 2);
  });
});

/** A box without its middle: outer half width, outer half height, thickness of walls and floor. */
function trayMesh(half: number, height: number, wall: number): Shape {
  const inner = half - wall;
  const floor = -height + wall;
  const ring = (r: number, z: number): number[] => [-r, -r, z, r, -r, z, r, r, z, -r, r, z];
  const verticesM = [
    ...ring(half, -height),
    ...ring(half, height),
    ...ring(inner, height),
    ...ring(inner, floor),
  ];
  const triangles = [0, 2, 1, 0, 3, 2, 12, 13, 14, 12, 14, 15];
  for (let s = 0; s < 4; s++) {
    const n = (s + 1) % 4;
    for (const from of [0, 4, 8])
      triangles.push(from + s, from + n, from + 4 + n, from + s, from + 4 + n, from + 4 + s);
  }
  return { kind: 'mesh', file: 'tray.glb', verticesM, triangles };
}
