import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../../worldmodel/safetensors.js';

const tensors = { a: Float32Array.of(1, 2.5, -3), 'b/c': new Float32Array(8).fill(0.1) };
const shapes = { 'b/c': [2, 4] };

/** A file of a header, as text, and data, by the published format and nothing of ours. */
function file(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('encodeSafetensors', () => {
  it('writes the published format', () => {
    const bytes = encodeSafetensors({ tensors, shapes, metadata: { made: 'here' } });
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text.startsWith('{')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      __metadata__: { made: 'here' },
      a: { dtype: 'F32', shape: [3], data_offsets: [0, 12] },
      'b/c': { dtype: 'F32', shape: [2, 4], data_offsets: [12, 44] },
    });
    expect(bytes.length).toBe(8 + length + 44);
    expect(view.getFloat32(8 + length + 4, true)).toBe(2.5);
    expect(view.getFloat32(8 + length + 40, true)).toBe(Math.fround(0.1));
  });

  it('aligns the data behind names of any length, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        fc.pre(name !== '__metadata__');
        const named = Object.fromEntries([[name, Float32Array.of(7)]]);
        const bytes = encodeSafetensors({ tensors: named, metadata: {} });
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        expect(Object.entries(decodeSafetensors(bytes, 'x').tensors)).toEqual(Object.entries(named));
      }),
      { examples: [['__proto__'], ['1'], ['重み']] },
    );
  });

  it('refuses shapes that do not fit and the name that the format reserves', () => {
    const encode = (more: object): Uint8Array => encodeSafetensors({ tensors, metadata: {}, ...more });
    expect(() => encode({ shapes: { a: [2, 2] } })).toThrow(/"a" of shape \[2, 2\] holds 4 numbers, got 3/);
    expect(() => encode({ shapes: { d: [3] } })).toThrow(/"d"/);
    expect(() => encode({ tensors: { __metadata__: new Float32Array(1) } })).toThrow(/reserved/);
  });
});

describe('decodeSafetensors', () => {
  it('gives back what was written, from any buffer', () => {
    const bytes = encodeSafetensors({ tensors, shapes, metadata: { step: '3' } });
    const expected = { tensors, shapes: { a: [3], ...shapes }, metadata: { step: '3' } };
    expect(decodeSafetensors(bytes, 'x')).toEqual(expected);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const read = decodeSafetensors(shifted.subarray(3), 'x');
    expect(read).toEqual(expected);
    shifted.fill(0);
    expect(read).toEqual(expected);
    expect(decodeSafetensors(Buffer.from(bytes), 'x')).toEqual(expected);
  });

  it('reads what others write: scalars, empty tensors, no metadata, no padding, any order', () => {
    const header = {
      second: { data_offsets: [4, 12], shape: [2, 1], dtype: 'F32' },
      none: { data_offsets: [4, 4], shape: [0, 5], dtype: 'F32' },
      scalar: { data_offsets: [0, 4], shape: [], dtype: 'F32' },
    };
    expect(decodeSafetensors(file(JSON.stringify(header), floats(1, 2, 3)), 'x')).toEqual({
      tensors: { second: Float32Array.of(2, 3), none: new Float32Array(), scalar: Float32Array.of(1) },
      shapes: { second: [2, 1], none: [0, 5], scalar: [] },
      metadata: {},
    });
  });

  const entry = (from: number, to: number, more: object = {}): object => ({
    dtype: 'F32',
    shape: [(to - from) / 4],
    data_offsets: [from, to],
    ...more,
  });
  const of = (header: object): Uint8Array => file(JSON.stringify(header), floats(1, 2, 3));
  const twice = `"a":${JSON.stringify(entry(0, 12))}`;

  it.each([
    [
      'overlapping tensors',
      of({ a: entry(0, 8), b: entry(4, 12) }),
      /"b" begins at 4 and overlaps tensor "a"/,
    ],
    ['the same bytes twice', of({ a: entry(0, 12), b: entry(0, 12) }), /overlaps/],
    ['a hole', of({ a: entry(0, 4), b: entry(8, 12) }), /4 bytes between tensor "a" and tensor "b"/],
    ['data of no tensor', of({ a: entry(0, 8) }), /4 bytes after tensor "a"/],
    ['a tensor beyond the end', of({ a: entry(0, 16) }), /"a" ends at 16, beyond the 12 bytes/],
    ['offsets the wrong way round', of({ a: entry(8, 4, { shape: [1] }) }), /8 to 4/],
    ['negative offsets', of({ a: entry(-4, 12) }), /"a" is described wrongly at data_offsets\.0/],
    ['half offsets', of({ a: entry(0, 12, { data_offsets: [0, 0.5] }) }), /data_offsets\.1/],
    ['a shape of another size', of({ a: entry(0, 12, { shape: [2, 2] }) }), /\[2, 2\] takes 16 bytes/],
    ['a shape past all counting', of({ a: entry(0, 12, { shape: [2 ** 40, 2 ** 40] }) }), /takes .* bytes/],
    ['an unknown type', of({ a: entry(0, 12, { dtype: 'F12' }) }), /"a" holds F12; only F32/],
    ['a type that is not read', of({ a: entry(0, 12, { dtype: 'BF16' }) }), /"a" holds BF16/],
    ['no type', of({ a: { shape: [3], data_offsets: [0, 12] } }), /"a" is described wrongly at dtype/],
    ['a tensor that is none', of({ a: 12 }), /"a" is described wrongly at its root/],
    ['metadata other than text', of({ __metadata__: { n: 1 }, a: entry(0, 12) }), /__metadata__/],
    ['a name twice', file(`{${twice},${twice}}`, floats(1, 2, 3)), /the name "a" twice/],
    [
      'a name twice, once escaped',
      file(`{${twice},${twice.replace('a', '\\u0061')}}`, floats(1, 2, 3)),
      /twice/,
    ],
    ['a list', file('[]'), /does not begin with "\{"/],
    ['leading space', file(' {}'), /does not begin with "\{"/],
    ['no JSON', file('{"a"'), /not JSON/],
    ['no UTF-8', file('{}').fill(0xff, 8, 9), /not JSON in UTF-8/],
    ['a header beyond the file', file('{}').subarray(0, 9), /ends inside its header/],
    ['a header beyond all bounds', new Uint8Array(16).fill(255), /more than a header may have/],
    ['nothing', new Uint8Array(3), /shorter/],
  ])('refuses %s', (_, bytes, message) => {
    const read = (): unknown => decodeSafetensors(bytes, 'x.safetensors');
    expect(read).toThrow(message);
    expect(read).toThrow(/^x\.safetensors /);
    expect(read).toThrow(UmweltError);
  });

  it('never takes a damaged file for another error than its own', () => {
    const bytes = encodeSafetensors({ tensors, shapes, metadata: {} });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => decodeSafetensors(bytes.subarray(0, length), 'x.safetensors')).toThrow(/x\.safetensors/);
      }),
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          decodeSafetensors(changed, 'x.safetensors');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UmweltError);
        }
      }),
    );
  });
});
