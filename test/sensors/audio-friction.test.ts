import { describe, expect, it } from 'vitest';
import { fourierTransform } from '../../core/math/fourier.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createAudio } from '../../sensors/audio/audio.js';
import { createFrictionSound, type FrictionForce } from '../../sensors/audio/friction-sound.js';
import { type AudioSpecification, audioSpecification } from '../../sensors/audio/specification.js';
import { createSurfaceProfile } from '../../sensors/audio/surface-profile.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, scene, scripted } from './scene.js';
import { rootMeanSquare } from './signal.js';

const RATE = 48000;
const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [1, 1, 0.02] }, 'wood', {
  pose: { positionM: [0, 0, -0.02], orientation: [1, 0, 0, 0] },
});
const block = body('block', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.04, 0.03] }, 'plastic', {
  pose: { positionM: [0, 0, 0.03], orientation: [1, 0, 0, 0] },
});
const ball = body('ball', 'dynamic', { kind: 'sphere', radiusM: 0.02 }, 'steel', {
  pose: { positionM: [0, 0, 0.02], orientation: [1, 0, 0, 0] },
});

/** Force of one pair over `durationS` of a motion that does not change, N, joined from its steps. */
function force(
  spec: SimSpec,
  motion: readonly [number, number, number, number, number, number],
  loadN: number,
): Float64Array {
  const sound = createFrictionSound(spec, RATE);
  const frames = scripted(spec, () => ({
    velocities: [0, 0, 0, 0, 0, 0, ...motion],
    contacts: [contact([0, 0, 0], loadN / spec.physics.stepHz)],
  }));
  const out = new Float64Array(frames.length * 48);
  for (const [index, frame] of frames.entries())
    for (const { impulsesNs } of sound.excite(frame, 48)) out.set(impulsesNs, index * 48);
  return out.map((impulse) => impulse * RATE);
}

const sliding = (speedMps: number) => [speedMps, 0, 0, 0, 0, 0] as const;
const rolling = (speedMps: number) => [speedMps, 0, 0, 0, speedMps / 0.02, 0] as const;

/** Mean frequency, weighted by power, Hz. */
function centroid(signal: Float64Array, size = 32768): number {
  const real = signal.slice(size / 8, size / 8 + size);
  for (let i = 0; i < size; i++) real[i]! *= 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
  const imaginary = new Float64Array(size);
  fourierTransform(real, imaginary);
  let [power, moment] = [0, 0];
  for (let bin = 1; bin < size / 2; bin++) {
    const square = real[bin]! ** 2 + imaginary[bin]! ** 2;
    power += square;
    moment += square * ((bin * RATE) / size);
  }
  return moment / power;
}

describe('a surface profile', () => {
  const read = (name: string, fromM: number, count: number, speedMps = 0.5) => {
    const out = new Float64Array(count);
    const reading = { fromM, fromMps: speedMps, toMps: speedMps, rateHz: RATE, patch: () => 1 };
    const endM = createSurfaceProfile(1, name).read(out, count, reading);
    return { out, endM };
  };

  it('has unit root mean square where all of its waves are heard', () => {
    expect(rootMeanSquare(read('a', 0, 200_000).out)).toBeGreaterThan(0.9);
    expect(rootMeanSquare(read('a', 0, 200_000).out)).toBeLessThan(1.1);
  });

  it('is a function of the path: reading on gives what reading at once gives', () => {
    const whole = read('a', 0.3, 960);
    const first = read('a', 0.3, 480);
    const second = read('a', first.endM, 480);
    for (let i = 0; i < 480; i++) expect(second.out[i]!).toBeCloseTo(whole.out[480 + i]!, 9);
    expect(second.endM).toBeCloseTo(whole.endM, 12);
  });

  it('falls in power as (wave number)^-2.6', () => {
    const { out } = read('slope', 0, 65536, 0.4);
    const imaginary = new Float64Array(65536);
    fourierTransform(out, imaginary);
    const band = (fromHz: number, toHz: number) => {
      let sum = 0;
      const [from, to] = [fromHz, toHz].map((hz) => Math.round((hz * 65536) / RATE)) as [number, number];
      for (let bin = from; bin < to; bin++) sum += out[bin]! ** 2 + imaginary[bin]! ** 2;
      return sum / (to - from);
    };
    const slope = Math.log(band(4000, 5600) / band(250, 350)) / Math.log(16);
    expect(slope).toBeGreaterThan(-2.9);
    expect(slope).toBeLessThan(-2.3);
  });

  it('differs by name', () => {
    expect(read('a', 0, 100).out).not.toEqual(read('b', 0, 100).out);
  });
});

