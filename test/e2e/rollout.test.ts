import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import { type RolloutDatasetOptions, rolloutDataset } from '../../apps/rollout.js';
import { writeRolloutSheet } from '../../apps/rollout-sheet.js';
import { trainModel } from '../../apps/train.js';
import { writeFileAtomically } from '../../datasets/files.js';
import { openDataset, verifyDataset } from '../../datasets/reader.js';
import { findScenario } from '../../scenarios/library.js';
import { loadWorldModel } from '../../worldmodel/rollout.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-rollout-'));
const model = join(folder, 'model');
const data = join(folder, 'data');
const heap = join(folder, 'heap');
const blind = join(folder, 'blind');

beforeAll(async () => {
  await generateDataset({ scenario: 'cube-toss', directory: data, episodes: 3, seed: 1 });
  await generateDataset({
    scenario: await withSensors('drop-and-roll', ['state']),
    directory: heap,
    episodes: 1,
    seed: 1,
  });
  await generateDataset({
    scenario: await withSensors('cube-toss', ['camera', 'state']),
    directory: blind,
    episodes: 1,
    seed: 1,
  });
  await trainModel({ datasets: [data], directory: model, steps: 12, seed: 0, size: 'tiny' });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A preset with some of its sensors. */
async function withSensors(preset: string, names: readonly string[]): Promise<string> {
  const scenario = findScenario(preset);
  const sensors = Object.entries(scenario.sensors).filter(([name]) => names.includes(name));
  const file = join(folder, `${preset}.json`);
  await writeFileAtomically(file, JSON.stringify({ ...scenario, sensors: Object.fromEntries(sensors) }));
  return file;
}

let runs = 0;
const rollOut = (options: Partial<RolloutDatasetOptions> = {}) =>
  rolloutDataset({
    model,
    dataset: data,
    directory: join(folder, `dream-${runs++}`),
    contextS: 0.2,
    horizonS: 0.5,
    ...options,
  });

describe('writeRolloutSheet', () => {
  it('shows the first four episodes beside what happened', async () => {
    const directory = join(folder, 'shown');
    await rollOut({ directory });
    const path = join(folder, 'sheet.png');
    await writeRolloutSheet({ dreams: directory, dataset: data, path });
    const { width, height } = await sharp(path).metadata();
    expect(width).toBe(1308);
    await rm(path);
    await rollOut({ directory: `${directory}-one`, episodes: [1] });
    await writeRolloutSheet({ dreams: `${directory}-one`, dataset: data, path });
    const one = (await sharp(path).metadata()).height;
    // Margins, title and legend stand once; all else three times.
    const HEAD = 2 * 6 + 23 + 6 + 16;
    expect(height - HEAD).toBe(3 * (one - HEAD));
  });

  it('refuses a dataset that the dreams are not from', async () => {
    const directory = join(folder, 'astray');
    await rollOut({ directory, episodes: 1 });
    const path = join(folder, 'astray.png');
    await expect(writeRolloutSheet({ dreams: directory, dataset: blind, path })).rejects.toThrow(
      /expected dreams of .*blind.*dreamt from the data [0-9a-f]{64}/,
    );
    await expect(writeRolloutSheet({ dreams: data, dataset: data, path })).rejects.toThrow(
      /which is simulated/,
    );
  });
});

describe('rolloutDataset', () => {
  it('writes what the model expects after the context, beside its spread, as a dataset that verifies', async () => {
    const directory = join(folder, 'dream');
    const { manifest, masked } = await rollOut({ directory, episodes: [2, 0] });
    expect(masked).toEqual([]);
    expect(await verifyDataset(directory)).toEqual([]);
    expect(manifest).toMatchObject({ origin: 'rollout', name: 'cube-toss', seed: 0 });

    const source = await openDataset(data);
    const dreams = await openDataset(directory);
    const dreamer = await loadWorldModel(model);
    for (const [index, sourceEpisode] of [2, 0].entries()) {
      const { attributes, durationS, streams } = await dreams.readEpisode(index);
      expect(attributes).toMatchObject({
        sourceEpisode,
        contextEndS: 0.189189189,
        samples: 1,
        source: { dataSha256: source.manifest.dataSha256 },
        model: { sha256: dreamer.sha256 },
      });
      expect(durationS).toBeCloseTo(26 / 37, 8);
      const { description, rows, timeNs, values } = streams.state!;
      expect(rows).toBe(19);
      expect(Number(timeNs[0]) / 1e9).toBeCloseTo(8 / 37, 8);
      expect(description.metadata.bodies).toEqual([expect.objectContaining({ name: 'cube' })]);
      const { seed } = attributes as { seed: number };
      const context = await source.readEpisode(sourceEpisode);
      const expected = await dreamer.rollout(context, 0.2, 0.5, { samples: 1, seed });
      expect(values.positionM).toEqual(Float64Array.from(expected.state.positionM.mean));
      expect(values.positionM_sd).toEqual(Float64Array.from(expected.state.positionM.standardDeviation));
    }
    await dreamer.release();
  });

  it('gives the same bytes for the same seed, also when it was interrupted', async () => {
    const whole = await rollOut({ seed: 5 });
    const again = await rollOut({ seed: 5 });
    expect(again.manifest).toEqual(whole.manifest);

    const directory = join(folder, 'interrupted');
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 1) controller.abort();
    };
    const interrupted = rollOut({ seed: 5, directory, onProgress, signal: controller.signal });
    await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' });
    await expect(openDataset(directory)).rejects.toThrow(/0 of 1 shards.*umwelt rollout.*--resume/);
    await expect(rollOut({ seed: 5, directory })).rejects.toThrow(/--resume/);
    await expect(rollOut({ seed: 6, directory, resume: true })).rejects.toThrow(/seed was 5, is now 6/);
    const resumed = await rollOut({ seed: 5, directory, resume: true });
    expect(resumed.manifest).toEqual(whole.manifest);
  });

  it('draws several futures, each episode its own, and says how far they lie apart', async () => {
    const directory = join(folder, 'futures');
    const { manifest } = await rollOut({ directory, samples: 8, seed: 3 });
    const seeds = manifest.episodes.map(({ attributes }) => attributes.seed);
    expect(new Set(seeds).size).toBe(3);
    const dreams = await openDataset(directory);
    const { disagreement } = (await dreams.readEpisode(0)).streams;
    expect(disagreement!.rows).toBe(19);
    expect(disagreement!.values.disagreementM!.every((apartM) => apartM > 0)).toBe(true);
    const alone = await rollOut({ episodes: [1], samples: 8, seed: 3 });
    expect(alone.manifest.episodes[0]!.attributes.seed).toBe(seeds[1]);
    const { files } = (await rollOut({ samples: 8, seed: 3 })).manifest;
    expect(files).toEqual(manifest.files);
    expect((await rollOut({ samples: 8, seed: 4 })).manifest.files).not.toEqual(manifest.files);
    await expect(rollOut({ samples: 7 })).rejects.toThrow(/samples: expected 1 or a multiple of .* got 7/);
  });

  it('writes every sense at the resolution of the model', async () => {
    const { manifest } = await rollOut({ episodes: 1 });
    const fields = manifest.streams.flatMap(({ name, fields: of }) => of.map((one) => `${name}.${one.name}`));
    expect(fields).toEqual(
      expect.arrayContaining(['camera.colour', 'camera.depthM', 'audio.pressurePa', 'touch.forceN_sd']),
    );
    for (const { rows } of manifest.streams) expect(rows).toBe(19);
  });

  it('holds what was commanded, so that a model can learn from dreams', async () => {
    const [pushes, pusher] = [join(folder, 'pushes'), join(folder, 'pusher')];
    await generateDataset({ scenario: 'push-box', directory: pushes, episodes: 2, seed: 1 });
    await trainModel({ datasets: [pushes], directory: pusher, steps: 4, seed: 0, size: 'tiny' });
    const directory = join(folder, 'pushed');
    await rollOut({ model: pusher, dataset: pushes, episodes: 1, directory });
    const { action } = (await (await openDataset(directory)).readEpisode(0)).streams;
    const { action: given } = (await (await openDataset(pushes)).readEpisode(0)).streams;
    const first = given!.timeNs.indexOf(action!.timeNs[0]!);
    const width = given!.values.value!.length / given!.rows;
    expect(action!.rows).toBeGreaterThan(1);
    expect(Number(action!.timeNs[0]) / 1e9).toBeLessThanOrEqual(0.2);
    expect(Number(action!.timeNs[1]) / 1e9).toBeGreaterThan(7 / 37);
    expect(Number(action!.timeNs.at(-1)) / 1e9).toBeLessThan(0.2 + 0.5);
    expect(action!.values.value).toEqual(
      given!.values.value!.slice(first * width, (first + action!.rows) * width),
    );
    await trainModel({
      datasets: [pushes, directory],
      directory: join(folder, 'dreamer'),
      steps: 2,
      seed: 0,
      size: 'tiny',
    });
  });

  it('goes on past the end of what happened', async () => {
    const { manifest } = await rollOut({ episodes: 1, horizonS: 3 });
    expect(manifest.streams[0]!.rows).toBe(111);
  });

  it('says which streams the model had to do without', async () => {
    const { manifest, masked } = await rollOut({ dataset: blind });
    expect([...masked].sort()).toEqual(['audio', 'touch']);
    expect(manifest.episodes[0]!.attributes.masked).toEqual(masked);
  });

  it('names what does not fit', async () => {
    await expect(rollOut({ dataset: heap })).rejects.toThrow(/trained on 1 moving body, .*heap tracks 5/);
    await expect(rollOut({ contextS: 1.9 })).rejects.toThrow(/--context-s: .* got 1\.9 s.* leave/);
    await expect(rollOut({ episodes: [0, 7] })).rejects.toThrow(/--episodes: .* 0 to 2, got 7/);
    await expect(rollOut({ episodes: 4 })).rejects.toThrow(/0 to 2, got the first 4/);
    await expect(rollOut({ episodes: [1, 1] })).rejects.toThrow(/each once, got 1, 1/);
    await expect(rollOut({ episodes: [] })).rejects.toThrow(/at least one episode/);
    await expect(rollOut({ horizonS: 0 })).rejects.toThrow(/--horizon-s: .* got 0/);
    await expect(rollOut({ contextS: Number.NaN })).rejects.toThrow(/--context-s: .* got NaN/);
    await expect(rollOut({ samples: 0 })).rejects.toThrow(/--samples: .* got 0/);
    await expect(rollOut({ model: data })).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(rollOut({ directory: data })).rejects.toMatchObject({ code: 'conflict' });
  });
});
