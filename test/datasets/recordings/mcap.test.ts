import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mcap } from '../../../datasets/recordings/mcap.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';
import { COMPRESSIONS, json, lz4Frame, mcapFile, protobufSchema, type Topic } from './mcap-file.js';

const START = 1_700_000_000_000_000_000n;
const at = (ms: number): bigint => START + BigInt(ms) * 1_000_000n;
const stamp = (ms: number) => ({ sec: 1_700_000_000, nsec: ms * 1e6 });

const VECTOR = {
  fields: { x: { type: 'double', id: 1 }, y: { type: 'double', id: 2 }, z: { type: 'double', id: 3 } },
};
const wheel = protobufSchema('car', 'Wheel', {
  Gear: { values: { PARK: 0, DRIVE: 1 } },
  Vector: VECTOR,
  Stamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
  Wheel: {
    fields: {
      speed: { type: 'float', id: 1 },
      ticks: { type: 'sint64', id: 2 },
      gear: { type: 'Gear', id: 3 },
      braking: { type: 'bool', id: 4 },
      slip: { rule: 'repeated', type: 'double', id: 5 },
      push: { type: 'Vector', id: 6 },
      name: { type: 'string', id: 7 },
      timestamp: { type: 'Stamp', id: 8 },
      notes: { keyType: 'string', type: 'string', id: 9 },
    } as never,
  },
});

function imu(ms: number): Topic['messages'][number] {
  const [x, y, z] = [ms / 1000, -1, 9.81];
  const value = {
    header: { stamp: stamp(ms), frame_id: 'imu' },
    linear_acceleration: { x, y, z },
    angular_velocity: { x: 1, y: 2, z: 3 },
  };
  return { logTime: at(ms + 2), publishTime: at(ms + 1), data: json(value) };
}

const IMU: Topic = {
  topic: '/imu',
  schema: { name: 'sensor_msgs/msg/Imu', encoding: 'jsonschema', data: json({ type: 'object' }) },
  messages: [0, 10, 20, 30].map(imu),
};
const WHEEL: Topic = {
  topic: '/car/wheel',
  encoding: 'protobuf',
  schema: wheel.schema,
  messages: [5, 25].map((ms) => ({
    logTime: at(ms),
    data: wheel.encode({
      speed: 1.5,
      ticks: -7,
      gear: 1,
      braking: true,
      slip: [0.1, ms],
      ...(ms === 5 ? { push: { x: 1, y: 2, z: 3 } } : {}),
      name: 'left',
      timestamp: { seconds: 1_700_000_000, nanos: ms * 1e6 },
      notes: { a: 'b' },
    }),
  })),
};

async function folderWith(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'logs');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

async function one(topics: readonly Topic[]) {
  const folder = await folderWith({ 'a.mcap': await mcapFile(topics) });
  const { streams, conversion } = await mcap.open(folder);
  const [recording] = await readAll(mcap, folder);
  return { streams, conversion, recording: recording!, first: recording!.samples[0]!.values };
}

function message(schema: string, value: object): Topic {
  const messages = [{ logTime: START, data: json({ timestamp: stamp(0), frame_id: 'f', ...value }) }];
  return { topic: '/t', schema: { name: schema, encoding: 'jsonschema', data: json({}) }, messages };
}

