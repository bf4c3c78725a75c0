import { describe, expect, it } from 'vitest';
import { evaluationTable, regressionTable } from '../../apps/cli/evaluation-table.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import { comparableOf, compareWithEarlier } from '../../evaluation/regression.js';
import type { StoredReport } from '../../evaluation/stored-report.js';
import { slidingDataset, slidingEngine } from './sample-recordings.js';
import { storedMethod, storedReport } from './sample-reports.js';

const evaluate = () =>
  evaluateRecordings({
    recordings: slidingDataset(9),
    createWorld: slidingEngine(),
    baselines: ['copy-last', 'constant-velocity', 'free-fall'],
    gallery: false,
  });

const scores = (value: number) =>
  Array.from({ length: 20 }, (_, i) => ({ value: value + 1e-3 * i, valid: true }));

describe('the summary in a terminal', () => {
  it('fits 100 columns and says which metrics it leaves to the report', async () => {
    const result = await evaluate();
    expect(evaluationTable(result)).not.toContain('also in the report');
    const overall = Object.fromEntries(
      result.metrics.map(({ name }) => [name, { mean: 850, lo: 840, hi: 860, n: 3 }]),
    );
    const methods = result.methods.map((method) => ({ ...method, overall }));
    const text = evaluationTable({ ...result, methods });
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(text).toMatch(/^method +Position error +Rotation error/);
    expect(text).toMatch(/\n +% of the width +degrees/);
    expect(text).toMatch(/\ncopy-last +\d+ \[\d+, \d+\] /);
    expect(text).toMatch(/also in the report: .*90 % ball holds\s+the rotation/s);
  });

  it('holds long names, and says of a method that diverged that it did', async () => {
    const result = await evaluate();
    const methods = result.methods.map((method, i) => ({ ...method, name: 'm'.repeat(60), diverged: i }));
    const text = evaluationTable({ ...result, methods });
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(text.match(/ diverged/g)?.length).toBeGreaterThanOrEqual(2);
    expect(evaluationTable({ ...result, methods: methods.slice(1) })).toMatch(/diverged/);
  });

  it('lists what changed against an earlier report within 100 columns, and counts the rest', () => {
    const report = (error: number, psnr: number) =>
      storedReport([
        storedMethod('a method with a long name', { error: scores(error), psnr: scores(psnr) }),
        storedMethod('same', { error: scores(1) }),
      ]);
    const text = regressionTable(compareWithEarlier(report(2, 30), report(1, 20)), report(1, 1).metrics);
    expect(text).toMatch(/^against \/report: 1 better, 1 worse, 1 without a difference\n/);
    expect(text).toMatch(/a method with a l… +error .* worse/);
    expect(text).toMatch(/a method with a l… +psnr .* better/);
    expect(text).toMatch(/1 regression; units: error in m, psnr in dB$/);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(regressionTable(compareWithEarlier(report(1, 1), report(1, 1)), report(1, 1).metrics)).toBe(
      'against /report: 0 better, 0 worse, 3 without a difference',
    );
  });

  it('compares a whole result as well as a stored report', async () => {
    const result = await evaluate();
    const stored = { ...storedReport([storedMethod('x', { error: scores(1) })]), ...comparableOf(result) };
    const methods = stored.methods.map((method) => ({ ...method, description: '', overall: {} }));
    const { rows } = compareWithEarlier(comparableOf(result), {
      ...stored,
      methods,
    } as unknown as StoredReport);
    expect(rows.length).toBeGreaterThan(9);
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['no difference']));
  });
});
