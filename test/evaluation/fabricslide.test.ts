import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import { randomStream } from '../../core/random.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { importRecordings } from '../../datasets/recordings/import.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import type { EvaluationResult } from '../../evaluation/result.js';
import type { Case, OpenTask } from '../../evaluation/task.js';
import type { SlideContext, SlideForecast } from '../../evaluation/tasks/fabricslide-tactile/slide.js';
import { fabricslideTactileTask } from '../../evaluation/tasks/fabricslide-tactile/task.js';
import type { WorldModel } from '../../worldmodel/contract.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';

const recordings = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'fabricslide-tactile');
const RATE_HZ = 35.61;
const TAXELS = 16;

interface Made {
  readonly fabric: string;
  readonly level: number;
  readonly speed: number;
  readonly repetition: number;
  readonly frames: number;
}

/** Slides whose taxels are a wave along the fabric with noise of its own in each run. */
function madeUp(change: (made: Made, taxels: Uint16Array) => void = () => {}): Dataset {
  const made: Made[] = [];
  for (const fabric of ['Felt', 'Silk'])
    for (const level of [100, 150, 200])
      for (const speed of [-0.1, 0.05])
        for (const repetition of [0, 1])
          made.push({ fabric, level, speed, repetition, frames: speed === 0.05 ? 60 : 40 });
  const episodes = made.map((one, episode): Episode => {
    const { fabric, level, speed, repetition, frames } = one;
    const name = `${fabric}_F${level}_V${speed * 1000}mmps_${repetition}.csv`;
    const random = randomStream(3, 'test', name);
    const taxelCount = Uint16Array.from({ length: frames * TAXELS }, (_, at) => {
      const place = Math.abs(speed) * Math.floor(at / TAXELS);
      const wave = Math.sin(8 * place + (at % TAXELS) + (fabric === 'Felt' ? 0 : 2));
      return Math.round(10 * level * (1 + 0.3 * wave + 0.02 * random.normal()));
    });
    change(one, taxelCount);
    const rows = frames;
    const description = { ...TOUCH };
    const values = { taxelCount, proximityCount: new Uint16Array(2 * frames) };
    const timeNs = new BigInt64Array(frames);
    return {
      episode,
      durationS: (frames - 1) / RATE_HZ,
      attributes: {
        sourceFile: name,
        sourceSha256: sha256(name),
        fabric,
        forceLevelCount: 10 * level,
        speedMps: speed,
      },
      streams: { touch: { description, rows, timeNs, values } },
    };
  });
  return {
    directory: '/nowhere',
    manifest: {
      name: 'fabricslide-tactile',
      origin: 'recorded',
      configuration: { format: 'fabricslide-tactile' },
      dataSha256: sha256('made up'),
      streams: [{ ...TOUCH, rows: 0, samples: 0, bytes: 0 }],
      episodes: episodes.map(({ streams: _, ...metadata }) => metadata),
    } as unknown as Dataset['manifest'],
    readEpisode: async (episode) => episodes[episode]!,
    async *episodes() {
      yield* episodes;
    },
  };
}

const TOUCH = { name: 'touch', kind: 'haptics', rateHz: RATE_HZ, samplesPerRow: 1, fields: [], metadata: {} };
const noWorld = async () => {
  throw new Error('no world is simulated');
};
const evaluate = (
  dataset: Dataset,
  more: { holdOutAll?: boolean; models?: WorldModel[]; baselines?: string[] } = {},
) => evaluateRecordings({ recordings: dataset, createWorld: noWorld, gallery: false, ...more });
const methodOf = ({ methods }: EvaluationResult, name: string) =>
  methods.find((method) => method.name === name)!;
const meanOf = (result: EvaluationResult, name: string, metric: string) =>
  methodOf(result, name).overall[metric]!.mean;

async function openMade(dataset: Dataset) {
  const setup = {
    recordings: dataset,
    createWorld: noWorld,
    models: [],
    contextFrames: 10,
    seed: 0,
    overlay: null,
  };
  const task = (await fabricslideTactileTask.open(setup)) as OpenTask<SlideContext, unknown, SlideForecast>;
  const forecast = async (name: string, train: readonly Case[], chosen: Case): Promise<SlideForecast> => {
    const prepared = await task
      .methods(train)
      .find((method) => method.name === name)!
      .prepare({});
    return prepared.forecast((await task.load(chosen)).context, chosen);
  };
  return { task, forecast };
}

