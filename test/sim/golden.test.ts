import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { CYLINDER, moving, SPHERE, scene, table } from './scene.js';

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

/** SHA-256 of every number of the frames, as float64, little-endian. */
function digest(frames: Iterable<SimFrame>): string {
  const hash = createHash('sha256');
  const numbers = (values: readonly number[] | Float64Array): void => {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    for (const [i, value] of values.entries()) view.setFloat64(i * 8, value, true);
    hash.update(new Uint8Array(view.buffer));
  };
  for (const { step, timeNs, poses, velocities, contacts } of frames) {
    numbers([step, Number(timeNs), contacts.length]);
    numbers(poses);
    numbers(velocities);
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
