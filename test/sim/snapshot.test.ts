import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createWorld } from '../../sim/world.js';
import { at, CUBE, CYLINDER, moving, SPHERE, scene, table } from './scene.js';

const material = { friction: 0.4, restitution: 0.3 };
const SPEC = scene(
  [
    table(material),
    moving(CUBE, {
      ...material,
      name: 'cube',
      pose: { positionM: [0, 0, 0.12], orientation: fromAxisAngle([1, 2, 0.5], 0.7) },
      linearVelocityMps: [0.5, 0.3, 0],
      angularVelocityRadps: [3, -4, 6],
    }),
    moving(SPHERE, { ...material, name: 'ball', pose: at(0.06, 0.05, 0.3) }),
    moving(CYLINDER, { ...material, name: 'can', pose: at(0.05, 0.1, 0.12) }),
  ],
  { stepHz: 592, solverIterations: 3, lengthUnitM: 0.05, gravityMps2: [0.5, 0, -9.7] },
);

/** The snapshot at a step, and the frames from that step on. */
async function record(spec: SimSpec, atStep: number, more: number) {
  const world = await createWorld(spec);
  for (let step = 0; step < atStep; step++) world.step();
  const snapshot = world.snapshot();
  const frames = [world.frame()];
  for (let step = 0; step < more; step++) frames.push(world.step());
  return { world, snapshot, frames };
}

describe('snapshot and restore', () => {
  it.each([0, 1, 70, 200])(
    'continue bit for bit from step %i, in the same world and in a new one',
    async (step) => {
      const { world, snapshot, frames } = await record(SPEC, step, 250);
      expect(frames.some(({ contacts }) => contacts.length > 4)).toBe(true);
      const fresh = await createWorld(SPEC);
      fresh.step();
      for (const continued of [world, fresh]) {
        continued.restore(snapshot);
        expect(continued.frame()).toEqual(frames[0]);
        for (const frame of frames.slice(1)) expect(continued.step()).toEqual(frame);
      }
      expect(fresh.snapshot()).toEqual(world.snapshot());
      world.free();
      fresh.free();
    },
  );

  it('leave the world that is being recorded alone', async () => {
    const { world, frames } = await record(SPEC, 60, 60);
    world.free();
    const plain = await createWorld(SPEC);
    for (let step = 0; step < 120; step++) plain.step();
    expect(plain.frame()).toEqual(frames.at(-1));
    plain.free();
  });

  it('refuse a snapshot of another spec', async () => {
    const { world, snapshot } = await record(SPEC, 5, 0);
    const other = await createWorld({ ...SPEC, seed: 2 });
    expect(() => other.restore(snapshot)).toThrowError(/another spec/);
    world.free();
    other.free();
  });

  it('refuse bytes that are cut short, changed or made up, and go on as if nothing had happened', async () => {
    const { world, snapshot, frames } = await record(SPEC, 80, 0);
    const control = await createWorld(SPEC);
    control.restore(snapshot);
    const next = control.step();
    control.free();

    const refuses = (bytes: Uint8Array): void => {
      let thrown: unknown;
      try {
        world.restore(bytes);
      } catch (cause) {
        thrown = cause;
      }
      expect(thrown).toBeInstanceOf(UmweltError);
      expect(thrown).toMatchObject({ code: 'malformed-file' });
    };
    const places = fc.integer({ min: 0, max: snapshot.length - 1 });
    fc.assert(
      fc.property(places, (length) => refuses(snapshot.slice(0, length))),
      { numRuns: 50, seed: 1 },
    );
    // Bytes 22 on are the header; its step may change without harm to the engine.
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: snapshot.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (place, flip) => {
          const changed = snapshot.slice();
          changed[place]! ^= flip;
          refuses(changed);
        },
      ),
      { numRuns: 50, seed: 1 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refuses), { numRuns: 50, seed: 1 });
    const headers = ['null', '[]', '{}', '{"contacts":1e9}', 'x'];
    for (const header of headers) {
      const bytes = new Uint8Array(22 + header.length + 8);
      bytes.set(snapshot.subarray(0, 18));
      bytes[18] = header.length;
      bytes.set(new TextEncoder().encode(header), 22);
      refuses(bytes);
    }
    expect(world.frame()).toEqual(frames[0]);
    expect(world.step()).toEqual(next);
    world.free();
  });
});
