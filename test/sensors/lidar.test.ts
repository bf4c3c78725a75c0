import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import { parseScenario } from '../../scenarios/schema.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createLidar } from '../../sensors/lidar/lidar.js';
import { type LidarSpecification, lidarSpecification } from '../../sensors/lidar/specification.js';
import { body, digest, type Event, scene, scripted } from './scene.js';

const LEVEL = { kind: 'spinning', elevationsRad: [0], columns: 360 };
const wall = (x: number, overrides: Partial<BodySpec> = {}): BodySpec =>
  body('wall', 'fixed', { kind: 'box', halfExtentsM: [0.5, 50, 50] }, 'steel', {
    pose: { positionM: [x + 0.5, 0, 0], orientation: [1, 0, 0, 0] },
    ...overrides,
  });

function specification(document: object): LidarSpecification {
  return lidarSpecification.parse({
    kind: 'lidar',
    noise: false,
    rangeStepM: 0,
    ...document,
  }) as LidarSpecification;
}

function sweep(
  spec: SimSpec,
  document: object,
  script: (step: number) => Event = () => ({}),
): SensorSample[] {
  const lidar = createLidar('lidar', specification(document), spec);
  return scripted(spec, script).flatMap((frame) => lidar.sense(frame));
}

/** Azimuth of column j of n. */
const azimuth = (j: number, n: number): number => ((j + 0.5) / n - 0.5) * 2 * Math.PI;

describe('a lidar at rest', () => {
  it('reads the range and the strength of a wall at every incidence', () => {
    const [sample] = sweep(scene([wall(10)], {}, 0.1), { pattern: { ...LEVEL, elevationsRad: [0, 0.3] } });
    const { rangeM, intensity } = sample!.values;
    let met = 0;
    for (const [channel, elevation] of [0, 0.3].entries()) {
      for (let j = 0; j < 360; j++) {
        const incidence = Math.cos(elevation) * Math.cos(azimuth(j, 360));
        const range = 10 / incidence;
        const at = channel * 360 + j;
        // The wall's albedo of 0.5 comes back from 80 sqrt(5) m when it faces the sensor; the wall ends 50 m to the side.
        const isMet = incidence > 0.2 && Math.abs(10 * Math.tan(azimuth(j, 360))) < 50;
        if (isMet) {
          met += 1;
          expect(rangeM![at]! / range).toBeCloseTo(1, 6);
          expect((intensity![at]! * range ** 2) / (0.5 * incidence)).toBeCloseTo(1, 5);
        } else if (incidence < 0) {
          expect(rangeM![at]).toBe(Number.POSITIVE_INFINITY);
          expect(intensity![at]).toBe(0);
        }
      }
    }
    expect(met).toBeGreaterThan(300);
  });

  it('meets every shape where its closed form says', () => {
    const at = { positionM: [8, 0, 0], orientation: [1, 0, 0, 0] } as const;
    const lying = { positionM: [8, 0, 0], orientation: fromAxisAngle([0, 1, 0], Math.PI / 2) } as const;
    const round = { radiusM: 0.5, halfHeightM: 1 };
    // A tetrahedron whose face at x = 7 looks at the sensor.
    const verticesM = [-1, -1, -1, -1, 2, -1, -1, -1, 2, 1, 0, 0];
    const triangles = [0, 1, 2, 0, 3, 1, 1, 3, 2, 2, 3, 0];
    const cases: [BodySpec['shape'], BodySpec['pose'], number][] = [
      [{ kind: 'box', halfExtentsM: [1, 1, 1] }, at, 7],
      [{ kind: 'sphere', radiusM: 2 }, at, 6],
      [{ kind: 'cylinder', ...round }, at, 7.5],
      [{ kind: 'cylinder', ...round }, lying, 7],
      [{ kind: 'capsule', ...round }, lying, 6.5],
      // Half way up, a cone is half as wide.
      [{ kind: 'cone', ...round }, at, 7.75],
      [{ kind: 'mesh', file: 'm', verticesM, triangles }, at, 7],
    ];
    const pattern = { kind: 'raster', channels: 1, columns: 1, horizontalFovRad: 0.1, verticalFovRad: 0.1 };
    for (const [shape, pose, range] of cases) {
      const [sample] = sweep(scene([body('it', 'fixed', shape, 'steel', { pose })], {}, 0.1), { pattern });
      expect([shape.kind, sample!.values.rangeM![0]]).toEqual([shape.kind, expect.closeTo(range, 6)]);
    }
  });

  it('culls nothing that its rays meet: all bodies of a crowd, told apart by their range', () => {
    const count = 100;
    const crowd = Array.from({ length: count }, (_, i) => {
      const angle = azimuth(i, count);
      const distance = 20 + i / 10;
      const positionM = [distance * Math.cos(angle), distance * Math.sin(angle), 0] as const;
      return body(`b${i}`, 'fixed', { kind: 'sphere', radiusM: 0.5 }, 'steel', {
        pose: { positionM, orientation: [1, 0, 0, 0] },
      });
    });
    const [sample] = sweep(scene(crowd, {}, 0.1), { pattern: { ...LEVEL, columns: count } });
    for (let i = 0; i < count; i++) expect(sample!.values.rangeM![i]).toBeCloseTo(19.5 + i / 10, 5);
  });

  it('tells where and when each ray goes', () => {
    const pattern = { kind: 'spinning', elevationsRad: [-0.1, 0, 0.1], columns: 100 };
    const document = { pattern, rateHz: 20, positionM: [1, 2, 3], orientation: [0, 0, 0, 0.5] };
    const samples = sweep(scene([wall(-9)], {}, 0.2), document);
    expect(samples.map(({ timeNs }) => timeNs)).toEqual([0n, 50_000_000n, 100_000_000n, 150_000_000n]);
    const { rangeM, timeOffsetNs } = samples[1]!.values;
    // Channel after channel, column by column.
    expect([0, 100, 200, 1].map((i) => timeOffsetNs![i])).toEqual([0, 166_666, 333_333, 500_000]);
    // Turned about z by half a turn, forward is the world's -x: from x = 1 to the wall's far face at -8.
    const ahead = rangeM![100 + 50]! * Math.cos(azimuth(50, 100));
    expect(ahead).toBeCloseTo(9, 5);
    const { metadata, fields } = createLidar('lidar', specification(document), scene([wall(1)])).stream;
    expect(metadata.elevationsRad).toEqual([-0.1, 0, 0.1]);
    expect((metadata.azimuthsRad as number[])[99]).toBeCloseTo(0.99 * Math.PI, 12);
    expect(fields.map(({ shape }) => shape)).toEqual([
      [3, 100, 1],
      [3, 100, 1],
      [3, 100],
    ]);
  });
});

