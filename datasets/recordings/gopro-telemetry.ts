import type { SensorSample, StreamDescription } from '../contract.js';
import { type GpmfPacket, type GpmfTrack, joinTrack } from './gpmf-tracks.js';
import { ecefOf, enuFromEcef, type LocalFrame, localFrameAt } from './local-frame.js';
import { malformed } from './malformed.js';

const RAD_PER_DEG = Math.PI / 180;

/** The senses of a GoPro beside picture and sound, on the clock of its frames. */
export interface Telemetry {
  readonly streams: readonly StreamDescription[];
  /** When the last reading was taken, s. */
  readonly endS: number;
  samples(): Generator<SensorSample>;
}

/** One stream: what it is, when its rows are, and what is in them. */
interface Sense {
  readonly description: StreamDescription;
  readonly timesS: Float64Array;
  readonly at: (row: number) => SensorSample['values'];
}

/**
 * Reads the senses of GoPro's metadata: inertia, magnetic field, satellite positions, attitude and gravity, exposure. Readings from before
 * the first frame are left out.
 *
 * GoPro's axes are X left, Y back, Z up (its picture in gpmf-parser; which way round X and Y point is told by gravity in a camera that
 * looks down, and the order of channels by ORIN, a small letter for the opposite way). So x forward = -Y, y left = X, z up = Z.
 *
 * @throws UmweltError `malformed-file` as `joinTrack`, and when the axes are not named.
 */
export function readTelemetry(packets: readonly GpmfPacket[], path: string): Telemetry {
  const track = (key: string, width: number): GpmfTrack => joinTrack(packets, key, width, path);
  const attitude = track('CORI', 4);
  const startS = attitude.timesS[0]!;
  const senses = [
    inertiaOf(track('ACCL', 3), track('GYRO', 3), packets, path),
    fieldOf(track('MAGN', 4)),
    positionOf(track('GPS5', 5), path),
    attitudeOf(attitude, track('GRAV', 3), path),
    exposureOf(track('SHUT', 1)),
  ];
  const endS = Math.max(...senses.map(({ timesS }) => timesS.at(-1)!)) - startS;
  return {
    streams: senses.map(({ description }) => description),
    endS,
    *samples() {
      for (const { description, timesS, at } of senses) {
        for (const [row, timeS] of timesS.entries()) {
          const timeNs = BigInt(Math.round((timeS - startS) * 1e9));
          if (timeNs >= 0n) yield { stream: description.name, timeNs, values: at(row) };
        }
      }
    },
  };
}

function inertiaOf(force: GpmfTrack, rate: GpmfTrack, packets: readonly GpmfPacket[], path: string): Sense {
  if (force.rows !== rate.rows || force.timesS.some((timeS, row) => timeS !== rate.timesS[row])) {
    throw malformed(path, 'metadata', 'expected "ACCL" and "GYRO" at the same times');
  }
  const [toForce, toRate] = [axesOf(packets, 'ACCL', path), axesOf(packets, 'GYRO', path)];
  return {
    description: stream('imu', 'imu', force.rateHz, [
      field(
        'specificForceMps2',
        'float32',
        [3],
        'm/s2',
        'acceleration less gravity, x forward, y left, z up of the camera',
      ),
      field('angularRateRadps', 'float32', [3], 'rad/s', 'x forward, y left, z up of the camera'),
    ]),
    timesS: force.timesS,
    at: (row) => ({
      specificForceMps2: Float32Array.from(toForce(force.values, row * 3)),
      angularRateRadps: Float32Array.from(toRate(rate.values, row * 3)),
    }),
  };
}

/** Turns a sense's channels into x forward, y left, z up by its letters, `XzY`: the second channel is the opposite of Z. */
function axesOf(packets: readonly GpmfPacket[], key: string, path: string) {
  const streams = packets.flatMap(({ items }) => items.flatMap((device) => device.items));
  const stream = streams.find(({ items }) => items.some((item) => item.key === key));
  const letters = stream?.items.find((item) => item.key === 'ORIN')?.text ?? '';
  if ([...letters.toUpperCase()].sort().join('') !== 'XYZ') {
    throw malformed(path, 'metadata', `"${key}": expected its axes (ORIN) as in "XzY", got "${letters}"`);
  }
  const axis = (name: string): { readonly place: number; readonly sign: number } => {
    const place = letters.toUpperCase().indexOf(name);
    return { place, sign: letters[place] === name ? 1 : -1 };
  };
  const [x, y, z] = [axis('X'), axis('Y'), axis('Z')];
  return (values: Float64Array, at: number): readonly number[] => [
    -y.sign * values[at + y.place]!,
    x.sign * values[at + x.place]!,
    z.sign * values[at + z.place]!,
  ];
}

