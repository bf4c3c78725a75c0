import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import { fourierTransform } from '../../core/math/fourier.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { createNoise } from '../../sensors/noise.js';
import { createLattice, fitAutoregression } from '../../sensors/vibration/autoregression.js';
import {
  type VibrationSpecification,
  vibrationSpecification,
} from '../../sensors/vibration/specification.js';
import { createTexture, ORDER } from '../../sensors/vibration/texture.js';
import { accelerationDensity } from '../../sensors/vibration/texture-spectrum.js';
import { createVibration } from '../../sensors/vibration/vibration.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const finger = body('finger', 'dynamic', { kind: 'sphere', radiusM: 0.01 }, 'rubber');
const ground = (material: string): BodySpec =>
  body('ground', 'fixed', { kind: 'box', halfExtentsM: [1, 1, 0.1] }, material);

function settings(document: object = {}): VibrationSpecification {
  return vibrationSpecification.parse({
    kind: 'vibration',
    body: 'finger',
    noise: false,
    ...document,
  }) as VibrationSpecification;
}

/** A second of sliding at a constant force and speed. */
function slide(material: string, forceN: number, speedMps: number, document: object = {}) {
  const moving = { ...finger, linearVelocityMps: [speedMps, 0, 0] as const };
  const spec = scene([ground(material), moving], {}, 1.1);
  const sensor = createVibration('tip', settings(document), spec);
  const frames = scripted(spec, () => ({ contacts: forceN > 0 ? [contact([0, 0, 0], forceN / 1000)] : [] }));
  const samples = frames.flatMap((frame) => sensor.sense(frame));
  return { samples, signal: samples.flatMap(({ values }) => [...values.accelerationMps2!]) };
}

const level = (signal: readonly number[]) =>
  Math.sqrt(signal.reduce((sum, x) => sum + x * x, 0) / signal.length);

function centroidHz(signal: readonly number[], rateHz: number): number {
  const n = 2 ** Math.floor(Math.log2(signal.length));
  const [real, imaginary] = [Float64Array.from(signal.slice(0, n)), new Float64Array(n)];
  fourierTransform(real, imaginary);
  let [sum, weighted] = [0, 0];
  for (let bin = 1; bin < n / 2; bin++) {
    const power = real[bin]! ** 2 + imaginary[bin]! ** 2;
    sum += power;
    weighted += power * ((bin * rateHz) / n);
  }
  return weighted / sum;
}

describe('a finger on wood', () => {
  it('vibrates more the faster and the harder it slides', () => {
    const bySpeed = [0.01, 0.03, 0.1, 0.3].map((speed) => level(slide('wood', 1, speed).signal));
    const byForce = [0.2, 1, 5].map((force) => level(slide('wood', force, 0.1).signal));
    for (const levels of [bySpeed, byForce])
      for (let i = 1; i < levels.length; i++) expect(levels[i]!).toBeGreaterThan(1.1 * levels[i - 1]!);
    // What people measure on wood at 0.1 m/s: some tenths to a few m/s2.
    expect(byForce[1]!).toBeGreaterThan(0.05);
    expect(byForce[1]!).toBeLessThan(5);
  });

  it('vibrates at higher frequencies the faster it slides', () => {
    const centroids = [0.02, 0.1, 0.3, 1].map((speed) => centroidHz(slide('wood', 1, speed).signal, 2000));
    for (let i = 1; i < centroids.length; i++)
      expect(centroids[i]!).toBeGreaterThan(centroids[i - 1]! * 1.03);
  });

  it('is silent where it rests, hangs or rolls', () => {
    expect(level(slide('wood', 1, 0).signal)).toBe(0);
    expect(level(slide('wood', 0, 0.1).signal)).toBe(0);
    const rolling = {
      ...finger,
      linearVelocityMps: [0.1, 0, 0] as const,
      angularVelocityRadps: [0, 10, 0] as const,
    };
    const spec = scene(
      [ground('wood'), { ...rolling, pose: { positionM: [0, 0, 0.01], orientation: [1, 0, 0, 0] } }],
      {},
      0.1,
    );
    const sensor = createVibration('tip', settings(), spec);
    const signal = scripted(spec, () => ({ contacts: [contact([0, 0, 0], 1e-3)] }))
      .flatMap((frame) => sensor.sense(frame))
      .flatMap(({ values }) => [...values.accelerationMps2!]);
    expect(level(signal)).toBe(0);
  });
});