describe('a lidar among motion', () => {
  const car = body('car', 'dynamic', { kind: 'box', halfExtentsM: [2, 1, 0.5] }, 'steel');

  it('stretches a wall that it drives towards, ray by ray', () => {
    const speed = 20;
    const pose = { positionM: [30, 0, 0], orientation: [1, 0, 0, 0] } as const;
    const bodies = [car, wall(0, { pose })];
    const samples = sweep(
      scene(bodies, {}, 0.3, 60),
      { body: 'car', positionM: [1, 0, 0], pattern: LEVEL },
      (step) => ({
        poses: [(speed * step) / 60, 0, 0, 1, 0, 0, 0, 30, 0, 0, 1, 0, 0, 0],
      }),
    );
    expect(samples).toHaveLength(3);
    const { rangeM, timeOffsetNs } = samples[1]!.values;
    for (let j = 120; j < 240; j++) {
      const t = 0.1 + timeOffsetNs![j]! / 1e9;
      const range = (29.5 - 1 - speed * t) / Math.cos(azimuth(j, 360));
      expect(rangeM![j]! / range).toBeCloseTo(1, 6);
    }
  });

  it('smears a wall while it turns, and a wall that comes', () => {
    const spin = 3;
    const speed = -10;
    const samples = sweep(
      scene([car, wall(30, { motion: 'kinematic' })], {}, 0.2),
      { body: 'car', pattern: LEVEL },
      (step) => {
        const t = step / 1000;
        return {
          poses: [0, 0, 0, ...fromAxisAngle([0, 0, 1], spin * t), 30.5 + speed * t, 0, 0, 1, 0, 0, 0],
        };
      },
    );
    const { rangeM, timeOffsetNs } = samples[1]!.values;
    let met = 0;
    for (let j = 0; j < 360; j++) {
      const t = 0.1 + timeOffsetNs![j]! / 1e9;
      const heading = azimuth(j, 360) + spin * t;
      if (Math.cos(heading) < 0.7) continue;
      met += 1;
      expect(rangeM![j]! / ((30 + speed * t) / Math.cos(heading))).toBeCloseTo(1, 6);
    }
    expect(met).toBeGreaterThan(50);
  });

  it('meets bodies that turn, and none that is gone', () => {
    const plank = body('plank', 'kinematic', { kind: 'box', halfExtentsM: [1, 4, 1] }, 'steel');
    const spec = scene([plank], {}, 0.1);
    const pattern = {
      kind: 'raster',
      channels: 1,
      columns: 200,
      horizontalFovRad: 0.01,
      verticalFovRad: 0.01,
    };
    const spin = 5;
    const frames = scripted(spec, (step) => ({
      poses: [10, 0, 0, ...fromAxisAngle([0, 0, 1], (spin * step) / 1000)],
    }));
    const lidar = createLidar('lidar', specification({ pattern }), spec);
    const [sample] = frames.flatMap((frame) => lidar.sense(frame));
    const { rangeM, timeOffsetNs } = sample!.values;
    for (let j = 0; j < 200; j++) {
      const angle = (spin * timeOffsetNs![j]!) / 1e9;
      const a = ((j + 0.5) / 200 - 0.5) * 0.01;
      // The face turns with the plank: its normal is at `angle`, 1 m from the centre.
      const range = (10 * Math.cos(angle) - 1) / Math.cos(a - angle);
      expect(rangeM![j]! / range).toBeCloseTo(1, 5);
    }
    const gone = createLidar('lidar', specification({ pattern }), spec);
    const [nothing] = frames.flatMap((frame) => gone.sense({ ...frame, present: new Uint8Array(1) }));
    expect(nothing!.values.rangeM!.every((range) => range === Number.POSITIVE_INFINITY)).toBe(true);
  });
});

