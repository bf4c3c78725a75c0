import { describe, expect, it } from 'vitest';
import { calibrate } from '../../evaluation/calibrate/calibrate.js';
import type { Case } from '../../evaluation/task.js';
import { cameraProblem, GREY_RADIANCE } from '../../evaluation/tasks/video/camera-calibration.js';
import {
  decodeLevel,
  encodeLevel,
  roundedVariance,
  transferCurve,
  varianceAt,
} from '../../evaluation/tasks/video/camera-law.js';
import { type Frames, measurePhotometry } from '../../evaluation/tasks/video/photon-transfer.js';
import { carndHighwayVideoTask } from '../../evaluation/tasks/video/task.js';
import { createResponse, develop } from '../../sensors/camera/response.js';
import { createNoise } from '../../sensors/noise.js';
import { cameraAt } from '../sensors/view.js';
import { videoRecordings } from './sample-video.js';

interface Sensor {
  readonly exposure: number;
  readonly fullWellElectrons: number;
  readonly readNoiseElectrons: number;
}

const SIZE = 96;

/** What our own camera makes of a scene that may move: `radiance(column, row, frame)`. */
function filmed(
  { exposure, fullWellElectrons, readNoiseElectrons }: Sensor,
  count: number,
  radiance: (x: number, y: number, frame: number) => number,
  take = 0,
): Frames {
  const specification = cameraAt([0, 0, 0], [1, 0, 0], { width: SIZE, height: SIZE, exposure });
  const response = createResponse(
    'eye',
    { ...specification, response: { ...specification.response, fullWellElectrons, readNoiseElectrons } },
    null,
  );
  const colour = new Uint8Array(count * SIZE * SIZE * 3);
  for (let frame = 0; frame < count; frame++) {
    const light = Float32Array.from({ length: SIZE * SIZE * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return radiance(pixel % SIZE, Math.floor(pixel / SIZE), frame);
    });
    const size = SIZE * SIZE * 3;
    develop(
      colour.subarray(frame * size, (frame + 1) * size),
      light,
      response,
      createNoise(5, 'filmed', take, frame),
    );
  }
  return { width: SIZE, height: SIZE, count, colour };
}

/** Smooth from black to four times grey, half of it darker than grey. */
function gradient(x: number, y: number): number {
  const share = (x + y * SIZE) / (SIZE * SIZE - 1);
  return GREY_RADIANCE * (share < 0.5 ? 2 * share : 1 + 6 * (share - 0.5));
}

/** The gradient behind a patch of coarse, hard texture that moves on by a pixel and a half a frame. */
function crossed(x: number, y: number, frame: number): number {
  const hidden = x < 40 && Math.floor((x + 1.5 * frame) / 3) % 2 === 0;
  return hidden ? 0.1 : gradient(x, y);
}

const casesOf = (count: number): Case[] =>
  Array.from({ length: count }, (_, k) => ({
    name: `chunk-${k}`,
    recording: { name: 'filmed', sha256: '0'.repeat(64) },
    episode: 0,
    startS: k,
    horizonS: 1,
  }));

async function identify(sensor: Sensor, radiance: typeof crossed, seed = 1) {
  const cases = casesOf(4);
  const problem = cameraProblem('camera', cases, async ({ startS }) => filmed(sensor, 8, radiance, startS));
  const found = await calibrate({
    parameters: problem.parameters,
    losses: (candidates) =>
      Promise.all(
        candidates.map(async (values) =>
          Float64Array.from(await Promise.all(cases.map((chosen) => problem.loss(values, chosen)))),
        ),
      ),
    seed,
    evaluations: 400,
    restarts: 1,
  });
  return found;
}

describe("the camera's noise law, restated", () => {
  it('inverts the transfer curve', () => {
    for (const level of [0, 3, 10, 11, 60, 128, 200, 255])
      expect(encodeLevel(decodeLevel(level))).toBeCloseTo(level, 3);
  });

  it.each([0, 0.003, 0.03, 0.1, 0.3, 2])('rounds a variance of %f as rounding does', (variance) => {
    const noise = createNoise(1, 'rounding', Math.round(1000 * variance));
    let [sum, places] = [0, 0];
    for (let place = 0; place < 1; place += 1 / 40, places++) {
      let [mean, square] = [0, 0];
      for (let draw = 0; draw < 2000; draw++) {
        const rounded = Math.round(place + Math.sqrt(variance) * noise.next());
        mean += rounded / 2000;
        square += (rounded * rounded) / 2000;
      }
      sum += square - mean * mean;
    }
    expect(roundedVariance(variance)).toBeCloseTo(sum / places, 1.5);
    if (variance === 0) expect(roundedVariance(variance)).toBeLessThan(1e-4);
  });

  it.each([
    { exposure: 1, fullWellElectrons: 10_000, readNoiseElectrons: 6 },
    { exposure: 1, fullWellElectrons: 600, readNoiseElectrons: 20 },
    { exposure: 1, fullWellElectrons: 200_000, readNoiseElectrons: 5 },
  ])('predicts what our camera makes of even light: $fullWellElectrons electrons', (sensor) => {
    const curve = transferCurve(sensor);
    for (const light of [0.002, 0.01, 0.05, 0.2, 0.5, 0.8]) {
      // Even light would sit at one place between two grey levels; half a level of slope visits them all.
      const step = decodeLevel(encodeLevel(light) + 2) - light;
      const { colour } = filmed(sensor, 1, (x) => light + (step * (x % 16)) / 16);
      const columns = Array.from({ length: 16 }, () => [0, 0, 0]);
      for (const [index, value] of (colour as Uint8Array).entries()) {
        const column = columns[(Math.floor(index / 3) % SIZE) % 16]!;
        column[0]! += 1;
        column[1]! += value;
        column[2]! += value * value;
      }
      const means = columns.map(([n, sum]) => sum! / n!);
      const variances = columns.map(([n, sum, square]) => square! / n! - (sum! / n!) ** 2);
      const average = (of: readonly number[]) => of.reduce((a, b) => a + b, 0) / of.length;
      expect(varianceAt(curve, average(means)) / average(variances), `light ${light}`).toBeCloseTo(1, 0.8);
    }
  });
});

