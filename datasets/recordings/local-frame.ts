import { ecefFromGeodetic, geodeticFromEcef } from '../../core/geodesy.js';
import { multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';

/** A tangent frame at a place on the earth: x east, y north, z up along the ellipsoid's normal. */
export interface LocalFrame {
  /** Its origin in the earth's frame (ECEF: x through the prime meridian, z through the north pole), m. */
  readonly originEcefM: Vec3;
  readonly latitudeRad: number;
  readonly longitudeRad: number;
  /** Over the WGS-84 ellipsoid, not over the sea: the two differ by up to 100 m. */
  readonly heightM: number;
  /** Turns vectors from ECEF to east, north, up. */
  readonly enuFromEcef: Quaternion;
}

/** Earth-centred, earth-fixed coordinates (m) of a latitude and longitude (rad) and height over the ellipsoid (m), WGS-84. */
export function ecefOf(latitudeRad: number, longitudeRad: number, heightM: number): Vec3 {
  return ecefFromGeodetic({ latitudeRad, longitudeRad, heightM });
}

/**
 * Makes the tangent frame at a point within 100 km of the ellipsoid, exact as `geodeticFromEcef` is.
 */
export function localFrameAt(originEcefM: Vec3): LocalFrame {
  const { latitudeRad, longitudeRad, heightM } = geodeticFromEcef(originEcefM);
  const toEast = fromAxisAngle([0, 0, 1], -longitudeRad - Math.PI / 2);
  const enuFromEcef = multiply(fromAxisAngle([1, 0, 0], latitudeRad - Math.PI / 2), toEast);
  return { originEcefM, latitudeRad, longitudeRad, heightM, enuFromEcef };
}

/** East, north and up (m) of a point in ECEF. */
export function enuFromEcef(frame: LocalFrame, pointEcefM: Vec3): Vec3 {
  return rotate(frame.enuFromEcef, subtract(pointEcefM, frame.originEcefM));
}
