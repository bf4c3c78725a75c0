import { describe, expect, it } from 'vitest';
import { rotate } from '../../../core/math/quaternion.js';
import { ecefOf, enuFromEcef, localFrameAt } from '../../../datasets/recordings/local-frame.js';

const RAD = Math.PI / 180;
/** EPSG guidance note 7-2 (2.2.1), a point in the North Sea. */
const NORTH_SEA = {
  latitudeRad: (53 + 48 / 60 + 33.82 / 3600) * RAD,
  longitudeRad: (2 + 7 / 60 + 46.38 / 3600) * RAD,
  heightM: 73,
  ecefM: [3_771_793.968, 140_253.342, 5_124_304.349] as const,
};

describe('geodesy', () => {
  it("agrees with the EPSG's published point to a millimetre, both ways", () => {
    const frame = localFrameAt(NORTH_SEA.ecefM);
    expect(frame.heightM).toBeCloseTo(73, 2);
    expect(frame.latitudeRad).toBeCloseTo(NORTH_SEA.latitudeRad, 9);
    expect(frame.longitudeRad).toBeCloseTo(NORTH_SEA.longitudeRad, 9);
    const back = ecefOf(NORTH_SEA.latitudeRad, NORTH_SEA.longitudeRad, 73);
    for (let axis = 0; axis < 3; axis++) expect(back[axis]!).toBeCloseTo(NORTH_SEA.ecefM[axis]!, 2);
  });

  it('knows the equator, the poles and the antimeridian', () => {
    expect(ecefOf(0, 0, 0)).toEqual([6_378_137, 0, 0]);
    expect(ecefOf(Math.PI / 2, 0, 0)[2]).toBeCloseTo(6_356_752.314245, 6);
    expect(localFrameAt([0, 0, -6_356_752.314245]).latitudeRad).toBeCloseTo(-Math.PI / 2, 12);
    const west = localFrameAt([-6_378_237, 0, 0]);
    expect(west.heightM).toBeCloseTo(100, 9);
    expect(Math.abs(west.longitudeRad)).toBeCloseTo(Math.PI, 12);
  });

  it('has east, north and up where they are', () => {
    const { latitudeRad, longitudeRad } = NORTH_SEA;
    const frame = localFrameAt(ecefOf(latitudeRad, longitudeRad, 0));
    const near = (got: readonly number[], expected: readonly number[]) => {
      for (let axis = 0; axis < 3; axis++) expect(got[axis]!).toBeCloseTo(expected[axis]!, 6);
    };
    near(enuFromEcef(frame, ecefOf(latitudeRad, longitudeRad, 12)), [0, 0, 12]);
    // The earth's axis lies in the plane of north and up.
    near(rotate(frame.enuFromEcef, [0, 0, 1]), [0, Math.cos(latitudeRad), Math.sin(latitudeRad)]);
    const [east, north, up] = enuFromEcef(frame, ecefOf(latitudeRad, longitudeRad + 1e-6, 0));
    expect(east).toBeGreaterThan(3.7);
    expect(Math.abs(north) + Math.abs(up)).toBeLessThan(1e-5);
    expect(enuFromEcef(frame, ecefOf(latitudeRad + 1e-6, longitudeRad, 0))[1]).toBeGreaterThan(6.3);
  });
});
