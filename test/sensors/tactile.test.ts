import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import { type TactileSpecification, tactileSpecification } from '../../sensors/tactile/specification.js';
import { createTactile } from '../../sensors/tactile/tactile.js';
import { lineEntry } from '../../sensors/touch/line-entry.js';
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
    const away: BodySpec = {
      ...ball(0.01),
      pose: { positionM: [0.05, 0, 0.03], orientation: [1, 0, 0, 0] },
    };
    const beside = press(away, 1, {}, { pointM: [0.05, 0, 0.02] });
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

describe('partial slip', () => {
  // Friction 0.5 on both bodies.
  const drag = (share: number) =>
    press(ball(0.01), 1, { rows: 80, columns: 80, gel: GEL }, { tangentImpulseNs: [share * 0.5e-3, 0, 0] });
  const ratios = ({ pressurePa, shearPa }: Record<string, Float32Array>) =>
    Array.from(pressurePa!, (pressure, cell) => (pressure > 0 ? -shearPa![cell * 2]! / pressure : 0));

  it('sticks in a circle of radius a (1 - T / mu N)^(1/3) and slips at mu around it (Mindlin 1949)', () => {
    for (const share of [0.3, 0.7]) {
      const felt = drag(share);
      const touched = felt.pressurePa!.filter((pressure) => pressure > 0).length;
      const sticking = ratios(felt).filter((ratio) => ratio > 0 && ratio < 0.499).length;
      expect(Math.abs(Math.sqrt(sticking / touched) / Math.cbrt(1 - share) - 1)).toBeLessThan(0.03);
      expect(Math.max(...ratios(felt))).toBeLessThan(0.5001);
      expect(total(felt.shearPa!, (0.02 / 80) ** 2, 2) / (-0.5 * share)).toBeCloseTo(1, 2);
    }
  });

  it('slips everywhere from T = mu N on, within 2 %, and never pulls harder', () => {
    const slipping = (share: number) => ratios(drag(share)).filter((ratio) => ratio > 0.499).length;
    const all = drag(1).pressurePa!.filter((pressure) => pressure > 0).length;
    expect(slipping(1)).toBe(all);
    expect(slipping(0.98)).toBeLessThan(all);
    expect(total(drag(2).shearPa!, (0.02 / 80) ** 2, 2)).toBeCloseTo(-0.5, 3);
  });
});

describe('a contact that reaches beyond the patch', () => {
  const slab = body('slab', 'dynamic', { kind: 'box', halfExtentsM: [0.04, 0.04, 0.01] }, 'steel', {
    pose: { positionM: [0, 0, 0.03], orientation: [1, 0, 0, 0] },
  });
  const corners = [-0.04, 0.04].flatMap((x) => [-0.04, 0.04].map((y) => [x, y, 0.02] as const));
  const feel = (impulses: readonly number[]) => {
    const spec = scene([plate, slab], {}, 0.01);
    const sensor = createTactile('skin', specification({ gel: GEL }), spec);
    const contacts = corners.map((pointM, i) => contact(pointM, impulses[i]!));
    const frames = scripted(spec, (step) => ({ contacts: step > 0 ? contacts : [] }));
    return frames.flatMap((frame) => sensor.sense(frame)).at(-1)!.values.pressurePa as Float32Array;
  };

  it('is felt as far as it is on the patch: evenly, a sixteenth of the force on a sixteenth of the face', () => {
    const even = feel([0.004, 0.004, 0.004, 0.004]);
    expect(total(even, (0.02 / 16) ** 2) / 1).toBeCloseTo(1, 1);
    for (const pressure of even) expect(pressure / (16 / 0.08 ** 2)).toBeCloseTo(1, 1);
  });

  it('leans to where the solver has the centre of pressure', () => {
    const leaning = feel([0.005, 0.005, 0.003, 0.003]);
    expect(leaning[0]! / leaning[15 * 16]!).toBeGreaterThan(1.05);
    expect(leaning[0]! / leaning[15]!).toBeCloseTo(1, 3);
  });
});

