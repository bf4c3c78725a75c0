import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createHaptics } from '../../sensors/haptics/haptics.js';
import { type HapticsSpecification, hapticsSpecification } from '../../sensors/haptics/specification.js';
import { spreadAlong } from '../../sensors/haptics/spread.js';
import type { Contact } from '../../sim/contract.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const TOP_M = 0.02;
const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, TOP_M] }, 'wood');
const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'wood', {
  massKg: 1,
});

function plate(overrides: Partial<HapticsSpecification> = {}): HapticsSpecification {
  const parsed = hapticsSpecification.parse({
    kind: 'haptics',
    body: 'table',
    sizeM: [0.4, 0.2],
    noise: false,
  });
  return { ...(parsed as HapticsSpecification), ...overrides };
}

function feel(
  spec: SimSpec,
  specification: HapticsSpecification,
  contacts: (step: number) => readonly Contact[],
) {
  const sensor = createHaptics('touch', specification, spec);
  return scripted(spec, (step) => ({ contacts: step === 0 ? [] : contacts(step) })).flatMap((frame) =>
    sensor.sense(frame),
  );
}

const spec = scene([table, cube], {}, 0.02);
const steady = (points: readonly Contact[]) => feel(spec, plate(), () => points).at(-1)!.values;
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const CELL_M2 = (0.4 / 16) * (0.2 / 16);

describe('a steady load', () => {
  it('reads as the impulses of the interval over its length, onto the plate', () => {
    const values = steady([contact([0, 0, TOP_M], 0.01, { tangentImpulseNs: [0.002, -0.001, 0] })]);
    for (const [axis, newtons] of [-2, 1, -10].entries())
      expect(values.forceN![axis]!).toBeCloseTo(newtons, 5);
  });

  it('has the torque r x F about the centre of the top surface', () => {
    // 10 N down at x = 0.1: it turns the plate about +y. At y = 0.05: about -x.
    expect(steady([contact([0.1, 0, TOP_M], 0.01)]).torqueNm![1]!).toBeCloseTo(1, 5);
    expect(steady([contact([0, 0.05, TOP_M], 0.01)]).torqueNm![0]!).toBeCloseTo(-0.5, 5);
    const turned = steady([contact([0.1, 0, TOP_M], 0.01, { tangentImpulseNs: [0, 0.003, 0] })]);
    expect(turned.torqueNm![2]!).toBeCloseTo(-0.3, 5);
  });

  it('is the same when the plate is the second body of the pair', () => {
    const other = { ...spec, bodies: [cube, table] };
    const values = feel(other, plate(), () => [contact([0.1, 0, TOP_M], 0.01, { normal: [0, 0, -1] })]).at(
      -1,
    )!.values;
    expect(values.forceN![2]!).toBeCloseTo(-10, 5);
    expect(values.torqueNm![1]!).toBeCloseTo(1, 5);
  });

  it('is given in the frame of a tilted plate', () => {
    const orientation = fromAxisAngle([0, 1, 0], 0.3);
    const normal: Vec3 = [Math.sin(0.3), 0, Math.cos(0.3)];
    const pointM: Vec3 = [normal[0] * TOP_M, 0, normal[2] * TOP_M];
    const tilted = {
      ...spec,
      bodies: [{ ...table, pose: { positionM: [0, 0, 0] as Vec3, orientation } }, cube],
    };
    const values = feel(tilted, plate(), () => [contact(pointM, 0.01, { normal })]).at(-1)!.values;
    for (const [axis, newtons] of [0, 0, -10].entries())
      expect(values.forceN![axis]!).toBeCloseTo(newtons, 5);
    for (const torque of values.torqueNm!) expect(torque).toBeCloseTo(0, 6);
  });

  it('is not felt beside the area, from below, or on the rim', () => {
    const elsewhere = [
      contact([0.21, 0, TOP_M], 0.01),
      contact([0, 0, -TOP_M], 0.01, { normal: [0, 0, -1] }),
      contact([0.5, 0, 0], 0.01, { normal: [1, 0, 0] }),
    ];
    const values = steady(elsewhere);
    expect([...values.forceN!, ...values.torqueNm!]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sum(values.pressurePa!)).toBe(0);
  });
});

