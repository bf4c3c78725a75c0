import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTable } from '../../datasets/arrow/table.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import { protocolDifferences, requireSameProtocol } from '../../evaluation/protocol-difference.js';
import { writeEvaluation } from '../../evaluation/report/write.js';
import type { EvaluationResult } from '../../evaluation/result.js';
import { encodeScoresTable } from '../../evaluation/scores-table.js';
import { encodeReliabilityTable, encodeSkillTable } from '../../evaluation/skill-tables.js';
import { readReport } from '../../evaluation/stored-report.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import { slidingDataset, slidingEngine } from './sample-recordings.js';

const CHEAP = ['copy-last', 'constant-velocity'];

function evaluate(seed = 0, contextFrames = 1) {
  return evaluateRecordings({
    recordings: slidingDataset(9),
    createWorld: slidingEngine(),
    baselines: CHEAP,
    gallery: false,
    seed,
    contextFrames,
  });
}

let result: EvaluationResult;
let original: string;
beforeAll(async () => {
  result = await evaluate();
  original = await mkdtemp(join(tmpdir(), 'umwelt-report-'));
  await writeEvaluation(original, result);
});
afterAll(() => rm(original, { recursive: true }));

async function written(): Promise<string> {
  const directory = await temporaryFolder();
  await cp(original, directory, { recursive: true });
  return directory;
}

async function edited(change: (document: Record<string, never>) => void): Promise<string> {
  const directory = await written();
  const path = join(directory, 'evaluation.json');
  const document = JSON.parse(await readFile(path, 'utf8'));
  change(document);
  await writeFile(path, JSON.stringify(document));
  return directory;
}

describe('a stored report', () => {
  it('gives back the protocol and every score of every case', async () => {
    const directory = await written();
    const report = await readReport(directory);
    expect(report).toMatchObject({ directory, protocol: result.protocol, heldout: result.heldout, seed: 0 });
    expect(report.metrics.map(({ name }) => name)).toEqual(result.metrics.map(({ name }) => name));
    for (const [i, method] of result.methods.entries())
      expect(report.methods[i]!.scores).toEqual(method.scores.overall);
  });

  it('keeps a method that diverged, which has scores of some cases and no estimate', async () => {
    const [first, second] = result.methods;
    const position = [
      { value: Number.NaN, valid: false },
      ...first!.scores.overall.position_pct_width!.slice(1),
    ];
    const none = { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: 2 };
    const diverged = {
      ...first!,
      diverged: 1,
      overall: Object.fromEntries(Object.keys(first!.overall).map((name) => [name, none])),
      scores: { ...first!.scores, overall: { ...first!.scores.overall, position_pct_width: position } },
    };
    const directory = await temporaryFolder();
    await writeEvaluation(directory, { ...result, methods: [diverged, second!] });
    const report = await readReport(directory);
    expect(report.methods[0]).toMatchObject({ diverged: 1, overall: { position_pct_width: { mean: null } } });
    expect(report.methods[0]!.scores.position_pct_width).toEqual(position);
  });

  it('says where none is', async () => {
    await expect(readReport('/nowhere/at/all')).rejects.toMatchObject({ code: 'not-found' });
    await expect(readReport('/nowhere/at/all')).rejects.toThrow(
      /holds no report: expected .*evaluation\.json/,
    );
    const directory = await written();
    await rm(join(directory, 'scores.arrow'));
    await expect(readReport(directory)).rejects.toThrow(/holds no report: expected .*scores\.arrow/);
  });

  it('says of a report of the first version that it is one', async () => {
    const directory = await edited((document) => Object.assign(document, { formatVersion: 1 }));
    await expect(readReport(directory)).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(readReport(directory)).rejects.toThrow(/expected version 2 .* got version 1/);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['null', () => Buffer.from('null')],
    ['another document', () => Buffer.from('{"format":"umwelt-overlay","formatVersion":1}')],
    ['without methods', () => Buffer.from('{"format":"umwelt-evaluation","formatVersion":2}')],
  ])('refuses an evaluation.json that is %s', async (_, change) => {
    const directory = await written();
    const path = join(directory, 'evaluation.json');
    await writeFile(path, change(await readFile(path)));
    await expect(readReport(directory)).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(readReport(directory)).rejects.toThrow(path);
  });

  it('says the first few of many problems', async () => {
    const directory = await edited((document) => Object.assign(document, { heldout: Array(50).fill({}) }));
    const refused = readReport(directory);
    await expect(refused).rejects.toThrow(/350 problems\n {2}heldout\.0\.name: [\s\S]*evaluate again$/);
    await expect(refused).rejects.not.toThrow(/heldout\.2/);
  });

  it('refuses scores that are damaged, at whatever length they end', async () => {
    const directory = await written();
    const path = join(directory, 'scores.arrow');
    const bytes = await readFile(path);
    for (let length = 0; length < bytes.length; length += 97) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readReport(directory)).rejects.toMatchObject({
        code: 'malformed-file',
        context: { path },
      });
    }
  });

  it('refuses the scores of another evaluation, of other cases or other values', async () => {
    const directory = await written();
    const path = join(directory, 'scores.arrow');
    await writeFile(path, encodeScoresTable(await evaluate(3)));
    await expect(readReport(directory)).rejects.toThrow(/is not in evaluation\.json/);
    await writeFile(path, encodeScoresTable(await evaluate(0, 5)));
    await expect(readReport(directory)).rejects.toThrow(/they are of two evaluations/);
    const twice = { ...result, methods: [...result.methods, result.methods[0]!] };
    await writeFile(path, encodeScoresTable(twice));
    await expect(readReport(directory)).rejects.toThrow(/is there twice/);
  });
});