describe('an MCAP file', () => {
  it.each(Object.keys(COMPRESSIONS) as (keyof typeof COMPRESSIONS)[])(
    "with chunks compressed by %s gives its streams in the log's time",
    async (compression) => {
      const bytes = await mcapFile([IMU, WHEEL], { compression, chunkSize: 300 });
      const folder = await folderWith({ 'b.mcap': bytes });
      const { streams, conversion } = await mcap.open(folder);
      expect(conversion.time).toContain('log time');
      expect(streams.map(({ name, kind, rateHz }) => [name, kind, rateHz])).toEqual([
        ['car-wheel', 'generic', 50],
        ['imu', 'imu', 100],
      ]);
      const [recording] = await readAll(mcap, folder);
      expect(recording!.durationS).toBeCloseTo(0.03, 12);
      expect(recording!.attributes).toEqual({
        startUnixNs: String(at(2)),
        channels: {
          '/imu': {
            schema: 'sensor_msgs/msg/Imu',
            encoding: 'json',
            messages: 4,
            sincePublishS: [0.001, 0.001],
            sinceStampS: [0.002, 0.002],
          },
          '/car/wheel': {
            schema: 'car.Wheel',
            encoding: 'protobuf',
            messages: 2,
            sincePublishS: [0, 0],
            sinceStampS: [0, 0],
          },
        },
        skipped: {},
      });
      const imuSamples = recording!.samples.filter(({ stream }) => stream === 'imu');
      expect(imuSamples.map(({ timeNs }) => Number(timeNs))).toEqual([0, 10e6, 20e6, 30e6]);
      expect(imuSamples[3]!.values.specificForceMps2).toEqual(Float32Array.of(0.03, -1, 9.81));
      expect(imuSamples[3]!.values.angularRateRadps).toEqual(Float32Array.of(1, 2, 3));
      const [first, second] = recording!.samples.filter(({ stream }) => stream === 'car-wheel');
      expect(
        Object.fromEntries(Object.entries(first!.values).map(([name, values]) => [name, [...values]])),
      ).toEqual({
        speed: [1.5],
        ticks: [-7],
        gear: [1],
        braking: [1],
        slip: [0.1, 5],
        'push.x': [1],
        'push.y': [2],
        'push.z': [3],
        timestamp: [1_700_000_000.005],
      });
      // An absent protobuf message has its defaults.
      expect(second!.values['push.y']).toEqual(Float64Array.of(0));
      expect(streams[0]!.metadata).toEqual({
        topic: '/car/wheel',
        schema: 'car.Wheel',
        notNumbers: ['name'],
      });
    },
  );

  it('without chunks, with an attachment and with topics one after the other is read as well', async () => {
    const attachment = {
      name: 'a',
      mediaType: 'x/y',
      logTime: 0n,
      createTime: 0n,
      data: new Uint8Array(2_500_000),
    };
    const folder = await folderWith({
      'a.mcap': await mcapFile([WHEEL, IMU], { chunks: false, sorted: false, attachment }),
    });
    const [recording] = await readAll(mcap, folder);
    expect(recording!.samples).toHaveLength(6);
    expect(recording!.samples.map(({ timeNs }) => Number(timeNs) / 1e6)).toEqual([3, 23, 0, 10, 20, 30]);
  });

  it('is one recording, its folder one dataset with the streams of all', async () => {
    const later = { ...IMU, messages: [1000, 1020].map(imu) };
    const folder = await folderWith({
      '10.mcap': await mcapFile([IMU]),
      '9.mcap': await mcapFile([WHEEL, later]),
      'x.txt': json(1),
    });
    const { entries, streams } = await mcap.open(folder);
    expect(entries.map(({ name }) => name)).toEqual(['9.mcap', '10.mcap']);
    // Four intervals in 50 ms.
    expect(streams.find(({ name }) => name === 'imu')!.rateHz).toBe(80);
  });

  it('takes an Imu of other fields than ROS has as numbers', async () => {
    const { streams } = await one([message('car.Imu', { accel_x: 1, header: { stamp: stamp(0) } })]);
    expect(streams[0]).toMatchObject({
      kind: 'generic',
      fields: [{ name: 'timestamp' }, { name: 'accel_x' }, { name: 'header.stamp' }],
    });
  });

  it('whose channels cannot be read says which and why, and keeps those that can', async () => {
    const cdr = { ...IMU, topic: '/scan', encoding: 'cdr' };
    const words = { topic: '/log', messages: [{ logTime: at(0), data: json({ text: 'hello' }) }] };
    const { recording, streams, conversion } = await one([cdr, words, IMU]);
    expect(streams.map(({ name }) => name)).toEqual(['imu']);
    expect(conversion.left).toMatchObject({ '/log': 'its messages hold no numbers' });
    expect(recording.attributes.skipped).toMatchObject({
      '/scan': { encoding: 'cdr', reason: expect.stringContaining('as protobuf or JSON') },
      '/log': { reason: 'its messages hold no numbers' },
    });
    const folder = await folderWith({ 'only.mcap': await mcapFile([cdr]) });
    await expect(mcap.open(folder)).rejects.toThrow(
      /only\.mcap, channels: nothing in it can be read: \/scan: messages in "cdr"/,
    );
  });
});

