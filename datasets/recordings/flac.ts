import { createHash } from 'node:crypto';
import { UmweltError } from '../../core/errors.js';
import { type BitReader, createBitReader } from './flac-bits.js';
import { crc } from './flac-crc.js';

/** Sound decoded from a FLAC file. */
export interface FlacSound {
  readonly rateHz: number;
  readonly bitsPerSample: number;
  /** By channel: whole numbers of `bitsPerSample` bits, signed. */
  readonly channels: readonly Int32Array[];
}

/** A file that says it is longer than this is taken for damaged rather than given memory: 2^28 samples. */
const MOST_SAMPLES = 2 ** 28;
const MAGIC = 'fLaC';

interface StreamInfo {
  readonly rateHz: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly samples: number;
  readonly most: number;
  readonly md5: Uint8Array;
}

/**
 * Decodes a FLAC file (RFC 9639): constant, verbatim, fixed and linear-prediction subframes, Rice residuals and stereo
 * decorrelation. Each frame's two checksums and the whole sound's MD5, where the file has one, must match.
 *
 * @param bytes of the whole file; not changed.
 * @param name of the file, for errors.
 * @throws UmweltError `malformed-file` when the bytes are no FLAC file, are damaged or end too early, or use what the
 *   format reserves or more than 24 bits a sample.
 */
export function decodeFlac(bytes: Uint8Array, name: string): FlacSound {
  let frames: BitReader | null = null;
  const fail = (expected: string, got: string): never => {
    throw wrong(name, expected, got, frames?.position());
  };
  const { info, at } = readMetadata(bytes, fail);
  const { rateHz, bitsPerSample } = info;
  // Not more than the file's own length can stand for: a constant frame of 65535 samples takes 10 bytes.
  const most = Math.min(MOST_SAMPLES, Math.ceil((bytes.length - at) / 10) * 65535);
  if (info.samples > most) fail(`at most ${most} samples in ${bytes.length} bytes`, `${info.samples}`);
  let channels: Int32Array[] = Array.from(
    { length: info.channels },
    () => new Int32Array(info.samples || info.most),
  );
  const bits = createBitReader(bytes, at, fail);
  frames = bits;
  let filled = 0;
  while (info.samples === 0 ? bits.position() < bytes.length : filled < info.samples) {
    const block = decodeFrame(bits, bytes, info, fail);
    const size = block[0]!.length;
    if (info.samples === 0 && filled + size > channels[0]!.length) {
      if (filled + size > MOST_SAMPLES) fail(`at most ${MOST_SAMPLES} samples`, 'more');
      channels = channels.map((channel) => grow(channel, 2 * (filled + size)));
    }
    if (info.samples > 0 && filled + size > info.samples) fail(`${info.samples} samples`, `${filled + size}`);
    for (const [index, samples] of block.entries()) channels[index]!.set(samples, filled);
    filled += size;
  }
  channels = channels.map((channel) => channel.subarray(0, filled));
  verifyMd5(channels, info, fail);
  return { rateHz, bitsPerSample, channels };
}

/**
 * Reads a FLAC file's rate and number of channels from its first 42 bytes.
 *
 * @throws UmweltError `malformed-file`.
 */
export function readFlacForm(head: Uint8Array, name: string): { rateHz: number; channels: number } {
  const fail = (expected: string, got: string): never => {
    throw wrong(name, expected, got);
  };
  const start = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (start !== MAGIC || head.length < 42) fail('a FLAC file, which begins with "fLaC"', 'other bytes');
  if ((head[4]! & 0x7f) !== 0) fail('a STREAMINFO block first', `one of kind ${head[4]! & 0x7f}`);
  const { rateHz, channels } = readStreamInfo(head.subarray(8, 42), fail);
  return { rateHz, channels };
}

function wrong(name: string, expected: string, got: string, byte?: number): UmweltError {
  const place = byte === undefined ? '' : `, byte ${byte}`;
  return new UmweltError(
    'malformed-file',
    { name, byte },
    `${name}${place}: expected ${expected}, got ${got}`,
  );
}

type Fail = (expected: string, got: string) => never;

function grow(from: Int32Array, length: number): Int32Array {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}

