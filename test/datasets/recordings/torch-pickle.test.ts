import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import { readTorchTensor } from '../../../datasets/recordings/torch-pickle.js';
import { pickle, torchFile } from './torch-file.js';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i / 8);

describe('readTorchTensor', () => {
  it('reads float64 and float32 tensors of any shape', () => {
    const read = readTorchTensor(torchFile(range(24), { shape: [2, 3, 4] }), 'a.pt');
    expect(read).toEqual({ shape: [2, 3, 4], dataType: 'float64', values: Float64Array.from(range(24)) });
    const single = readTorchTensor(torchFile([0.1], { shape: [], float32: true }), 'a.pt');
    expect(single).toEqual({ shape: [], dataType: 'float32', values: Float64Array.of(Math.fround(0.1)) });
    expect(readTorchTensor(torchFile([], { shape: [0, 19] }), 'a.pt').values).toHaveLength(0);
  });

  it('follows strides and the offset into the storage', () => {
    const transposed = readTorchTensor(torchFile(range(6), { shape: [3, 2], stride: [1, 3] }), 'a.pt');
    expect([...transposed.values]).toEqual([0, 3, 1, 4, 2, 5].map((i) => i / 8));
    const column = readTorchTensor(torchFile(range(6), { shape: [2], stride: [3], offset: 2 }), 'a.pt');
    expect([...column.values]).toEqual([2 / 8, 5 / 8]);
  });

  it.each([
    ['an element beyond the storage', { shape: [2], stride: [6] }, /does not fit in a storage of 6/],
    ['an offset beyond the storage', { shape: [1], offset: 6 }, /does not fit/],
    [
      'more elements than the storage (a tensor spread by stride 0)',
      { shape: [2 ** 30], stride: [0] },
      /does not fit/,
    ],
    ['a negative stride', { shape: [2], stride: [-1] }, /not counts/],
    ['a negative size', { shape: [-1] }, /not counts/],
    [
      'sizes whose product overflows',
      { shape: Array(8).fill(2 ** 30), stride: Array(8).fill(0) },
      /does not fit/,
    ],
    ['strides for another number of axes', { shape: [2, 3], stride: [1] }, /not counts/],
    ['too many axes', { shape: Array(9).fill(1) }, /9 dimensions/],
    [
      'a storage larger than the file',
      { shape: [1], elements: 2 ** 30 },
      /8589934592 more bytes were expected/,
    ],
    ['a storage of negative size', { shape: [1], elements: -1 }, /without a key or a size/],
    ['big-endian data', { shape: [6], littleEndian: false }, /big-endian/],
  ])('refuses %s', (_, options, message) => {
    expect(() => readTorchTensor(torchFile(range(6), options), 'a.pt')).toThrow(message);
  });

  it.each([
    [
      'os.system',
      [pickle.global('os', 'system'), pickle.tuple(pickle.text('touch /tmp/x')), pickle.reduce],
      /"os system", which is not allowed/,
    ],
    [
      'builtins.eval',
      [pickle.global('builtins', 'eval'), pickle.tuple(pickle.text('1')), pickle.reduce],
      /"builtins eval"/,
    ],
    [
      'a class of torch that is not on the list',
      [pickle.global('torch', 'LongStorage')],
      /"torch LongStorage"/,
    ],
    ['__proto__', [pickle.global('__proto__', 'constructor')], /not allowed/],
    [
      'a storage type that is called',
      [pickle.global('torch', 'FloatStorage'), pickle.emptyTuple, pickle.reduce],
      /cannot be called/,
    ],
    ['a text that is called', [pickle.text('x'), pickle.emptyTuple, pickle.reduce], /only a named global/],
    ['object building', [Buffer.from('}}b')], /operation 0x62 is not allowed/],
    ['stack global', [pickle.text('os'), pickle.text('system'), Buffer.from([0x93])], /operation 0x93/],
    ['inst', [Buffer.from('(ios\nsystem\n')], /operation 0x69/],
    ['a dict', [Buffer.from('}')], /one tensor was expected/],
    ['marks without end', [Buffer.alloc(15_000, '(')], /nests too deep/],
    [
      'work without end',
      [Buffer.from('N'), Buffer.from('q\0'.repeat(30_000), 'latin1')],
      /more than 20000 operations/,
    ],
    ['a name without end', [Buffer.from(`c${'x'.repeat(200)}`)], /more than 100 characters/],
    ['a text longer than any name', [pickle.text('x'.repeat(5000))], /longer than 4096/],
    ['a huge integer', [Buffer.from([0x8a, 255])], /an integer of 255 bytes/],
    ['a value never stored', [Buffer.from('h\x07')], /recalls value 7/],
    ['a value never pushed', [Buffer.from('R')], /never pushed/],
    ['a mark never set', [Buffer.from('t')], /never set/],
    ['an append to a text', [pickle.text('x'), pickle.none, Buffer.from('a')], /not a list/],
    ['an odd number of items', [Buffer.from('}(Nu')], /not a dict/],
    ['a storage that is no tuple', [pickle.text('storage'), pickle.persistentId], /a storage was expected/],
  ])('refuses %s, without running it', (_, parts, message) => {
    const file = torchFile([], { shape: [0], object: pickle.whole(...parts) });
    expect(() => readTorchTensor(file, 'a.pt')).toThrow(message);
    expect(() => readTorchTensor(file, 'a.pt')).toThrow(expect.objectContaining({ code: 'malformed-file' }));
  });

  it('says which file, at which byte, and that it is cut short, wherever it is cut', () => {
    const file = torchFile(range(6), { shape: [2, 3] });
    for (let length = 0; length < file.length; length++) {
      let thrown: unknown;
      try {
        readTorchTensor(file.subarray(0, length), 'toss.pt');
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UmweltError);
      expect(thrown).toMatchObject({ code: 'malformed-file', context: { path: 'toss.pt' } });
      expect((thrown as UmweltError).message).toMatch(/^toss\.pt, byte \d+: \d+ more bytes were expected/);
      expect((thrown as UmweltError).context.offset).toBeLessThanOrEqual(length);
    }
    expect(() => readTorchTensor(Buffer.concat([file, Buffer.from('x')]), 'a.pt')).toThrow(/1 bytes follow/);
  });

  it('never throws anything else, and never returns more than the file holds, however it is changed', () => {
    const file = torchFile(range(38), { shape: [1, 2, 19] });
    const head = file.length - 38 * 8;
    const change = fc.tuple(fc.oneof(fc.nat(head - 1), fc.nat(file.length - 1)), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(file.length), (changes, cut) => {
        const bad = Buffer.from(file.subarray(0, cut % 3 === 0 ? cut : file.length));
        for (const [at, value] of changes) if (at < bad.length) bad[at] = value;
        try {
          expect(readTorchTensor(bad, 'a.pt').values.length).toBeLessThanOrEqual(file.length / 4);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UmweltError);
          expect((thrown as UmweltError).code).toBe('malformed-file');
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws anything else at bytes that were never a tensor', () => {
    const header = torchFile([], { shape: [0] }).subarray(0, 60);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withHeader) => {
        const file = withHeader ? Buffer.concat([header, bytes]) : bytes;
        expect(() => readTorchTensor(file, 'a.pt')).toThrow(UmweltError);
      }),
      { numRuns: 2000 },
    );
  });
});
