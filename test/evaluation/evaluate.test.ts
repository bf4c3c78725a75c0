import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import { decodeTable } from '../../datasets/arrow/table.js';
import { encodeDriftTable } from '../../evaluation/drift-table.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import { removePartialScores } from '../../evaluation/partial-scores.js';
import { describeResult, summarise } from '../../evaluation/summary.js';
import { requireMethodNames, TASKS } from '../../evaluation/tasks/list.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import {
  recordedDataset,
  slidingDataset,
  slidingEngine,
  slidingTrajectory,
  stillModel,
} from './sample-recordings.js';

const CHEAP = ['copy-last', 'constant-velocity'];

describe('an evaluation', () => {
  it('scores every method on the held-out recordings alone, and the truth at 0', async () => {
    const recordings = slidingDataset(12, 0);
    const createWorld = slidingEngine();
    const result = await evaluateRecordings({ recordings, createWorld, models: [stillModel('still')] });
    const { methods, recordings: counts } = summarise(result);
    expect(counts).toEqual({ name: 'test-cube', total: 12, train: 8, heldout: 4 });
    expect(Object.keys(methods)).toEqual([
      'copy-last',
      'constant-velocity',
      'free-fall',
      'physics-default',
      'physics-fitted',
      'still',
      'perturbed-replay',
    ]);
    expect(methods.still!.position_pct_width!.mean).toBeCloseTo(
      methods['copy-last']!.position_pct_width!.mean!,
      0,
    );
    expect(methods['constant-velocity']!.position_pct_width!).toMatchObject({ n: 4 });
    expect(methods['physics-fitted']!.position_pct_width!.mean).toBeLessThan(
      methods['physics-default']!.position_pct_width!.mean! / 4,
    );
    expect(result.differences.filter(({ a }) => a === 'still').map(({ b }) => b)).toEqual(
      Object.keys(methods).slice(0, 5),
    );
    expect(result.gallery.map(({ rank }) => rank)).toEqual(['best', 'median', 'worst']);
    expect(result.gaps.map(({ method, simulator }) => [method, simulator])).toEqual([
      ['still', 'physics-fitted'],
    ]);
    expect(JSON.parse(JSON.stringify(describeResult(result)))).toEqual(describeResult(result));
  });

  it('averages over frames, the last one seen included, then over recordings', async () => {
    const recordings = recordedDataset([slidingTrajectory(3, 0, 1, 0)]);
    const result = await evaluateRecordings({
      recordings,
      createWorld: slidingEngine(),
      baselines: ['copy-last'],
    });
    // 1 m/s at 100 Hz and 0.1 m: 0, 10, 20 % of the width.
    expect(result.methods[0]!.overall.position_pct_width).toMatchObject({
      mean: expect.closeTo(10, 9),
      n: 1,
    });
  });

  it('is the same for the same inputs', async () => {
    const run = () =>
      evaluateRecordings({ recordings: slidingDataset(9), createWorld: slidingEngine(), seed: 4 });
    expect(await run()).toEqual(await run());
  });

  it('shows a longer context to every method', async () => {
    const recordings = slidingDataset(6);
    const run = (contextFrames: number) =>
      evaluateRecordings({ recordings, createWorld: slidingEngine(), baselines: CHEAP, contextFrames });
    const [one, ten] = [await run(1), await run(10)];
    expect(ten.methods[0]!.overall.position_pct_width!.mean).toBeLessThan(
      one.methods[0]!.overall.position_pct_width!.mean,
    );
    await expect(run(40)).rejects.toThrow(/leaves anything to predict on the held-out side/);
    await expect(run(0)).rejects.toThrow(/at least 1 whole frame, got 0/);
  });

  it('refuses a model that was trained on a held-out recording, and says which', async () => {
    const recordings = slidingDataset(9);
    const { heldout } = await evaluateRecordings({
      recordings,
      createWorld: slidingEngine(),
      baselines: CHEAP,
    });
    const cheat = stillModel('cheat', { recordingSha256: [sha256('another'), heldout[1]!.sha256] });
    const evaluating = evaluateRecordings({ recordings, createWorld: slidingEngine(), models: [cheat] });
    await expect(evaluating).rejects.toMatchObject({
      code: 'invalid-input',
      context: { leaked: [heldout[1]!.name] },
    });
    await expect(evaluating).rejects.toThrow(/"cheat" was trained on 1 of 3 held-out recordings/);
    expect(cheat.rollouts).toBe(0);
    const trainSide = recordings.manifest.episodes
      .map(({ attributes }) => String(attributes.sourceSha256))
      .filter((digest) => heldout.every((recording) => recording.sha256 !== digest));
    const honest = stillModel('honest', { recordingSha256: trainSide });
    await evaluateRecordings({
      recordings,
      createWorld: slidingEngine(),
      models: [honest],
      baselines: [],
      gallery: false,
    });
    expect(honest.rollouts).toBe(3);
  });

  it('refuses simulated data, two methods of one name, and nothing', async () => {
    const recordings = slidingDataset(3);
    const simulated = { ...recordings, manifest: { ...recordings.manifest, origin: 'simulated' as const } };
    const createWorld = slidingEngine();
    await expect(evaluateRecordings({ recordings: simulated, createWorld })).rejects.toThrow(
      /is simulated, not recorded/,
    );
    const models = [stillModel('copy-last')];
    await expect(evaluateRecordings({ recordings, createWorld, models })).rejects.toThrow(
      /two methods are called "copy-last"/,
    );
    await expect(evaluateRecordings({ recordings, createWorld, baselines: [] })).rejects.toThrow(
      /nothing to evaluate/,
    );
  });

  it('gives a model that diverges no estimate, and counts where', async () => {
    const recordings = slidingDataset(9);
    const model = stillModel('explosive');
    const { rollout } = model;
    model.rollout = async (...args) => {
      const predicted = await rollout(...args);
      if (model.rollouts === 2) predicted.state.positionM.mean[0] = Number.NaN;
      return predicted;
    };
    const result = await evaluateRecordings({
      recordings,
      createWorld: slidingEngine(),
      models: [model],
      baselines: CHEAP,
    });
    expect(result.methods[2]).toMatchObject({
      diverged: 1,
      overall: { position_pct_width: { n: 2, mean: Number.NaN } },
    });
    expect(summarise(result).methods.explosive!.position_pct_width!.mean).toBeNull();
    expect(result.differences).toEqual([]);
  });

  it('reports progress that grows to its total', async () => {
    const seen: number[] = [];
    let total = 0;
    await evaluateRecordings({
      recordings: slidingDataset(6),
      createWorld: slidingEngine(),
      onProgress: (progress) => {
        seen.push(progress.done);
        total = progress.total;
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(total);
  });
});

describe('an interrupted evaluation', () => {
  it('goes on with the methods that are left, to the same result', async () => {
    const directory = await temporaryFolder();
    const recordings = slidingDataset(9);
    const whole = await evaluateRecordings({ recordings, createWorld: slidingEngine(), gallery: false });
    const abort = new AbortController();
    let worlds = 0;
    const interrupting = slidingEngine(() => {
      if (++worlds === 10) abort.abort();
    });
    await expect(
      evaluateRecordings({
        recordings,
        createWorld: interrupting,
        directory,
        signal: abort.signal,
        gallery: false,
      }),
    ).rejects.toMatchObject({ code: 'interrupted' });
    expect((await readdir(join(directory, 'partial'))).length).toBe(4);
    worlds = 0;
    const rest = slidingEngine(() => worlds++);
    expect(await evaluateRecordings({ recordings, createWorld: rest, directory, gallery: false })).toEqual(
      whole,
    );
    const fitted = worlds;
    worlds = 0;
    expect(await evaluateRecordings({ recordings, createWorld: rest, directory, gallery: false })).toEqual(
      whole,
    );
    expect(worlds).toBe(0);
    await evaluateRecordings({ recordings, createWorld: rest, directory, seed: 1, gallery: false });
    expect(worlds).toBeGreaterThan(fitted);
    await removePartialScores(directory);
    expect(await readdir(directory)).toEqual([]);
  });

  it('does not trust a damaged file', async () => {
    const directory = await temporaryFolder();
    const options = {
      recordings: slidingDataset(6),
      createWorld: slidingEngine(),
      directory,
      baselines: CHEAP,
    };
    const first = await evaluateRecordings(options);
    const folder = join(directory, 'partial');
    for (const [i, name] of (await readdir(folder)).entries()) {
      const text = await readFile(join(folder, name), 'utf8');
      await writeFile(join(folder, name), i === 0 ? text.slice(0, text.length / 2) : '{"means":{}}');
    }
    expect(await evaluateRecordings(options)).toEqual(first);
  });

  it('tells two models of one name apart by their weights', async () => {
    const directory = await temporaryFolder();
    const run = async (digest?: string) => {
      const model = stillModel('m', { sha256: digest });
      await evaluateRecordings({
        recordings: slidingDataset(6),
        createWorld: slidingEngine(),
        models: [model],
        baselines: [],
        directory,
        gallery: false,
      });
      return model.rollouts;
    };
    expect([await run('a'), await run('a'), await run('b'), await run(), await run()]).toEqual([
      2, 0, 2, 2, 2,
    ]);
  });
});

describe('the drift table', () => {
  it('has one row a recording, method, horizon and metric, up to the end of each recording', async () => {
    const recordings = recordedDataset([slidingTrajectory(12, 0, 1, 0), slidingTrajectory(27, 0, 1, 0)]);
    const result = await evaluateRecordings({
      recordings,
      createWorld: slidingEngine(),
      baselines: CHEAP,
      seed: 1,
    });
    const columns = decodeTable(encodeDriftTable(result), 'drift.arrow');
    expect(columns.map(({ name }) => name)).toEqual(['recording', 'method', 'horizon_s', 'metric', 'value']);
    const [, method, horizonS, metric, value] = columns.map(({ values }) => [...values]);
    const horizons = result.heldout.reduce((sum, { horizonS }) => sum + Math.floor(horizonS * 20 + 1e-9), 0);
    expect(value!.length).toBe(horizons * CHEAP.length * 5);
    const row = value!.findIndex((_, i) => metric![i] === 'position_pct_width' && horizonS![i] === 0.1);
    expect([method![row], value![row]]).toEqual(['copy-last', expect.closeTo(100, 9)]);
  });
});

describe('the names of methods', () => {
  it('cover what a task of cubes makes, and those that it could make are not called unknown', async () => {
    const recordings = slidingDataset(9);
    const result = await evaluateRecordings({ recordings, createWorld: slidingEngine(), gallery: false });
    const known = TASKS.find(({ name }) => name === 'contactnets-cube')!.methodNames;
    for (const { name } of result.methods) expect(known).toContain(name);
    await expect(
      evaluateRecordings({ recordings, createWorld: slidingEngine(), baselines: ['corner-contact'] }),
    ).rejects.toThrow(/corner-contact needs a train side or an overlay/);
    expect(() => requireMethodNames(['crystal-ball'])).toThrow(/"crystal-ball".*copy-last/);
    expect(() => requireMethodNames(known)).not.toThrow();
  });
});