describe("a lidar's beam and receiver", () => {
  const near = body('near', 'fixed', { kind: 'box', halfExtentsM: [0.1, 5, 5] }, 'steel', {
    pose: { positionM: [10.1, -5, 0], orientation: [1, 0, 0, 0] },
  });
  const single = { kind: 'raster', channels: 1, columns: 1, horizontalFovRad: 0.01, verticalFovRad: 0.01 };

  it('sees both sides of an edge, each with its share of the beam', () => {
    const spec = scene([near, wall(20)], {}, 0.1);
    const beam = { pattern: single, divergenceRad: 0.01, subRays: 64 };
    for (const [order, ranges] of [
      ['strongest', [10, 20]],
      ['first', [10, 20]],
      ['last', [20, 10]],
    ] as const) {
      const [sample] = sweep(spec, { ...beam, returns: 3, order });
      const { rangeM, intensity } = sample!.values;
      expect([...rangeM!]).toEqual([
        expect.closeTo(ranges[0], 3),
        expect.closeTo(ranges[1], 3),
        Number.POSITIVE_INFINITY,
      ]);
      const share = (k: number): number => (intensity![k]! * ranges[k]! ** 2) / 0.5;
      expect(share(0) + share(1)).toBeCloseTo(1, 3);
      expect(share(0)).toBeGreaterThan(0.45);
      expect(share(0)).toBeLessThan(0.55);
    }
    // Closer than the pulse can tell, the two are one in between.
    const [merged] = sweep(spec, { ...beam, returns: 2, separationM: 15 });
    expect(merged!.values.rangeM![1]).toBe(Number.POSITIVE_INFINITY);
    expect(merged!.values.rangeM![0]).toBeCloseTo((10 / 100 + 20 / 400) / (1 / 100 + 1 / 400), 0);
  });

  it('errs by the noise that it was given', () => {
    const pattern = {
      kind: 'raster',
      channels: 50,
      columns: 400,
      horizontalFovRad: 1e-3,
      verticalFovRad: 1e-3,
    };
    const given = { pattern, noise: true, rangeNoiseM: 0.04, dropout: 0.2 };
    const [sample] = sweep(scene([wall(15)], {}, 0.1), given);
    const back = [...sample!.values.rangeM!].filter(Number.isFinite);
    expect(Math.abs(back.length / 20_000 - 0.8)).toBeLessThan(0.01);
    const mean = back.reduce((sum, range) => sum + range, 0) / back.length;
    const variance = back.reduce((sum, range) => sum + (range - mean) ** 2, 0) / back.length;
    expect(mean).toBeCloseTo(15, 2);
    expect(Math.abs(Math.sqrt(variance) / 0.04 - 1)).toBeLessThan(0.02);
    const [stepped] = sweep(scene([wall(15)], {}, 0.1), { ...given, rangeStepM: 0.05 });
    for (const range of [...stepped!.values.rangeM!].filter(Number.isFinite))
      expect(Math.abs(range / 0.05 - Math.round(range / 0.05))).toBeLessThan(1e-4);
  });

  it('loses weak returns: half of them where strength meets the threshold', () => {
    const pattern = {
      kind: 'raster',
      channels: 20,
      columns: 200,
      horizontalFovRad: 1e-3,
      verticalFovRad: 1e-3,
    };
    const dark = (x: number) => scene([wall(x, { albedo: [0.1, 0.1, 0.1] })], {}, 0.1);
    const share = (x: number, document: object): number => {
      const [sample] = sweep(dark(x), { pattern, reachM: 40, ...document });
      return sample!.values.rangeM!.filter(Number.isFinite).length / 4000;
    };
    expect(share(40, { noise: true })).toBeCloseTo(0.5, 1);
    expect(share(30, { noise: true })).toBeGreaterThan(0.99);
    expect(share(60, { noise: true })).toBeLessThan(0.01);
    expect(share(39.9, {})).toBe(1);
    expect(share(40.1, {})).toBe(0);
    // Fog takes 2 * 0.03 * 30 = 1.8 nepers.
    expect(share(30, { extinctionPerM: 0.03 })).toBe(0);
    expect(share(15, { extinctionPerM: 0.03 })).toBe(1);
    expect(share(5, { minRangeM: 6 })).toBe(0);
    expect(share(30, { maxRangeM: 29 })).toBe(0);
  });

  it('is the same twice, whatever else senses', () => {
    const spec = scene([near, wall(20)], {}, 0.2);
    const document = {
      noise: true,
      subRays: 5,
      returns: 2,
      dropout: 0.1,
      pattern: { kind: 'spinning', columns: 100 },
    };
    expect(digest(sweep(spec, document))).toBe(digest(sweep(spec, document)));
    expect(digest(sweep(spec, document))).not.toBe(digest(sweep({ ...spec, episode: 1 }, document)));
  });
});

