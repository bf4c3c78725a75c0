import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { multiply, type Quaternion } from '../../../core/math/quaternion.js';
import { fromRotationVector, geodesicAngle } from '../../../core/math/rotation.js';
import type { SensorSample } from '../../../datasets/contract.js';
import { goproWalk } from '../../../datasets/recordings/gopro-walk.js';
import { type DrainedRecording, expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';
import {
  gpmfItem,
  gpmfNest,
  metadataTrack,
  mp4File,
  soundTrack,
  type TestTrack,
  uint32,
  videoTrack,
} from './mp4-file.js';

const REAL = '../shared/recordings/gopro-walk';
const FILE = 'max-test.mp4';

const int16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt16BE(value, index * 2);
  return bytes;
};
const int32 = (...values: readonly number[]): Buffer => uint32(...values.map((value) => value >>> 0));
const stamp = (timeUs: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(timeUs));
  return gpmfItem('STMP', 'J', 8, bytes);
};
const repeat = (rows: number, row: Buffer): Buffer => Buffer.concat(Array.from({ length: rows }, () => row));

/** What a packet's streams hold; each is a list of items. */
type Streams = Record<string, Buffer[]>;

/** A second of a camera at rest: frames at 10 Hz from 50 ms of its clock, inertia at 20 Hz from 25 ms. */
function packet(second: number, change: (streams: Streams) => void = () => {}): Buffer {
  const at = (ms: number): Buffer => stamp((second * 1000 + ms) * 1000);
  const streams: Streams = {
    ACCL: [
      at(25),
      gpmfItem('ORIN', 'c', 1, Buffer.from('XzY')),
      gpmfItem('SCAL', 's', 2, int16(100)),
      gpmfItem('ACCL', 's', 6, repeat(20, int16(1, -981, 20))),
    ],
    GYRO: [
      at(25),
      gpmfItem('ORIN', 'c', 1, Buffer.from('XzY')),
      gpmfItem('SCAL', 's', 2, int16(1000)),
      gpmfItem('GYRO', 's', 6, repeat(20, int16(100, 200, 300))),
    ],
    MAGN: [at(0), gpmfItem('MAGN', 's', 8, repeat(5, int16(10, 20, 30, 0)))],
    GPS5: [
      at(60),
      gpmfItem('SCAL', 'l', 4, int32(1e7, 1e7, 1000, 1000, 100)),
      gpmfItem(
        'GPS5',
        'l',
        20,
        Buffer.concat([int32(33e7, -117e7, 5000, 1200, 130), int32(33e7 + 1000, -117e7, 5000, 1100, 120)]),
      ),
    ],
    CORI: [
      at(50),
      gpmfItem('SCAL', 's', 2, int16(32767)),
      gpmfItem('CORI', 's', 8, repeat(10, int16(32765, 300, 200, 100))),
    ],
    GRAV: [
      at(50),
      gpmfItem('SCAL', 's', 2, int16(32767)),
      gpmfItem('GRAV', 's', 6, repeat(10, int16(100, 32700, 1000))),
    ],
    SHUT: [at(50), gpmfItem('SHUT', 'f', 4, repeat(10, Buffer.of(0x3b, 0x80, 0, 0)))],
  };
  change(streams);
  return gpmfNest(
    'DEVC',
    ...Object.values(streams).map((items) => gpmfNest('STRM', ...items)),
    Buffer.alloc(8),
  );
}

