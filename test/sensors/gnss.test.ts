import { describe, expect, it } from 'vitest';
import { ecefFromGeodetic, enuFromGeodetic, geodeticFromEcef, geodeticFromEnu } from '../../core/geodesy.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import { createGnssErrors } from '../../sensors/gnss/errors.js';
import { createGnss } from '../../sensors/gnss/gnss.js';
import { type GnssSpecification, gnssSpecification } from '../../sensors/gnss/specification.js';
import { body, scene, scripted } from './scene.js';

const car = body('car', 'dynamic', { kind: 'box', halfExtentsM: [2, 1, 0.5] }, 'steel');
const spec = scene([car], {}, 1);
const DEG = Math.PI / 180;

function specification(document: object): GnssSpecification {
  return gnssSpecification.parse({ kind: 'gnss', ...document }) as GnssSpecification;
}

describe('geodesy', () => {
  it('gives the coordinates of known places', () => {
    expect(ecefFromGeodetic({ latitudeRad: 0, longitudeRad: 0, heightM: 0 })).toEqual([6378137, 0, 0]);
    const pole = ecefFromGeodetic({ latitudeRad: Math.PI / 2, longitudeRad: 0, heightM: 0 });
    // The semi-minor axis of WGS-84.
    expect(pole[2]).toBeCloseTo(6356752.314245, 5);
  });

  it('returns to where it came from, everywhere', () => {
    for (let latitude = -90; latitude <= 90; latitude += 15) {
      for (const longitude of [-180, -75, 0, 11.5, 120]) {
        for (const heightM of [-400, 0, 9000, 1e5]) {
          const place = { latitudeRad: latitude * DEG, longitudeRad: longitude * DEG, heightM };
          const back = geodeticFromEcef(ecefFromGeodetic(place));
          expect(Math.abs(back.latitudeRad - place.latitudeRad)).toBeLessThan(1e-14);
          expect(Math.abs(back.heightM - heightM)).toBeLessThan(1e-7);
          const enu: Vec3 = [123, -456, 78];
          const again = enuFromGeodetic(geodeticFromEnu(enu, place), place);
          for (const axis of [0, 1, 2]) expect(again[axis]).toBeCloseTo(enu[axis]!, 6);
        }
      }
    }
  });
});

describe('a satellite receiver', () => {
  it('reads the antenna, its velocity included, where there is no noise', () => {
    const gnss = createGnss(
      'gnss',
      specification({ body: 'car', positionM: [1, 0, 0.6], noise: false, rateHz: 10 }),
      spec,
    );
    // Turning about z at 0.5 rad/s while it drives east at 10 m/s.
    const frames = scripted(spec, (step) => {
      const t = step / 1000;
      return {
        poses: [10 * t, 0, 0.5, ...fromAxisAngle([0, 0, 1], 0.5 * t)],
        velocities: [10, 0, 0, 0, 0, 0.5],
      };
    });
    const samples = frames.flatMap((frame) => gnss.sense(frame));
    expect(samples).toHaveLength(11);
    const { positionM, velocityMps, geodetic, fix } = samples[4]!.values;
    const yaw = 0.2;
    expect([...positionM!]).toEqual(
      [4 + Math.cos(yaw), Math.sin(yaw), 1.1].map((value) => expect.closeTo(value, 9)),
    );
    expect([...velocityMps!]).toEqual(
      [10 - 0.5 * Math.sin(yaw), 0.5 * Math.cos(yaw), 0].map((value) => expect.closeTo(value, 9)),
    );
    expect(fix![0]).toBe(1);
    // 111.2 km a degree of latitude.
    expect(geodetic![0]).toBeCloseTo(48.1372 + Math.sin(yaw) / 111_206, 6);
  });

  it('errs with the variance and the memory that it was given', () => {
    const given = { rateHz: 1, wanderM: [2, 3], wanderTimeS: 20, whiteM: [0, 0] };
    const errorOf = createGnssErrors('gnss', specification(given), spec);
    const errors = Array.from({ length: 40_000 }, () => errorOf().positionM);
    for (const [axis, deviation] of [2, 2, 3].entries()) {
      const covariance = (lag: number): number => {
        let sum = 0;
        for (let i = lag; i < errors.length; i++) sum += errors[i]![axis]! * errors[i - lag]![axis]!;
        return sum / (errors.length - lag);
      };
      expect(Math.sqrt(covariance(0)) / deviation).toBeGreaterThan(0.94);
      expect(Math.sqrt(covariance(0)) / deviation).toBeLessThan(1.06);
      expect(Math.abs(covariance(20) / covariance(0) - Math.exp(-1))).toBeLessThan(0.06);
    }
    const white = createGnssErrors('gnss', specification({ wanderM: [0, 0], whiteM: [0.5, 1] }), spec);
    const readings = Array.from({ length: 20_000 }, () => white().positionM);
    const deviation = (axis: number) =>
      Math.sqrt(readings.reduce((sum, reading) => sum + reading[axis]! ** 2, 0) / readings.length);
    expect(deviation(0)).toBeCloseTo(0.5, 1);
    expect(deviation(2)).toBeCloseTo(1, 1);
  });

  it('loses its fix and sees reflections as often and as long as it should', () => {
    const given = { rateHz: 10, outage: { perS: 0.1, durationS: 2 }, wanderM: [0, 0], whiteM: [0, 0] };
    const errorOf = createGnssErrors('gnss', specification(given), spec);
    const fixes = Array.from({ length: 100_000 }, () => errorOf().hasFix);
    const lost = fixes.filter((fix) => !fix).length / fixes.length;
    // 10 s of good time against 2 s of outage.
    expect(lost).toBeGreaterThan(0.15);
    expect(lost).toBeLessThan(0.185);
    const reflecting = { ...given, outage: {}, multipath: { perS: 0.1, durationS: 2, shiftM: 5 } };
    const shifted = createGnssErrors('gnss', specification(reflecting), spec);
    const off = Array.from({ length: 100_000 }, () => shifted().positionM[0]).filter((x) => x !== 0);
    expect(off.length / 100_000).toBeGreaterThan(0.15);
    expect(Math.sqrt(off.reduce((sum, x) => sum + x * x, 0) / off.length)).toBeCloseTo(5, 0);
  });

  it('says NaN without a fix', () => {
    const gnss = createGnss('gnss', specification({ outage: { perS: 10, durationS: 1e4 } }), spec);
    const samples = scripted(spec).flatMap((frame) => gnss.sense(frame));
    const last = samples.at(-1)!.values;
    expect(last.fix![0]).toBe(0);
    for (const name of ['positionM', 'geodetic', 'velocityMps'])
      expect([...last[name]!].every(Number.isNaN)).toBe(true);
  });
});

describe('a satellite receiver that cannot be', () => {
  it('is refused with what is wrong', () => {
    expect(() => createGnss('g', specification({ body: 'roof' }), spec)).toThrow(
      /sensors\.g\.body: expected the name of a body \(car\), got "roof"/,
    );
    expect(() => specification({ origin: { latitudeDeg: 91, longitudeDeg: 0 } })).toThrow();
    expect(() => specification({ wanderTimeS: 0 })).toThrow();
    expect(() => specification({ wanderM: [1] })).toThrow();
    const gnss = createGnss('g', specification({ body: 'car' }), spec);
    const frames = scripted(spec, () => ({ poses: [Number.POSITIVE_INFINITY, 0, 0, 1, 0, 0, 0] }));
    expect(() => frames.flatMap((frame) => gnss.sense(frame))).toThrow(
      /sensors\.g: expected a finite position of its antenna at 0 s, got \[Infinity/,
    );
  });
});
