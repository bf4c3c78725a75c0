import { atan2, cos, sin } from '../../core/math/exact.js';
import { multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';

/** WGS-84 (NGA.STND.0036): semi-major axis, flattening, eccentricity squared. */
const A = 6_378_137;
const F = 1 / 298.257223563;
const E2 = F * (2 - F);

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
  const [s, c] = [sin(latitudeRad), cos(latitudeRad)];
  const radius = A / Math.sqrt(1 - E2 * s * s);
  const across = (radius + heightM) * c;
  return [across * cos(longitudeRad), across * sin(longitudeRad), (radius * (1 - E2) + heightM) * s];
}

/**
 * Makes the tangent frame at a point within 100 km of the ellipsoid. The latitude is found by repetition (Heiskanen and Moritz
 * 1967), to a tenth of a micrometre.
 */
export function localFrameAt(originEcefM: Vec3): LocalFrame {
  const [x, y, z] = originEcefM;
  const across = Math.sqrt(x * x + y * y);
  let latitudeRad = atan2(z, across * (1 - E2));
  let heightM = 0;
  for (let step = 0; step < 8; step++) {
    const [s, c] = [sin(latitudeRad), cos(latitudeRad)];
    const radius = A / Math.sqrt(1 - E2 * s * s);
    // Of the two projections the longer one, so that poles and equator are as exact as anywhere.
    heightM = c * c > 0.5 ? across / c - radius : z / s - radius * (1 - E2);
    latitudeRad = atan2(z, across * (1 - (E2 * radius) / (radius + heightM)));
  }
  const longitudeRad = atan2(y, x);
  const toEast = fromAxisAngle([0, 0, 1], -longitudeRad - Math.PI / 2);
  const enuFromEcef = multiply(fromAxisAngle([1, 0, 0], latitudeRad - Math.PI / 2), toEast);
  return { originEcefM, latitudeRad, longitudeRad, heightM, enuFromEcef };
}

/** East, north and up (m) of a point in ECEF. */
export function enuFromEcef(frame: LocalFrame, pointEcefM: Vec3): Vec3 {
  return rotate(frame.enuFromEcef, subtract(pointEcefM, frame.originEcefM));
}