describe('gopro-walk', () => {
  let read: Awaited<ReturnType<typeof readerOf>>;
  let media: readonly TestTrack[];
  beforeAll(async () => {
    read = await readerOf(goproWalk);
    media = [await videoTrack(3), await soundTrack(2)];
  });
  const fileOf = (...packets: readonly Uint8Array[]): Buffer => mp4File([...media, metadataTrack(packets)]);
  const readChanged = (change: (streams: Streams) => void) =>
    read(fileOf(packet(0, change), packet(1, change)), FILE);

  it('puts every sense on the clock of the frames, in the axes and units of the project', async () => {
    const [recording] = await read(fileOf(packet(0), packet(1)), FILE);
    const of = (stream: string): SensorSample[] =>
      recording!.samples.filter((sample) => sample.stream === stream);
    const [imu] = of('imu');
    // 25 ms of the camera's clock are before the first frame, at 50.
    expect(imu!.timeNs).toBe(25_000_000n);
    expect(of('imu')).toHaveLength(39);
    expect(of('imu')[20]!.timeNs).toBe(1_025_000_000n);
    const close = (values: ArrayLike<number>, expected: readonly number[]) => {
      for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 4);
    };
    // The channels are X, -Z, Y, and X is left, Y back.
    close(imu!.values.specificForceMps2!, [-0.2, 0.01, 9.81]);
    close(imu!.values.angularRateRadps!, [-0.3, 0.1, -0.2]);
    close(of('magnetometer')[0]!.values.fieldT!, [10e-6, 20e-6, 30e-6]);
    const [first, second] = of('gnss');
    close(first!.values.geodetic!, [33, -117, 5]);
    // A ten thousandth of a degree to the north.
    expect(second!.values.positionM![1]).toBeCloseTo(11.09, 1);
    close([first!.values.groundSpeedMps![0]!, first!.values.speedMps![0]!], [1.2, 1.3]);
    expect(of('attitude')[0]!.timeNs).toBe(0n);
    close(of('attitude')[0]!.values.gravityDirection!, [1000 / 32767, 100 / 32767, -32700 / 32767]);
    // w X Z Y.
    close(of('attitude')[0]!.values.orientation!.slice(1), [-100 / 32767, 300 / 32767, 200 / 32767]);
    expect(of('exposure')[0]!.values.exposureTimeS![0]).toBe(2 ** -8);
    expect(of('camera')).toHaveLength(3);
  });

  it.each<[string, (streams: Streams) => void, RegExp]>([
    ['a sense that is missing', (s) => delete s.CORI, /there is no "CORI"/],
    ['a sense without a time', (s) => s.MAGN!.shift(), /"MAGN" has no time/],
    ['axes without names', (s) => s.GYRO!.splice(1, 1), /"GYRO": expected its axes \(ORIN\)/],
    [
      'other rows',
      (s) => s.SHUT!.splice(1, 1, gpmfItem('SHUT', 's', 4, int16(1, 2))),
      /expected 1 numbers a row, got 2/,
    ],
    [
      'a scale of zero',
      (s) => s.ACCL!.splice(2, 1, gpmfItem('SCAL', 's', 2, int16(0))),
      /expected a finite number/,
    ],
    ['a place that is none', (s) => s.GPS5!.splice(1, 1), /there is no place at/],
    [
      'no quaternion',
      (s) => s.CORI!.splice(1, 1, gpmfItem('SCAL', 's', 2, int16(1))),
      /the quaternion has norm/,
    ],
    ['part of a number', (s) => s.MAGN!.push(gpmfItem('ODDS', 's', 3, Buffer.alloc(3))), /a row of 3 bytes/],
  ])('refuses %s', async (_, change, message) => {
    await expect(readChanged(change)).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringMatching(message),
    });
  });

  it('refuses time that runs backwards, lengths beyond a packet, and senses nested without end', async () => {
    await expect(read(fileOf(packet(1), packet(0)), FILE)).rejects.toThrow(/"CORI": time must run forwards/);
    const long = packet(0);
    long.writeUInt16BE(0xffff, 6);
    await expect(read(fileOf(long, packet(1)), FILE)).rejects.toThrow(/expected 65535 more bytes/);
    const deep = Array.from({ length: 20 }).reduce<Buffer>(
      (inner) => gpmfNest('DEVC', inner),
      Buffer.alloc(8),
    );
    await expect(read(fileOf(deep, packet(1)), FILE)).rejects.toThrow(/nested deeper/);
    await expect(read(mp4File(media), FILE)).rejects.toThrow(/expected a track of metadata/);
  });

  it('lets nothing but its own error out, whatever the metadata', async () => {
    const readPacket = (bytes: Uint8Array, name: string) => read(fileOf(packet(0), bytes, packet(2)), name);
    await expectSafeFromHostileBytes(readPacket, { fileName: FILE, valid: packet(1), lengths: 5, runs: 6 });
  });
});

describe.skipIf(!existsSync(REAL))(
  'gopro-walk: the published walk (skipped without ../shared/recordings)',
  () => {
    let recording: DrainedRecording;
    const of = (stream: string): SensorSample[] =>
      recording.samples.filter((sample) => sample.stream === stream);
    beforeAll(async () => {
      recording = (await readAll(goproWalk, REAL))[0]!;
    });

    it('has every sense at its own rate', () => {
      const rows = Object.fromEntries(
        ['camera', 'audio', 'imu', 'magnetometer', 'gnss', 'attitude', 'exposure'].map((name) => [
          name,
          of(name).length,
        ]),
      );
      expect(rows).toEqual({
        camera: 315,
        audio: 493,
        imu: 2081,
        magnetometer: 259,
        gnss: 191,
        attitude: 316,
        exposure: 316,
      });
      expect(recording.durationS).toBeCloseTo(10.53, 2);
    });

    it('feels gravity upwards, as much as there is, in the direction that the camera says', () => {
      const force = [0, 1, 2].map((axis) =>
        meanOf(of('imu').map(({ values }) => values.specificForceMps2![axis]!)),
      );
      expect(Math.hypot(...force)).toBeGreaterThan(9.7);
      expect(Math.hypot(...force)).toBeLessThan(9.9);
      const down = [0, 1, 2].map((axis) =>
        meanOf(of('attitude').map(({ values }) => values.gravityDirection![axis]!)),
      );
      const along =
        force.reduce((sum, value, axis) => sum - value * down[axis]!, 0) /
        Math.hypot(...force) /
        Math.hypot(...down);
      expect(along).toBeGreaterThan(Math.cos(0.03));
      // The camera looks somewhat down: the horizon is above the middle of the pictures.
      expect(down[0]).toBeGreaterThan(0.08);
    });

    it('turns as its gyroscope says', () => {
      let turned: Quaternion = [1, 0, 0, 0];
      const imu = of('imu');
      for (let row = 1; row < imu.length; row++) {
        const dtS = Number(imu[row]!.timeNs - imu[row - 1]!.timeNs) / 1e9;
        const [x, y, z] = imu[row]!.values.angularRateRadps! as unknown as number[];
        turned = multiply(turned, fromRotationVector([x! * dtS, y! * dtS, z! * dtS]));
      }
      const [first, last] = [of('attitude')[0]!, of('attitude').at(-1)!].map(
        ({ values }) => [...values.orientation!] as unknown as Quaternion,
      );
      expect(geodesicAngle(first!, last!)).toBeGreaterThan(0.08);
      expect(geodesicAngle(turned, last!)).toBeLessThan(0.06);
    });

    it('goes at the speed of a walk, and gets as far as that takes it', () => {
      const fixes = of('gnss');
      const speed = meanOf(fixes.map(({ values }) => values.groundSpeedMps![0]!));
      expect(speed).toBeGreaterThan(1);
      expect(speed).toBeLessThan(1.4);
      const [east, north] = fixes.at(-1)!.values.positionM! as unknown as number[];
      expect(Math.hypot(east!, north!) / 10.45).toBeCloseTo(speed, 0);
    });
  },
);

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