describe('a sense in an MCAP file', () => {
  it('is a picture, compressed or raw', async () => {
    const rgb = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i * 7);
    const png = await sharp(rgb, { raw: { width: 4, height: 3, channels: 3 } })
      .png()
      .toBuffer();
    const compressed = await one([
      message('foxglove.CompressedImage', { format: 'png', data: png.toString('base64') }),
    ]);
    expect(compressed.streams[0]).toMatchObject({
      kind: 'camera',
      fields: [{ name: 'colour', shape: [3, 4, 3] }],
    });
    expect(compressed.first.colour).toEqual(rgb);
    const bgr = Buffer.alloc(3 * 14);
    for (let row = 0; row < 3; row++) {
      for (let i = 0; i < 12; i++) bgr[row * 14 + i] = rgb[row * 12 + Math.floor(i / 3) * 3 + (2 - (i % 3))]!;
    }
    const raw = { width: 4, height: 3, step: 14, encoding: 'bgr8', data: bgr.toString('base64') };
    expect((await one([message('foxglove.RawImage', raw)])).first.colour).toEqual(rgb);
    const depth = Buffer.from(Uint16Array.of(1, 500, 65_535, 0).buffer).toString('base64');
    const deep = { width: 2, height: 2, step: 4, encoding: '16UC1', data: depth };
    expect((await one([message('foxglove.RawImage', deep)])).first.value).toEqual(
      Uint16Array.of(1, 500, 65_535, 0),
    );
    await expect(one([message('foxglove.RawImage', { ...raw, height: 4 })])).rejects.toThrow(/no 4 x 4 bgr8/);
    await expect(one([message('foxglove.RawImage', { ...raw, encoding: 'yuyv' })])).rejects.toThrow(
      /expected rgb8/,
    );
  });

  it('is a pose, with the quaternion turned from x y z w to w x y z', async () => {
    const orientation = { x: 0, y: 0, z: 0.6, w: 0.8 };
    const pose = { position: { x: 1, y: 2, z: 3 }, orientation };
    const { streams, first } = await one([message('foxglove.PoseInFrame', { pose })]);
    expect(streams[0]).toMatchObject({ kind: 'truth', metadata: { frame: 'f' } });
    expect(first.positionM).toEqual(Float64Array.of(1, 2, 3));
    expect(first.orientation).toEqual(Float64Array.of(0.8, 0, 0, 0.6));
    const bent = { position: pose.position, orientation: { ...orientation, w: 0.7 } };
    await expect(one([message('foxglove.PoseInFrame', { pose: bent })])).rejects.toThrow(
      /channel "\/t", message 0: .*norm 0\.92/,
    );
  });

  it('is a stream for each frame of a channel of transforms', async () => {
    const link = (child: string, x: number) => ({
      timestamp: stamp(0),
      parent_frame_id: 'map',
      child_frame_id: child,
      translation: { x, y: 0, z: 0 },
      rotation: { x: 0, y: 0, z: 0, w: 1 },
    });
    const { streams, recording } = await one([
      message('foxglove.FrameTransforms', { transforms: [link('base', 1), link('arm/1', 2)] }),
    ]);
    expect(streams.map(({ name, metadata }) => [name, metadata.child])).toEqual([
      ['t-arm-1', 'arm/1'],
      ['t-base', 'base'],
    ]);
    expect(recording.samples.map(({ values }) => values.positionM![0])).toEqual([1, 2]);
  });

  it('is a scan, a position on earth, or points of any number', async () => {
    const scan = { pose: {}, start_angle: -1, end_angle: 1, ranges: [1, 2, 3], intensities: [] };
    const laser = await one([message('foxglove.LaserScan', scan)]);
    expect(laser.streams[0]).toMatchObject({
      kind: 'lidar',
      metadata: { azimuthsRad: [-1, 0, 1], elevationsRad: [0] },
    });
    expect(laser.first.rangeM).toEqual(Float32Array.of(1, 2, 3));
    const fix = await one([
      message('foxglove.LocationFix', { latitude: 48.1, longitude: 11.6, altitude: 520 }),
    ]);
    expect(fix.first.geodetic).toEqual(Float64Array.of(48.1, 11.6, 520));

    const cloud = (points: readonly number[][]): object => {
      const data = Buffer.alloc(points.length * 13);
      points.forEach(([x, y, z, ring], i) => {
        for (const [axis, value] of [x, y, z].entries()) data.writeFloatLE(value!, i * 13 + axis * 4);
        data[i * 13 + 12] = ring!;
      });
      const fields = ['x', 'y', 'z'].map((name, i) => ({ name, offset: 4 * i, type: 7 }));
      // A quarter turn to the left, and one metre up.
      const pose = {
        position: { x: 0, y: 0, z: 1 },
        orientation: { x: 0, y: 0, z: Math.SQRT1_2, w: Math.SQRT1_2 },
      };
      const layout = { point_stride: 13, fields: [...fields, { name: 'ring', offset: 12, type: 1 }] };
      return { timestamp: stamp(0), frame_id: 'lidar', pose, ...layout, data: data.toString('base64') };
    };
    const clouds = [
      [[1, 0, 0, 5]],
      [
        [0, 1, 0, 6],
        [Number.NaN, 0, 0, 1],
        [2, 0, 0, 7],
      ],
    ];
    const { streams, recording } = await one([
      {
        ...message('foxglove.PointCloud', {}),
        messages: clouds.map((points, i) => ({ logTime: at(i * 100), data: json(cloud(points)) })),
      },
    ]);
    expect(streams[0]!.fields.map(({ name, dataType, shape }) => [name, dataType, shape])).toEqual([
      ['count', 'int32', []],
      ['pointM', 'float32', [2, 3]],
      ['ring', 'uint8', [2]],
    ]);
    const [first, second] = recording.samples;
    expect(first!.values.count).toEqual(Int32Array.of(1));
    expect([...first!.values.pointM!].map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual([0, 1, 1, 0, 0, 0]);
    expect(second!.values.count).toEqual(Int32Array.of(2));
    expect(second!.values.ring).toEqual(Uint8Array.of(6, 7));
  });
});