describe('the task of FabricSlide', () => {
  it('sets the learned methods between copy-last and the re-runs', async () => {
    const result = await evaluate(madeUp());
    expect(result.methods.map(({ name }) => name)).toEqual([
      'copy-last',
      'context-mean',
      'commanded-pattern',
      'relaxation',
      'nearest-slide',
      'linear',
      'like-conditions',
      'like-slides',
      're-run',
    ]);
    const nrmse = (name: string) => meanOf(result, name, 'taxel_nrmse_pct');
    expect(nrmse('like-slides')).toBeLessThan(0.5 * nrmse('copy-last'));
    expect(nrmse('like-slides')).toBeLessThan(nrmse('linear'));
    // The mean has less squared error than another draw; by CRPS nothing beats the ceiling by more than luck.
    expect(nrmse('like-slides')).toBeLessThan(nrmse('re-run'));
    const { area } = methodOf(result, 'like-slides').skill.taxel_crps_pct!;
    expect(area.mean).toBeGreaterThan(0.9);
    expect(area.mean).toBeLessThan(1.05);
    const { parameters } = methodOf(result, 'like-slides');
    expect(parameters).toMatchObject({ slides: 16, heldOut: 8 });
    expect(parameters.heldOutWithRerunInTrain).toBeGreaterThan(0);
  });

  it('fits nothing when everything is held out', async () => {
    const result = await evaluate(madeUp(), { holdOutAll: true });
    expect(result.methods.map(({ name }) => name)).toEqual([
      'copy-last',
      'context-mean',
      'commanded-pattern',
      're-run',
    ]);
    expect(result.heldout).toHaveLength(24);
  });

  it('shows no method what comes after the context', async () => {
    const { task, forecast } = await openMade(madeUp());
    const [chosen, ...train] = task.cases;
    const changed = await openMade(
      madeUp(({ fabric, level, speed, repetition }, taxels) => {
        if (`${fabric}${level}${speed}${repetition}` === 'Felt100-0.10') taxels.fill(1, 10 * TAXELS);
      }),
    );
    for (const name of ['copy-last', 'commanded-pattern', 'nearest-slide', 'linear', 'like-slides', 're-run'])
      expect((await changed.forecast(name, train, chosen!)).mean).toEqual(
        (await forecast(name, train, chosen!)).mean,
      );
  });

  it('lets like-conditions see no re-run, and like-slides use it', async () => {
    const spoil = madeUp(({ fabric, level, speed, repetition }, taxels) => {
      if (`${fabric}${level}${speed}${repetition}` === 'Felt100-0.11') taxels.fill(9000);
    });
    const honest = await openMade(madeUp());
    const spoilt = await openMade(spoil);
    const [chosen, rerun, ...rest] = honest.task.cases;
    const gap = async (name: string, train: readonly Case[]) => {
      const [a, b] = [
        await honest.forecast(name, train, chosen!),
        await spoilt.forecast(name, train, chosen!),
      ];
      return a.mean.reduce((most, value, at) => Math.max(most, Math.abs(value - b.mean[at]!)), 0);
    };
    expect(await gap('like-conditions', rest)).toBe(0);
    expect(await gap('like-slides', [rerun!, ...rest])).toBeGreaterThan(1000);
  });

  it('forecasts nothing as a ceiling where there is no re-run', async () => {
    const all = madeUp();
    const alone = all.manifest.episodes.filter(({ attributes }) =>
      String(attributes.sourceFile).endsWith('_0.csv'),
    );
    const kept = await Promise.all(alone.map(({ episode }) => all.readEpisode(episode)));
    const renumbered = kept.map((one, episode) => ({ ...one, episode }));
    const dataset: Dataset = {
      ...all,
      manifest: { ...all.manifest, episodes: renumbered.map(({ streams: _, ...metadata }) => metadata) },
      readEpisode: async (episode) => renumbered[episode]!,
      async *episodes() {
        yield* renumbered;
      },
    };
    const result = await evaluate(dataset);
    const ceiling = methodOf(result, 're-run');
    expect(ceiling.diverged).toBe(0);
    expect(ceiling.overall.taxel_nrmse_pct).toMatchObject({ n: 0, mean: Number.NaN });
    expect(meanOf(result, 'copy-last', 'taxel_nrmse_pct')).toBeGreaterThan(0);
  });

  it('takes no world model, and says so', async () => {
    const model = { name: 'dream', provenance: { recordingSha256: [] } } as unknown as WorldModel;
    await expect(evaluate(madeUp(), { models: [model] })).rejects.toThrow('no world model reads the taxels');
  });

  it('works with one frame of context, and draws its exhibits', async () => {
    const setup = {
      recordings: madeUp(),
      createWorld: noWorld,
      models: [],
      contextFrames: 1,
      seed: 0,
      overlay: null,
    };
    const task = await fabricslideTactileTask.open(setup);
    const [chosen, ...train] = task.cases;
    const loaded = await task.load(chosen!);
    const method = task.methods(train).find(({ name }) => name === 'like-slides')!;
    const forecast = await (await method.prepare({})).forecast(loaded.context, chosen!);
    const panels = await task.exhibit!(loaded, [{ name: method.name, forecast }]);
    expect(panels).toHaveLength(2);
    for (const panel of panels) {
      const lines = 'lines' in panel ? panel.lines : [];
      expect(lines.map(({ label, y }) => [label, y.length, y.every(Number.isFinite)])).toEqual([
        ['recorded', 39, true],
        ['like-slides', 39, true],
      ]);
    }
  });
});

describe.skipIf(!existsSync(recordings))(
  `FabricSlide's fast slides on canvas and linen (skipped where ${recordings} is absent)`,
  () => {
    it('are predicted nearly as well as they repeat, with intervals that hold', async () => {
      const directory = join(await temporaryFolder(), 'data');
      const select = (name: string) => /^(?:Canvas|Linen)_F\d+_V-?(?:100|150)mmps/.test(name);
      const manifest = await importRecordings(recordings, directory, { select });
      expect(manifest.episodes).toHaveLength(64);
      const baselines = ['copy-last', 'like-slides', 're-run'];
      const result = await evaluate(await openDataset(directory), { baselines });
      const skill = methodOf(result, 'like-slides').skill.taxel_crps_pct!.area;
      expect(skill.mean).toBeGreaterThan(0.5);
      expect(skill.mean).toBeLessThan(1.1);
      expect(methodOf(result, 'like-slides').overall.taxel_coverage_90!.mean).toBeGreaterThan(0.8);
      expect(meanOf(result, 're-run', 'taxel_nrmse_pct')).toBeLessThan(
        0.6 * meanOf(result, 'copy-last', 'taxel_nrmse_pct'),
      );
    });
  },
);
