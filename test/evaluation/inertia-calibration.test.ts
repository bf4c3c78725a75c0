import { describe, expect, it } from 'vitest';
import type { StreamData } from '../../datasets/contract.js';
import { calibrate } from '../../evaluation/calibrate/calibrate.js';
import type { Case } from '../../evaluation/task.js';
import { inertiaProblems } from '../../evaluation/tasks/video/inertia-calibration.js';
import { gravityAt, measureInertia } from '../../evaluation/tasks/video/inertia-statistics.js';
import { createAxisErrors } from '../../sensors/imu/errors.js';
import { imuSpecification } from '../../sensors/imu/specification.js';

const RATE_HZ = 200;
const SECONDS = 8;
const GRAVITY_MPS2 = 9.81;
const QUIET = { biasInstability: 0, rateRandomWalk: 0, biasPerC: 0, scale: 0, misalignmentRad: 0, bits: 0 };

const streamOf = (rateHz: number, values: StreamData['values'], rows: number): StreamData => ({
  description: { name: 'imu', kind: 'imu', rateHz, samplesPerRow: 1, fields: [], metadata: {} },
  rows,
  timeNs: BigInt64Array.from({ length: rows }, (_, row) => BigInt(Math.round((row * 1e9) / rateHz))),
  values,
});

/** Turned about the vertical at this rate, and nodding a little, in steps of a walk. */
const TURN_RADPS = 0.3;

/** What our own inertial unit reads, carried by someone who walks and turns, beside the attitude it really had. */
function walked(whiteForce: number, whiteRate: number, bias: readonly [number, number]) {
  const specification = imuSpecification.parse({
    kind: 'imu',
    body: 'head',
    rateHz: RATE_HZ,
    accelerometer: { ...QUIET, whiteDensity: whiteForce, bias: bias[0] },
    gyroscope: { ...QUIET, whiteDensity: whiteRate, bias: bias[1] },
  }) as unknown as Parameters<typeof createAxisErrors>[3] & Record<'accelerometer' | 'gyroscope', never>;
  const spec = { seed: 3, scenario: 'walk', episode: 0 };
  const disturb = (sense: 'accelerometer' | 'gyroscope') =>
    createAxisErrors('imu', sense, specification[sense], specification, spec);
  const [disturbForce, disturbRate] = [disturb('accelerometer'), disturb('gyroscope')];
  const rows = RATE_HZ * SECONDS;
  const force = new Float32Array(3 * rows);
  const rate = new Float32Array(3 * rows);
  for (let row = 0; row < rows; row++) {
    const phase = (2 * Math.PI * 2 * row) / RATE_HZ;
    const reading = Float64Array.of(
      0.8 * Math.sin(phase),
      0.5 * Math.cos(phase),
      GRAVITY_MPS2 + 2 * Math.sin(phase + 1),
    );
    disturbForce(reading);
    force.set(reading, 3 * row);
    const turning = Float64Array.of(0, 0, TURN_RADPS);
    disturbRate(turning);
    rate.set(turning, 3 * row);
  }
  const frames = 30 * SECONDS;
  const orientation = Float64Array.from({ length: 4 * frames }, (_, index) => {
    const half = (TURN_RADPS * Math.floor(index / 4)) / 30 / 2;
    return [Math.cos(half), 0, 0, Math.sin(half)][index % 4]!;
  });
  const gravityDirection = Float64Array.from({ length: 3 * frames }, (_, index) =>
    index % 3 === 2 ? -1 : 0,
  );
  return {
    imu: streamOf(RATE_HZ, { specificForceMps2: force, angularRateRadps: rate }, rows),
    attitude: streamOf(30, { orientation, gravityDirection }, frames),
  };
}

const CASES: readonly Case[] = Array.from({ length: SECONDS }, (_, second) => ({
  name: `second-${second}`,
  recording: { name: 'walk', sha256: '0'.repeat(64) },
  episode: 0,
  startS: second,
  horizonS: 1,
}));

async function identify(streams: ReturnType<typeof walked>) {
  const problems = inertiaProblems(CASES, async ({ startS }) =>
    measureInertia(streams, startS, startS + 1, GRAVITY_MPS2),
  );
  const found: Record<string, number> = {};
  for (const { parameters, cases, loss } of problems) {
    const { best } = await calibrate({
      parameters,
      losses: (candidates) =>
        Promise.all(
          candidates.map(async (values) =>
            Float64Array.from(await Promise.all(cases.map((chosen) => loss(values, chosen)))),
          ),
        ),
      seed: 1,
      evaluations: 480,
      restarts: 1,
    });
    Object.assign(found, best);
  }
  return found;
}

describe('calibration of an inertial unit', () => {
  it('gives back the noise and the biases of our own', async () => {
    const [white, turning] = [0.003, 2e-4];
    const streams = walked(white, turning, [0.08, 0.004]);
    const found = await identify(streams);
    expect(Math.abs(Math.log(found['imu.accelerometer.whiteDensity']! / white))).toBeLessThan(0.1);
    expect(Math.abs(Math.log(found['imu.gyroscope.whiteDensity']! / turning))).toBeLessThan(0.1);
    // The biases are drawn by the sensor: a mean over everything, without walk and turn, is what it drew.
    const { specificForceMps2, angularRateRadps } = streams.imu.values;
    for (const [k, axis] of ['X', 'Y', 'Z'].entries()) {
      const mean = (values: ArrayLike<number>) =>
        Array.from({ length: RATE_HZ * SECONDS }, (_, row) => values[3 * row + k]!).reduce(
          (a, b) => a + b,
          0,
        ) /
        (RATE_HZ * SECONDS);
      const [force, rate] = [
        mean(specificForceMps2!) - (k === 2 ? GRAVITY_MPS2 : 0),
        mean(angularRateRadps!) - (k === 2 ? TURN_RADPS : 0),
      ];
      expect(Math.abs(force)).toBeGreaterThan(0.005);
      expect(Math.abs(found[`imu.accelerometer.bias${axis}`]! - force), `force ${axis}`).toBeLessThan(0.006);
      expect(Math.abs(found[`imu.gyroscope.bias${axis}`]! - rate), `rate ${axis}`).toBeLessThan(3e-4);
    }
  });

  it('takes a stretch that is too short for nothing', async () => {
    const streams = walked(0.003, 2e-4, [0, 0]);
    expect(measureInertia(streams, 100, 101, GRAVITY_MPS2)).toBeNull();
    const [problem] = inertiaProblems(CASES, async () => null);
    const values = Object.fromEntries(problem!.parameters.map(({ name, start }) => [name, start]));
    expect(await problem!.loss(values, CASES[0]!)).toBe(0);
  });

  it('knows gravity', () => {
    // Normal gravity of WGS 84 at the equator, at 45 degrees, at a pole.
    expect(gravityAt(0, 0)).toBeCloseTo(9.7803253, 6);
    expect(gravityAt(Math.PI / 4, 0)).toBeCloseTo(9.8061978, 5);
    expect(gravityAt(Math.PI / 2, 0)).toBeCloseTo(9.8321849, 5);
    expect(gravityAt(0, 1000) - gravityAt(0, 0)).toBeCloseTo(-0.003086, 6);
  });
});
