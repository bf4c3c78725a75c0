import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDigest, sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import { canonicalJson } from '../../core/json.js';

describe('canonicalJson', () => {
  it('sorts keys, drops undefined properties and writes numbers in one way', () => {
    expect(canonicalJson({ b: [1, -0, 1e21, 0.1], a: { d: null, c: undefined }, ä: '\u20ac"\n' })).toBe(
      '{"a":{"d":null},"b":[1,0,1e+21,0.1],"ä":"€\\"\\n"}',
    );
  });

  it('reads back as the value, and is the same for any order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it.each([
    [{ a: [1, Number.NaN] }, 'at a[1]: expected a finite number, got NaN'],
    [{ a: { b: Number.POSITIVE_INFINITY } }, 'at a.b: expected a finite number, got Infinity'],
    [[undefined], 'at [0]: expected plain JSON data, got a value of type undefined'],
    [{ n: 1n }, 'at n: expected plain JSON data, got a value of type bigint'],
    [new Map(), 'got an instance of Map'],
    [{ a: new Float32Array(2) }, 'at a: expected plain JSON data, got an instance of Float32Array'],
    [() => 1, 'got a value of type function'],
  ])('refuses %o', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(UmweltError);
  });

  it('refuses a cycle', () => {
    const loop: Record<string, unknown> = {};
    loop.self = { loop };
    expect(() => canonicalJson(loop)).toThrow('at self.loop: expected a tree');
  });
});

describe('digests', () => {
  it('are SHA-256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256(new Uint8Array([97, 98, 99]))).toBe(sha256('abc'));
    expect(jsonDigest({ a: 1, b: 2 })).toBe(sha256('{"a":1,"b":2}'));
    expect(jsonDigest({ b: 2, a: 1 })).toBe(jsonDigest({ a: 1, b: 2 }));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value).reverse()) copy[key] = reversed(item);
  return copy;
}
