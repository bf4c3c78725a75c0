import { atan2, cos, sin } from './math/exact.js';
import type { Vec3 } from './math/vector.js';

/** A place by latitude, longitude (rad) and height over the WGS-84 ellipsoid (m). */
export interface Geodetic {
  readonly latitudeRad: number;
  readonly longitudeRad: number;
  readonly heightM: number;
}

/** WGS-84 (NGA.STND.0036): semi-major axis, flattening, eccentricity squared. */
const A = 6_378_137;
const F = 1 / 298.257223563;
const E2 = F * (2 - F);

/** Earth-centred, earth-fixed coordinates of a place, m. */
export function ecefFromGeodetic({ latitudeRad, longitudeRad, heightM }: Geodetic): Vec3 {
  const s = sin(latitudeRad);
  const c = cos(latitudeRad);
  const radius = A / Math.sqrt(1 - E2 * s * s);
  const across = (radius + heightM) * c;
  return [across * cos(longitudeRad), across * sin(longitudeRad), (radius * (1 - E2) + heightM) * s];
}

/** Inverse of `ecefFromGeodetic`, to a tenth of a micrometre up to 100 km (Heiskanen and Moritz 1967: repeated for the latitude). */
export function geodeticFromEcef([x, y, z]: Vec3): Geodetic {
  const across = Math.sqrt(x * x + y * y);
  let latitudeRad = atan2(z, across * (1 - E2));
  let heightM = 0;
  for (let step = 0; step < 8; step++) {
    const s = sin(latitudeRad);
    const c = cos(latitudeRad);
    const radius = A / Math.sqrt(1 - E2 * s * s);
    // Of the two projections the longer one, so that poles and equator are as exact as anywhere.
    heightM = c * c > 0.5 ? across / c - radius : z / s - radius * (1 - E2);
    latitudeRad = atan2(z, across * (1 - (E2 * radius) / (radius + heightM)));
  }
  return { latitudeRad, longitudeRad: atan2(y, x), heightM };
}

/** The place at east, north and up (m) of an origin. */
export function geodeticFromEnu([east, north, up]: Vec3, origin: Geodetic): Geodetic {
  const [x, y, z] = ecefFromGeodetic(origin);
  const [sa, ca] = [sin(origin.latitudeRad), cos(origin.latitudeRad)];
  const [so, co] = [sin(origin.longitudeRad), cos(origin.longitudeRad)];
  return geodeticFromEcef([
    x - so * east - sa * co * north + ca * co * up,
    y + co * east - sa * so * north + ca * so * up,
    z + ca * north + sa * up,
  ]);
}

/** East, north and up (m) of a place, seen from an origin. */
export function enuFromGeodetic(place: Geodetic, origin: Geodetic): Vec3 {
  const [x, y, z] = ecefFromGeodetic(place);
  const [ox, oy, oz] = ecefFromGeodetic(origin);
  const [dx, dy, dz] = [x - ox, y - oy, z - oz];
  const [sa, ca] = [sin(origin.latitudeRad), cos(origin.latitudeRad)];
  const [so, co] = [sin(origin.longitudeRad), cos(origin.longitudeRad)];
  return [-so * dx + co * dy, -sa * co * dx - sa * so * dy + ca * dz, ca * co * dx + ca * so * dy + sa * dz];
}