describe('a lidar that cannot be', () => {
  const spec = scene([wall(10)]);
  const create = (document: object) => () => createLidar('l', specification(document), spec);

  it('is refused with what is wrong', () => {
    expect(create({ body: 'roof' })).toThrow(
      /sensors\.l\.body: expected the name of a body \(wall\), got "roof"/,
    );
    const huge = { kind: 'raster', channels: 256, columns: 8192 };
    expect(create({ pattern: huge, returns: 2 })).toThrow(
      /sensors\.l\.pattern: expected at most 2097152 values/,
    );
    expect(create({ pattern: huge, rateHz: 1000 })).toThrow(
      /sensors\.l\.rateHz: expected a nanosecond or more between rays, got 2097152 rays at 1000 Hz/,
    );
    expect(create({ minRangeM: 5, maxRangeM: 2 })).toThrow(
      /sensors\.l\.minRangeM: expected less than maxRangeM/,
    );
    expect(() => specification({ pattern: { ...LEVEL, elevationsRad: [] } })).toThrow();
    expect(() => specification({ pattern: { ...LEVEL, columns: 0 } })).toThrow();
    expect(() => specification({ pattern: { ...LEVEL, elevationsRad: [Number.NaN] } })).toThrow();
  });

  it('names the body whose pose is not finite', () => {
    const lidar = createLidar('l', specification({ pattern: LEVEL }), spec);
    const frames = scripted(spec, (step) => (step < 3 ? {} : { poses: [Number.NaN, 0, 0, 1, 0, 0, 0] }));
    expect(() => frames.flatMap((frame) => lidar.sense(frame))).toThrow(/pose of body wall/);
  });

  it('is refused in a scenario that it does not fit', () => {
    const document = (sensor: object) => ({
      name: 'yard',
      description: 'a wall',
      durationS: 0.5,
      bodies: {
        wall: {
          semantic: 'wall',
          positionM: [5, 0, 0],
          motion: 'fixed',
          shape: { kind: 'box', halfExtentsM: [1, 1, 1] },
          material: 'steel',
        },
      },
      sensors: { lidar: { kind: 'lidar', ...sensor } },
    });
    expect(() => parseScenario(document({}))).not.toThrow();
    expect(() => parseScenario(document({ rateHz: 1 }))).toThrow(
      /sensors\.lidar\.rateHz: expected a row no longer than the shortest episode \(0\.5 s\), got 1 Hz = 1 s a row/,
    );
    expect(() => parseScenario(document({ rateHz: 10.00005 }))).toThrow(/divides into the clock/);
    expect(() => parseScenario(document({ body: 'wal' }))).toThrow(/sensors\.lidar\.body/);
    expect(() => parseScenario(document({ minRangeM: { uniform: [1, 50] }, maxRangeM: 40 }))).toThrow(
      /sensors\.lidar\.minRangeM: expected less than maxRangeM \(40\), got 50/,
    );
  });
});