describe('the pressure map', () => {
  it('sums to the normal force wherever loads lie inside the area, at its very edge too', () => {
    const inside = fc.record({
      x: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
      y: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
      impulse: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(inside, { minLength: 1, maxLength: 8 }), (loads) => {
        const values = steady(loads.map(({ x, y, impulse }) => contact([x, y, TOP_M], impulse)));
        expect((sum(values.pressurePa!) * CELL_M2) / -values.forceN![2]!).toBeCloseTo(1, 5);
      }),
      { numRuns: 40 },
    );
  });

  it('lies under the load: rows along x, columns along y', () => {
    const { pressurePa } = steady([contact([0.11, -0.06, TOP_M], 0.01)]);
    const peak = pressurePa!.indexOf(Math.max(...pressurePa!));
    expect([Math.floor(peak / 16), peak % 16]).toEqual([Math.floor(0.31 / 0.025), Math.floor(0.04 / 0.0125)]);
  });

  it('spreads a load as wide as the specification says', () => {
    const weights = new Float64Array(400);
    spreadAlong(weights, 0.5, 1, 0.05);
    const at = (cell: number) => (cell + 0.5) / 400;
    const variance = weights.reduce((total, weight, cell) => total + weight * (at(cell) - 0.5) ** 2, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(0.05, 4);
    expect(sum(weights)).toBeCloseTo(1, 12);
  });
});

describe('time', () => {
  it('starts with an empty reading at 0 and then reads the interval before each tick', () => {
    const samples = feel(spec, plate(), (step) => (step === 3 ? [contact([0, 0, TOP_M], 0.01)] : []));
    expect(samples.map(({ timeNs }) => timeNs).slice(0, 3)).toEqual([0n, 2_000_000n, 4_000_000n]);
    expect(samples.map(({ values }) => Math.abs(values.forceN![2]!)).slice(0, 4)).toEqual([0, 0, 5, 0]);
  });

  it.each([300, 500, 1000, 2400])('loses no impulse at %i Hz, however steps fall between ticks', (rateHz) => {
    const long = { ...spec, durationS: 0.5 };
    const samples = feel(long, plate({ rateHz }), (step) =>
      step % 7 === 3 && step < 480 ? [contact([0, 0, TOP_M], 0.01)] : [],
    );
    const steps = Array.from({ length: 480 }, (_, step) => step).filter((step) => step % 7 === 3).length;
    const impulse = sum(samples.map(({ values }) => values.forceN![2]!)) / rateHz;
    expect(impulse / (-0.01 * steps)).toBeCloseTo(1, 5);
  });
});

describe('noise', () => {
  it('has the levels of the specification, and other levels change nothing else', () => {
    const quiet = { ...spec, durationS: 2 };
    const noisy = plate({ noise: true, forceNoiseN: 0.5, torqueNoiseNm: 0.1, pressureNoisePa: 20 });
    const samples = feel(quiet, noisy, () => []);
    const deviation = (field: string) => {
      const values = samples.flatMap(({ values: v }) => [...v[field]!]);
      return Math.sqrt(sum(values.map((value) => value * value)) / values.length);
    };
    expect(deviation('forceN') / 0.5).toBeCloseTo(1, 1);
    expect(deviation('torqueNm') / 0.1).toBeCloseTo(1, 1);
    expect(deviation('pressurePa') / 20).toBeCloseTo(1, 2);
    const louder = feel(quiet, { ...noisy, forceNoiseN: 1 }, () => []);
    expect(louder[5]!.values.pressurePa).toEqual(samples[5]!.values.pressurePa);
  });
});

describe('a box at rest in the real engine', () => {
  it('of 1 kg reads 9.81 N within 0.5 %, and no torque when it stands in the middle', async () => {
    const standing = {
      ...cube,
      pose: { positionM: [0, 0, TOP_M + 0.05] as Vec3, orientation: [1, 0, 0, 0] as const },
    };
    const resting = scene([table, standing], {}, 1);
    const sensor = createHaptics('touch', plate(), resting);
    const world = await createWorld(resting);
    const samples: SensorSample[] = [...sensor.sense(world.frame())];
    for (let step = 0; step < 1000; step++) samples.push(...sensor.sense(world.step()));
    world.free();
    for (const { values } of samples.slice(-100)) {
      expect(Math.abs(values.forceN![2]! / -9.81 - 1)).toBeLessThan(0.005);
      expect((sum(values.pressurePa!) * CELL_M2) / 9.81).toBeCloseTo(1, 2);
      for (const torque of values.torqueNm!) expect(Math.abs(torque)).toBeLessThan(0.01);
    }
  });
});

it('refuses a body that is no box of the scenario, and names those that are', () => {
  expect(() => createHaptics('touch', plate({ body: 'chair' }), spec)).toThrow(
    /sensors.touch.body.*table, cube.*chair/,
  );
});

it('repeats bit for bit, today as then', () => {
  const samples = feel(spec, plate({ noise: true }), (step) => [contact([0.001 * step, 0.02, TOP_M], 0.01)]);
  expect(digest(samples)).toBe('9600a55c571306283c96681645b4bf246fe491bd72d8d5af8ab0a04b1c2a1b90');
});
