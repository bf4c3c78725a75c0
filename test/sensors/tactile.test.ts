import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import { signedDistanceM } from '../../sensors/tactile/signed-distance.js';
import { type TactileSpecification, tactileSpecification } from '../../sensors/tactile/specification.js';
import { createTactile } from '../../sensors/tactile/tactile.js';
import type { Contact } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, scene, scripted } from './scene.js';

const plate = body('plate', 'fixed', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] }, 'steel');
const GEL = { youngPa: 2e5, poisson: 0.48 };

function specification(document: object): TactileSpecification {
  return tactileSpecification.parse({
    kind: 'tactile',
    body: 'plate',
    positionM: [0, 0, 0.02],
    noise: false,
    patch: { kind: 'flat', sizeM: [0.02, 0.02] },
    ...document,
  }) as TactileSpecification;
}

/** What a skin feels of a body that presses on it with a force in N, after `steps` steps of 1 ms. */
function press(
  other: BodySpec,
  forceN: number,
  document: object = {},
  push: Partial<Contact> = {},
  steps = 20,
) {
  const spec: SimSpec = { ...scene([plate, other], {}, steps / 1000) };
  const sensor = createTactile('skin', specification(document), spec);
  const contacts = [{ ...contact([0, 0, 0.02], forceN / 1000), ...push }];
  const frames = scripted(spec, (step) => ({ contacts: step > 0 ? contacts : [] }));
  return frames.flatMap((frame) => sensor.sense(frame)).at(-1)!.values as Record<string, Float32Array>;
}

const ball = (radiusM: number): BodySpec =>
  body('ball', 'dynamic', { kind: 'sphere', radiusM }, 'steel', {
    pose: { positionM: [0, 0, 0.02 + radiusM], orientation: [1, 0, 0, 0] },
  });

function total(values: Float32Array, cellM2: number, stride = 1, offset = 0): number {
  let sum = 0;
  for (let i = offset; i < values.length; i += stride) sum += values[i]! * cellM2;
  return sum;
}

