import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import { comparableOf, compareWithEarlier } from '../../evaluation/regression.js';
import { drawDrift } from '../../evaluation/report/drift-chart.js';
import { formatNumber } from '../../evaluation/report/format.js';
import { renderReport } from '../../evaluation/report/html.js';
import { escapeHtml, markup } from '../../evaluation/report/markup.js';
import { caveatsOf, standingOf } from '../../evaluation/report/notes.js';
import { realismLines } from '../../evaluation/report/realism-section.js';
import { REPORT_FILES, writeEvaluation } from '../../evaluation/report/write.js';
import type { StoredReport } from '../../evaluation/stored-report.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import { slidingDataset, slidingEngine, stillModel } from './sample-recordings.js';
import { storedMethod, storedReport } from './sample-reports.js';

const HOSTILE = `<script>alert("1")</script>&'`;

function evaluate(names: readonly string[] = ['still'], baselines?: readonly string[]) {
  return evaluateRecordings({
    recordings: slidingDataset(9),
    createWorld: slidingEngine(),
    models: names.map((name) => stillModel(name)),
    versions: { umwelt: HOSTILE },
    ...(baselines === undefined ? {} : { baselines }),
  });
}

describe('markup', () => {
  it('escapes every insertion that is not markup', () => {
    const inner = markup`<b>${'<i>'}</b>`;
    expect(markup`<p title="${HOSTILE}">${inner}${[inner, inner]}${3}</p>`.html).toBe(
      `<p title="${escapeHtml(HOSTILE)}"><b>&#60;i&#62;</b><b>&#60;i&#62;</b><b>&#60;i&#62;</b>3</p>`,
    );
    expect(escapeHtml(HOSTILE)).not.toMatch(/[<>"']/);
  });
});

describe('numbers', () => {
  it.each([
    [0, '0.00'],
    [0.001234, '0.0012'],
    [-0.00001, '-1.0e-5'],
    [1234567, '1.2e+6'],
    [-0.7634, '-0.76'],
    [13.46, '13.5'],
    [845.23, '845'],
    [Number.NaN, 'none'],
  ])('%f is written %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('the chart', () => {
  it('names every method, as text that cannot become markup, and says nothing on the terminal', async () => {
    const written = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
    const result = await evaluate([HOSTILE]);
    for (const metric of result.metrics.slice(0, 2)) {
      const svg = await drawDrift(result, metric);
      expect(svg).toMatch(/^<svg/);
      const drawn = result.methods.filter(({ overall }) => Number.isFinite(overall[metric.name]!.mean));
      for (const { name } of drawn) expect(svg).toContain(`>${name === HOSTILE ? '&lt;script&gt;' : name}`);
      expect(svg).not.toContain('<script');
      expect(svg).toContain(`${metric.title} (${metric.unit})`);
      expect((await sharp(Buffer.from(svg)).metadata()).width).toBeGreaterThan(600);
    }
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
  });

  it('is the same for the same result', async () => {
    const result = await evaluate();
    expect(await drawDrift(result, result.metrics[0]!)).toBe(await drawDrift(result, result.metrics[0]!));
  });

  it('can be drawn of one method that diverged', async () => {
    const result = await evaluate([], ['copy-last']);
    const diverged = { ...result, methods: result.methods.map((method) => ({ ...method, diverged: 1 })) };
    expect(await drawDrift(diverged, result.metrics[0]!)).toMatch(/^<svg/);
  });
});

describe('the notes', () => {
  it('say how the world model stands against the fitted engine, and how few recordings there are', async () => {
    const result = await evaluate();
    expect(standingOf(result).join('\n')).toMatch(
      /still against physics-fitted, paired by case: position error worse: \+\d/,
    );
    const notes = caveatsOf(result).join('\n');
    expect(notes).toMatch(/n = 3 held-out recordings/);
    expect(notes).toMatch(/n is below 30/);
    expect(notes).toMatch(/one training run/);
  });
});

describe('a written evaluation', () => {
  it('is complete, self-contained and safe, and leaves nothing partial behind', async () => {
    const directory = await temporaryFolder();
    const result = await evaluate([HOSTILE, 'other']);
    await writeEvaluation(directory, result);
    expect((await readdir(directory)).sort()).toEqual(Object.values(REPORT_FILES).sort());
    const html = await readFile(join(directory, REPORT_FILES.report), 'utf8');
    expect(html).not.toContain('<script');
    expect(html).toContain(escapeHtml(HOSTILE));
    expect(html).not.toMatch(/\b(?:href|xlink:href)\s*=\s*"(?!#)|\bsrc\s*=\s*"(?!data:image\/png;base64,)/);
    expect(html).not.toMatch(/@import|url\(\s*['"]?(?!#)/);
    expect(html).toContain(result.inputsSha256);
    expect(html).toContain(result.recordings.dataSha256);
    const stored = JSON.parse(await readFile(join(directory, REPORT_FILES.result), 'utf8'));
    expect(stored.methods[0].overall.position_pct_width.mean).toBe(
      result.methods[0]!.overall.position_pct_width.mean,
    );
    const picture = await sharp(join(directory, REPORT_FILES.picture)).metadata();
    expect(picture).toMatchObject({ format: 'png' });
  });

  it('refuses a folder that cannot be written', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const result = await evaluate([], ['copy-last']);
    await expect(writeEvaluation(join(file, 'below'), result)).rejects.toMatchObject({ code: 'io' });
  });
});

describe('the page', () => {
  it('adds what was compared, and draws distributions, with names that no other chart has', async () => {
    const result = await evaluate([HOSTILE], ['copy-last', 'physics-fitted']);
    const [coverage] = result.metrics.filter(({ better }) => typeof better === 'object');
    const estimate = { mean: 0.8, lo: 0.7, hi: 0.9, n: 3 };
    const methods = result.methods.map((method) => ({
      ...method,
      overall: { ...method.overall, [coverage!.name]: estimate },
      byHorizon: { ...method.byHorizon, [coverage!.name]: result.horizonsS.map(() => estimate) },
      scores: { ...method.scores, pit: { position: [9, 1, 1, 1, 1, 1, 1, 1, 1, 9] } },
    }));
    const stored = { ...storedReport([storedMethod('copy-last', { error: [] })]), ...comparableOf(result) };
    const regression = compareWithEarlier(comparableOf(result), stored as unknown as StoredReport);
    const test = { statistic: { value: 0.1, valid: true }, lo: 0, hi: 0.2, pValue: 0.01 };
    const one = {
      name: 'state',
      sense: 'state',
      streams: [['state', 'state']] as const,
      windows: { simulated: 9, recorded: 9 },
      unit: 'episode' as const,
      mmd: test,
      energyDistance: test,
      c2st: { auc: { value: 0.97, valid: true }, lo: 0.93, hi: 1 },
      frechet: { value: Number.NaN, valid: false },
      features: [{ name: HOSTILE, simulated: 1, recorded: 2, auc: 0.9, ks: 0.8 }],
    };
    const identity = { name: HOSTILE, dataSha256: '', episodes: 9 };
    const realism = {
      simulated: identity,
      recorded: identity,
      windowS: 1,
      streams: [one],
      senses: [one],
      unmatched: { simulated: ['camera'], recorded: [] },
    };
    const html = await renderReport({ ...result, methods }, { regression, realism });
    for (const heading of [
      'Against an earlier report',
      'Which sense of the synthetic data looks unreal',
      'Gallery',
    ])
      expect(html).toContain(`>${heading}</h2>`);
    expect(html).toContain('Nothing became worse');
    expect(html).toContain('unreal: told apart nearly always');
    expect(html).toContain('camera (simulated only)');
    expect(html).toContain('Reliability: position');
    expect(html).not.toContain('<script');
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id);
    expect(realismLines(realism)).toEqual([
      `state: unreal: told apart nearly always (classifier 0.97 [0.93, 1.00]); most by ${HOSTILE}`,
    ]);
  });

  it('says so where every method diverged', async () => {
    const result = await evaluate([], ['copy-last', 'constant-velocity']);
    const none = { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: 0 };
    const nothing = Object.fromEntries(result.metrics.map(({ name }) => [name, none]));
    const rows = Object.fromEntries(
      result.metrics.map(({ name }) => [name, result.horizonsS.map(() => none)]),
    );
    const methods = result.methods.map((method) => ({
      ...method,
      diverged: 3,
      overall: nothing,
      byHorizon: rows,
      skill: {},
    }));
    const html = await renderReport({ ...result, methods, differences: [], gaps: [], gallery: [] });
    expect(html).toContain('every one of them diverged');
    expect(html.match(/3 of 3 forecasts hold a number that is not finite/g)?.length).toBe(methods.length);
  });
});
