import { describeCause, UmweltError } from '../../core/errors.js';
import { malformed } from './malformed.js';
import { type Mp4, type Mp4Track, readSamples } from './mp4.js';
import { COLOUR_WEIGHTS, type PlanarFrame } from './video-picture.js';

/** The part of WebCodecs (W3C) that is used here. */
type Webcodecs = typeof import('@napi-rs/webcodecs');

/** Frames and packets that are on their way through a decoder at most. */
const IN_FLIGHT = 16;
const LARGEST_SIDE = 8192;

/** A decoded frame and when it is shown. The planes are the receiver's until the next one is asked for. */
export interface DecodedFrame extends PlanarFrame {
  readonly timeNs: bigint;
}

/** Decoded sound: [channels, samples], full scale 1. */
export interface DecodedSound {
  readonly timeNs: bigint;
  readonly channels: readonly Float32Array[];
}

/**
 * Decodes H.264 frame by frame: a few frames are in memory at a time.
 *
 * @throws UmweltError `unavailable` without @napi-rs/webcodecs; `malformed-file` naming the frame.
 */
export async function* decodeVideo(mp4: Mp4, track: Mp4Track): AsyncGenerator<DecodedFrame> {
  const { VideoDecoder, EncodedVideoChunk } = await loadWebcodecs(mp4.name);
  const { codec, setup, width, height } = track;
  if (setup === null || !(width > 0 && height > 0 && width <= LARGEST_SIDE && height <= LARGEST_SIDE)) {
    throw malformed(
      mp4.name,
      'video track',
      `expected a picture of H.264 with its set-up, got ${width} x ${height}`,
    );
  }
  const place = (count: number): string => `frame ${count}`;
  type Frame = InstanceType<Webcodecs['VideoFrame']>;
  yield* decode<Frame, DecodedFrame>(mp4, track, place, (output, error) => {
    const decoder = new VideoDecoder({ output, error });
    const config = { codec, codedWidth: width, codedHeight: height, description: setup };
    decoder.configure({ ...config, hardwareAcceleration: 'prefer-software' });
    return {
      decode: (timestamp, isKey, data) =>
        decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp, data })),
      queued: () => decoder.decodeQueueSize,
      flush: () => decoder.flush(),
      close: () => decoder.state !== 'closed' && decoder.close(),
      read: (frame, timeNs) => readFrame(frame, timeNs, width, height),
    };
  });
}

/**
 * Decodes AAC packet by packet.
 *
 * @throws UmweltError `unavailable` without @napi-rs/webcodecs; `malformed-file` naming the packet.
 */
export async function* decodeSound(mp4: Mp4, track: Mp4Track): AsyncGenerator<DecodedSound> {
  const { AudioDecoder, EncodedAudioChunk } = await loadWebcodecs(mp4.name);
  const { codec, setup, rateHz, channels } = track;
  if (setup === null || !(rateHz >= 8000 && rateHz <= 192_000 && channels >= 1 && channels <= 8)) {
    throw malformed(
      mp4.name,
      'audio track',
      `expected AAC with its set-up, got ${channels} channels at ${rateHz} Hz`,
    );
  }
  const place = (count: number): string => `packet ${count} of sound`;
  type Data = InstanceType<Webcodecs['AudioData']>;
  yield* decode<Data, DecodedSound>(mp4, track, place, (output, error) => {
    const decoder = new AudioDecoder({ output, error });
    decoder.configure({ codec, sampleRate: rateHz, numberOfChannels: channels, description: setup });
    return {
      decode: (timestamp, _, data) =>
        decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data, duration: 0 })),
      queued: () => decoder.decodeQueueSize,
      flush: () => decoder.flush(),
      close: () => decoder.state !== 'closed' && decoder.close(),
      read: async (data, timeNs) => readSound(data, timeNs, rateHz, channels),
    };
  });
}

/** One of WebCodecs' decoders, of raw things R into D. */
interface Decoder<R, D> {
  decode(timestamp: number, isKey: boolean, data: Uint8Array): void;
  /** Samples that were given and not yet taken up. */
  queued(): number;
  flush(): Promise<void>;
  close(): void;
  /** Copies what was decoded; throws where it is not what the track says. */
  read(raw: R, timeNs: bigint): Promise<D>;
}

