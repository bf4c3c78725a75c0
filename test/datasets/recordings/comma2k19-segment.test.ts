import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import type { Dataset, StreamData } from '../../../datasets/contract.js';
import { openDataset } from '../../../datasets/reader.js';
import { comma2k19Segment } from '../../../datasets/recordings/comma2k19-segment.js';
import { COMMA2K19_SHA256 } from '../../../datasets/recordings/comma2k19-segment-digests.js';
import { importRecordings, listRecordings } from '../../../datasets/recordings/import.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readAll } from './hostile.js';
import { npyBytes } from './npy-file.js';

const REAL = join(process.env.UMWELT_RECORDINGS ?? '../shared/recordings', 'comma2k19-segment');
const EQUATOR_M = 6_378_137;
const HALF = Math.SQRT1_2;

type Arrays = Record<string, { values: number[]; shape: number[] }>;

/** A car on the equator at the prime meridian that drives north at 10 m/s while it turns left by 0.1 rad a frame. */
function segment(change: (arrays: Arrays) => void = () => {}): Record<string, Uint8Array> {
  const times = [100, 100.05, 100.1];
  const turn = (k: number) => {
    // Forward, right, down to ECEF where x is up, y east, z north; then left about up.
    const [c, s] = [Math.cos(0.05 * k), Math.sin(0.05 * k)];
    return [c * HALF, s * HALF, -c * HALF, -s * HALF];
  };
  const log = (place: string, rows: number[][], at = times): Arrays => ({
    [`processed_log/${place}/t`]: { values: at, shape: [at.length] },
    [`processed_log/${place}/value`]: { values: rows.flat(), shape: [rows.length, rows[0]!.length] },
  });
  const fix = [90 * 0, 0.001, 20, 1_533_180_079_000, 5, 90];
  const arrays: Arrays = {
    'global_pose/frame_times': { values: times, shape: [3] },
    'global_pose/frame_positions': { values: [0, 0.5, 1].flatMap((z) => [EQUATOR_M, 0, z]), shape: [3, 3] },
    'global_pose/frame_velocities': { values: [0, 0, 10, 0, 0, 10, 0, 0, 10], shape: [3, 3] },
    'global_pose/frame_orientations': { values: [0, 1, 2].flatMap(turn), shape: [3, 4] },
    ...log('CAN/speed', [[10], [10.5], [11]], [99.9, 99.9, 100.2]),
    ...log('CAN/steering_angle', [[180], [0], [-90]]),
    ...log('CAN/wheel_speed', [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]),
    ...log(
      'CAN/radar',
      [
        [50, -2, 3, Number.NaN, Number.NaN, 528, 1],
        [40, 2, -3, Number.NaN, Number.NaN, 529, 0],
      ],
      [100.01, 100.01],
    ),
    ...log('IMU/accelerometer', [
      [1, 2, -9.8],
      [3, 4, -9.8],
      [5, 6, -9.8],
    ]),
    ...log(
      'IMU/gyro',
      [
        [0.1, 0.2, 0.3],
        [0.4, 0.5, 0.6],
      ],
      [100.001, 100.1],
    ),
    ...log('IMU/magnetometer', [[10, 20, 30]], [100]),
    ...log('GNSS/live_gnss_ublox', [fix], [100.02]),
  };
  change(arrays);
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { values, shape }]) => [name, npyBytes(values, shape)]),
  );
}

async function folderWith(files: Readonly<Record<string, Uint8Array>>, prefix = ''): Promise<string> {
  const folder = join(await temporaryFolder(), 'comma2k19-segment');
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, prefix, name)), { recursive: true });
    await writeFile(join(folder, prefix, name), bytes);
  }
  return folder;
}

async function importedFrom(folder: string): Promise<Dataset> {
  const directory = join(await temporaryFolder(), 'data');
  await importRecordings(folder, directory);
  return openDataset(directory);
}

function expectNear(actual: ArrayLike<number>, expected: readonly number[], digits = 9): void {
  for (const [index, value] of expected.entries()) expect(actual[index]!).toBeCloseTo(value, digits);
}