describe('hysteresis of two time constants', () => {
  it('adds both late parts, keeps a resting load true, and forgets', () => {
    const gel = { ...GEL, hysteresis: 0.2, relaxationS: 0.01, slowHysteresis: 0.1, slowRelaxationS: 0.05 };
    const spec = scene([plate, ball(0.01)], {}, 1.2);
    const sensor = createTactile('skin', specification({ gel }), spec);
    const frames = scripted(spec, (step) => ({
      contacts: step > 0 && step <= 400 ? [contact([0, 0, 0.02], 1e-3)] : [],
    }));
    const force = frames
      .flatMap((frame) => sensor.sense(frame))
      .map(({ values }) => total(values.pressurePa as Float32Array, (0.02 / 16) ** 2));
    const late = (ms: number) => 0.2 * Math.exp(-ms / 10) + 0.1 * Math.exp(-ms / 50);
    for (const ms of [1, 10, 30, 390]) expect(force[ms]!).toBeCloseTo(1 - late(ms), 3);
    for (const ms of [1, 10, 30]) expect(force[400 + ms]!).toBeCloseTo(late(ms), 3);
    expect(force.at(-1)).toBe(0);
  });
});

describe('a small contact', () => {
  it('on less than a few cells is felt where the solver has it, in full', () => {
    const spot = ball(0.0005);
    const place: BodySpec = { ...spot, pose: { ...spot.pose, positionM: [0.0031, -0.0017, 0.0205] } };
    const { pressurePa } = press(place, 0.1, { gel: GEL }, { pointM: [0.0031, -0.0017, 0.02] });
    const pitch = 0.02 / 16;
    expect(total(pressurePa!, pitch ** 2)).toBeCloseTo(0.1, 6);
    const centre = (of: (cell: number) => number) =>
      pressurePa!.reduce((sum, pressure, cell) => sum + pressure * ((of(cell) + 0.5) * pitch - 0.01), 0) /
      pressurePa!.reduce((sum, pressure) => sum + pressure, 0);
    expect(centre((cell) => Math.floor(cell / 16))).toBeCloseTo(0.0031, 6);
    expect(centre((cell) => cell % 16)).toBeCloseTo(-0.0017, 6);
  });
});

describe('where a line enters a solid', () => {
  it.each([
    [{ kind: 'box', halfExtentsM: [1, 2, 3] }, [0, 0, -5], [0, 0, 1], 2],
    [{ kind: 'box', halfExtentsM: [1, 2, 3] }, [0, 0, 0], [0, 0, 1], -3],
    [{ kind: 'box', halfExtentsM: [1, 2, 3] }, [1.1, 0, 0], [0, 0, 1], Number.POSITIVE_INFINITY],
    [{ kind: 'sphere', radiusM: 1 }, [0.6, 0, -2], [0, 0, 1], 1.2],
    [{ kind: 'cylinder', radiusM: 1, halfHeightM: 2 }, [0.6, -3, 1], [0, 1, 0], 2.2],
    [{ kind: 'cylinder', radiusM: 1, halfHeightM: 2 }, [0.5, 0, -3], [0, 0, 1], 1],
    [{ kind: 'cylinder', radiusM: 1, halfHeightM: 2 }, [0, -3, 2.1], [0, 1, 0], Number.POSITIVE_INFINITY],
    [{ kind: 'capsule', radiusM: 1, halfHeightM: 2 }, [0.6, 0, -4], [0, 0, 1], 1.2],
    [{ kind: 'capsule', radiusM: 1, halfHeightM: 2 }, [0, -3, 1], [0, 1, 0], 2],
    // A cone of base 1 at -1 and tip at +1: at z = 0 it is half as wide.
    [{ kind: 'cone', radiusM: 1, halfHeightM: 1 }, [0, -3, 0], [0, 1, 0], 2.5],
    [{ kind: 'cone', radiusM: 1, halfHeightM: 1 }, [0.2, 0, -4], [0, 0, 1], 3],
    [{ kind: 'cone', radiusM: 1, halfHeightM: 1 }, [0, 0, 4], [0, 0, -1], 3],
    [{ kind: 'cone', radiusM: 1, halfHeightM: 1 }, [0.5, 0, 4], [0, 0, -1], 4],
    [{ kind: 'cone', radiusM: 1, halfHeightM: 1 }, [0, -3, 1.5], [0, 1, 0], Number.POSITIVE_INFINITY],
  ] as const)('%j from %j along %j: %d', (shape, p, d, entry) => {
    expect(lineEntry(shape, p[0], p[1], p[2], d[0], d[1], d[2])).toBeCloseTo(entry, 12);
  });
});
