import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Distribution, draw, type Resolved, randomisable } from '../../core/distribution.js';
import { randomStream } from '../../core/random.js';
import { parseDocument } from '../../core/validation.js';

const leaf = randomisable(z.number().min(-10).max(10));
const schema = z.strictObject({ massKg: leaf, label: randomisable(z.enum(['a', 'b'])).optional() });

function problems(document: unknown, of: z.ZodType = schema): string {
  try {
    parseDocument(of, document, 'test');
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const streams = (path: string) => randomStream(1, 'distribution.test', path);

describe('randomisable', () => {
  it.each([
    3,
    { uniform: [-10, 10] },
    { uniform: [2, 2] },
    { logUniform: [0.1, 10] },
    { choice: [1, 2, 3] },
    { normal: { mean: 0, standardDeviation: 1, min: -2, max: 2 } },
    { uniformInteger: [-3, 3] },
  ])('accepts %j and leaves it as it is', (value) => {
    expect(schema.parse({ massKg: value })).toEqual({ massKg: value });
  });

  it.each([
    [11, 'massKg: expected a number of at most 10, got 11'],
    ['3', 'massKg: expected a number, got "3"; write a plain number in the SI unit'],
    [{ uniform: [3, 1] }, 'massKg.uniform: expected [min, max] with min <= max, got [3,1]'],
    [{ uniform: [0, 11] }, 'massKg.uniform.1: expected a number of at most 10, got 11'],
    [{ uniform: [0] }, 'massKg.uniform: expected an array of at least 2 values, got [0]'],
    [{ uniform: [0, Number.NaN] }, 'massKg.uniform.1: expected a number'],
    [{ logUniform: [0, 1] }, 'massKg.logUniform: expected [min, max] with min > 0, got [0,1]'],
    [{ choice: [] }, 'massKg.choice: expected an array of at least 1 values, got []'],
    [{ choice: [1, 99] }, 'massKg.choice.1: expected a number of at most 10, got 99'],
    [
      { normal: { mean: 0, standardDeviation: -1, min: -1, max: 1 } },
      'massKg.normal.standardDeviation: expected a number of at least 0',
    ],
    [
      { normal: { mean: 5, standardDeviation: 1, min: -1, max: 1 } },
      'massKg.normal: expected min <= mean <= max',
    ],
    [{ normal: { mean: 0, standardDeviation: 9, min: -0.1, max: 0.1 } }, 'at least 0.05 standard deviations'],
    [
      { normal: { mean: 0, standardDeviation: 1, min: -99, max: 1 } },
      'massKg.normal.min: expected a number of at least -10',
    ],
    [{ normal: { mean: 0, std: 1, min: -1, max: 1 } }, 'massKg.normal.std: expected no such key, got 1'],
    [{ unifrom: [0, 1] }, 'did you mean uniform?'],
    [{ uniform: [0, 1], choice: [1] }, 'massKg.choice: expected no such key'],
    [{ anything: 1 }, 'distributions are uniform, uniformInteger, normal, logUniform, choice'],
    [{ uniformInteger: [0.5, 2] }, 'massKg.uniformInteger.0: expected a whole number, got 0.5'],
  ])('refuses %j', (value, message) => {
    expect(problems({ massKg: value })).toContain(message);
  });

  it('asks for uniformInteger where the leaf takes whole numbers', () => {
    const whole = z.strictObject({ count: randomisable(z.int().min(0)) });
    expect(problems({ count: { uniformInteger: [1, 6] } }, whole)).toBe('accepted');
    expect(problems({ count: { uniform: [1, 6] } }, whole)).toContain('whole numbers take "uniformInteger"');
  });

  it('takes whole objects as choices, with distributions inside', () => {
    const shape = z.strictObject({ kind: z.literal('sphere'), radiusM: randomisable(z.number().positive()) });
    const of = z.strictObject({ shape: randomisable(shape) });
    const good = { shape: { choice: [{ kind: 'sphere', radiusM: { uniform: [1, 2] } }] } };
    expect(of.parse(good)).toEqual(good);
    expect(
      problems({ shape: { choice: [{ kind: 'sphere', radiusM: { uniform: [-1, 2] } }] } }, of),
    ).toContain('shape.choice.0.radiusM.uniform.0: expected a number above 0, got -1');
  });
});

describe('draw', () => {
  it('keeps within the support, for any distribution', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const ordered = fc.tuple(number, number).map((pair) => pair.sort((a, b) => a - b) as [number, number]);
    fc.assert(
      fc.property(
        ordered,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        ([min, max], at, salt) => {
          const mean = Math.min(max, Math.max(min, min + at * (max - min)));
          const node = {
            u: { uniform: [min, max] },
            n: { normal: { mean, standardDeviation: (max - min) / 2, min, max } },
            i: { uniformInteger: [Math.ceil(min), Math.ceil(max)] },
            l: { logUniform: [Math.abs(min) + 1e-9, Math.abs(min) + 1e-9 + (max - min)] },
          } as const;
          const { value } = draw(node, (path) => randomStream(salt, path)) as unknown as {
            value: Record<string, number>;
          };
          expect(value.u).toBeGreaterThanOrEqual(min);
          expect(value.u).toBeLessThanOrEqual(max);
          expect(value.n).toBeGreaterThanOrEqual(min);
          expect(value.n).toBeLessThanOrEqual(max);
          expect(Number.isInteger(value.i) && value.i! >= Math.ceil(min) && value.i! <= Math.ceil(max)).toBe(
            true,
          );
          expect(value.l).toBeGreaterThanOrEqual(node.l.logUniform[0]);
          expect(value.l).toBeLessThanOrEqual(node.l.logUniform[1]);
        },
      ),
    );
  });

  it('follows the distribution that was asked', () => {
    const count = 4000;
    const sample = (node: Distribution<number>) =>
      Array.from(
        { length: count },
        (_, i) => draw({ x: node }, () => randomStream(i, 'law')).value.x as unknown as number,
      );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / count;
    expect(Math.abs(mean(sample({ uniform: [2, 4] })) - 3)).toBeLessThan((4 * 0.577) / Math.sqrt(count));
    const logs = sample({ logUniform: [0.01, 100] }).map(Math.log10);
    expect(Math.abs(mean(logs))).toBeLessThan((4 * 1.155) / Math.sqrt(count));
    const dice = sample({ uniformInteger: [1, 6] });
    for (let face = 1; face <= 6; face++) {
      expect(Math.abs(dice.filter((x) => x === face).length - count / 6)).toBeLessThan(
        4 * Math.sqrt(count / 6),
      );
    }
    const normal = sample({ normal: { mean: 1, standardDeviation: 2, min: -20, max: 20 } });
    expect(Math.abs(mean(normal) - 1)).toBeLessThan((4 * 2) / Math.sqrt(count));
  });

  it('records each draw by its path, and copies plain data', () => {
    const document = {
      a: [1, { uniform: [0, 1] }],
      b: { c: { choice: [{ d: { uniform: [5, 6] } }] } },
      e: 'text',
      f: null,
    } as const;
    const { value, draws } = draw(document, streams);
    expect(Object.keys(draws).sort()).toEqual(['a.1', 'b.c', 'b.c.d']);
    expect(value).toEqual({ a: [1, draws['a.1']], b: { c: { d: draws['b.c.d'] } }, e: 'text', f: null });
    expect(draws['b.c']).toEqual({ d: draws['b.c.d'] });
  });

  it('draws the same for a path whatever stands beside it', () => {
    const small = draw({ x: { uniform: [0, 1] } }, streams).value;
    const large = draw(
      { a: { uniform: [0, 1] }, x: { uniform: [0, 1] }, y: { choice: [1, 2] } },
      streams,
    ).value;
    expect((large as { x: unknown }).x).toBe((small as { x: unknown }).x);
  });
});

it('gives resolved types their exact form', () => {
  type Document = {
    point: [number | Distribution<number>, number];
    label?: 'a' | 'b' | Distribution<'a' | 'b'>;
    shape: { kind: 'x'; r: number | Distribution<number> } | { kind: 'y' } | Distribution<{ kind: 'y' }>;
  };
  const resolved: Resolved<Document> = { point: [1, 2], shape: { kind: 'x', r: 3 } };
  const point: readonly [number, number] = resolved.point;
  const label: 'a' | 'b' | undefined = resolved.label;
  const radius: number = resolved.shape.kind === 'x' ? resolved.shape.r : 0;
  // @ts-expect-error a distribution is never left after drawing
  const wrong: Resolved<Document>['point'] = [{ uniform: [0, 1] }, 2];
  expect([point, label, radius, wrong.length]).toEqual([[1, 2], undefined, 3, 2]);
});
