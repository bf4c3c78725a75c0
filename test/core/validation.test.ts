import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UmweltError } from '../../core/errors.js';
import { materialByName } from '../../core/materials.js';
import { didYouMean, editDistance, parseDocument, show } from '../../core/validation.js';

describe('editDistance', () => {
  it('counts insertions, deletions and substitutions', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });

  it('is a metric', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe('didYouMean', () => {
  const known = ['massKg', 'friction', 'positionM', 'linearVelocityMps', 'angleRad'];

  it.each([
    ['massG', '; did you mean massKg? Quantities are in SI units'],
    ['mass', '; did you mean massKg? Quantities are in SI units'],
    ['linearVelocityKmh', '; did you mean linearVelocityMps? Quantities are in SI units'],
    ['angleDeg', '; did you mean angleRad? Quantities are in SI units'],
    ['masKg', '; did you mean massKg?'],
    ['Friction', '; did you mean friction?'],
    ['widthMm', '; quantities are in SI units, in keys that end in M'],
    ['colour', ''],
  ])('answers %s with "%s"', (word, hint) => {
    expect(didYouMean(word, known)).toBe(hint);
  });
});

describe('show', () => {
  it('fits any value on one short line', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const values = [
      undefined,
      null,
      1n,
      Number.NaN,
      Symbol('s'),
      () => 1,
      cycle,
      'x'.repeat(500),
      { a: ['\n'] },
    ];
    for (const value of values) {
      expect(show(value)).toMatch(/^[^\n]{1,80}$/);
    }
    expect(show(undefined)).toBe('nothing');
    expect(show(Number.NaN)).toBe('NaN');
  });
});

describe('parseDocument', () => {
  it('throws the code that its caller chose, with all problems in the context', () => {
    const schema = z.strictObject({ a: z.number(), b: z.strictObject({ c: z.string().min(1) }) });
    let caught: unknown;
    try {
      parseDocument(schema, { a: 'x', b: { c: '', d: 1 } }, 'manifest.json', 'malformed-file');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(UmweltError);
    expect(caught).toMatchObject({
      code: 'malformed-file',
      message:
        'manifest.json: 3 problems\n  a: expected a number, got "x"\n  b.c: expected text of at least 1 characters, got ""\n  b.d: expected no such key, got 1; known keys: c',
      context: { problems: { length: 3 } },
    });
  });
});

it('finds materials by name, own ones only', () => {
  expect(materialByName('steel').densityKgpm3).toBe(7850);
  for (const name of ['stel', 'constructor', '__proto__'])
    expect(() => materialByName(name)).toThrow(`unknown material "${name}"`);
});