describe('the tables of a report', () => {
  const rowsOf = (bytes: Uint8Array) =>
    decodeTable(bytes, 'table').map(({ name, values }) => [name, values.length]);

  it('hold skill by horizon, and nothing where nobody predicts a distribution', () => {
    const skills = result.methods.flatMap(({ skill }) =>
      Object.values(skill).flatMap(({ byHorizon }) => byHorizon.filter(({ mean }) => Number.isFinite(mean))),
    );
    expect(skills.length).toBeGreaterThan(0);
    expect(rowsOf(encodeSkillTable(result))[3]).toEqual(['skill', skills.length]);
    expect(rowsOf(encodeReliabilityTable(result)).map(([, length]) => length)).toEqual([0, 0, 0, 0, 0]);
  });

  it('hold the counts of a method that predicts one', () => {
    const pit = { position: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
    const methods = result.methods.map((method) => ({ ...method, scores: { ...method.scores, pit } }));
    const table = decodeTable(encodeReliabilityTable({ ...result, methods }), 'table');
    expect([...table[4]!.values].slice(0, 10)).toEqual(pit.position);
    expect([...table[3]!.values].slice(0, 10).at(-1)).toBe(1);
  });
});

describe('two protocols', () => {
  it('are the same when one evaluation was made twice', async () => {
    const report = await readReport(await written());
    expect(protocolDifferences(report, await evaluate())).toEqual([]);
    expect(() => requireSameProtocol(report, result, ['a', 'b'])).not.toThrow();
  });

  it('are refused by every field in which they differ', async () => {
    const longer = await evaluate(0, 5);
    expect(protocolDifferences(result, longer).map(({ field }) => field)).toEqual(
      expect.arrayContaining(['contextFrames', 'heldout.0.horizonS']),
    );
    const otherSeed = await evaluate(3);
    expect(protocolDifferences(result, otherSeed)).toEqual([
      { field: 'heldout', a: expect.stringMatching(/are there alone/), b: expect.stringMatching(/\.pt/) },
    ]);
    const other = {
      ...result,
      protocol: { ...result.protocol, facts: { rateHz: 1 }, sha256: '0'.repeat(64) },
    };
    expect(protocolDifferences(result, other).map(({ field }) => field)).toContain('facts.rateHz');
    expect(() => requireSameProtocol(result, other, ['old', 'new'])).toThrow(
      /old and new follow different protocols[\s\S]*facts\.rateHz: 100 in old, 1 in new/,
    );
    const unexplained = { ...result, protocol: { ...result.protocol, sha256: '0'.repeat(64) } };
    expect(protocolDifferences(result, unexplained).map(({ field }) => field)).toEqual(['sha256']);
  });
});
