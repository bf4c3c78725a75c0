import { existsSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readMatVariables } from '../../../datasets/recordings/mat-v5.js';
import { expectSafeFromHostileBytes } from './hostile.js';
import { matFile, type SampleMatValue } from './mat-file.js';

const REAL = '../shared/recordings/multiarm-pendulum';
const TABLE: SampleMatValue = { rows: 2, columns: 3, values: [1, 2, 3, 4.5, -5, 6] };
const VARIABLES = { T: TABLE, cells: { cells: [TABLE, { rows: 1, columns: 1, values: [7] }] } };

describe('readMatVariables', () => {
  for (const littleEndian of [true, false]) {
    for (const compressed of [true, false]) {
      it(`reads numbers and cells (little-endian ${littleEndian}, compressed ${compressed})`, () => {
        const bytes = matFile(VARIABLES, { littleEndian, compressed });
        const read = readMatVariables(bytes, 'a.mat', ['cells', 'T']);
        expect(read.get('T')).toEqual({
          kind: 'numbers',
          dimensions: [2, 3],
          values: Float64Array.of(1, 2, 3, 4.5, -5, 6),
        });
        expect(read.get('cells')).toMatchObject({
          kind: 'cells',
          dimensions: [2, 1],
          cells: [{ dimensions: [2, 3] }, { values: Float64Array.of(7) }],
        });
      });
    }
  }

  it('passes over variables that are not asked for, and names those that are missing', () => {
    expect([...readMatVariables(matFile(VARIABLES), 'a.mat', ['T']).keys()]).toEqual(['T']);
    expect(() => readMatVariables(matFile(VARIABLES), 'a.mat', ['T', 'Y'])).toThrow(/a\.mat.*missing Y/);
  });

  it('refuses another format, another level, a compressed bomb, absurd sizes and deep cells', () => {
    expect(() => readMatVariables(Buffer.from('no MAT'), 'a.mat', [])).toThrow(
      /a\.mat, header: expected 128/,
    );
    const other = matFile(VARIABLES);
    other.write('xx', 126, 'latin1');
    expect(() => readMatVariables(other, 'a.mat', [])).toThrow(/byte 126.*IM or MI.*xx/);
    const level = matFile(VARIABLES);
    level[125] = 2;
    expect(() => readMatVariables(level, 'a.mat', [])).toThrow(/0x0100, got 0x200/);
    const head = matFile({});
    const zeros = deflateSync(Buffer.alloc(300 * 1024 * 1024));
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(zeros.length, 4);
    expect(() => readMatVariables(Buffer.concat([head, tag, zeros]), 'a.mat', [])).toThrow(
      /a\.mat, byte 128: the compressed variable cannot be undone/,
    );
    const huge = matFile({ T: { rows: 2 ** 31 - 1, columns: 2 ** 31 - 1, values: [1] } });
    expect(() => readMatVariables(huge, 'a.mat', ['T'])).toThrow(/no sizes|expected .* numbers/);
    const many = matFile({ T: { cells: [TABLE] } });
    many.writeInt32LE(2 ** 30, 128 + 8 + 16 + 8);
    expect(() => readMatVariables(many, 'a.mat', ['T'])).toThrow(/cells do not fit/);
    let nested: SampleMatValue = TABLE;
    for (let depth = 0; depth < 6; depth++) nested = { cells: [nested] };
    expect(() => readMatVariables(matFile({ T: nested }), 'a.mat', ['T'])).toThrow(/4 deep/);
  });

  it('answers to hostile bytes with what they hold or an error that names the file', async () => {
    const read = (bytes: Uint8Array, name: string) => readMatVariables(bytes, name, ['T', 'cells']);
    for (const compressed of [true, false]) {
      await expectSafeFromHostileBytes(read, {
        fileName: 'b.mat',
        valid: matFile(VARIABLES, { compressed }),
      });
    }
  });

  it.skipIf(!existsSync(REAL))(
    'reads what MATLAB wrote: the authors parameters (needs shared recordings)',
    () => {
      const name = 'EstimatedParameters_SinglePendulum.mat';
      const read = readMatVariables(readFileSync(`${REAL}/${name}`), name, ['EstimatedParameters']);
      const [a, , , , g] = (read.get('EstimatedParameters') as { values: Float64Array }).values;
      expect(a).toBeCloseTo(0.147755, 6);
      expect(g).toBeCloseTo(9.81, 4);
    },
  );
});
