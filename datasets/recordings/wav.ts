import { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';

/** How a WAV file holds its samples. */
export interface WavForm {
  readonly rateHz: number;
  readonly channels: number;
  /** Of one sample of one channel: 8 (unsigned), 16, 24 or 32 as integers, 32 or 64 as floats. */
  readonly bitsPerSample: number;
  readonly isFloat: boolean;
}

/** Where the samples of a WAV file lie. */
export interface WavLayout extends WavForm {
  /** First byte of the samples in the file. */
  readonly firstByte: number;
  /** Of each channel. */
  readonly samples: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** What follows the kind in the identifier of an extensible file's samples: `0000-0010-8000-00AA00389B71`. */
const KIND_SUFFIX = '000000001000800000aa00389b71';
const MOST_CHANNELS = 255;
const MOST_HZ = 1_000_000;

/**
 * Reads a WAV file's chunks up to its samples (Multimedia Programming Interface and Data Specifications 1.0, 1991; extensible
 * formats as in Microsoft's revision of 2001). Chunks that are not known are passed over.
 *
 * @param head the file's first bytes, up to where its samples begin at least; not changed.
 * @param fileBytes how long the file is; chunks must end within it.
 * @throws UmweltError `malformed-file` naming the byte: other magic, a chunk that reaches beyond the file, samples before their
 *   format, a format that is unknown or contradicts itself, samples that are no whole frames.
 */
export function readWavLayout(head: Uint8Array, fileBytes: number, path: string): WavLayout {
  const cursor = new ByteCursor(head, path, true);
  const magic = cursor.text(4);
  if (magic === 'RF64')
    throw malformed(path, 'byte 0', 'files of more than 4 GiB (RF64) are not read; split it');
  if (magic !== 'RIFF') throw malformed(path, 'byte 0', `expected "RIFF", got ${JSON.stringify(magic)}`);
  const riffBytes = cursor.uint32();
  if (riffBytes + 8 > fileBytes)
    throw malformed(
      path,
      'byte 4',
      `the file says ${riffBytes + 8} bytes and has ${fileBytes}: it is cut off`,
    );
  const kind = cursor.text(4);
  if (kind !== 'WAVE') throw malformed(path, 'byte 8', `expected "WAVE", got ${JSON.stringify(kind)}`);
  let form: WavForm | null = null;
  for (;;) {
    const place = cursor.place;
    const id = cursor.text(4);
    const size = cursor.uint32();
    if (cursor.at + size > fileBytes)
      throw malformed(path, place, `chunk "${id}" of ${size} bytes reaches beyond the file's ${fileBytes}`);
    if (id === 'data') {
      if (form === null) throw malformed(path, place, 'the samples come before their format (chunk "fmt ")');
      return { ...form, firstByte: cursor.at, samples: wholeFrames(form, size, path, place) };
    }
    if (id === 'fmt ') {
      if (form !== null) throw malformed(path, place, 'there are two chunks "fmt "');
      form = readForm(cursor.part(size), place);
    } else cursor.take(size);
    if (size % 2 === 1) cursor.take(1);
  }
}

/**
 * Turns samples as they lie in the file into shares of full scale, by channel. Integers of 32 bits are rounded to the 24 that
 * a float32 holds; others are exact.
 *
 * @param bytes whole frames; not changed.
 * @param firstByte where in the file they begin, for errors.
 * @throws UmweltError `malformed-file` naming the byte of a float that is not finite.
 */
export function decodeWavFrames(
  bytes: Uint8Array,
  form: WavForm,
  path: string,
  firstByte: number,
): Float32Array[] {
  const width = form.bitsPerSample / 8;
  const frames = bytes.length / (width * form.channels);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readerOf(view, form);
  const channels = Array.from({ length: form.channels }, () => new Float32Array(frames));
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (const channel of channels) {
      const value = Math.fround(read(at));
      if (!Number.isFinite(value))
        throw malformed(path, `byte ${firstByte + at}`, `expected a finite sample, got ${value}`);
      channel[frame] = value;
      at += width;
    }
  }
  return channels;
}

function readerOf(view: DataView, { bitsPerSample, isFloat }: WavForm): (at: number) => number {
  if (isFloat) {
    if (bitsPerSample === 64) return (at) => view.getFloat64(at, true);
    return (at) => view.getFloat32(at, true);
  }
  if (bitsPerSample === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (bitsPerSample === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (bitsPerSample === 24)
    return (at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23;
  return (at) => view.getInt32(at, true) / 2 ** 31;
}

function readForm(chunk: ByteCursor, place: string): WavForm {
  const { path } = chunk;
  const fail = (reason: string): never => {
    throw malformed(path, place, reason);
  };
  let tag = chunk.uint16();
  const channels = chunk.uint16();
  const rateHz = chunk.uint32();
  chunk.uint32();
  const frameBytes = chunk.uint16();
  const bitsPerSample = chunk.uint16();
  if (tag === EXTENSIBLE) {
    chunk.take(2);
    const validBits = chunk.uint16();
    chunk.uint32();
    tag = chunk.uint16();
    const suffix = Buffer.from(chunk.take(14)).toString('hex');
    if (suffix !== KIND_SUFFIX)
      fail(`expected samples of a standard kind, got the identifier ${tag}-${suffix}`);
    if (validBits > bitsPerSample) fail(`${validBits} of ${bitsPerSample} bits cannot be valid`);
  }
  if (tag !== PCM && tag !== FLOAT)
    fail(`expected samples as integers (1) or floats (3), got kind ${tag}; convert the file`);
  const widths = tag === FLOAT ? [32, 64] : [8, 16, 24, 32];
  if (!widths.includes(bitsPerSample))
    fail(`expected samples of ${widths.join(', ')} bits, got ${bitsPerSample}`);
  if (channels < 1 || channels > MOST_CHANNELS)
    fail(`expected 1 to ${MOST_CHANNELS} channels, got ${channels}`);
  if (rateHz < 1 || rateHz > MOST_HZ) fail(`expected a rate of 1 to ${MOST_HZ} Hz, got ${rateHz}`);
  if (frameBytes !== (channels * bitsPerSample) / 8)
    fail(`${channels} channels of ${bitsPerSample} bits are not ${frameBytes} bytes`);
  return { rateHz, channels, bitsPerSample, isFloat: tag === FLOAT };
}

function wholeFrames(
  { channels, bitsPerSample }: WavForm,
  size: number,
  path: string,
  place: string,
): number {
  const frames = size / ((channels * bitsPerSample) / 8);
  if (Number.isInteger(frames) && frames > 0) return frames;
  const reason = frames === 0 ? 'there are no samples' : `${size} bytes are no whole number of frames`;
  throw malformed(path, place, reason);
}
