import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec, JointSpec, SimSpec } from '../../scenarios/contract.js';
import type { SensorSample } from '../../sensors/contract.js';
import { type WristSpecification, wristSpecification } from '../../sensors/wrist/specification.js';
import { createWrist } from '../../sensors/wrist/wrist.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const SIZE = { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] } as const;
const hand = body('hand', 'kinematic', SIZE, 'steel', {
  pose: { positionM: [0, 0, 1], orientation: [1, 0, 0, 0] },
});
const load = body('load', 'dynamic', SIZE, 'steel', {
  massKg: 1,
  pose: { positionM: [0, 0, 0.8], orientation: [1, 0, 0, 0] },
});
const grip: JointSpec = {
  name: 'grip',
  kind: 'fixed',
  parent: 0,
  child: 1,
  anchorInParentM: [0, 0, -0.1],
  anchorInChildM: [0, 0, 0.1],
  axis: [0, 0, 1],
};

function settings(document: object = {}): WristSpecification {
  return wristSpecification.parse({
    kind: 'wrist',
    noise: false,
    joint: 'grip',
    ...document,
  }) as WristSpecification;
}

function jointed(
  bodies: readonly BodySpec[],
  durationS: number,
  joints: readonly JointSpec[] = [grip],
): SimSpec {
  return { ...scene(bodies, {}, durationS), joints };
}

function feel(spec: SimSpec, frames: Iterable<SimFrame>, document: object = {}): SensorSample[] {
  const sensor = createWrist('wrist', settings(document), spec);
  return [...frames].flatMap((frame) => sensor.sense(frame));
}

const close = (values: ArrayLike<number>, expected: readonly number[], digits: number) => {
  for (const [axis, value] of expected.entries()) expect(values[axis]!).toBeCloseTo(value, digits);
};

/** Holds a load in the real engine; the mean of the last `last` readings. */
async function hold(spec: SimSpec, last: number, document: object = {}) {
  const world = await createWorld(spec);
  const samples = feel(spec, simulate(world, spec.durationS), document).slice(-last);
  world.free();
  const mean = (field: string) =>
    [0, 1, 2].map((axis) => samples.reduce((sum, { values }) => sum + values[field]![axis]! / last, 0));
  return { forceN: mean('forceN'), torqueNm: mean('torqueNm') };
}

describe('in the real engine', () => {
  it('a hanging load of 1 kg pulls with 9.81 N', async () => {
    const { forceN, torqueNm } = await hold(jointed([hand, load], 0.4), 100);
    close(forceN, [0, 0, -9.81], 3);
    close(torqueNm, [0, 0, 0], 3);
  });

  it('held by its side it turns the wrist by m g d', async () => {
    const aside: BodySpec = { ...load, pose: { positionM: [0.2, 0, 1], orientation: [1, 0, 0, 0] } };
    const joint: JointSpec = { ...grip, anchorInParentM: [0.05, 0, 0], anchorInChildM: [-0.15, 0, 0] };
    const { forceN, torqueNm } = await hold(jointed([hand, aside], 0.4, [joint]), 100);
    close(forceN, [0, 0, -9.81], 2);
    close(torqueNm, [0, 0.15 * 9.81, 0], 2);
  });

  it('accelerated upwards it pulls with m (g + a)', async () => {
    // z = 1 + t^2: a = 2 m/s^2, as a path of short straight lines.
    const path = Array.from({ length: 401 }, (_, ms) => ({
      timeS: ms / 1000,
      pose: { positionM: [0, 0, 1 + (ms / 1000) ** 2] as Vec3, orientation: [1, 0, 0, 0] as const },
    }));
    const { forceN } = await hold(jointed([{ ...hand, path }, load], 0.4), 200);
    expect(Math.abs(forceN[2]! / -11.81 - 1)).toBeLessThan(0.005);
  });
});

describe('a load in contact', () => {
  it('is carried by what it stands on and pulled by friction', () => {
    const table = body('table', 'fixed', SIZE, 'wood');
    const spec = jointed([hand, load, table], 0.02);
    const touch = contact([0.05, 0, 0.75], 0.004, {
      bodyA: 1,
      bodyB: 2,
      normal: [0, 0, -1],
      tangentImpulseNs: [0.001, 0, 0],
    });
    const samples = feel(
      spec,
      scripted(spec, () => ({ contacts: [touch] })),
    );
    // 4 N carry it from below and -1 N of friction pulls it; both act 0.15 m below the sensor, 0.05 m ahead.
    close(samples.at(-1)!.values.forceN!, [-1, 0, -9.81 + 4], 4);
    close(samples.at(-1)!.values.torqueNm!, [0, 0.15 * 1 - 0.05 * 4, 0], 4);
  });

  it('feels nothing of contacts within the load', () => {
    const more = body('more', 'dynamic', SIZE, 'wood', { massKg: 0.5 });
    const weld: JointSpec = { ...grip, name: 'weld', parent: 1, child: 2 };
    const spec = jointed([hand, load, more], 0.02, [grip, weld]);
    const inside = contact([0, 0, 0.8], 0.01, { bodyA: 1, bodyB: 2 });
    const samples = feel(
      spec,
      scripted(spec, () => ({ contacts: [inside] })),
    );
    close(samples.at(-1)!.values.forceN!, [0, 0, -1.5 * 9.81], 4);
  });
});