describe('comma2k19Segment', () => {
  it('converts frames, units and clocks, each stream at its own rate', async () => {
    const episode = await (await importedFrom(await folderWith(segment()))).readEpisode(0);
    expect(episode.durationS).toBeCloseTo(0.3, 9);
    expect(episode.attributes).toMatchObject({
      origin: { latitudeDeg: 0, longitudeDeg: 0, heightM: 0 },
      deviceTimeAtStartS: 99.9,
    });
    const { state, imu, speed, wheelSpeed, steering, radar, gnss, magnetometer } = episode.streams as Record<
      string,
      StreamData
    >;
    expect([...state!.timeNs]).toEqual([100_000_000n, 150_000_000n, 200_000_000n]);
    expectNear(state!.values.positionM!, [0, 0, 0, 0, 0.5, 0, 0, 1, 0], 6);
    expectNear(state!.values.linearVelocityMps!, [0, 10, 0]);
    // Looks north: a quarter turn to the left of east; then 0.1 rad more each frame.
    expectNear(state!.values.orientation!, [HALF, 0, 0, HALF]);
    expectNear(state!.values.angularVelocityRadps!, [0, 0, 2, 0, 0, 2, 0, 0, 2]);
    expectNear(imu!.values.specificForceMps2!, [1, -2, 9.8, 5, -6, 9.8], 5);
    expectNear(imu!.values.angularRateRadps!, [0.1, -0.2, -0.3, 0.4, -0.5, -0.6], 6);
    expect([...imu!.timeNs]).toEqual([100_000_000n, 200_000_000n]);
    expect([...speed!.timeNs]).toEqual([0n, 0n, 300_000_000n]);
    expect([...speed!.values.speedMps!]).toEqual([10, 10.5, 11]);
    expect([...wheelSpeed!.values.speedMps!.slice(4, 8)]).toEqual([5, 6, 7, 8]);
    expectNear(steering!.values.steeringWheelAngleRad!, [Math.PI, 0, -Math.PI / 2]);
    expect([...radar!.values.positionM!]).toEqual([50, -2, 40, 2]);
    expect([...radar!.values.address!]).toEqual([528, 529]);
    expect([...radar!.values.isNew!]).toEqual([1, 0]);
    expectNear(magnetometer!.values.fluxDensityT!, [10e-6, -20e-6, -30e-6], 12);
    // A thousandth of a degree of longitude on the equator, and east is 90 degrees from north.
    expectNear(gnss!.values.positionM!, [111.319, 0, 5], 2);
    expectNear(gnss!.values.horizontalVelocityMps!, [20, 0]);
  });

  it('takes a segment, a folder of segments and the published layout, with the streams that there are', async () => {
    const withoutRadar = segment((arrays) => {
      for (const name of Object.keys(arrays)) if (/radar|GNSS|magnet/.test(name)) delete arrays[name];
    });
    const route = 'Chunk_1/b0c9d2329ad1606b|2018-08-02--08-34-47';
    const folder = await folderWith(withoutRadar, `${route}/40`);
    await cp(join(folder, `${route}/40`), join(folder, `${route}/9`), { recursive: true });
    await writeFile(join(folder, 'README.md'), 'about');
    const listed = await listRecordings(folder);
    expect(listed.map(({ name }) => name)).toEqual([`${route}/9`, `${route}/40`]);
    const { manifest } = await importedFrom(folder);
    expect(manifest.streams.map(({ name }) => name)).toEqual([
      'state',
      'imu',
      'speed',
      'wheelSpeed',
      'steering',
    ]);
    expect((await listRecordings(join(folder, route, '40'))).map(({ name }) => name)).toEqual(['40']);
    expect(comma2k19Segment.holds([], await temporaryFolder())).toBe(false);
  });

  const broken: [string, RegExp, (arrays: Arrays) => void][] = [
    [
      'a NaN',
      /speed\/value, row 1, column 0: .*NaN/,
      (a) => {
        a['processed_log/CAN/speed/value']!.values[1] = Number.NaN;
      },
    ],
    [
      'an infinite position',
      /frame_positions, row 0, column 2/,
      (a) => {
        a['global_pose/frame_positions']!.values[2] = Number.POSITIVE_INFINITY;
      },
    ],
    [
      'an absurd number',
      /gyro\/value, row 0, column 0/,
      (a) => {
        a['processed_log/IMU/gyro/value']!.values[0] = 1e300;
      },
    ],
    [
      'a NaN that the radar does not have by design',
      /radar\/value, row 0, column 1/,
      (a) => {
        a['processed_log/CAN/radar/value']!.values[1] = Number.NaN;
      },
    ],
    [
      'time that runs backwards',
      /steering_angle\/t, row 2: time must not run backwards/,
      (a) => {
        a['processed_log/CAN/steering_angle/t']!.values = [100, 100.1, 100.05];
      },
    ],
    [
      'two frames at one time',
      /frame_times, row 1: time must run forwards/,
      (a) => {
        a['global_pose/frame_times']!.values = [100, 100, 100.1];
      },
    ],
    [
      'fewer values than times',
      /wheel_speed\/value, header: expected shape \(3, 4\)/,
      (a) => {
        a['processed_log/CAN/wheel_speed/value'] = { values: [1, 2, 3, 4], shape: [1, 4] };
      },
    ],
    [
      'a column too few',
      /accelerometer\/value, header/,
      (a) => {
        a['processed_log/IMU/accelerometer/value'] = { values: [1, 2, 3, 4, 5, 6], shape: [3, 2] };
      },
    ],
    [
      'times in two dimensions',
      /speed\/t, header/,
      (a) => {
        a['processed_log/CAN/speed/t']!.shape = [3, 1];
      },
    ],
    [
      'a quaternion of another norm',
      /frame_orientations, row 1: .*norm/,
      (a) => {
        a['global_pose/frame_orientations']!.values[4] = 3;
      },
    ],
    [
      'a track that is half new',
      /radar\/value, row 0, column 6/,
      (a) => {
        a['processed_log/CAN/radar/value']!.values[6] = 0.5;
      },
    ],
    [
      'logs years apart',
      /span/,
      (a) => {
        a['processed_log/GNSS/live_gnss_ublox/t']!.values[0] = 1e9;
      },
    ],
    [
      'one frame',
      /at least 2 frames/,
      (a) => {
        for (const [name, columns] of [
          ['times', 1],
          ['positions', 3],
          ['velocities', 3],
          ['orientations', 4],
        ] as const) {
          const array = a[`global_pose/frame_${name}`]!;
          array.values = array.values.slice(0, columns);
          array.shape[0] = 1;
        }
      },
    ],
  ];
  it.each(broken)('refuses %s, naming file and row', async (_, message, change) => {
    const read = readAll(comma2k19Segment, await folderWith(segment(change)));
    await expect(read).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringMatching(message),
    });
  });

  it('names a file that is missing', async () => {
    const folder = await folderWith(segment());
    await rm(join(folder, 'processed_log/CAN/speed/t'));
    const read = readAll(comma2k19Segment, folder);
    await expect(read).rejects.toSatisfy(
      (e) => e instanceof UmweltError && e.code === 'not-found' && /speed\/t/.test(e.message),
    );
  });

  it('is safe from hostile bytes in any of its files', async () => {
    const files = segment();
    const folder = await folderWith(files);
    for (const fileName of ['global_pose/frame_orientations', 'processed_log/GNSS/live_gnss_ublox/t']) {
      const valid = files[fileName]!;
      const read = async (bytes: Uint8Array) => {
        await writeFile(join(folder, fileName), bytes);
        return readAll(comma2k19Segment, folder);
      };
      await expectSafeFromHostileBytes(read, { fileName, valid, lengths: 20, runs: 12 });
      await writeFile(join(folder, fileName), valid);
    }
  }, 30_000);
});