describe('a skin of taxels', () => {
  it('feels a ball as Hertz says: radius, peak and force', () => {
    for (const [radiusM, forceN] of [
      [0.01, 1],
      [0.02, 5],
      [0.006, 0.3],
    ] as const) {
      const cells = 80;
      const { pressurePa } = press(ball(radiusM), forceN, { rows: cells, columns: cells, gel: GEL });
      const cellM2 = (0.02 / cells) ** 2;
      const modulusPa = 1 / ((1 - 0.48 ** 2) / 2e5 + (1 - 0.29 ** 2) / 2e11);
      const a = Math.cbrt((3 * forceN * radiusM) / (4 * modulusPa));
      const peak = (3 * forceN) / (2 * Math.PI * a * a);
      const touched = pressurePa!.filter((pressure) => pressure > 0).length;
      expect(Math.abs(Math.sqrt((touched * cellM2) / Math.PI) / a - 1)).toBeLessThan(0.05);
      expect(Math.abs(Math.max(...pressurePa!) / peak - 1)).toBeLessThan(0.05);
      expect(Math.abs(total(pressurePa!, cellM2) / forceN - 1)).toBeLessThan(0.01);
    }
  });

  it('sums to the force on any patch, for any shape, with spread and shear', () => {
    const shapes: BodySpec['shape'][] = [
      { kind: 'box', halfExtentsM: [0.004, 0.006, 0.01] },
      { kind: 'cylinder', radiusM: 0.005, halfHeightM: 0.01 },
      { kind: 'capsule', radiusM: 0.004, halfHeightM: 0.006 },
      { kind: 'cone', radiusM: 0.006, halfHeightM: 0.01 },
    ];
    for (const shape of shapes) {
      const other = body('other', 'dynamic', shape, 'wood', {
        pose: { positionM: [0.001, -0.002, 0.03], orientation: [1, 0, 0, 0] },
      });
      const friction = { tangentImpulseNs: [0.4e-3, -0.2e-3, 0] as const };
      const { pressurePa, shearPa } = press(other, 2, { gel: { ...GEL, spreadM: 0.002 } }, friction);
      const cellM2 = (0.02 / 16) ** 2;
      expect(Math.abs(total(pressurePa!, cellM2) / 2 - 1)).toBeLessThan(0.01);
      // The impulse on the plate is the opposite of that on the other body.
      expect(Math.abs(total(shearPa!, cellM2, 2) / -0.4 - 1)).toBeLessThan(0.01);
      expect(Math.abs(total(shearPa!, cellM2, 2, 1) / 0.2 - 1)).toBeLessThan(0.01);
    }
  });

  it('bends over a cylinder and a ball, and feels the same force along its axis', () => {
    const finger = body('plate', 'fixed', { kind: 'capsule', radiusM: 0.01, halfHeightM: 0.02 }, 'rubber');
    for (const patch of [
      { kind: 'cylinder', radiusM: 0.01, lengthM: 0.02, angleRad: 2.5 },
      { kind: 'sphere', radiusM: 0.01, angleRad: 2 },
    ]) {
      const [rows, columns] = [40, 40];
      const slab = body('slab', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.01] }, 'steel', {
        pose: { positionM: [0, 0, 0.03], orientation: [1, 0, 0, 0] },
      });
      const spec = scene([finger, slab], {}, 0.01);
      const sensor = createTactile('skin', specification({ patch, rows, columns, gel: GEL }), spec);
      const frames = scripted(spec, (step) => ({ contacts: step > 0 ? [contact([0, 0, 0.02], 1e-3)] : [] }));
      const { pressurePa } = frames.flatMap((frame) => sensor.sense(frame)).at(-1)!.values;
      const pitch = sensor.stream.metadata.pitchM as [number, number];
      let force = 0;
      for (let cell = 0; cell < rows * columns; cell++) {
        const along = ((Math.floor(cell / columns) + 0.5 - rows / 2) * pitch[0]) / 0.01;
        const across = (((cell % columns) + 0.5 - columns / 2) * pitch[1]) / 0.01;
        const level = patch.kind === 'sphere' ? Math.cos(along) : 1;
        force += pressurePa![cell]! * pitch[0] * pitch[1] * level * Math.cos(across) * level;
      }
      expect(Math.abs(force - 1)).toBeLessThan(0.01);
      // The edge of the patch has turned away.
      expect(pressurePa![20 * columns]).toBe(0);
    }
  });

  it('follows a change late, by its hysteresis', () => {
    const lag = { ...GEL, hysteresis: 0.4, relaxationS: 0.05 };
    const cellM2 = (0.02 / 16) ** 2;
    const after = (steps: number) => total(press(ball(0.01), 1, { gel: lag }, {}, steps).pressurePa!, cellM2);
    for (const steps of [1, 25, 50, 200])
      expect(Math.abs(after(steps) - (1 - 0.4 * Math.exp(-steps / 50)))).toBeLessThan(0.002);
  });

  it('feels nothing beside the patch, from below, or of nobody', () => {
    const beside = press(ball(0.01), 1, {}, { pointM: [0.05, 0, 0.02] });
    expect(beside.pressurePa!.every((pressure) => pressure === 0)).toBe(true);
    const from = press(ball(0.01), 1, {}, { normal: [0, 0, -1] });
    expect(from.pressurePa!.every((pressure) => pressure === 0)).toBe(true);
    expect(() => createTactile('skin', specification({ body: 'hand' }), scene([plate]))).toThrow(
      /sensors\.skin\.body: expected the name of a body \(plate\), got "hand"/,
    );
  });

  it('weighs a resting box of 1 kg as 9.81 N in a real world', async () => {
    const table = body('plate', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.02] }, 'steel');
    const box = body('box', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'wood', {
      massKg: 1,
      pose: { positionM: [0.01, 0, 0.0705], orientation: fromAxisAngle([0, 0, 1], 0.3) },
    });
    const spec = scene([table, box], {}, 0.6);
    const patch = { kind: 'flat', sizeM: [0.4, 0.4] };
    const sensor = createTactile('skin', specification({ patch, rows: 32, columns: 32 }), spec);
    const world = await createWorld(spec);
    const forces = [...simulate(world, 0.6)]
      .flatMap((frame) => sensor.sense(frame))
      .map(({ values }) => total(values.pressurePa as Float32Array, (0.4 / 32) ** 2));
    world.free();
    const settled = forces.slice(400);
    expect(settled.reduce((sum, force) => sum + force / settled.length, 0) / 9.81).toBeGreaterThan(0.995);
    for (const force of settled) expect(Math.abs(force / 9.81 - 1)).toBeLessThan(0.005);
  });
});

describe('signed distances', () => {
  it('are the distance to the nearest point of the surface', () => {
    const cone = { kind: 'cone', radiusM: 1, halfHeightM: 1 } as const;
    expect(signedDistanceM(cone, 0, 0, 2)).toBeCloseTo(1, 12);
    expect(signedDistanceM(cone, 2, 0, -1)).toBeCloseTo(1, 12);
    expect(signedDistanceM(cone, 0, 0, -0.9)).toBeCloseTo(-0.1, 12);
    // Half way up the wall, along its normal (2, 1) / sqrt 5.
    expect(signedDistanceM(cone, 0.5 + 2 / Math.sqrt(5), 0, 1 / Math.sqrt(5))).toBeCloseTo(1, 12);
    const capsule = { kind: 'capsule', radiusM: 0.5, halfHeightM: 1 } as const;
    expect(signedDistanceM(capsule, 0, 3, 0.7)).toBeCloseTo(2.5, 12);
    expect(signedDistanceM(capsule, 0, 0, -3)).toBeCloseTo(1.5, 12);
    const tin = { kind: 'cylinder', radiusM: 1, halfHeightM: 2 } as const;
    expect(signedDistanceM(tin, 4, 0, 6)).toBeCloseTo(5, 12);
    expect(signedDistanceM(tin, 0, 0, 1.5)).toBeCloseTo(-0.5, 12);
    expect(signedDistanceM({ kind: 'box', halfExtentsM: [1, 1, 1] }, 0, 0.9, 0)).toBeCloseTo(-0.1, 12);
  });
});