describe('a wrong MCAP file', () => {
  const of = (...values: readonly object[]): Topic => ({
    topic: '/n',
    messages: values.map((value, i) => ({ logTime: at(i), data: json(value) })),
  });

  it.each<[string, Topic, RegExp]>([
    [
      'a list that changes its length',
      of({ v: [1, 2] }, { v: [1, 2, 3] }),
      /channel "\/n", message 1: "v" has shape \[3\], in the first message \[2\]/,
    ],
    ['a number that goes missing', of({ v: 1, w: 2 }, { v: 1 }), /message 1: .*"w" has shape none/],
    ['null in place of a number', of({ v: 1 }, { v: null }), /message 1: /],
    [
      'time that runs backwards',
      { ...of({ v: 1 }), messages: [at(5), at(3)].map((logTime) => ({ logTime, data: json({ v: 1 }) })) },
      /message 1: time must run forwards.*mcap sort/,
    ],
    [
      'JSON that is cut',
      { topic: '/n', messages: [{ logTime: START, data: json({ v: 1 }).subarray(0, 4) }] },
      /channel "\/n", message 0: /,
    ],
    [
      'a NaN',
      { ...WHEEL, messages: [{ logTime: START, data: wheel.encode({ speed: Number.NaN }) }] },
      /"speed" is NaN, not a finite number.*mcap filter/,
    ],
    [
      'protobuf that is cut',
      { ...WHEEL, messages: [{ logTime: START, data: WHEEL.messages[0]!.data.subarray(0, -1) }] },
      /channel "\/car\/wheel", message 0/,
    ],
    [
      'a schema without its message',
      { ...WHEEL, schema: { ...wheel.schema, name: 'car.Door' } },
      /no message "car\.Door"/,
    ],
    [
      'too many numbers',
      of(Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`n${i}`, i]))),
      /more than 1024/,
    ],
    [
      'a message nested too deep',
      of(Array.from({ length: 60 }).reduce<object>((inner) => ({ a: inner }), { v: 1 })),
      /nested more than 32 deep/,
    ],
  ])('with %s names the channel and the message', async (_, topic, expected) => {
    const folder = await folderWith({ 'wrong.mcap': await mcapFile([topic], { sorted: false }) });
    const refusal = readAll(mcap, folder);
    await expect(refusal).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(refusal).rejects.toThrow(/^wrong\.mcap, /);
    await expect(refusal).rejects.toThrow(expected);
  });

  it('with lengths and sizes that cannot be allocates nothing for them', async () => {
    const good = await mcapFile([IMU], { compression: 'lz4' });
    const huge = Buffer.from(good);
    huge.writeBigUInt64LE(2n ** 60n, 9);
    const chunk = good.indexOf(Buffer.from(lz4Frame(Buffer.alloc(1)).subarray(0, 7)));
    const sized = Buffer.from(good);
    // uncompressed_size is 8 + 4 + (4 + 3) + 8 bytes before the frame.
    sized.writeBigUInt64LE(2n ** 33n, chunk - 27);
    const refusals: [Uint8Array, RegExp][] = [
      [huge, /byte 8: a record of 1152921504606846976 bytes, but only \d+ are left/],
      [sized, /chunk: \d+ bytes of lz4 cannot be 8589934592/],
      [good.subarray(0, good.length - 20), /cut short|magic/],
      [Buffer.concat([good, Buffer.from('more')]), /./],
      [Buffer.from('MCAP'), /byte 0: expected 8 more bytes/],
      [Buffer.from('not an mcap file at all'), /byte 0: Expected MCAP magic/],
    ];
    for (const [bytes, expected] of refusals) {
      const folder = await folderWith({ 'x.mcap': bytes });
      await expect(mcap.open(folder)).rejects.toMatchObject({
        code: 'malformed-file',
        message: expect.stringMatching(expected),
      });
    }
  });

  it('with a changed byte fails a CRC', async () => {
    for (const options of [{ compression: 'none' }, { chunks: false }] as const) {
      const bytes = await mcapFile([WHEEL], options);
      bytes[bytes.indexOf('left') + 1] = 0x41;
      const folder = await folderWith({ 'x.mcap': bytes });
      await expect(mcap.open(folder)).rejects.toThrow(/CRC/);
    }
  });

  it.each([
    ['packed', { compression: 'zstd' }],
    ['without sums', { chunks: false }],
  ] as const)(
    'of any bytes (%s) gives a result or an error that names it',
    async (_, options) => {
      const valid = await mcapFile([{ ...IMU, messages: IMU.messages.slice(0, 2) }, WHEEL], options);
      // Without the sum of the data section, changed bytes come as far as the messages.
      const end = valid.lastIndexOf(Buffer.from([0x0f, 4, 0, 0, 0, 0, 0, 0, 0]));
      if (!('compression' in options)) valid.fill(0, end + 9, end + 13);
      const hostile = { fileName: 'hostile.mcap', valid, lengths: 20, runs: 25 };
      await expectSafeFromHostileBytes(await readerOf(mcap), hostile);
    },
    30_000,
  );
});