it('rougher materials feel rougher', () => {
  const levels = ['glass', 'polycarbonate', 'iron', 'wood'].map((material) =>
    level(slide(material, 1, 0.1, { tip: {} }).signal),
  );
  // The finger's own skin is as rough as rubber: only the rougher partner shows much.
  for (let i = 1; i < levels.length; i++) expect(levels[i]!).toBeGreaterThanOrEqual(levels[i - 1]! * 0.99);
  expect(levels[3]! / levels[0]!).toBeGreaterThan(1.5);
});

describe('the model', () => {
  const tip = settings().tip;
  const density = (frequency: number, force: number, speed: number) =>
    accelerationDensity(frequency, force, speed, [MATERIALS.rubber, MATERIALS.wood], 2e5, tip);

  it('has the spectrum that it was fitted to', () => {
    const target = (frequency: number) => density(frequency, 1, 0.1);
    const { variance, reflection } = fitAutoregression(target, 2000, ORDER);
    const lattice = createLattice(ORDER);
    const noise = createNoise(1, 'excitation');
    const length = 2 ** 17;
    const signal = Array.from({ length }, () => Math.sqrt(variance) * lattice.next(noise.next(), reflection));
    expect(level(signal) ** 2 / variance).toBeCloseTo(1, 1);
    const segment = 1024;
    const power = new Float64Array(segment / 2);
    for (let start = 0; start < length; start += segment) {
      const real = Float64Array.from(
        signal.slice(start, start + segment),
        (x, i) => x * (1 - Math.cos((2 * Math.PI * i) / segment)),
      );
      const imaginary = new Float64Array(segment);
      fourierTransform(real, imaginary);
      for (let bin = 0; bin < segment / 2; bin++) power[bin]! += real[bin]! ** 2 + imaginary[bin]! ** 2;
    }
    // Mean of (1 - cos)^2 is 3/2; one-sided.
    const scale = 2 / (1.5 * segment * 2000 * (length / segment));
    for (const frequency of [50, 100, 200, 400, 700]) {
      const bin = Math.round((frequency / 2000) * segment);
      const mean = power.subarray(bin - 5, bin + 6).reduce((sum, value) => sum + value * scale, 0) / 11;
      expect(Math.abs(10 * Math.log10(mean / target(frequency)))).toBeLessThan(2);
    }
  });

  it('is stable at any force and speed, on its grid, between and beyond', () => {
    const texture = createTexture(density, 2000);
    const reflection = new Float64Array(ORDER);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
        (forceN, speedMps) => {
          const size = texture.at(forceN, speedMps, reflection);
          expect(Number.isFinite(size) && size >= 0).toBe(true);
          for (const k of reflection) expect(Math.abs(k)).toBeLessThan(1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stays bounded while its coefficients jump about', () => {
    const lattice = createLattice(ORDER);
    const noise = createNoise(3, 'excitation');
    const jumps = createNoise(4, 'jumps');
    const reflection = new Float64Array(ORDER);
    const signal = Array.from({ length: 20_000 }, () => {
      for (let i = 0; i < ORDER; i++) reflection[i] = Math.tanh(2 * jumps.next());
      return lattice.next(noise.next(), reflection);
    });
    expect(level(signal)).toBeLessThan(1.2);
  });
});

describe('rows', () => {
  it('hold samplesPerRow samples, from their time on', () => {
    const { samples } = slide('wood', 1, 0.1, { rateHz: 1000, samplesPerRow: 50 });
    expect(samples).toHaveLength(22);
    expect(samples[3]!.timeNs).toBe(150_000_000n);
    expect(samples[3]!.values.accelerationMps2).toHaveLength(50);
  });

  it('have the accelerometer noise, and repeat bit for bit', () => {
    const still = slide('wood', 1, 0, { noise: true, noiseMps2: 0.3 });
    expect(level(still.signal) / 0.3).toBeCloseTo(1, 1);
    const run = () => digest(slide('wood', 1, 0.1, { noise: true }).samples);
    expect(run()).toBe(run());
  });

  it('refuse a body that is not there', () => {
    expect(() => createVibration('tip', settings({ body: 'toe' }), scene([finger]))).toThrow(
      /sensors\.tip\.body: expected the name of a body \(finger\), got "toe"/,
    );
  });
});