describe('the photon-transfer curve of video', () => {
  const sensor = { exposure: 1, fullWellElectrons: 2500, readNoiseElectrons: 8 };

  it('is that of the law where the scene keeps still', () => {
    const { curve, copied } = measurePhotometry(filmed(sensor, 8, gradient));
    expect(curve.length).toBeGreaterThan(10);
    const law = transferCurve(sensor);
    for (const { level, variance } of curve)
      expect(Math.abs(Math.log(variance / varianceAt(law, level))), `level ${level}`).toBeLessThan(0.2);
    expect(copied).toBe(0);
  });

  it('is not that of what moves', () => {
    const plain = filmed({ ...sensor, fullWellElectrons: 1e7, readNoiseElectrons: 0 }, 8, crossed);
    const size = SIZE * SIZE * 3;
    const colour = plain.colour as Uint8Array;
    const changed = colour
      .subarray(size)
      .reduce((most, value, index) => Math.max(most, Math.abs(value - colour[index]!)), 0);
    expect(changed).toBeGreaterThan(60);
    const law = transferCurve(sensor);
    for (const { level, variance } of measurePhotometry(filmed(sensor, 8, crossed)).curve)
      expect(Math.abs(Math.log(variance / varianceAt(law, level))), `level ${level}`).toBeLessThan(0.35);
  });

  it('leaves out what was copied', () => {
    const frame = filmed(sensor, 1, gradient);
    const colour = new Uint8Array(2 * SIZE * SIZE * 3);
    colour.set(frame.colour as Uint8Array);
    colour.set(frame.colour as Uint8Array, SIZE * SIZE * 3);
    expect(measurePhotometry({ ...frame, count: 2, colour })).toMatchObject({ curve: [], copied: 1 });
  });
});

describe('calibration of a camera', () => {
  it.each([
    { exposure: 1.7, fullWellElectrons: 3000, readNoiseElectrons: 12 },
    { exposure: 0.6, fullWellElectrons: 20_000, readNoiseElectrons: 40 },
  ])(
    'gives back exposure $exposure, full well $fullWellElectrons, read noise $readNoiseElectrons',
    async (sensor) => {
      for (const radiance of [gradient, crossed]) {
        const { best, bestLoss, startLoss } = await identify(sensor, radiance);
        if (radiance === gradient) expect(best['camera.exposure']! / sensor.exposure).toBeCloseTo(1, 1);
        expect(Math.abs(Math.log(best['camera.fullWellElectrons']! / sensor.fullWellElectrons))).toBeLessThan(
          0.12,
        );
        expect(
          Math.abs(Math.log(best['camera.readNoiseElectrons']! / sensor.readNoiseElectrons)),
        ).toBeLessThan(0.25);
        expect(bestLoss).toBeLessThan(startLoss / 5);
      }
    },
  );

  it('has a finite loss where there is nothing to see', async () => {
    const dark = { width: SIZE, height: SIZE, count: 3, colour: new Uint8Array(3 * SIZE * SIZE * 3) };
    const problem = cameraProblem('camera', casesOf(1), async () => dark);
    const values = Object.fromEntries(problem.parameters.map(({ name, start }) => [name, start]));
    expect(Number.isFinite(await problem.loss(values, problem.cases[0]!))).toBe(true);
  });

  it('is what the tasks of video offer, on windows of the train side that do not overlap', async () => {
    const recordings = await videoRecordings('carnd-highway-video', { episodes: 1, frames: 120, rateHz: 20 });
    const opened = await carndHighwayVideoTask.open({
      recordings,
      createWorld: null as never,
      models: [],
      contextFrames: 8,
      seed: 1,
      overlay: null,
    });
    const train = opened.cases.filter(({ side }) => side === 'train');
    const { problems, scenario } = opened.calibration!(train);
    expect([scenario, problems.map(({ name }) => name)]).toEqual([null, ['camera']]);
    const [{ cases, parameters, loss }] = problems as [(typeof problems)[number]];
    // 72 frames to learn from, 18 a window.
    expect(cases.map(({ startS }) => startS).sort()).toEqual([0, 0.9, 1.8, 2.7]);
    const values = Object.fromEntries(parameters.map(({ name, start }) => [name, start]));
    for (const chosen of cases) expect(await loss(values, chosen)).toBeGreaterThan(0);
  });
});
