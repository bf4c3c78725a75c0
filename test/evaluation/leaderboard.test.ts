import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leaderboardTable } from '../../apps/cli/leaderboard-table.js';
import { makeLeaderboard } from '../../apps/leaderboard.js';
import { randomStream } from '../../core/random.js';
import type { Metric } from '../../evaluation/contract.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import { rankReports } from '../../evaluation/leaderboard/rank.js';
import { describeLeaderboard, leaderboardWriter } from '../../evaluation/leaderboard/write.js';
import { writeEvaluation } from '../../evaluation/report/write.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import { slidingDataset, slidingEngine, stillModel } from './sample-recordings.js';
import { storedMethod, storedReport } from './sample-reports.js';

const CASES = 50;
const HOSTILE = '<script>|`x`';

/** Errors around a mean that differ by the case as recordings do. */
function errors(mean: number, name = 'shared', spread = 1): Metric[] {
  const random = randomStream(1, 'test', name);
  return Array.from({ length: CASES }, () => ({ value: mean + spread * random.normal(), valid: true }));
}

const baseline = () => storedMethod('copy-last', { error: errors(20) }, { kind: 'baseline' });

describe('a leaderboard', () => {
  it('ranks the methods of several reports, each method once, and compares neighbours', () => {
    const a = storedReport([baseline(), storedMethod('model', { error: errors(10) })], 'a');
    const b = storedReport([baseline(), storedMethod('other', { error: errors(10.1) })], 'b');
    const { entries, metric, cases } = rankReports([a, b]);
    expect([metric.name, cases]).toEqual(['error', CASES]);
    expect(entries.map(({ rank, name, reports }) => [rank, name, reports])).toEqual([
      [1, 'model', ['a']],
      [2, 'other', ['b']],
      [3, 'copy-last', ['a', 'b']],
    ]);
    expect(entries[0]!.next).toMatchObject({
      name: 'other',
      difference: { mean: expect.closeTo(-0.1, 9), hi: expect.closeTo(-0.1, 6) },
      improvement: { mean: 1 },
    });
    expect(entries[2]!.next).toBeNull();
  });

  it('gives a rank an interval that is wide where resamples do not agree', () => {
    const methods = ['p', 'q'].map((name) => storedMethod(name, { error: errors(10, name, 3) }));
    const { entries } = rankReports([storedReport([...methods, baseline()])]);
    expect(entries.slice(0, 2).map(({ rankLo, rankHi }) => [rankLo, rankHi])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(entries[2]).toMatchObject({ rank: 3, rankLo: 3, rankHi: 3 });
    const chance = entries[0]!.next!.improvement!;
    expect(chance.lo).toBeLessThan(0.5 + 0.2);
    expect(chance.hi - chance.lo).toBeGreaterThan(0.1);
  });

  it('ranks by the sense of the metric that is asked for', () => {
    const of = (name: string, psnr: number, coverage: number) =>
      storedMethod(name, { psnr: errors(psnr), coverage: errors(coverage, 'shared', 0.01) });
    const report = storedReport([of('low', 10, 0.91), of('high', 30, 0.5), of('over', 20, 1)]);
    const order = (metric: string) => rankReports([report], metric).entries.map(({ name }) => name);
    expect(order('psnr')).toEqual(['high', 'over', 'low']);
    expect(order('coverage')).toEqual(['low', 'over', 'high']);
    expect(rankReports([report], 'coverage').entries[0]!.next!.improvement).toBeNull();
    expect(() => rankReports([report], 'pnsr')).toThrow(/unknown metric "pnsr".*did you mean psnr/);
    expect(() => rankReports([report], 'error')).toThrow(/no method has an estimate of error/);
    expect(() => rankReports([])).toThrow(/at least one folder/);
  });

  it('tells methods of one name apart by their folders, and sets ceilings and divergence aside', () => {
    const report = (directory: string, mean: number) =>
      storedReport(
        [
          storedMethod('model', { error: errors(mean) }),
          storedMethod('wild', { error: errors(1) }, { diverged: 1 }),
          storedMethod('replay', { error: errors(0) }, { kind: 'ceiling' }),
        ],
        directory,
      );
    const { entries } = rankReports([report('x', 5), report('y', 4)]);
    expect(entries.map(({ rank, name }) => [rank, name])).toEqual([
      [1, 'model (y)'],
      [2, 'model (x)'],
      [null, 'replay'],
      [null, 'wild'],
    ]);
    expect(leaderboardTable(rankReports([report('x', 5)]))).toMatch(/\ndiverged +wild/);
  });

  it('counts a report that was copied once', () => {
    const methods = [storedMethod('model', { error: errors(3) })];
    const { entries } = rankReports([storedReport(methods, 'a'), storedReport(methods, 'copy')]);
    expect(entries.map(({ name, reports }) => [name, reports])).toEqual([['model', ['a', 'copy']]]);
  });

  it('refuses to mix protocols, and names each report that differs and how', () => {
    const methods = [storedMethod('model', { error: errors(3) })];
    const report = (directory: string, changes: object, digest: string) => {
      const stored = storedReport(methods, directory);
      return { ...stored, protocol: { ...stored.protocol, ...changes, sha256: digest.repeat(64) } };
    };
    const mixed = [
      report('a', {}, 'a'),
      report('b', { contextFrames: 10 }, 'b'),
      report('c', {}, 'a'),
      report('d', { heldOut: 'all' }, 'd'),
    ];
    expect(() => rankReports(mixed)).toThrow(
      /a and b follow different protocols[\s\S]*contextFrames: 1 in a, 10 in b[\s\S]*a and d [\s\S]*heldOut: "split" in a, "all" in d/,
    );
  });
});

describe('a written leaderboard', () => {
  const board = rankReports([
    storedReport([storedMethod(HOSTILE, { error: errors(3) }), baseline()], 'dir|name'),
  ]);

  it('is a page that runs nothing and loads nothing', () => {
    const html = leaderboardWriter('x.HTML')(board);
    expect(html).not.toMatch(/<script|\b(?:src|href)\s*=/);
    expect(html).toContain('&#60;script&#62;');
    expect(html).toContain(board.protocol.sha256);
  });

  it('is a table of Markdown whose cells no name breaks', () => {
    const rows = leaderboardWriter('x.md')(board)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.map((row) => row.replace(/\\./g, '').split('|').length)).toEqual([8, 8, 8, 8]);
    expect(rows[2]).toContain('\\<script\\>');
  });

  it('is JSON without a number that does not exist', () => {
    expect(JSON.parse(leaderboardWriter('x.json')(board))).toEqual(
      JSON.parse(JSON.stringify(describeLeaderboard(board))),
    );
    expect(describeLeaderboard(board)).toMatchObject({ entries: [{ rank: 1 }, { rank: 2, next: null }] });
  });

  it('needs an ending that says its form', () => {
    expect(() => leaderboardWriter('board')).toThrow(
      /board: expected a name that ends in \.html, \.md, \.json/,
    );
  });
});

describe('the command', () => {
  it('reads reports from their folders, the same one only once, and writes what it ranked', async () => {
    const folder = await temporaryFolder();
    for (const name of ['one', 'two']) {
      const result = await evaluateRecordings({
        recordings: slidingDataset(9),
        createWorld: slidingEngine(),
        baselines: ['copy-last', 'constant-velocity'],
        models: [stillModel(name)],
        gallery: false,
      });
      await writeEvaluation(join(folder, name), result);
    }
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    const out = join(folder, 'board.md');
    const board = await makeLeaderboard([one, two, one], { metric: 'rotation_deg', out });
    expect(board.reports).toEqual([one, two]);
    expect(board.entries.map(({ name }) => name).sort()).toEqual([
      'constant-velocity',
      'copy-last',
      'one',
      'two',
    ]);
    expect(await readFile(out, 'utf8')).toContain('| constant-velocity |');
    await expect(makeLeaderboard([])).rejects.toThrow(/at least one folder/);
    await expect(makeLeaderboard([one, join(folder, 'none')])).rejects.toMatchObject({ code: 'not-found' });
    await expect(makeLeaderboard([one], { out: 'board' })).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
