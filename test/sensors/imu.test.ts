import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { allanDeviation } from '../../sensors/imu/allan.js';
import { createAxisErrors } from '../../sensors/imu/errors.js';
import { createImu } from '../../sensors/imu/imu.js';
import { type ImuSpecification, imuSpecification } from '../../sensors/imu/specification.js';
import { body, scene, scripted } from './scene.js';

const block = body('block', 'dynamic', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'steel');
const spec = scene([block], {}, 0.5);

function specification(document: object): ImuSpecification {
  return imuSpecification.parse({ kind: 'imu', ...document }) as ImuSpecification;
}

const EXACT = { bits: 0 };
const quiet = { noise: false, gyroscope: EXACT, accelerometer: EXACT, body: 'block' };

/** Readings while the block follows a script. */
function read(document: object, script: Parameters<typeof scripted>[1]) {
  const imu = createImu('imu', specification(document), spec);
  return scripted(spec, script)
    .flatMap((frame) => imu.sense(frame))
    .map(({ values }) => ({ force: [...values.specificForceMps2!], rate: [...values.angularRateRadps!] }));
}

describe('an inertial unit without noise', () => {
  it('reads gravity upwards at rest, in its own frame, and nothing in free fall', () => {
    const rest = read({ ...quiet, orientation: [Math.SQRT1_2, Math.SQRT1_2, 0, 0] }, () => ({}));
    // Rolled by a quarter turn about x: the world's up is the sensor's +y.
    for (const { force, rate } of rest) {
      expect(force[1]).toBeCloseTo(9.81, 6);
      expect(Math.abs(force[0]!) + Math.abs(force[2]!)).toBeLessThan(1e-6);
      expect(rate).toEqual([0, 0, 0]);
    }
    const falling = read(quiet, (step) => ({
      poses: [0, 0, -4.905 * (step / 1000) ** 2, 1, 0, 0, 0],
      velocities: [0, 0, (-9.81 * step) / 1000, 0, 0, 0],
    }));
    for (const { force } of falling.slice(1))
      for (const axis of force) expect(Math.abs(axis)).toBeLessThan(1e-6);
  });

  it('feels the arm that it sits on: centripetal and tangential', () => {
    // Turning about z with angular acceleration 3 rad/s2 from 4 rad/s, 0.2 m out along x.
    const [alpha, start, arm] = [3, 4, 0.2];
    const readings = read({ ...quiet, positionM: [arm, 0, 0] }, (step) => {
      const t = step / 1000;
      return {
        poses: [0, 0, 0, ...fromAxisAngle([0, 0, 1], start * t + 0.5 * alpha * t * t)],
        velocities: [0, 0, 0, 0, 0, start + alpha * t],
      };
    });
    for (const [i, { force, rate }] of readings.entries()) {
      if (i < 1) continue;
      const omega = start + (alpha * (i - 0.5)) / 1000;
      expect(Math.abs(force[0]! - -omega * omega * arm)).toBeLessThan(2e-3);
      expect(Math.abs(force[1]! - alpha * arm)).toBeLessThan(2e-3);
      expect(Math.abs(force[2]! - 9.81)).toBeLessThan(1e-5);
      expect(Math.abs(rate[2]! - omega)).toBeLessThan(1e-5);
    }
  });

  it('reads the mean between its ticks, whatever its rate', () => {
    const knock = (step: number) => ({ velocities: [step >= 100 ? 1 : 0, 0, 0, 0, 0, 0] });
    for (const rateHz of [1000, 200, 50]) {
      const forces = read({ ...quiet, accelerometer: { bits: 0, range: 1e4 }, rateHz }, knock).map(
        ({ force }) => force[0]!,
      );
      expect(forces.reduce((sum, force) => sum + force / rateHz, 0)).toBeCloseTo(1, 5);
    }
  });

  it('saturates, and counts in steps', () => {
    const spin = (): { velocities: number[] } => ({ velocities: [0, 0, 0, 0, 0, 50] });
    expect(read({ ...quiet, gyroscope: { range: 20 } }, spin)[0]!.rate[2]).toBe(20);
    const coarse = {
      range: 16,
      bits: 5,
      whiteDensity: 0,
      biasInstability: 0,
      rateRandomWalk: 0,
      bias: 0,
      scale: 0,
    };
    const readings = read(
      { ...quiet, noise: true, accelerometer: { ...coarse, misalignmentRad: 0 } },
      () => ({}),
    );
    expect(readings[5]!.force[2]).toBe(10);
  });
});