function readMetadata(bytes: Uint8Array, fail: Fail): { info: StreamInfo; at: number } {
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC)
    fail('a FLAC file, which begins with "fLaC"', 'other bytes');
  let at = 4;
  let info: StreamInfo | null = null;
  for (let last = false; !last; ) {
    if (at + 4 > bytes.length) fail('a metadata block', 'the end of the file');
    const kind = bytes[at]! & 0x7f;
    last = bytes[at]! >> 7 === 1;
    const length = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    at += 4;
    if (at + length > bytes.length) fail(`a metadata block of ${length} bytes`, 'the end of the file');
    if (kind === 0) info = readStreamInfo(bytes.subarray(at, at + length), fail);
    at += length;
  }
  if (info === null) return fail('a STREAMINFO block', 'none');
  return { info, at };
}

function readStreamInfo(block: Uint8Array, fail: Fail): StreamInfo {
  if (block.length !== 34) fail('a STREAMINFO block of 34 bytes', `${block.length}`);
  const bits = createBitReader(block, 0, fail);
  bits.read(16);
  const most = bits.read(16);
  bits.read(24);
  bits.read(24);
  const rateHz = bits.read(20);
  const channels = bits.read(3) + 1;
  const bitsPerSample = bits.read(5) + 1;
  const samples = bits.read(4) * 2 ** 32 + bits.read(32);
  if (rateHz === 0) fail('a sampling rate above 0', '0');
  if (bitsPerSample < 4 || bitsPerSample > 24) fail('4 to 24 bits a sample', `${bitsPerSample}`);
  return { rateHz, channels, bitsPerSample, samples, most, md5: block.subarray(18, 34) };
}

const SAMPLE_SIZES = [0, 8, 12, 0, 16, 20, 24, 0];

/** Decodes one frame; the reader stands at its first byte before and behind its last after. */
function decodeFrame(bits: BitReader, bytes: Uint8Array, info: StreamInfo, fail: Fail): Int32Array[] {
  const start = bits.position();
  if (bits.read(15) !== 0x7ffc) fail(`a frame at byte ${start}`, 'other bytes');
  bits.read(1);
  const sizeCode = bits.read(4);
  const rateCode = bits.read(4);
  const layout = bits.read(4);
  const depthCode = bits.read(3);
  if (bits.read(1) !== 0 || sizeCode === 0 || rateCode === 15 || layout > 10)
    fail(`a frame header at byte ${start}`, 'reserved values');
  skipNumber(bits, fail);
  const size = blockSize(sizeCode, bits);
  if (rateCode === 12) bits.read(8);
  else if (rateCode === 13 || rateCode === 14) bits.read(16);
  const depth = depthCode === 0 ? info.bitsPerSample : SAMPLE_SIZES[depthCode]!;
  if (depth !== info.bitsPerSample) fail(`${info.bitsPerSample} bits a sample`, `${depth} in a frame`);
  const header = crc(bytes, start, bits.position(), 8, 0x07);
  if (bits.read(8) !== header) fail(`an undamaged frame header at byte ${start}`, 'another checksum');
  const count = layout < 8 ? layout + 1 : 2;
  if (count !== info.channels) fail(`${info.channels} channels`, `${count} in a frame`);
  const block = Array.from({ length: count }, (_, channel) => {
    const side = (layout === 8 || layout === 10) === (channel === 1) && layout >= 8;
    return decodeSubframe(bits, size, side ? depth + 1 : depth, fail);
  });
  decorrelate(block, layout);
  bits.align();
  const footer = crc(bytes, start, bits.position(), 16, 0x8005);
  if (bits.read(16) !== footer) fail(`an undamaged frame at byte ${start}`, 'another checksum');
  return block;
}

/** A frame or sample number in the manner of UTF-8, which nothing here depends on. */
function skipNumber(bits: BitReader, fail: Fail): void {
  const first = bits.read(8);
  let more = 0;
  while (more < 7 && (first >> (7 - more)) & 1) more++;
  if (more === 1 || first === 0xff) fail('a frame number', 'other bytes');
  for (let index = 1; index < more; index++)
    if (bits.read(8) >> 6 !== 2) fail('a frame number', 'other bytes');
}

function blockSize(code: number, bits: BitReader): number {
  if (code === 1) return 192;
  if (code <= 5) return 576 * 2 ** (code - 2);
  if (code === 6) return bits.read(8) + 1;
  if (code === 7) return bits.read(16) + 1;
  return 256 * 2 ** (code - 8);
}

