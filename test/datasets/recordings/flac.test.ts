import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import { decodeFlac } from '../../../datasets/recordings/flac.js';

/** Collects bits, most significant first. */
class Bits {
  readonly bits: number[] = [];
  put(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.bits.push(Math.floor(value / 2 ** bit) & 1);
    return this;
  }
  signed(value: number, count: number): this {
    return this.put(value < 0 ? value + 2 ** count : value, count);
  }
  rice(value: number, parameter: number): this {
    const folded = value < 0 ? -2 * value - 1 : 2 * value;
    const high = Math.floor(folded / 2 ** parameter);
    for (let index = 0; index < high; index++) this.bits.push(0);
    this.bits.push(1);
    return this.put(folded % 2 ** parameter, parameter);
  }
  bytes(): number[] {
    while (this.bits.length % 8 !== 0) this.bits.push(0);
    return Array.from({ length: this.bits.length / 8 }, (_, index) =>
      this.bits.slice(index * 8, index * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0),
    );
  }
}

/** Checksum bit by bit, as the standard words it. */
function crc(bytes: readonly number[], width: number, polynomial: number): number {
  let value = 0;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      const top = (value >> (width - 1)) & 1;
      value = (value << 1) & (2 ** width - 1);
      if ((top ^ (byte >> bit)) & 1) value ^= polynomial;
    }
  return value;
}

interface Options {
  readonly layout?: number;
  readonly depth?: number;
  readonly total?: number;
  readonly md5?: readonly number[];
}

/** A FLAC file of one frame whose subframes are written by hand. */
function flac(size: number, subframes: (bits: Bits) => void, options: Options = {}): Uint8Array {
  const { layout = 0, depth = 16, total = size, md5 = new Array<number>(16).fill(0) } = options;
  const channels = layout < 8 ? layout + 1 : 2;
  const info = new Bits().put(size, 16).put(size, 16).put(0, 24).put(0, 24);
  info
    .put(44100, 20)
    .put(channels - 1, 3)
    .put(depth - 1, 5)
    .put(0, 4)
    .put(total, 32);
  const header = new Bits().put(0x7ffc, 15).put(0, 1).put(7, 4).put(9, 4).put(layout, 4);
  header
    .put(depth === 24 ? 6 : 4, 3)
    .put(0, 1)
    .put(0, 8)
    .put(size - 1, 16);
  const head = header.bytes();
  const body = new Bits();
  subframes(body);
  const frame = [...head, crc(head, 8, 7), ...body.bytes()];
  const sum = crc(frame, 16, 0x8005);
  const meta = [0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34, ...info.bytes(), ...md5];
  return Uint8Array.from([...meta, ...frame, sum >> 8, sum & 0xff]);
}

function verbatim(bits: Bits, samples: readonly number[], depth: number): void {
  bits.put(0, 1).put(1, 6).put(0, 1);
  for (const sample of samples) bits.signed(sample, depth);
}

/** Fixed predictor of order 2, Rice residual in two partitions. */
function fixed(
  bits: Bits,
  samples: readonly number[],
  depth: number,
  parameters: readonly [number, number],
): void {
  bits.put(0, 1).put(10, 6).put(0, 1).signed(samples[0]!, depth).signed(samples[1]!, depth);
  bits.put(0, 2).put(1, 4);
  for (const [partition, parameter] of parameters.entries()) {
    bits.put(parameter, 4);
    for (let i = (partition * samples.length) / 2; i < ((partition + 1) * samples.length) / 2; i++)
      if (i >= 2) bits.rice(samples[i]! - 2 * samples[i - 1]! + samples[i - 2]!, parameter);
  }
}

const small = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 8, maxLength: 40 });
const decoded = (bytes: Uint8Array) => decodeFlac(bytes, 'x.flac').channels.map((channel) => [...channel]);