function fieldOf({ rateHz, timesS, values }: GpmfTrack): Sense {
  return {
    description: stream('magnetometer', 'magnetometer', rateHz, [
      field(
        'fieldT',
        'float32',
        [3],
        'T',
        "the sensor's own axes, which are not published; the camera's own magnetism is in it",
      ),
    ]),
    timesS,
    at: (row) => ({
      fieldT: Float32Array.from(values.subarray(row * 4, row * 4 + 3), (value) => value * 1e-6),
    }),
  };
}

/** Latitude and longitude in degrees, height in m, speed over ground and in space in m/s. */
function positionOf({ rows, rateHz, timesS, values }: GpmfTrack, path: string): Sense {
  const place = (row: number): readonly number[] => {
    const [latitude, longitude, height] = values.subarray(row * 5, row * 5 + 3) as unknown as number[];
    return [latitude! * RAD_PER_DEG, longitude! * RAD_PER_DEG, height!];
  };
  for (let row = 0; row < rows; row++) {
    const [latitude, longitude] = [values[row * 5]!, values[row * 5 + 1]!];
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) continue;
    throw malformed(
      path,
      `metadata, row ${row} of "GPS5"`,
      `there is no place at ${latitude}, ${longitude} degrees`,
    );
  }
  const [latitude, longitude, height] = place(0);
  const frame: LocalFrame = localFrameAt(ecefOf(latitude!, longitude!, height!));
  return {
    description: stream('gnss', 'gnss', rateHz, [
      field('positionM', 'float64', [3], 'm', 'east, north, up of the first fix'),
      field(
        'geodetic',
        'float64',
        [3],
        'deg, deg, m',
        'latitude, longitude, height as the receiver gives it',
      ),
      field('groundSpeedMps', 'float64', [], 'm/s', 'over ground'),
      field('speedMps', 'float64', [], 'm/s', 'in space'),
    ]),
    timesS,
    at(row) {
      const [lat, lon, up] = place(row);
      return {
        positionM: Float64Array.from(enuFromEcef(frame, ecefOf(lat!, lon!, up!))),
        geodetic: values.slice(row * 5, row * 5 + 3),
        groundSpeedMps: Float64Array.of(values[row * 5 + 3]!),
        speedMps: Float64Array.of(values[row * 5 + 4]!),
      };
    },
  };
}

/** CORI is w, X, Z, Y (its turns are those of the gyroscope); GRAV is X, -Z, -Y. */
function attitudeOf(turn: GpmfTrack, gravity: GpmfTrack, path: string): Sense {
  if (turn.rows !== gravity.rows)
    throw malformed(path, 'metadata', 'expected "CORI" and "GRAV" at the same times');
  return {
    description: stream('attitude', 'attitude', turn.rateHz, [
      field(
        'orientation',
        'float64',
        [4],
        '1',
        "unit quaternion w x y z, the first frame's camera from this one's",
      ),
      field('gravityDirection', 'float64', [3], '1', 'downwards, x forward, y left, z up of the camera'),
    ]),
    timesS: turn.timesS,
    at(row) {
      const [w, x, z, y] = turn.values.subarray(row * 4, row * 4 + 4) as unknown as number[];
      const norm = Math.sqrt(w! * w! + x! * x! + y! * y! + z! * z!);
      if (!(norm > 0.9 && norm < 1.1))
        throw malformed(path, `metadata, row ${row} of "CORI"`, `the quaternion has norm ${norm}, not 1`);
      const down = gravity.values.subarray(row * 3, row * 3 + 3);
      return {
        orientation: Float64Array.of(w!, -y!, x!, z!).map((value) => value / norm),
        gravityDirection: Float64Array.of(down[2]!, down[0]!, -down[1]!),
      };
    },
  };
}

function exposureOf({ rateHz, timesS, values }: GpmfTrack): Sense {
  return {
    description: stream('exposure', 'exposure', rateHz, [
      field('exposureTimeS', 'float32', [], 's', 'of the frame at this time'),
    ]),
    timesS,
    at: (row) => ({ exposureTimeS: Float32Array.of(values[row]!) }),
  };
}

function stream(
  name: string,
  kind: string,
  rateHz: number,
  fields: StreamDescription['fields'],
): StreamDescription {
  return { name, kind, rateHz: Math.round(rateHz * 1000) / 1000, samplesPerRow: 1, fields, metadata: {} };
}

function field(
  name: string,
  dataType: 'float32' | 'float64',
  shape: readonly number[],
  unit: string,
  description: string,
): StreamDescription['fields'][number] {
  return { name, dataType, shape, unit, description };
}
