import { beforeAll, describe, expect, it } from 'vitest';
import { frictionAtTemperature } from '../../core/materials.js';
import { length, subtract, type Vec3 } from '../../core/math/vector.js';
import { compileEpisode } from '../../scenarios/compile.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { findScenario } from '../../scenarios/library.js';
import { senseAll } from '../../sensors/rig.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';

async function run(name: string, episode: number): Promise<{ spec: SimSpec; frames: SimFrame[] }> {
  const spec = compileEpisode(findScenario(name), 1, episode);
  const world = await createWorld(spec);
  try {
    return { spec, frames: [...simulate(world, spec.durationS)] };
  } finally {
    world.free();
  }
}

describe('finger-slide', () => {
  it('taps, presses with about 1 N and slides 60 mm at 30 to 100 mm/s', async () => {
    const { spec, frames } = await run('finger-slide', 0);
    const [plate, , finger] = spec.bodies;
    const force = ({ contacts }: SimFrame): number =>
      contacts.reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0) * spec.physics.stepHz;
    const at = (timeS: number): SimFrame => frames[Math.round(timeS * spec.physics.stepHz)]!;
    expect(force(at(0.19))).toBe(0);
    expect(Math.max(...frames.slice(400, 600).map(force))).toBeGreaterThan(2);
    expect(force(at(0.45))).toBe(0);
    for (const timeS of [0.7, 1, 1.3, 2.9]) {
      expect(force(at(timeS))).toBeGreaterThan(0.75);
      expect(force(at(timeS))).toBeLessThan(1.35);
    }
    const speed = at(1.2).velocities[12]!;
    expect(speed).toBeGreaterThan(0.03);
    expect(speed).toBeLessThan(0.1);
    const rubbing = at(1.2).contacts.reduce((sum, { tangentImpulseNs }) => sum + tangentImpulseNs[0], 0);
    const warm = frictionAtTemperature(finger!.friction, finger!.material, finger!.temperatureC);
    expect((-rubbing * spec.physics.stepHz) / force(at(1.2))).toBeCloseTo((plate!.friction + warm) / 2, 3);
    expect(frames.at(-1)!.poses[14]! - frames[0]!.poses[14]!).toBeCloseTo(0.06, 3);
  });
});

describe('street-pass', () => {
  it('drives the car past the microphones, faster with a faster engine', async () => {
    const { frames } = await run('street-pass', 0);
    const x = (frame: SimFrame): number => frame.poses[14]!;
    expect(x(frames[0]!)).toBeLessThan(-20);
    expect(x(frames.at(-1)!)).toBeGreaterThan(0);
    const speeds = Array.from({ length: 200 }, (_, episode) => {
      const { draws } = compileEpisode(findScenario('street-pass'), 1, episode);
      return [
        draws['bodies.car.linearVelocityMps.0'] as number,
        draws['sounds.engine.rpm'] as number,
      ] as const;
    });
    const fast = speeds.filter(([speed]) => speed > 17.5).map(([, rpm]) => rpm);
    const slow = speeds.filter(([speed]) => speed < 12.5).map(([, rpm]) => rpm);
    expect(Math.min(fast.length, slow.length)).toBeGreaterThan(20);
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(fast) - mean(slow)).toBeGreaterThan(800);
  });
});

describe('push-box', () => {
  const EPISODES = 12;
  let runs: Awaited<ReturnType<typeof run>>[] = [];
  beforeAll(async () => {
    runs = await Promise.all(Array.from({ length: EPISODES }, (_, episode) => run('push-box', episode)));
  }, 60_000);
  const place = (frame: SimFrame): readonly number[] => [...frame.poses.subarray(7, 10)];
  const apart = (a: readonly number[], b: readonly number[]): number =>
    length(subtract(a as unknown as Vec3, b as unknown as Vec3));

  it('pushes the box more than 2 cm in at least 7 of 10 episodes, and never off the table', () => {
    const moved = runs.map(({ frames }) =>
      Math.max(...frames.map((frame) => apart(place(frame), place(frames[0]!)))),
    );
    expect(moved.filter((distanceM) => distanceM > 0.02).length).toBeGreaterThanOrEqual(0.7 * EPISODES);
    for (const { frames } of runs) for (const frame of frames) expect(place(frame)[2]).toBeCloseTo(0.03, 2);
  });

  it('moves the box by touching it and not before', () => {
    for (const { frames } of runs) {
      const touched = frames.findIndex(({ contacts }) =>
        contacts.some(
          ({ bodyA, bodyB, normalImpulseNs }) => bodyA === 1 && bodyB === 2 && normalImpulseNs > 0,
        ),
      );
      const before = touched < 0 ? frames : frames.slice(0, touched);
      expect(apart(place(before.at(-1)!), place(frames[0]!))).toBeLessThan(1e-3);
    }
  });

  it('reaches its goal in some episodes and not in others, and the pusher keeps to its plane', () => {
    const ends = runs.map(({ spec, frames }) => {
      const only = { ...spec, sensors: { action: spec.sensors.action!, reward: spec.sensors.reward! } };
      const samples = [...senseAll(frames, only)];
      const heights = samples.flatMap(({ values }) => (values.value ? [values.value[2]] : []));
      expect(new Set(heights)).toEqual(new Set([Math.fround(0.044)]));
      return samples.findLast(({ values }) => values.end !== undefined)!.values.end![0];
    });
    expect(new Set(ends)).toEqual(new Set([0, 1]));
  });
});

describe('break-cup', () => {
  it('breaks in some episodes and not in others', async () => {
    const ends = [];
    for (let episode = 0; episode < 6; episode++) {
      const { frames } = await run('break-cup', episode);
      expect([...frames[0]!.present]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
      ends.push([...frames.at(-1)!.present].join(''));
    }
    expect(new Set(ends)).toEqual(new Set(['1100000000', '1011111111']));
  });
});