it('a body that turns about an axis aside pulls outwards and resists a change of its spin', () => {
  // Scripted: 3 rad/s about z and rising by 4 rad/s^2, centre of mass at 0.15 m from the sensor.
  const spec = scene([{ ...load, pose: { positionM: [0, 0, 0], orientation: [1, 0, 0, 0] } }], {}, 0.002);
  const stepS = 1e-3;
  const states = [0, 1, 2].map((step) => {
    const t = (step - 1) * stepS;
    const angle = 3 * t + 2 * t * t;
    const spin = 3 + 4 * t;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const velocity = [-0.15 * s * spin, 0.15 * c * spin, 0];
    return {
      poses: [0.15 * c, 0.15 * s, 0, ...fromAxisAngle([0, 0, 1], angle)],
      velocities: [...velocity, 0, 0, spin],
    };
  });
  const samples = feel(
    spec,
    scripted(spec, (step) => states[step]!),
    {
      joint: undefined,
      body: 'load',
      positionM: [-0.15, 0, 0],
    },
  );
  const [x, y, z] = samples.at(-1)!.values.forceN!;
  expect(x! / (0.15 * 9)).toBeCloseTo(1, 1);
  expect(y! / (-0.15 * 4)).toBeCloseTo(1, 1);
  expect(z!).toBeCloseTo(-9.81, 4);
  const inertia = (2 / 3) * 0.05 ** 2 + 0.15 ** 2;
  expect(samples.at(-1)!.values.torqueNm![2]! / (-inertia * 4)).toBeCloseTo(1, 1);
});

describe('imperfections', () => {
  const spec = jointed([hand, load], 0.5);
  const still = scripted(spec);

  it('are noise and bias of the given sizes, cross-talk and saturation', () => {
    const noisy = { noise: true, forceNoiseN: 0.5, torqueNoiseNm: 0.1, forceBiasN: 3, torqueBiasNm: 0.2 };
    const samples = feel(spec, still, noisy).slice(1);
    const column = (axis: number) => samples.map(({ values }) => values.forceN![axis]!);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    expect(spread(column(0)) / 0.5).toBeCloseTo(1, 0);
    expect(Math.abs(mean(column(0)))).toBeGreaterThan(0.1);
    expect(Math.abs(mean(column(0)))).toBeLessThan(3 * 3.9);
    const crossTalk = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 6 }, (_, j) => (i === 0 && j === 2 ? 0.02 : 0)),
    );
    close(feel(spec, still, { crossTalk }).at(-1)!.values.forceN!, [-0.1962, 0, -9.81], 4);
    close(feel(spec, still, { forceRangeN: 5 }).at(-1)!.values.forceN!, [0, 0, -5], 6);
  });

  it('repeat bit for bit, at any rate', () => {
    const bytes = (rateHz: number) => digest(feel(spec, still, { noise: true, rateHz }));
    for (const rateHz of [300, 1000, 2400]) expect(bytes(rateHz)).toBe(bytes(rateHz));
    close(feel(spec, still, { rateHz: 300 }).at(-1)!.values.forceN!, [0, 0, -9.81], 4);
  });
});

describe('a wrist that does not fit', () => {
  const spec = jointed([hand, load], 0.1);
  const make =
    (document: object, other = spec) =>
    () =>
      createWrist('wrist', settings(document), other);

  it('is refused with what would', () => {
    expect(make({ joint: 'elbow' })).toThrow(/sensors\.wrist\.joint: .*\(grip\), got "elbow"/);
    expect(make({ joint: undefined })).toThrow(/either joint or body, got neither/);
    expect(make({ body: 'load' })).toThrow(/got both/);
    const loop: JointSpec = { ...grip, name: 'brace' };
    expect(make({}, jointed([hand, load], 0.1, [grip, loop]))).toThrow(/alone carries.*"hand"/);
  });
});