/** Feeds samples in and gives what comes out, in the order in which it is shown. */
async function* decode<R extends { readonly timestamp: number; close(): void }, D>(
  mp4: Mp4,
  track: Mp4Track,
  placeOf: (count: number) => string,
  create: (output: (raw: R) => void, error: (cause: Error) => void) => Decoder<R, D>,
): AsyncGenerator<D> {
  const waiting: R[] = [];
  const failures: Error[] = [];
  let given = 0;
  const decoder = create(
    (raw) => waiting.push(raw),
    (cause) => failures.push(cause),
  );
  // A decoder rounds times to microseconds: samples come out as they are shown, each with its own time.
  const times = track.samples.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const take = async (): Promise<D> => {
    const raw = waiting.shift()!;
    try {
      const timeNs = times[given];
      if (timeNs === undefined) throw new Error('there are more than the file has samples');
      return await decoder.read(raw, timeNs);
    } finally {
      raw.close();
      given += 1;
    }
  };
  try {
    let fed = 0;
    for await (const { sample, data } of readSamples(mp4, track.samples)) {
      decoder.decode(fed, sample.isKey, data);
      fed += 1;
      while (decoder.queued() > IN_FLIGHT && failures.length === 0) await aMoment();
      while (waiting.length > 0) yield await take();
      if (failures.length > 0) throw failures[0];
    }
    await decoder.flush();
    while (waiting.length > 0) yield await take();
    if (failures.length > 0) throw failures[0];
    if (given < times.length) throw new Error(`the decoder gave ${given} of ${times.length}`);
  } catch (cause) {
    if (cause instanceof UmweltError) throw cause;
    throw malformed(mp4.name, placeOf(given), `cannot be decoded: ${describeCause(failures[0] ?? cause)}`);
  } finally {
    for (const raw of waiting) raw.close();
    decoder.close();
  }
}

/** Waits while the decoder, which has a thread of its own, works. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function readFrame(
  frame: InstanceType<Webcodecs['VideoFrame']>,
  timeNs: bigint,
  width: number,
  height: number,
): Promise<DecodedFrame> {
  const rect = frame.visibleRect;
  const [w, h] = [rect?.width ?? frame.codedWidth, rect?.height ?? frame.codedHeight];
  if (w !== width || h !== height)
    throw new Error(`the picture is ${w} x ${h}, the track says ${width} x ${height}`);
  if (frame.format !== 'I420')
    throw new Error(`expected pictures of 8 bits with 4:2:0 colour, got ${frame.format}`);
  const bytes = new Uint8Array(frame.allocationSize());
  const [y, u, v] = await frame.copyTo(bytes);
  const plane = (layout: { offset: number } | undefined): Uint8Array => bytes.subarray(layout?.offset ?? 0);
  const { matrix, fullRange } = frame.colorSpace;
  return {
    timeNs,
    width,
    height,
    luma: plane(y),
    blue: plane(u),
    red: plane(v),
    lumaStride: y?.stride ?? 0,
    chromaStride: u?.stride ?? 0,
    colours: { ...COLOUR_WEIGHTS[matrix === 'bt709' ? 'bt709' : 'bt601'], isFull: fullRange ?? false },
  };
}

function readSound(
  data: InstanceType<Webcodecs['AudioData']>,
  timeNs: bigint,
  rateHz: number,
  channels: number,
): DecodedSound {
  if (data.sampleRate !== rateHz || data.numberOfChannels !== channels) {
    throw new Error(
      `it has ${data.numberOfChannels} channels at ${data.sampleRate} Hz, not ${channels} at ${rateHz}`,
    );
  }
  const of = (planeIndex: number): Float32Array => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex, format: 'f32-planar' });
    return samples;
  };
  return { timeNs, channels: Array.from({ length: channels }, (_, index) => of(index)) };
}

/**
 * Loads the decoders, which are an optional dependency.
 *
 * @param what needs them, for the message.
 * @throws UmweltError `unavailable`, saying what to install.
 */
export async function loadWebcodecs(what: string): Promise<Webcodecs> {
  try {
    return await import('@napi-rs/webcodecs');
  } catch (cause) {
    throw new UmweltError(
      'unavailable',
      { what, package: '@napi-rs/webcodecs' },
      `${what}: decoding video needs the optional package @napi-rs/webcodecs; install it with "npm install @napi-rs/webcodecs"`,
      cause,
    );
  }
}