describe('decodeFlac', () => {
  it('decodes verbatim and constant subframes, 16 and 24 bits deep', () => {
    expect(decoded(flac(4, (bits) => verbatim(bits, [1, -2, 32767, -32768], 16)))).toEqual([
      [1, -2, 32767, -32768],
    ]);
    const deep = flac(3, (bits) => verbatim(bits, [8388607, -8388608, 5], 24), { depth: 24 });
    expect(decoded(deep)).toEqual([[8388607, -8388608, 5]]);
    const constant = flac(5, (bits) => bits.put(0, 1).put(0, 6).put(0, 1).signed(-7, 16));
    expect(decoded(constant)).toEqual([[-7, -7, -7, -7, -7]]);
  });

  it('decodes fixed prediction with Rice residuals, whatever the samples and parameters', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 14 }), fc.integer({ min: 6, max: 14 }), (values, p, q) => {
        const samples = values.slice(0, values.length - (values.length % 2));
        const bytes = flac(samples.length, (bits) => fixed(bits, samples, 16, [Math.max(p, 4), q]));
        expect(decoded(bytes)).toEqual([samples]);
      }),
      { numRuns: 40 },
    );
  });

  it('decodes linear prediction, wasted bits and residuals that are not Rice-coded', () => {
    // Twice the last less the one before, in units of 1/2: coefficients 4 and -2, shift 1; an escape of 9 bits.
    const samples = [10, 14, 20, 23, 31, 30];
    const linear = flac(6, (bits) => {
      bits.put(0, 1).put(33, 6).put(1, 1).put(1, 1);
      bits.signed(samples[0]!, 15).signed(samples[1]!, 15).put(3, 4).signed(1, 5).signed(4, 4).signed(-2, 4);
      bits.put(1, 2).put(0, 4).put(31, 5).put(9, 5);
      for (let i = 2; i < 6; i++) bits.signed(samples[i]! - 2 * samples[i - 1]! + samples[i - 2]!, 9);
    });
    expect(decoded(linear)).toEqual([samples.map((value) => 2 * value)]);
  });

  it.each([
    [8, [5, -9, 100], [5 - 4, -9 + 30, 100 - 7], [4, -30, 7]],
    [9, [5, -9, 100], [1, 21, 93], [4, -30, 7]],
    [10, [5, -9, 100], [1, 21, 93], [4, -30, 7]],
  ] as const)('undoes stereo layout %i', (layout, left, right, side) => {
    const middle = left.map((value, index) => Math.floor((value + right[index]!) / 2));
    const bytes = flac(
      3,
      (bits) => {
        verbatim(bits, layout === 8 ? left : layout === 9 ? side : middle, layout === 9 ? 17 : 16);
        verbatim(bits, layout === 9 ? right : side, layout === 9 ? 16 : 17);
      },
      { layout },
    );
    expect(decoded(bytes)).toEqual([[...left], [...right]]);
  });

  it('reads on to the end of the file where the length is not known, and checks the MD5 where there is one', () => {
    const samples = [1, 2, 3, 4];
    const md5 = [
      ...createHash('md5')
        .update(Uint8Array.from([1, 0, 2, 0, 3, 0, 4, 0]))
        .digest(),
    ];
    const write = (bits: Bits) => verbatim(bits, samples, 16);
    expect(decoded(flac(4, write, { total: 0, md5 }))).toEqual([samples]);
    expect(() => decoded(flac(4, write, { md5: [...md5.slice(1), 0] }))).toThrow(/MD5/);
  });

  it('refuses what is damaged, cut off or no FLAC file, by name', () => {
    const good = flac(16, (bits) => verbatim(bits, new Array<number>(16).fill(5), 16));
    expect(() => decoded(new Uint8Array(0))).toThrow(/x\.flac: expected a FLAC file/);
    expect(() => decoded(Uint8Array.from(Buffer.from('RIFF and so on and on')))).toThrow(/begins with/);
    for (let length = 0; length < good.length; length++)
      expect(() => decoded(good.subarray(0, length))).toThrow(UmweltError);
    const huge = Uint8Array.from(good);
    huge[8 + 14] = 0x0f;
    expect(() => decoded(huge)).toThrow(/at most \d+ samples/);
  });

  it('never does anything but decode or refuse, whatever byte is changed', () => {
    const good = flac(20, (bits) =>
      fixed(
        bits,
        Array.from({ length: 20 }, (_, i) => i * i),
        16,
        [5, 5],
      ),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Uint8Array.from(good);
        bad[at]! ^= change;
        try {
          decoded(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(UmweltError);
        }
      }),
      { numRuns: 300 },
    );
  });

  const folder = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'sonicpi-struck', 'flac');
  it.skipIf(!existsSync(folder))(
    `decodes the clips in ${folder} to their own MD5 (skipped where they are not)`,
    () => {
      const names = readdirSync(folder).filter((file) => file.endsWith('.flac'));
      expect(names.length).toBeGreaterThan(0);
      for (const file of names) {
        const { rateHz, channels } = decodeFlac(readFileSync(join(folder, file)), file);
        expect(rateHz).toBe(44100);
        expect(channels[0]!.some((value) => value !== 0)).toBe(true);
      }
    },
  );
});