/** Left and side, side and right, or middle and side to left and right, in place. */
function decorrelate(block: readonly Int32Array[], layout: number): void {
  if (layout < 8) return;
  const [a, b] = block as [Int32Array, Int32Array];
  for (let index = 0; index < a.length; index++) {
    const [first, second] = [a[index]!, b[index]!];
    if (layout === 8) b[index] = first - second;
    else if (layout === 9) a[index] = first + second;
    else {
      const middle = first * 2 + (second & 1);
      a[index] = (middle + second) / 2;
      b[index] = (middle - second) / 2;
    }
  }
}

const FIXED: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

function decodeSubframe(bits: BitReader, size: number, frameDepth: number, fail: Fail): Int32Array {
  if (bits.read(1) !== 0) fail('a subframe', 'other bits');
  const kind = bits.read(6);
  const wasted = bits.read(1) === 1 ? bits.unary() + 1 : 0;
  const depth = frameDepth - wasted;
  if (depth < 1) fail(`fewer than ${frameDepth} wasted bits`, `${wasted}`);
  const samples = new Int32Array(size);
  if (kind === 0) samples.fill(bits.signed(depth));
  else if (kind === 1) for (let index = 0; index < size; index++) samples[index] = bits.signed(depth);
  else if (kind >= 8 && kind <= 12) predict(samples, kind - 8, depth, bits, fail, FIXED[kind - 8]!);
  else if (kind >= 32) predict(samples, kind - 31, depth, bits, fail, null);
  else fail('a subframe of a known kind', `${kind}`);
  if (wasted > 0) for (let index = 0; index < size; index++) samples[index]! *= 2 ** wasted;
  return samples;
}

/** Fills in a predicted subframe: warm-up samples, for a linear one its coefficients, and the residual. */
function predict(
  samples: Int32Array,
  order: number,
  depth: number,
  bits: BitReader,
  fail: Fail,
  fixed: readonly number[] | null,
): void {
  if (order > samples.length) fail(`at most ${samples.length} warm-up samples`, `${order}`);
  for (let index = 0; index < order; index++) samples[index] = bits.signed(depth);
  let coefficients = fixed;
  let shift = 0;
  if (coefficients === null) {
    const precision = bits.read(4) + 1;
    shift = bits.signed(5);
    if (precision === 16 || shift < 0) fail('a predictor', 'reserved values');
    coefficients = Array.from({ length: order }, () => bits.signed(precision));
  }
  readResidual(samples, order, bits, fail);
  const scale = 2 ** shift;
  for (let index = order; index < samples.length; index++) {
    let sum = 0;
    for (let tap = 0; tap < order; tap++) sum += coefficients[tap]! * samples[index - 1 - tap]!;
    samples[index] = samples[index]! + Math.floor(sum / scale);
  }
}

/** Rice-coded differences, into the samples behind the warm-up. */
function readResidual(samples: Int32Array, order: number, bits: BitReader, fail: Fail): void {
  const method = bits.read(2);
  if (method > 1) fail('a residual of a known method', `${method}`);
  const parameterBits = method === 0 ? 4 : 5;
  const unfolded = 2 ** parameterBits - 1;
  const partitions = 2 ** bits.read(4);
  const length = samples.length / partitions;
  if (!Number.isInteger(length) || length < order)
    fail(`partitions of at least ${order} of ${samples.length} samples`, `${partitions}`);
  for (let partition = 0; partition < partitions; partition++) {
    const parameter = bits.read(parameterBits);
    const from = partition === 0 ? order : partition * length;
    const to = (partition + 1) * length;
    if (parameter === unfolded) {
      const width = bits.read(5);
      for (let index = from; index < to; index++) samples[index] = width === 0 ? 0 : bits.signed(width);
    } else {
      const scale = 2 ** parameter;
      for (let index = from; index < to; index++) {
        const folded = bits.unary() * scale + bits.read(parameter);
        samples[index] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      }
    }
  }
}

/** The MD5 is of the samples, channel by channel, in as many whole little-endian bytes as one takes. */
function verifyMd5(channels: readonly Int32Array[], { md5, bitsPerSample }: StreamInfo, fail: Fail): void {
  if (md5.every((byte) => byte === 0)) return;
  const width = Math.ceil(bitsPerSample / 8);
  const length = channels[0]!.length;
  const bytes = new Uint8Array(length * channels.length * width);
  let at = 0;
  for (let index = 0; index < length; index++)
    for (const channel of channels)
      for (let byte = 0; byte < width; byte++) bytes[at++] = channel[index]! >> (8 * byte);
  const found = createHash('md5').update(bytes).digest();
  if (!found.equals(md5)) fail("samples with the file's MD5", 'others: the file is damaged');
}
