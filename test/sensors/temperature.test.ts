import { describe, expect, it } from 'vitest';
import type { SensorSample } from '../../sensors/contract.js';
import {
  type TemperatureSpecification,
  temperatureSpecification,
} from '../../sensors/temperature/specification.js';
import { createTemperature } from '../../sensors/temperature/temperature.js';
import { effusivityOf } from '../../sensors/temperature/touch-heat.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const CUBE = { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] } as const;
const finger = body('finger', 'dynamic', CUBE, 'rubber', { temperatureC: 32 });
const steel = body('steel', 'fixed', CUBE, 'steel', { temperatureC: 20 });
const wood = body('wood', 'fixed', CUBE, 'wood', { temperatureC: 20 });

function settings(document: object = {}): TemperatureSpecification {
  return temperatureSpecification.parse({
    kind: 'temperature',
    body: 'finger',
    noise: false,
    ...document,
  }) as TemperatureSpecification;
}

/** A finger (body 1) that touches body 0 from step `from` to `to`. */
function touch(other: typeof steel, from: number, to: number, document: object = {}): SensorSample[] {
  const spec = scene([other, finger], {}, 2);
  const sensor = createTemperature('skin', settings(document), spec);
  const frames = scripted(spec, (step) => ({
    contacts: step >= from && step <= to ? [contact([0, 0, 0], 1e-3)] : [],
  }));
  return frames.flatMap((frame) => sensor.sense(frame));
}

const E = {
  rubber: Math.sqrt(0.16 * 1100 * 1900),
  steel: Math.sqrt(45 * 7850 * 490),
  wood: Math.sqrt(0.16 * 750 * 1700),
};
const meeting = (e2: number) => (E.rubber * 32 + e2 * 20) / (E.rubber + e2);

describe('a touch', () => {
  it('of steel is colder than one of wood at the same temperature, as effusivities say', () => {
    expect(effusivityOf(steel.material)).toBeCloseTo(E.steel, 9);
    for (const [other, e2] of [
      [steel, E.steel],
      [wood, E.wood],
    ] as const) {
      const reading = touch(other, 1, 2000, { lagS: 0.05 }).at(-1)!.values.temperatureC![0]!;
      expect(reading).toBeCloseTo(meeting(e2), 4);
    }
    expect(meeting(E.steel)).toBeLessThan(21);
    expect(meeting(E.wood)).toBeGreaterThan(25);
  });

  it('is felt with the lag of the thermometer, coming and going', () => {
    const samples = touch(steel, 101, 1100, { lagS: 0.1 });
    const at = (ms: number) => samples[ms / 10]!.values.temperatureC![0]!;
    const cold = meeting(E.steel);
    for (const ms of [0, 50, 100]) expect(at(ms)).toBe(32);
    for (const ms of [10, 100, 300])
      expect(at(100 + ms)).toBeCloseTo(cold + (32 - cold) * Math.exp(-ms / 100), 4);
    for (const ms of [10, 100, 300])
      expect(at(1100 + ms)).toBeCloseTo(32 - (32 - cold) * Math.exp(-ms / 100), 3);
  });

  it('draws heat that falls as 1 / sqrt(t)', () => {
    const samples = touch(steel, 101, 2000);
    const factor = ((E.rubber * E.steel) / (E.rubber + E.steel)) * (20 - 32);
    for (const [row, { values }] of samples.entries()) {
      const t = row / 100 - 0.1;
      const flux = values.heatFluxWpm2![0]!;
      if (t <= 1e-9) expect(flux).toBe(0);
      else {
        const mean =
          (2 * factor * (Math.sqrt(t) - Math.sqrt(Math.max(0, t - 0.01)))) / (0.01 * Math.sqrt(Math.PI));
        expect(flux / mean).toBeCloseTo(1, 4);
      }
    }
    // Far from the beginning the mean is the value in the middle.
    const late = samples.at(-1)!.values.heatFluxWpm2![0]!;
    expect(late / (factor / Math.sqrt(Math.PI * 1.895))).toBeCloseTo(1, 4);
  });

  it('of two bodies at once is the mean, by their force', () => {
    const spec = scene([steel, finger, wood], {}, 1);
    const sensor = createTemperature('skin', settings({ lagS: 0 }), spec);
    const contacts = [contact([0, 0, 0], 3e-3), contact([0, 0, 0], 1e-3, { bodyA: 1, bodyB: 2 })];
    const samples = scripted(spec, () => ({ contacts })).flatMap((frame) => sensor.sense(frame));
    const mean = 0.75 * meeting(E.steel) + 0.25 * meeting(E.wood);
    expect(samples.at(-1)!.values.temperatureC![0]!).toBeCloseTo(mean, 4);
  });
});

it('a heated fingertip feels from its own temperature', () => {
  const reading = touch(wood, 2001, 2001, { restC: 40 }).at(-1)!.values.temperatureC![0]!;
  expect(reading).toBe(40);
});

it('repeats bit for bit, with its noise', () => {
  const run = () => touch(steel, 100, 500, { noise: true, noiseC: 0.2 });
  expect(digest(run())).toBe(digest(run()));
  const still = touch(steel, 3000, 3000, { noise: true, noiseC: 0.2 }).map(
    ({ values }) => values.temperatureC![0]! - 32,
  );
  expect(Math.sqrt(still.reduce((sum, x) => sum + x * x, 0) / still.length) / 0.2).toBeCloseTo(1, 0);
});

it('refuses a body that is not there', () => {
  expect(() => createTemperature('skin', settings({ body: 'toe' }), scene([finger]))).toThrow(
    /sensors\.skin\.body: expected the name of a body \(finger\), got "toe"/,
  );
});
