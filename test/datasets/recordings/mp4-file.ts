import { AudioData, AudioEncoder, VideoEncoder, VideoFrame } from '@napi-rs/webcodecs';

/** A coded frame or packet for a test's file. */
export interface TestSample {
  readonly data: Uint8Array;
  readonly isKey: boolean;
}

/** A track for a test's file; every sample lasts `duration` of `timescale` to a second. */
export interface TestTrack {
  readonly entry: Buffer;
  readonly handler: string;
  readonly timescale: number;
  readonly duration: number;
  readonly samples: readonly TestSample[];
}

/** Makes a box of ISO/IEC 14496-12. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

const MATRIX = uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** Writes a file with one chunk a sample. */
export function mp4File(tracks: readonly TestTrack[]): Buffer {
  const type = box('ftyp', Buffer.from('isom'), uint32(0), Buffer.from('isom'));
  const data = tracks.flatMap(({ samples }) => samples.map((sample) => sample.data));
  const media = box('mdat', ...data);
  let at = type.length + 8;
  const moov = box(
    'moov',
    box(
      'mvhd',
      uint32(0, 0, 0, 1000, 1000, 0x10000),
      uint16(0x100, 0),
      uint32(0, 0),
      MATRIX,
      Buffer.alloc(24),
      uint32(9),
    ),
    ...tracks.map((track, index) => {
      const offsets = track.samples.map((sample) => {
        const offset = at;
        at += sample.data.length;
        return offset;
      });
      return trackBox(track, index + 1, offsets);
    }),
  );
  return Buffer.concat([type, media, moov]);
}

function trackBox(
  { entry, handler, timescale, duration, samples }: TestTrack,
  id: number,
  offsets: readonly number[],
): Buffer {
  const keys = samples.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
  return box(
    'trak',
    box('tkhd', uint32(7, 0, 0, id, 0, 0, 0, 0), uint16(0, 0, 0, 0), MATRIX, uint32(0, 0)),
    box(
      'mdia',
      box('mdhd', uint32(0, 0, 0, timescale, samples.length * duration), uint16(0x55c4, 0)),
      box('hdlr', uint32(0, 0), Buffer.from(handler), Buffer.alloc(12), Buffer.from('test\0')),
      box(
        'minf',
        box(
          'stbl',
          box('stsd', uint32(0, 1), entry),
          box('stts', uint32(0, 1, samples.length, duration)),
          box('stsc', uint32(0, 1, 1, 1, 1)),
          box('stsz', uint32(0, 0, samples.length, ...samples.map(({ data }) => data.length))),
          box('stco', uint32(0, samples.length, ...offsets)),
          ...(handler === 'vide' ? [box('stss', uint32(0, keys.length, ...keys))] : []),
        ),
      ),
    ),
  );
}

/** Encodes pictures of one grey each, frame `k` of the brightness `60 + 10 k`. */
export async function videoTrack(frames: number, width = 32, height = 16): Promise<TestTrack> {
  const samples: TestSample[] = [];
  let setup: Uint8Array | undefined;
  const encoder = new VideoEncoder({
    output(chunk, metadata) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      samples.push({ data, isKey: chunk.type === 'key' });
      setup ??= metadata?.decoderConfig?.description as Uint8Array | undefined;
    },
    error: (cause) => {
      throw cause;
    },
  });
  encoder.configure({
    codec: 'avc1.42001E',
    width,
    height,
    bitrate: 400_000,
    avc: { format: 'avc' },
    latencyMode: 'realtime',
  });
  for (let index = 0; index < frames; index++) {
    const planes = new Uint8Array((width * height * 3) / 2).fill(128);
    planes.fill(60 + 10 * index, 0, width * height);
    const frame = new VideoFrame(planes, {
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      timestamp: index * 100_000,
    });
    encoder.encode(frame, { keyFrame: index === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  const picture = Buffer.concat([
    Buffer.alloc(6),
    uint16(1),
    Buffer.alloc(16),
    uint16(width, height),
    Buffer.alloc(50),
  ]);
  const entry = box('avc1', picture, box('avcC', setup!));
  return { entry, handler: 'vide', timescale: 1000, duration: 100, samples };
}

/** Encodes stereo sound of 48 kHz: a tone of 1 kHz on the left, nothing on the right. */
export async function soundTrack(packets: number): Promise<TestTrack> {
  const samples: TestSample[] = [];
  let setup: Uint8Array | undefined;
  const encoder = new AudioEncoder({
    output(chunk, metadata) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      samples.push({ data, isKey: true });
      setup ??= metadata?.decoderConfig?.description as Uint8Array | undefined;
    },
    error: (cause) => {
      throw cause;
    },
  });
  encoder.configure({ codec: 'mp4a.40.2', sampleRate: 48_000, numberOfChannels: 2, bitrate: 128_000 });
  const length = 1024 * packets;
  const data = Float32Array.from({ length: 2 * length }, (_, at) =>
    at < length ? 0.5 * Math.sin((at * Math.PI) / 24) : 0,
  );
  const sound = new AudioData({
    format: 'f32-planar',
    sampleRate: 48_000,
    numberOfFrames: length,
    numberOfChannels: 2,
    timestamp: 0,
    data,
  });
  encoder.encode(sound);
  sound.close();
  await encoder.flush();
  encoder.close();
  const fields = Buffer.concat([
    Buffer.alloc(6),
    uint16(1),
    Buffer.alloc(8),
    uint16(2, 16, 0, 0),
    uint32(48_000 * 65_536),
  ]);
  const descriptor = (tag: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.of(tag, content.length), content]);
  const config = Buffer.concat([
    Buffer.of(0x40, 0x15, 0, 0, 0),
    uint32(0, 0),
    descriptor(5, Buffer.from(setup!)),
  ]);
  const esds = box(
    'esds',
    uint32(0),
    descriptor(3, Buffer.concat([Buffer.of(0, 1, 0), descriptor(4, config), descriptor(6, Buffer.of(2))])),
  );
  return { entry: box('mp4a', fields, esds), handler: 'soun', timescale: 48_000, duration: 1024, samples };
}

/** Wraps packets of GoPro's metadata, one a second. */
export function metadataTrack(packets: readonly Uint8Array[]): TestTrack {
  const entry = box('gpmd', Buffer.concat([Buffer.alloc(6), uint16(1)]));
  const samples = packets.map((data) => ({ data, isKey: true }));
  return { entry, handler: 'meta', timescale: 1000, duration: 1000, samples };
}

/** Makes one item of GoPro's metadata: big-endian rows, padded to four bytes. */
export function gpmfItem(key: string, type: string, bytesARow: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(key, 0, 'latin1');
  head.write(type, 4, 'latin1');
  head.writeUInt8(bytesARow, 5);
  head.writeUInt16BE(content.length / bytesARow, 6);
  return Buffer.concat([head, content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}

/** Makes an item that holds items. */
export function gpmfNest(key: string, ...items: readonly Uint8Array[]): Buffer {
  return gpmfItem(key, '\0', 1, Buffer.concat(items));
}