describe.skipIf(!existsSync(REAL))(
  'comma2k19Segment on the shared recording (skipped where it is not there)',
  () => {
    let dataset: Dataset;
    let streams: Readonly<Record<string, StreamData>>;
    beforeAll(async () => {
      dataset = await importedFrom(REAL);
      streams = (await dataset.readEpisode(0)).streams;
    });

    it('has one segment, the published bytes, and gives the same dataset twice', async () => {
      const [listed, ...others] = await listRecordings(REAL);
      expect(others).toEqual([]);
      expect(listed!.files.every((file) => file in COMMA2K19_SHA256)).toBe(true);
      const again = await importedFrom(REAL);
      expect(again.manifest.dataSha256).toBe(dataset.manifest.dataSha256);
      expect(Object.fromEntries(dataset.manifest.streams.map(({ name, rows }) => [name, rows]))).toEqual({
        state: 1200,
        imu: 6256,
        magnetometer: 592,
        speed: 4974,
        wheelSpeed: 4974,
        steering: 4974,
        radar: 10100,
        gnss: 579,
        gnssPhone: 30,
      });
    });

    it('drives where it looks, over the ground, under gravity, where the satellites say', () => {
      const { state, imu, speed, gnss, magnetometer } = streams;
      const rows = state!.rows;
      const v = state!.values;
      let along = 0;
      let error = 0;
      for (let row = 0; row < rows; row++) {
        const [w, x, y, z] = v.orientation!.slice(4 * row, 4 * row + 4) as unknown as [
          number,
          number,
          number,
          number,
        ];
        const forward = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
        const velocity = v.linearVelocityMps!.slice(3 * row, 3 * row + 3);
        const speedMps = Math.hypot(...velocity);
        along += forward.reduce((sum, value, axis) => sum + value * velocity[axis]!, 0) / speedMps / rows;
        const near = nearest(speed!.timeNs, state!.timeNs[row]!);
        error += Math.abs(speed!.values.speedMps![near]! - speedMps) / rows;
      }
      // The camera looks 4 degrees downwards. SOURCE.md: 0.147 m/s between pose and bus.
      expect(along).toBeGreaterThan(0.996);
      expect(error).toBeLessThan(0.16);
      expect(mean(imu!.values.specificForceMps2!, 3, 2)).toBeCloseTo(9.66, 1);
      // The earth's field in California has 48 microtesla.
      const field = Math.hypot(...[0, 1, 2].map((axis) => mean(magnetometer!.values.fluxDensityT!, 3, axis)));
      expect(field).toBeGreaterThan(35e-6);
      expect(field).toBeLessThan(60e-6);
      // An independent receiver, another filter, heights over the ellipsoid: within metres all along the kilometre.
      for (let row = 0; row < gnss!.rows; row += 50) {
        const at = nearest(state!.timeNs, gnss!.timeNs[row]!);
        const off = [0, 1, 2].map(
          (axis) => gnss!.values.positionM![3 * row + axis]! - v.positionM![3 * at + axis]!,
        );
        expect(Math.hypot(...off)).toBeLessThan(4);
      }
    });
  },
);

function nearest(times: BigInt64Array, timeNs: bigint): number {
  const next = times.findIndex((time) => time >= timeNs);
  return next < 0 ? times.length - 1 : next;
}

function mean(values: ArrayLike<number>, stride: number, axis: number): number {
  let sum = 0;
  for (let at = axis; at < values.length; at += stride) sum += values[at]!;
  return sum / (values.length / stride);
}
