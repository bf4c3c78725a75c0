import { existsSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { bridgeRobot } from '../../../datasets/recordings/bridge-robot.js';
import { importRecordings } from '../../../datasets/recordings/import.js';
import { frameRecord } from '../../../worldmodel/logs/event-file.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readerOf } from './hostile.js';

const REAL = '../shared/recordings/bridge-robot';
const FILE = 'bridge_dataset-train.tfrecord-00000-of-00001';

const schema = protobuf
  .parse(
    `syntax = "proto3";
  message Example { Features features = 1; }
  message Features { map<string, Feature> feature = 1; }
  message Feature { oneof kind { BytesList b = 1; FloatList f = 2; Int64List i = 3; } }
  message BytesList { repeated bytes value = 1; }
  message FloatList { repeated float value = 1; }
  message Int64List { repeated int64 value = 1; }`,
  )
  .root.lookupType('Example');

type Features = Record<string, object>;
const floats = (value: readonly number[]) => ({ f: { value } });
const blobs = (value: readonly Uint8Array[]) => ({ b: { value } });

function encode(feature: Features): Uint8Array {
  return schema.encode(schema.fromObject({ features: { feature } })).finish();
}

/** A picture of one colour but for one black pixel, or black altogether. */
function jpeg(width: number, isBlank = false): Promise<Buffer> {
  const pixels = Buffer.alloc(width * width * 3, isBlank ? 0 : 200);
  if (!isBlank) pixels.fill(0, 0, pixels.length / 2);
  return sharp(pixels, { raw: { width, height: width, channels: 3 } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

/** Two steps, 8 pixels square: a camera that sees and one that does not. */
async function clip(change: (features: Features) => void = () => {}): Promise<Uint8Array> {
  const [picture, blank] = [await jpeg(8), await jpeg(8, true)];
  const features: Features = {
    'steps/observation/image_0': blobs([picture, picture]),
    'steps/observation/image_1': blobs([blank, picture]),
    'steps/observation/state': floats([0.1, 0.2, 0.3, 0, 0, 0, 1, 0.2, 0.2, 0.3, 0, 0, Math.PI / 10, 0.5]),
    'steps/action': floats([0, 0, 0, 0, 0, 0, 1, 0.1, 0, 0, 0, 0, 0.3, 0]),
    'steps/language_instruction': blobs([Buffer.from('leg die Möhre auf den Teller')]),
    'episode_metadata/episode_id': { i: { value: [7] } },
  };
  change(features);
  return encode(features);
}

const close = (values: ArrayLike<number>, expected: readonly number[]) => {
  for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 6);
};

describe('bridge-robot', () => {
  let read: Awaited<ReturnType<typeof readerOf>>;
  beforeAll(async () => {
    read = await readerOf(bridgeRobot);
  });
  const readClip = async (change?: (features: Features) => void) =>
    read(frameRecord(await clip(change)), FILE);

  it('turns each record of a file into a recording, and leaves out pictures that hold nothing', async () => {
    const record = frameRecord(await clip());
    const recordings = await read(Buffer.concat([record, record]), FILE);
    expect(recordings.map(({ name }) => name)).toEqual([`${FILE}#0`, `${FILE}#1`]);
    const { durationS, attributes, samples } = recordings[1]!;
    expect(durationS).toBe(0.2);
    expect(attributes).toEqual({
      instruction: 'leg die Möhre auf den Teller',
      publishedPath: null,
      publishedEpisode: 7,
    });
    const of = (stream: string) => samples.filter((sample) => sample.stream === stream);
    expect(of('camera').map(({ timeNs }) => timeNs)).toEqual([0n, 200_000_000n]);
    expect(of('camera-1').map(({ timeNs }) => timeNs)).toEqual([200_000_000n]);
    const { colour } = of('camera')[0]!.values;
    expect([colour![0], colour![191]]).toEqual([0, 200]);
    const { positionM, orientation, linearVelocityMps, angularVelocityRadps } = of('state')[1]!.values;
    close(positionM!, [0.2, 0.2, 0.3]);
    close(orientation!, [Math.cos(Math.PI / 20), 0, 0, Math.sin(Math.PI / 20)]);
    close(linearVelocityMps!, [0.5, 0, 0]);
    close(angularVelocityRadps!, [0, 0, Math.PI / 2]);
    expect(of('state')[0]!.values.linearVelocityMps).toEqual(linearVelocityMps);
    expect(of('gripper').map(({ values }) => values.position![0])).toEqual([1, 0.5]);
    close(of('action')[1]!.values.value!, [0.1, 0, 0, 0, 0, 0.3, 0]);
  });

  it.each<[string, (features: Features) => void, RegExp]>([
    ['a missing feature', (f) => delete f['steps/action'], /record 0: there is no feature "steps\/action"/],
    [
      'no camera',
      (f) => [0, 1].map((i) => delete f[`steps/observation/image_${i}`]),
      /expected one of image_0/,
    ],
    [
      'a number that is not finite',
      (f) => Object.assign(f, { 'steps/action': floats([...Array(13).fill(0), Number.NaN]) }),
      /record 0, steps\/action\[13\]: expected a finite number, got NaN/,
    ],
    [
      'a step that is cut short',
      (f) => Object.assign(f, { 'steps/observation/state': floats(Array(13).fill(0)) }),
      /expected 7 numbers a step, got 13/,
    ],
    [
      'a feature of another kind',
      (f) => Object.assign(f, { 'steps/action': blobs([]) }),
      /"steps\/action" is no list of floats/,
    ],
    [
      'fewer pictures than steps',
      (f) => Object.assign(f, { 'steps/observation/image_0': blobs([]) }),
      /"steps\/observation\/image_0" holds no pictures/,
    ],
    [
      'what is no picture',
      (f) => Object.assign(f, { 'steps/observation/image_1': blobs([Buffer.from('JPEG')]) }),
      /image_1\[0\] is no picture that can be decoded/,
    ],
  ])('refuses %s', async (_, change, message) => {
    await expect(readClip(change)).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringMatching(message),
    });
    await expect(readClip(change)).rejects.toThrow(FILE);
  });

  it('refuses a picture of another size', async () => {
    const other = await jpeg(16);
    await expect(
      readClip((f) => {
        const { value } = (f['steps/observation/image_0'] as { b: { value: Uint8Array[] } }).b;
        f['steps/observation/image_0'] = blobs([value[0]!, other]);
      }),
    ).rejects.toThrow('image_0[1]: expected 8 x 8 pixels, got 16 x 16');
  });

  it('refuses data and lengths that do not match their checksums, and lengths beyond the file', async () => {
    const record = Buffer.from(frameRecord(await clip()));
    const damaged = Buffer.from(record);
    damaged[100]! ^= 1;
    await expect(read(damaged, FILE)).rejects.toThrow(/record 0: the checksum of the data/);
    damaged[3] = 1;
    await expect(read(damaged, FILE)).rejects.toThrow(/record 0: the checksum of the length/);
    await expect(read(Buffer.concat([record, record.subarray(0, 40)]), FILE)).rejects.toThrow(
      /record 1: expected \d+ bytes, there are 24 left/,
    );
    await expect(read(new Uint8Array(), FILE)).rejects.toThrow(/there are no records/);
  });

  it('lets nothing but its own error out, whatever the bytes', async () => {
    const valid = await clip();
    const options = { fileName: FILE, lengths: 20, runs: 20 };
    await expectSafeFromHostileBytes(read, { ...options, valid: frameRecord(valid) });
    // Behind right checksums.
    await expectSafeFromHostileBytes((bytes, name) => read(frameRecord(bytes), name), { ...options, valid });
  });
});

describe.skipIf(!existsSync(REAL))(
  'bridge-robot: the published clips (skipped without ../shared/recordings)',
  () => {
    it('imports 25 clips whose actions move the arm, the same at every import', async () => {
      const root = await temporaryFolder();
      const [first, second] = [join(root, 'a'), join(root, 'b')];
      const manifest = await importRecordings(REAL, first);
      expect((await importRecordings(REAL, second)).dataSha256).toBe(manifest.dataSha256);
      expect(manifest.episodes).toHaveLength(25);
      const rows = Object.fromEntries(manifest.streams.map((stream) => [stream.name, stream.rows]));
      expect(rows).toEqual({
        camera: 250,
        'camera-1': 250,
        'camera-2': 250,
        'camera-3': 0,
        state: 250,
        gripper: 250,
        action: 250,
      });
      const moved: number[] = [];
      const commanded: number[] = [];
      for await (const { streams } of (await openDataset(first)).episodes(['state', 'action'])) {
        const { positionM } = streams.state!.values;
        for (let at = 3; at < 27; at++) {
          moved.push(positionM![at + 3]! - positionM![at]!);
          commanded.push(streams.action!.values.value![Math.floor(at / 3) * 7 + (at % 3)]!);
        }
      }
      expect(correlation(moved, commanded)).toBeGreaterThan(0.8);
    });
  },
);

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = mean(a.map((value, index) => (value - ma) * (b[index]! - mb)));
  const spread = (values: readonly number[], m: number) =>
    Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return product / spread(a, ma) / spread(b, mb);
}