describe('scraping', () => {
  const spec = scene([table, block], {}, 1);

  it('moves up with speed: the centroid of the force is in proportion to it', () => {
    const long = { ...spec, durationS: 1.6 };
    // The same stretch of the surface each time.
    const slow = centroid(force(long, sliding(0.25), 4), 65536);
    const fast = centroid(force(long, sliding(0.5), 4), 32768);
    const faster = centroid(force(long, sliding(1), 4), 16384);
    expect(fast / slow).toBeGreaterThan(1.9);
    expect(fast / slow).toBeLessThan(2.1);
    expect(faster / slow).toBeGreaterThan(3.7);
    expect(faster / slow).toBeLessThan(4.3);
  });

  it('grows louder with load, and with speed at any pitch', () => {
    const level = (speed: number, load: number) => {
      const signal = force(spec, sliding(speed), load);
      // Above about 1 kHz, where bodies ring: the difference of samples weighs by frequency.
      return rootMeanSquare(signal.map((value, i) => value - (signal[i - 1] ?? value)));
    };
    expect(level(0.3, 8) / level(0.3, 4)).toBeGreaterThan(1.5);
    expect(level(0.3, 8) / level(0.3, 4)).toBeLessThan(2.05);
    expect(level(0.6, 4)).toBeGreaterThan(1.3 * level(0.3, 4));
    expect(level(0.1, 4)).toBeLessThan(level(0.3, 4));
  });

  it('is rougher on rougher surfaces', () => {
    const smooth = scene(
      [
        { ...table, material: { ...table.material, asperityM: 1e-7 } },
        { ...block, material: { ...block.material, asperityM: 1e-7 } },
      ],
      {},
      1,
    );
    expect(rootMeanSquare(force(smooth, sliding(0.3), 4))).toBeLessThan(
      0.5 * rootMeanSquare(force(spec, sliding(0.3), 4)),
    );
  });

  it('never pushes harder than the load, and is silent at rest and without load', () => {
    for (const value of force(spec, sliding(0.7), 4)) expect(Math.abs(value)).toBeLessThanOrEqual(4);
    expect(rootMeanSquare(force(spec, sliding(0), 4))).toBe(0);
    expect(rootMeanSquare(force(spec, sliding(0.001), 4))).toBe(0);
    expect(rootMeanSquare(force(spec, sliding(0.3), 0))).toBe(0);
  });
});

describe('rolling', () => {
  const spec = scene([table, ball], {}, 1);

  it('is fainter and duller than sliding at the same speed and load, and louder when faster', () => {
    const roll = force(spec, rolling(0.5), 4);
    const slide = force(spec, sliding(0.5), 4);
    expect(rootMeanSquare(roll)).toBeGreaterThan(0);
    expect(rootMeanSquare(roll)).toBeLessThan(0.5 * rootMeanSquare(slide));
    expect(centroid(roll)).toBeLessThan(centroid(slide));
    expect(centroid(force(spec, rolling(1), 4))).toBeGreaterThan(1.5 * centroid(roll));
  });
});

describe('determinism', () => {
  const spec = scene([table, block, ball], {}, 0.05);
  const run = (order: readonly [number, number][]): Map<number, FrictionForce[]> => {
    const sound = createFrictionSound(spec, RATE);
    const found = new Map<number, FrictionForce[]>();
    const frames = scripted(spec, () => ({
      velocities: [0, 0, 0, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0.4, 0.1, 0, 0, 0, 0],
      contacts: order.map(([bodyA, bodyB]) => contact([0, 0, 0], 0.004, { bodyA, bodyB })),
    }));
    for (const frame of frames)
      for (const one of sound.excite(frame, 48)) found.set(one.bodyB, [...(found.get(one.bodyB) ?? []), one]);
    return found;
  };

  it('makes a pair sound the same whichever other pairs there are, and however often it is run', () => {
    const both = run([
      [0, 1],
      [0, 2],
    ]);
    expect(run([[0, 2]]).get(2)).toEqual(both.get(2));
    expect(run([[0, 1]]).get(1)).toEqual(both.get(1));
    expect(both.get(1)![20]!.impulsesNs).not.toEqual(both.get(2)![20]!.impulsesNs);
  });
});

describe('in the real engine', () => {
  it('a block that slides to rest scrapes, then is silent', async () => {
    const moving = { ...block, friction: 0.3, linearVelocityMps: [1, 0, 0] as const };
    const spec = scene([{ ...table, friction: 0.3 }, moving as typeof block], {}, 1.2);
    const world = await createWorld(spec);
    const sound = createFrictionSound(spec, RATE);
    const levels: number[] = [];
    for (let step = 0; step < 1200; step++) {
      const forces = sound.excite(world.step(), 48);
      levels.push(forces.length === 0 ? 0 : rootMeanSquare(forces[0]!.impulsesNs) * RATE);
    }
    world.free();
    const mean = (from: number, to: number) =>
      levels.slice(from, to).reduce((sum, level) => sum + level, 0) / (to - from);
    expect(mean(20, 100)).toBeGreaterThan(0.05);
    // It stops after v / mu g = 0.34 s.
    expect(levels.slice(600).every((level) => level === 0)).toBe(true);
  });
});

describe('what microphones hear of friction', () => {
  it('is a block that scrapes over the table, and nothing of one that lies on it', () => {
    const hear = (speedMps: number): number => {
      const spec = scene([table, block], {}, 0.3);
      const specification = audioSpecification.parse({
        kind: 'audio',
        microphones: [{ name: 'm', positionM: [0, 0, 0.6] }],
        noise: false,
      });
      const sensor = createAudio('ears', specification as AudioSpecification, spec);
      const frames = scripted(spec, () => ({
        velocities: [0, 0, 0, 0, 0, 0, speedMps, 0, 0, 0, 0, 0],
        contacts: [contact([0.02, 0.01, 0], 0.002), contact([-0.02, 0.01, 0], 0.002)],
      }));
      const samples = frames.flatMap((frame) => sensor.sense(frame));
      return Math.sqrt(
        samples.reduce((sum, { values }) => sum + rootMeanSquare(values.pressurePa as Float32Array) ** 2, 0) /
          samples.length,
      );
    };
    expect(hear(0)).toBe(0);
    // 60 to 90 dB: a chair pushed over a floor.
    expect(hear(0.3)).toBeGreaterThan(2e-3);
    expect(hear(0.3)).toBeLessThan(0.6);
  });
});
