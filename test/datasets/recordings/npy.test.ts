import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import { readNpy } from '../../../datasets/recordings/npy.js';
import { npyBytes } from './npy-file.js';

const PATH = 'a/value';

function codeOf(bytes: Uint8Array): string {
  try {
    readNpy(bytes, PATH);
    return 'none';
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    expect(thrown.message).toMatch(/^a\/value, byte \d+: /);
    return thrown.code;
  }
}

/** A file with a header of one's own. */
function withHeader(header: string, data: Uint8Array = new Uint8Array(), version = 1): Uint8Array {
  const text = Buffer.from(header, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Uint8Array.of(version, 0), length, text, data]);
}

describe('readNpy', () => {
  it('reads what NumPy 2.4 wrote, in either order of axes', () => {
    // numpy.save of numpy.arange(6).reshape(2, 3) * 0.5, and of the same as Fortran-ordered big-endian int16.
    const c = Buffer.from(
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAOA/AAAAAAAA8D8AAAAAAAD4PwAAAAAAAABAAAAAAAAABEA=',
      'base64',
    );
    expect(readNpy(c, PATH)).toEqual({ shape: [2, 3], values: Float64Array.of(0, 0.5, 1, 1.5, 2, 2.5) });
    const fortran = withHeader(
      "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }",
      Uint8Array.of(0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 255, 251),
    );
    expect(readNpy(fortran, PATH)).toEqual({ shape: [2, 3], values: Float64Array.of(0, 1, 2, 3, 4, -5) });
  });

  it('reads all versions, single numbers, empty arrays and small types', () => {
    for (const version of [1, 2, 3]) {
      const bytes = withHeader(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
        Uint8Array.of(7, 200),
        version,
      );
      expect([...readNpy(bytes, PATH).values]).toEqual([7, 200]);
    }
    expect(
      readNpy(withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", Uint8Array.of(2)), PATH),
    ).toEqual({ shape: [], values: Float64Array.of(1) });
    expect(
      readNpy(withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5)}"), PATH).shape,
    ).toEqual([0, 5]);
    const long = Buffer.alloc(8);
    long.writeBigInt64LE(-(2n ** 53n) + 1n);
    const int64 = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}";
    expect(readNpy(withHeader(int64, long), PATH).values[0]).toBe(-(2 ** 53) + 1);
    long.writeBigInt64LE(2n ** 53n);
    expect(codeOf(withHeader(int64, long))).toBe('malformed-file');
  });

  it('gives back what was written, for any numbers and shape', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        fc.infiniteStream(fc.double()),
        (shape, draw) => {
          const count = shape.reduce((product, length) => product * length, 1);
          const values = Float64Array.from({ length: count }, () => draw.next().value);
          for (const fortran of [false, true]) {
            expect(readNpy(npyBytes(values, shape, { fortran }), PATH)).toEqual({ shape, values });
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['no file', new Uint8Array()],
    ['another magic', Buffer.from('\x93NUMPZ\x01\x00\x00\x00')],
    ['version 9', withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", new Uint8Array(8), 9)],
    [
      'pickled objects',
      withHeader("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(8)),
    ],
    [
      'records',
      withHeader("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", new Uint8Array(8)),
    ],
    ['text', withHeader("{'descr': '<U2', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(8))],
    ['no shape', withHeader("{'descr': '<f8', 'fortran_order': False}", new Uint8Array(8))],
    ['code', withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (exit(),)}", new Uint8Array(8))],
    ['an absurd count', withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740991,)}")],
    [
      'a count that overflows',
      withHeader(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0)}",
        new Uint8Array(8),
      ),
    ],
    ['a negative count', withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}")],
    ['bytes left over', Buffer.concat([npyBytes([1, 2], [2]), Uint8Array.of(0)])],
    [
      'an absurd header',
      Buffer.concat([Buffer.from('\x93NUMPY\x02\x00', 'latin1'), Uint8Array.of(255, 255, 255, 255)]),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(bytes)).toBe('malformed-file');
  });

  it('refuses a file cut at any length', () => {
    const whole = npyBytes([1, 2, 3, 4], [2, 2]);
    for (let length = 0; length < whole.byteLength; length++) {
      expect(codeOf(whole.subarray(0, length))).toBe('malformed-file');
    }
  });

  it('throws nothing but its own error on random bytes behind a real beginning', () => {
    const whole = npyBytes([1, 2, 3, 4], [2, 2]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(140), (noise, keep) => {
        codeOf(Buffer.concat([whole.subarray(0, keep), noise]));
      }),
      { numRuns: 300 },
    );
  });
});