describe('the noise of an inertial unit', () => {
  it('gives its parameters back in the Allan deviation of an hour, within 10 %', () => {
    const rateHz = 100;
    const given = { whiteDensity: 5e-4, biasInstability: 2e-3, rateRandomWalk: 8e-4 };
    const errors = { ...given, bias: 0, biasPerC: 0, scale: 0, misalignmentRad: 0, range: 100, bits: 0 };
    const disturb = createAxisErrors('imu', 'gyroscope', errors, { rateHz, noise: true }, spec);
    const readings = [0, 1, 2].map(() => new Float64Array(3600 * rateHz));
    const values = new Float64Array(3);
    for (let tick = 0; tick < 3600 * rateHz; tick++) {
      values.fill(0);
      disturb(values);
      for (let axis = 0; axis < 3; axis++) readings[axis]![tick] = values[axis]!;
    }
    const curves = readings.map((axis) => allanDeviation(axis, rateHz));
    const curve = curves[0]!.map(({ tauS }, i) => ({
      tauS,
      variance: curves.reduce((sum, points) => sum + points[i]!.deviation ** 2 / 3, 0),
    }));
    const [n2, b2, k2] = fitAllan(curve) as [number, number, number];
    expect(Math.abs(Math.sqrt(n2) / given.whiteDensity - 1)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(b2) / given.biasInstability - 1)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(k2) / given.rateRandomWalk - 1)).toBeLessThan(0.1);
  });

  it('has a flat floor of 0.664 B where there is only flicker', () => {
    const only = {
      whiteDensity: 0,
      biasInstability: 1,
      rateRandomWalk: 0,
      bias: 0,
      biasPerC: 0,
      scale: 0,
      misalignmentRad: 0,
    };
    const disturb = createAxisErrors(
      'imu',
      'x',
      { ...only, range: 1e3, bits: 0 },
      { rateHz: 20, noise: true },
      spec,
    );
    const axes = [0, 1, 2].map(() => new Float64Array(200_000));
    const values = new Float64Array(3);
    for (let tick = 0; tick < 200_000; tick++) {
      values.fill(0);
      disturb(values);
      for (let axis = 0; axis < 3; axis++) axes[axis]![tick] = values[axis]!;
    }
    const curves = axes.map((axis) => allanDeviation(axis, 20));
    for (const [i, { tauS }] of curves[0]!.entries()) {
      if (tauS < 2 || tauS > 100) continue;
      const mean = Math.sqrt(curves.reduce((sum, curve) => sum + curve[i]!.deviation ** 2 / 3, 0));
      expect(Math.abs(mean / 0.664 - 1)).toBeLessThan(0.12);
    }
  });

  it('draws bias, scale and misalignment once an episode', () => {
    const document = {
      body: 'block',
      accelerometer: { whiteDensity: 0, biasInstability: 0, rateRandomWalk: 0 },
    };
    const readings = read(document, () => ({}));
    expect(new Set(readings.map(({ force }) => force.join())).size).toBe(1);
    expect(Math.abs(readings[0]!.force[2]! - 9.81)).toBeGreaterThan(1e-4);
    expect(Math.abs(readings[0]!.force[2]! - 9.81)).toBeLessThan(0.3);
  });
});

describe('a warm inertial unit', () => {
  it('leans in proportion to its temperature beyond 20 C', () => {
    const document = imuSpecification.parse({
      kind: 'imu',
      body: 'block',
      accelerometer: { whiteDensity: 0, biasInstability: 0, rateRandomWalk: 0, bits: 0, biasPerC: 0.01 },
    }) as ImuSpecification;
    const forceAt = (temperatureC: number): number => {
      const warm = { ...spec, bodies: [{ ...block, temperatureC }] };
      return createImu('imu', document, warm).sense(scripted(warm)[0]!)[0]!.values.specificForceMps2![0]!;
    };
    const change = forceAt(40) - forceAt(20);
    expect(Math.abs(change)).toBeGreaterThan(1e-3);
    expect(Math.abs(change)).toBeLessThan(0.8);
    expect((forceAt(60) - forceAt(20)) / change).toBeCloseTo(2, 3);
    expect((forceAt(0) - forceAt(20)) / change).toBeCloseTo(-1, 3);
  });
});

describe('allanDeviation', () => {
  it('tells a ramp and refuses too few readings', () => {
    // Of a ramp of slope R it is R tau / sqrt 2.
    const points = allanDeviation(
      Float64Array.from({ length: 1000 }, (_, i) => 0.02 * i),
      10,
    );
    for (const { tauS, deviation } of points) expect(deviation).toBeCloseTo((0.2 * tauS) / Math.SQRT2, 9);
    expect(() => allanDeviation([1, 2, 3], 10)).toThrow(/at least 8 readings, got 3/);
  });
});

/** Least squares of N^2 / tau + 0.4413 B^2 + K^2 tau / 3, weighted by how well each point is known. */
function fitAllan(curve: readonly { tauS: number; variance: number }[]): number[] {
  const rows = curve.map(({ tauS, variance }) => {
    const weight = Math.sqrt(3600 / tauS) / variance;
    return {
      terms: [1 / tauS, (2 * Math.LN2) / Math.PI, tauS / 3].map((term) => term * weight),
      value: variance * weight,
    };
  });
  const matrix = [0, 1, 2].map((i) => [
    ...[0, 1, 2].map((j) => rows.reduce((sum, { terms }) => sum + terms[i]! * terms[j]!, 0)),
    rows.reduce((sum, { terms, value }) => sum + terms[i]! * value, 0),
  ]);
  for (let pivot = 0; pivot < 3; pivot++) {
    for (let row = 0; row < 3; row++) {
      if (row === pivot) continue;
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let k = 0; k < 4; k++) matrix[row]![k]! -= factor * matrix[pivot]![k]!;
    }
  }
  return [0, 1, 2].map((i) => matrix[i]![3]! / matrix[i]![i]!);
}

describe('an inertial unit that cannot be', () => {
  it('is refused with what is wrong', () => {
    expect(() => createImu('imu', specification({ body: 'roof' }), spec)).toThrow(
      /sensors\.imu\.body: expected the name of a body \(block\), got "roof"/,
    );
    expect(() => specification({ rateHz: 0 })).toThrow();
    expect(() => specification({ gyroscope: { whiteDensity: -1 } })).toThrow();
    expect(() => specification({ accelerometer: { range: 0 } })).toThrow();
    expect(() => specification({ accelerometer: { bits: 2.5 } })).toThrow();
    expect(() => specification({ gyroscope: { walk: 1 } })).toThrow();
    expect(() => read(quiet, () => ({ velocities: [0, Number.NaN, 0, 0, 0, 0] }))).toThrow(
      /sensors\.imu: expected a finite velocity of its mount at 0 s, got \[0, NaN/,
    );
    expect(() => read(quiet, () => ({ poses: [0, 0, 0, Number.NaN, 0, 0, 0] }))).toThrow(
      /orientation of its mount/,
    );
  });
});
