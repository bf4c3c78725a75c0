import { describe, expect, it } from 'vitest';
import { readTable, timesFromStart } from '../../../datasets/recordings/table.js';
import { expectSafeFromHostileBytes } from './hostile.js';

const bytesOf = (text: string) => Buffer.from(text);
const read = (text: string) =>
  readTable(bytesOf(text), 'f.csv', { delimiter: ',', numbers: ['t', 'a'], texts: ['who'] });

describe('readTable', () => {
  it('takes columns by name, whatever their order, ends of lines, spaces and empty lines', () => {
    const table = read('\ufeffa, who ,other,t\r\n1.5,me,x,0\r\n\r\n-2e3,"you, too",,.25\r\n');
    expect(table.numbers.a).toEqual(Float64Array.of(1.5, -2000));
    expect(table.numbers.t).toEqual(Float64Array.of(0, 0.25));
    expect(table.texts.who).toEqual(['me', 'you, too']);
    expect(table).toMatchObject({ path: 'f.csv', rows: 2, lines: [2, 4] });
  });

  it('takes names from the form where the file has none', () => {
    const form = { delimiter: '\t', numbers: ['x', 'y'], names: ['x', 'skipped', 'y'] } as const;
    const table = readTable(bytesOf('1\t2\t3\n4\t5\t6'), 'f.txt', form);
    expect(table.numbers.y).toEqual(Float64Array.of(3, 6));
    expect(table.lines).toEqual([1, 2]);
  });

  it.each([
    ['t,who\n0,me', 'f.csv, line 1: there is no column a'],
    ['t,a,who,a\n0,1,me,2', 'f.csv, line 1: there are two columns a'],
    ['t,a,who\n0,1,me\n1,2', 'f.csv, line 3: expected 3 cells, got 2'],
    ['t,a,who\n0,NaN,me', 'f.csv, line 2, column a: expected a finite number, got "NaN"'],
    ['t,a,who\n0,,me', 'column a: expected a finite number, got ""'],
    ['t,a,who\n0,0x10,me', 'got "0x10"'],
    ['t,a,who\n0,1e999,me', 'got "1e999"'],
    ['t,a,who\n0,Infinity,me', 'got "Infinity"'],
    ['t,a,who\n0,1,"me', 'f.csv, line 2: Quote Not Closed'],
    [`t,a,who\n0,1,${'m'.repeat(70_000)}`, 'f.csv, line 2: Max Record Size'],
    ['t,a,who\n', 'f.csv, line 2: there are no rows'],
    ['', 'f.csv, line 1: there are no rows'],
  ])('names the place in %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed-file' }));
  });

  it('is safe from hostile bytes', async () => {
    await expectSafeFromHostileBytes(
      (bytes, name) => readTable(bytes, name, { delimiter: ',', numbers: ['a'] }),
      {
        fileName: 'f.csv',
        valid: bytesOf('a,b\n1,2\n3,4\n'),
      },
    );
  });
});

describe('timesFromStart', () => {
  const times = (...values: number[]) =>
    timesFromStart(
      readTable(bytesOf(`t\n${values.join('\n')}`), 'f.csv', { delimiter: ',', numbers: ['t'] }),
      't',
      1000,
    );

  it('gives nanoseconds from the first row', () => {
    expect([...times(5000, 5000.5, 6001)]).toEqual([0n, 500_000n, 1_001_000_000n]);
  });

  it('refuses a time that stands still or runs backwards, and one out of all range', () => {
    expect(() => times(1, 2, 2)).toThrow('f.csv, line 4, column t: time must run forwards, got 2 after 2');
    expect(() => times(3, 2)).toThrow('line 3, column t: time must run forwards');
    expect(() => times(0, 1e300)).toThrow('within 104 days');
    expect(() => times(0, 1e-9)).toThrow('line 3, column t: time must run forwards, got 0 after 0');
  });
});
