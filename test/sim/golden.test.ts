import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, CYLINDER, moving, SPHERE, scene, table } from './scene.js';

/** A tossed cube that meets a ball and a cylinder on a table, every number by hand. */
const SPEC: SimSpec = scene([
  table({ friction: 0.2, restitution: 0.1 }),
  moving(
    { kind: 'box', halfExtentsM: [0.0524, 0.0524, 0.0524] },
    {
      name: 'cube',
      massKg: 0.37,
      inertiaKgm2: [8.1e-4, 8.1e-4, 8.1e-4],
      friction: 0.16,
      restitution: 0.15,
      pose: { positionM: [-0.1, 0.02, 0.11], orientation: [0.8, 0.4, 0.4, 0.2] },
      linearVelocityMps: [1.1, -0.2, -0.3],
      angularVelocityRadps: [2.5, -4, 1.5],
    },
  ),
  moving(SPHERE, {
    name: 'ball',
    friction: 0.3,
    pose: { positionM: [0.06, 0, 0.05], orientation: [1, 0, 0, 0] },
  }),
  moving(CYLINDER, {
    name: 'can',
    friction: 0.3,
    pose: { positionM: [0.1, -0.12, 0.1], orientation: [1, 0, 0, 0] },
  }),
]);

/** What the engine and we do beside: a path, pushes, a motor, a hollow mesh in parts, a cone, a break, heat. */
const MECHANISMS: SimSpec = {
  ...scene([
    table({ friction: 0.4 }),
    moving(
      { kind: 'box', halfExtentsM: [0.06, 0.04, 0.02] },
      {
        name: 'plate',
        massKg: 0.2,
        friction: 0.3,
        breakForceN: 20,
        temperatureC: 80,
        pose: { positionM: [0.3, 0, 0.1], orientation: [0.96, 0, 0.28, 0] },
      },
    ),
    moving(CUBE, {
      name: 'sweeper',
      motion: 'kinematic',
      path: [
        { timeS: 0, pose: at(-0.4, 0, 0.06) },
        { timeS: 0.3, pose: { positionM: [0.1, 0, 0.06], orientation: [0.8, 0, 0, 0.6] } },
      ],
      pose: at(-0.4, 0, 0.06),
    }),
    moving(
      {
        kind: 'mesh',
        file: 'notch.glb',
        verticesM: [0, 0, 1, 0, 1, 0.7, 0.5, 0.4, 0, 0.7].flatMap((x, i, all) =>
          i % 2 === 0
            ? [(x - 0.5) * 0.2, -0.04, all[i + 1]! * 0.2, (x - 0.5) * 0.2, 0.04, all[i + 1]! * 0.2]
            : [],
        ),
        triangles: [
          ...[0, 2, 6, 2, 4, 6, 0, 6, 8, 1, 7, 3, 3, 7, 5, 1, 9, 7],
          ...[0, 1, 3, 0, 3, 2, 2, 3, 5, 2, 5, 4, 4, 5, 7, 4, 7, 6, 6, 7, 9, 6, 9, 8, 8, 9, 1, 8, 1, 0],
        ],
      },
      { name: 'notch', friction: 0.4, pose: at(0, 0.3, 0.05) },
    ),
    moving(
      { kind: 'cone', radiusM: 0.05, halfHeightM: 0.06 },
      {
        name: 'cone',
        friction: 0.3,
        pose: at(0, -0.3, 0.2),
        angularVelocityRadps: [2, 3, 0],
        forces: [{ fromS: 0.05, toS: 0.2, forceN: [1, 2, 0], torqueNm: [0, 0, 0.01] }],
      },
    ),
    moving(CUBE, { name: 'arm', pose: at(0.2, 0.6, 0.5) }),
    ...[-0.03, 0.03].map((x, i) =>
      moving(
        { kind: 'box', halfExtentsM: [0.03, 0.04, 0.02] },
        {
          name: `plate-piece-${i}`,
          massKg: 0.1,
          friction: 0.3,
          pieceOf: 1,
          // The plate leans by the angle whose half has the cosine 0.96.
          pose: { positionM: [0.3 + x * 0.8432, 0, 0.1 - x * 0.5376], orientation: [0.96, 0, 0.28, 0] },
        },
      ),
    ),
  ]),
  joints: [
    {
      name: 'hinge',
      kind: 'revolute',
      parent: 0,
      child: 5,
      anchorInParentM: [0, 0.6, 1],
      anchorInChildM: [-0.2, 0, 0],
      axis: [0, 1, 0],
      limits: [-1, 1],
      motor: { target: -0.3, targetVelocity: 0, stiffness: 20, damping: 2, maxForce: 10 },
    },
  ],
};

/** SHA-256 of every number of the frames, as float64, little-endian. */
function digest(frames: Iterable<SimFrame>): string {
  const hash = createHash('sha256');
  const numbers = (values: readonly number[] | Float64Array): void => {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    for (const [i, value] of values.entries()) view.setFloat64(i * 8, value, true);
    hash.update(new Uint8Array(view.buffer));
  };
  for (const { step, timeNs, poses, velocities, present, contacts } of frames) {
    numbers([step, Number(timeNs), contacts.length]);
    numbers(poses);
    numbers(velocities);
    // Frames without a break were recorded before there were any.
    if (present.includes(0)) numbers([...present]);
    for (const c of contacts) {
      numbers([c.bodyA, c.bodyB, ...c.pointM, ...c.normal]);
      numbers([c.normalImpulseNs, ...c.tangentImpulseNs, c.distanceM]);
    }
  }
  return hash.digest('hex');
}

describe('300 frames of a toss', () => {
  it('are the same bytes on every machine and every version of Node', async () => {
    const world = await createWorld(SPEC);
    const frames = [...simulate(world, 0.299)];
    world.free();
    expect(frames).toHaveLength(300);
    const pairs = new Set(frames.flatMap(({ contacts }) => contacts.map((c) => `${c.bodyA}-${c.bodyB}`)));
    expect([...pairs]).toEqual(expect.arrayContaining(['0-1', '0-2', '0-3', '1-2']));
    expect(digest(frames)).toBe('d884cbf5d535f692780172a18687ad89a159f80b6a1b03e0ca6602396e1f144d');
  });
});

describe('400 frames of mechanisms', () => {
  it('are the same bytes on every machine and every version of Node', async () => {
    const world = await createWorld(MECHANISMS);
    const frames = [...simulate(world, 0.399)];
    world.free();
    expect(frames.at(-1)!.present[1]).toBe(0);
    const pairs = new Set(frames.flatMap(({ contacts }) => contacts.map((c) => `${c.bodyA}-${c.bodyB}`)));
    expect([...pairs]).toEqual(expect.arrayContaining(['0-1', '0-3', '0-4']));
    expect(digest(frames)).toBe('df6ac4d555fb01c4f7e0198785fdf3ad7ec262c42a89e22f3c9bb0b0ef59e987');
  });
});
