import { geodeticFromEnu } from '../../core/geodesy.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { requireFinite } from '../finite.js';
import { createMount, mountPoseAt, mountVelocityAt } from '../mount.js';
import { createTicks } from '../ticks.js';
import { createGnssErrors } from './errors.js';
import type { GnssSpecification } from './specification.js';

const RAD_PER_DEG = Math.PI / 180;

/**
 * Creates a satellite receiver with its antenna at the mount.
 *
 * Fields (float64): `positionM` [3] east, north, up of the world's origin; `geodetic` [3] latitude and longitude in degrees,
 * height over the WGS-84 ellipsoid in m; `velocityMps` [3] east, north, up; `fix` uint8 [], 1 where there is one. Without a
 * fix the rest is NaN.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body or its motion is not finite.
 */
export const createGnss: CreateSensor<GnssSpecification> = (name, specification, spec) => {
  const mount = createMount(name, specification, spec);
  const ticksUntil = createTicks(specification.rateHz);
  const errorOf = createGnssErrors(name, specification, spec);
  const { latitudeDeg, longitudeDeg, heightM } = specification.origin;
  const origin = {
    latitudeRad: latitudeDeg * RAD_PER_DEG,
    longitudeRad: longitudeDeg * RAD_PER_DEG,
    heightM,
  };
  return {
    stream: describe(name, specification),
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        const error = errorOf();
        const truth = mountPoseAt(mount, instant).positionM;
        const moving = mountVelocityAt(mount, instant).linearMps;
        requireFinite(name, 'position of its antenna', instant.timeNs, truth);
        requireFinite(name, 'velocity of its antenna', instant.timeNs, moving);
        const read = (from: Vec3, off: Vec3): Float64Array =>
          Float64Array.from(from, (value, axis) => (error.hasFix ? value + off[axis]! : Number.NaN));
        const positionM = read(truth, error.positionM);
        const place = geodeticFromEnu(positionM as unknown as Vec3, origin);
        return {
          stream: name,
          timeNs: instant.timeNs,
          values: {
            positionM,
            geodetic: Float64Array.of(
              place.latitudeRad / RAD_PER_DEG,
              place.longitudeRad / RAD_PER_DEG,
              place.heightM,
            ),
            velocityMps: read(moving, error.velocityMps),
            fix: Uint8Array.of(error.hasFix ? 1 : 0),
          },
        };
      }),
  };
};

function describe(name: string, { rateHz, origin, body, positionM }: GnssSpecification): StreamDescription {
  const field = (title: string, unit: string, description: string) =>
    ({ name: title, dataType: 'float64', shape: [3], unit, description }) as const;
  return {
    name,
    kind: 'gnss',
    rateHz,
    samplesPerRow: 1,
    fields: [
      field('positionM', 'm', "east, north, up of the world's origin; NaN without a fix"),
      field(
        'geodetic',
        'deg, deg, m',
        'latitude, longitude, height over the WGS-84 ellipsoid; NaN without a fix',
      ),
      field('velocityMps', 'm/s', 'east, north, up; NaN without a fix'),
      { name: 'fix', dataType: 'uint8', shape: [], unit: '1', description: '1 where there is a fix' },
    ],
    metadata: { origin, body: body ?? null, antennaM: positionM },
  };
}
