import { describe, expect, it } from 'vitest';
import type { SimSpec } from '../../scenarios/contract.js';
import { createTruth } from '../../sensors/truth/truth.js';
import { body, digest, type Event, scene, scripted } from './scene.js';

const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.02] }, 'wood');
const ball = body('ball', 'dynamic', { kind: 'sphere', radiusM: 0.05 }, 'steel');
const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'wood');

/** Bodies table, ball, cube; the last two move along parabolas and turn about z. */
function motion(stepHz: number) {
  return (step: number): Event => {
    const t = step / stepHz;
    const turn = [Math.cos(t), 0, 0, Math.sin(t)];
    const still = [0, 0, 0, 0, 0, 0];
    return {
      poses: [0, 0, 0, 1, 0, 0, 0, t, 2 * t, 1 - 4.9 * t * t, ...turn, -t, 0, t * t, ...turn],
      velocities: [...still, 1, 2, -9.8 * t, 0, 0, 2, -1, 0, 2 * t, 0, 0, 2],
    };
  };
}

function observe(spec: SimSpec, rateHz: number) {
  const frames = scripted(spec, motion(spec.physics.stepHz));
  const sensor = createTruth('state', { kind: 'truth', latencyS: 0, rateHz }, spec);
  return { frames, sensor, samples: frames.flatMap((frame) => sensor.sense(frame)) };
}

const spec = scene([table, ball, cube], {}, 1);

describe('truth', () => {
  it('is the frame itself where a tick meets a step', () => {
    const { frames, samples } = observe(spec, 250);
    expect(samples).toHaveLength(251);
    for (const [index, { timeNs, values }] of samples.entries()) {
      const frame = frames[index * 4]!;
      expect(timeNs).toBe(frame.timeNs);
      expect([...values.positionM!]).toEqual([
        ...frame.poses.subarray(7, 10),
        ...frame.poses.subarray(14, 17),
      ]);
      expect([...values.orientation!]).toEqual([
        ...frame.poses.subarray(10, 14),
        ...frame.poses.subarray(17, 21),
      ]);
      expect([...values.linearVelocityMps!]).toEqual([
        ...frame.velocities.subarray(6, 9),
        ...frame.velocities.subarray(12, 15),
      ]);
      expect([...values.angularVelocityRadps!]).toEqual([
        ...frame.velocities.subarray(9, 12),
        ...frame.velocities.subarray(15, 18),
      ]);
    }
  });

  it('meets the steps of a clock whose period is no whole number of nanoseconds', () => {
    const { frames, samples } = observe(scene([table, ball, cube], {}, 1, 592), 148);
    expect(samples).toHaveLength(149);
    for (const [index, { timeNs, values }] of samples.entries()) {
      expect(timeNs).toBe(frames[index * 4]!.timeNs);
      expect(values.positionM![0]).toBe(frames[index * 4]!.poses[7]);
    }
  });

  it('lies between two steps elsewhere, within the error of a chord', () => {
    const { samples } = observe(spec, 148);
    expect(samples).toHaveLength(149);
    for (const { timeNs, values } of samples) {
      const t = Number(timeNs) / 1e9;
      // A chord over 1 ms of 9.8 m/s2 sags by 9.8 (1e-3)^2 / 8.
      expect(Math.abs(values.positionM![2]! - (1 - 4.9 * t * t))).toBeLessThan(1.3e-6);
      expect(values.linearVelocityMps![2]!).toBeCloseTo(-9.8 * t, 9);
      const [w, x, y, z] = values.orientation! as unknown as [number, number, number, number];
      expect(w * w + x * x + y * y + z * z).toBeCloseTo(1, 12);
      expect(2 * Math.atan2(z, w)).toBeCloseTo(2 * t, 6);
    }
  });

  it('describes the moving bodies, in the order of the scenario', () => {
    const { stream } = observe(spec, 148).sensor;
    expect(stream.fields.map(({ name, shape, dataType }) => [name, shape, dataType])).toEqual([
      ['positionM', [2, 3], 'float64'],
      ['orientation', [2, 4], 'float64'],
      ['linearVelocityMps', [2, 3], 'float64'],
      ['angularVelocityRadps', [2, 3], 'float64'],
    ]);
    expect(stream.metadata).toEqual({
      bodies: [
        { name: 'ball', semantic: 'ball', shape: ball.shape },
        { name: 'cube', semantic: 'cube', shape: cube.shape },
      ],
    });
  });

  it('is refused where nothing moves', () => {
    expect(() => createTruth('state', { kind: 'truth', latencyS: 0, rateHz: 148 }, scene([table]))).toThrow(
      /sensors.state.*dynamic/,
    );
  });

  it('repeats bit for bit, today as then', () => {
    // Poses from the functions of Math would differ between engines; these do not.
    const exact = scripted(spec, (step) => ({
      velocities: Array.from({ length: 18 }, (_, i) => step * 0.001 + i / 3),
    }));
    const sensor = createTruth('state', { kind: 'truth', latencyS: 0, rateHz: 148 }, spec);
    expect(digest(exact.flatMap((frame) => sensor.sense(frame)))).toBe(
      '22f61f92a488dbeec112e95b154666548a667a17032a6027c60e83309edab590',
    );
  });
});
