import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import { findDistributions } from '../../core/distribution.js';
import { openDataset } from '../../datasets/reader.js';
import { compileEpisode } from '../../scenarios/compile.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { parseScenario, type ScenarioDocument } from '../../scenarios/schema.js';

/** Everything that a scenario can leave to chance: light, looks, matter, mounts, noise and delay. */
const SCENARIO: ScenarioDocument = {
  name: 'left-to-chance',
  description: 'a block falls on a table; nothing about it is certain',
  durationS: 0.1,
  lighting: {
    sunAzimuthRad: { uniform: [-3, 3] },
    sunRadiance: [{ uniform: [0.2, 1] }, 0.7, 0.6],
    lamps: { desk: { positionM: [0, 0, 1], intensity: [{ logUniform: [0.01, 1] }, 0.2, 0.2] } },
  },
  acoustics: { airTemperatureC: { uniform: [-10, 30] } },
  bodies: {
    table: {
      semantic: 'table',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.5, 0.5, 0.02] },
      material: 'wood',
      texture: {
        choice: [
          { kind: 'checker', other: [0.1, 0.1, 0.1], sizeM: { uniform: [0.01, 0.1] } },
          { kind: 'noise', other: [0.1, 0.1, 0.1], sizeM: { uniform: [0.01, 0.1] } },
        ],
      },
      positionM: [0, 0, -0.02],
    },
    block: {
      semantic: 'block',
      shape: { kind: 'box', halfExtentsM: [0.03, 0.03, { uniform: [0.02, 0.03] }] },
      material: { choice: ['glass', 'wood', 'plastic', 'steel', 'rubber', 'tin'] },
      massKg: { logUniform: [0.05, 5] },
      friction: { normal: { mean: 0.5, standardDeviation: 0.2, min: 0.1, max: 0.9 } },
      restitution: { uniform: [0, 0.5] },
      temperatureC: { uniform: [0, 60] },
      orientation: 'uniform',
      positionM: [0, 0, 0.06],
    },
  },
  sounds: { horn: { kind: 'horn', positionM: [1, 0, 1], levelPa: { uniform: [0.01, 0.1] } } },
  sensors: {
    camera: {
      kind: 'camera',
      width: 16,
      height: 12,
      positionM: [{ uniform: [-0.6, -0.4] }, 0, 0.3],
      targetM: [0, 0, { uniform: [0, 0.05] }],
      horizontalFovRad: { uniform: [0.8, 1.2] },
      lens: { kind: 'brown-conrady', k1: { uniform: [-0.1, 0.1] } },
      exposure: { uniform: [0.7, 1.3] },
      latencyS: { uniform: [0, 0.02] },
      response: { readNoiseElectrons: { uniform: [2, 20] } },
    },
    audio: {
      kind: 'audio',
      microphones: [{ name: 'near', positionM: [{ uniform: [0.2, 0.4] }, 0.2, 0.2] }],
      selfNoisePa: { logUniform: [1e-5, 1e-2] },
      latencyS: { uniform: [0, 0.01] },
    },
    imu: {
      kind: 'imu',
      body: 'block',
      orientation: [1, { uniform: [-0.1, 0.1] }, 0, 0],
      gyroscope: { whiteDensity: { logUniform: [1e-5, 1e-3] } },
    },
    skin: {
      kind: 'tactile',
      body: 'table',
      rows: 4,
      columns: 4,
      positionM: [0, 0, 0.02],
      patch: { kind: 'flat', sizeM: [0.2, 0.2] },
      gel: { youngPa: { logUniform: [1e5, 1e6] } },
      pressureNoisePa: { uniform: [1, 50] },
    },
  },
  correlations: [
    // A heavy block is a slippery one, and a hot one.
    {
      paths: ['bodies.block.massKg', 'bodies.block.friction', 'bodies.block.temperatureC'],
      matrix: [
        [1, -0.9, 0.8],
        [-0.9, 1, -0.7],
        [0.8, -0.7, 1],
      ],
    },
  ],
};

const SEED = 5;
/** Choices are drawn again with the same outcome now and then. */
const MAY_REPEAT = ['bodies.table.texture', 'bodies.block.material'];

const scenario = parseScenario(SCENARIO);
const folder = mkdtempSync(join(tmpdir(), 'umwelt-randomisation-'));
const directory = join(folder, 'data');
const specs = [0, 1].map((episode) => compileEpisode(scenario, SEED, episode));

beforeAll(async () => {
  const path = join(folder, 'scenario.json');
  writeFileSync(path, JSON.stringify(SCENARIO));
  await generateDataset({ scenario: path, directory, episodes: 2, seed: SEED });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where distributions stand, and the orientation that is drawn by its name. */
const expected = [...findDistributions(scenario), 'bodies.block.orientation'];

/** What stands in a compiled episode where the scenario had a distribution. */
function lookUp({ bodies, lighting, ...spec }: SimSpec, path: string): unknown {
  const named = (list: readonly { readonly name: string }[]) =>
    Object.fromEntries(list.map((item) => [item.name, item]));
  const tree = { ...spec, bodies: named(bodies), lighting: { ...lighting, lamps: named(lighting.lamps) } };
  return path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], tree);
}

describe('domain randomisation', () => {
  it('reaches light, looks, matter, mounts, noise and delay', () => {
    expect(expected.length).toBeGreaterThan(25);
    for (const word of ['lighting.lamps.desk', 'texture', 'material', 'temperatureC', 'friction', 'massKg'])
      expect(expected.some((path) => path.includes(word))).toBe(true);
    for (const word of ['camera.positionM', 'microphones.0.positionM', 'Noise', 'latencyS'])
      expect(expected.some((path) => path.includes(word))).toBe(true);
  });

  it('records every value that was drawn, in the episode and in the manifest', async () => {
    const dataset = await openDataset(directory);
    for (const [episode, spec] of specs.entries()) {
      expect(Object.keys(spec.draws)).toEqual(expect.arrayContaining(expected));
      expect(dataset.manifest.episodes[episode]!.attributes.draws).toEqual(spec.draws);
      expect((await dataset.readEpisode(episode, ['imu'])).attributes.draws).toEqual(spec.draws);
    }
  });

  it('uses what it records', () => {
    const derived = ['lighting.sunAzimuthRad', 'bodies.block.material', 'bodies.block.orientation'];
    for (const spec of specs) {
      for (const path of expected.filter((each) => !derived.includes(each)))
        expect(lookUp(spec, path), path).toEqual(spec.draws[path]);
      const block = spec.bodies.find(({ name }) => name === 'block')!;
      expect(block.material.name).toBe(spec.draws['bodies.block.material']);
      expect(block.pose.orientation).toEqual(spec.draws['bodies.block.orientation']);
    }
  });

  it('draws other values for another episode', () => {
    const same = expected.filter((path) => specs[0]!.draws[path] === specs[1]!.draws[path]);
    expect(same.filter((path) => !MAY_REPEAT.includes(path))).toEqual([]);
  });

  it('lets what is correlated go together', () => {
    const many = Array.from({ length: 400 }, (_, episode) => compileEpisode(scenario, SEED, episode).draws);
    const order = (path: string) => {
      const values = many.map((draws) => draws[path] as number);
      const sorted = values.toSorted((a, b) => a - b);
      return values.map((value) => sorted.indexOf(value));
    };
    const spearman = (a: number[], b: number[]) => {
      const squares = a.reduce((sum, rank, i) => sum + (rank - b[i]!) ** 2, 0);
      return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
    };
    const [mass, friction, temperature] = SCENARIO.correlations![0]!.paths.map(order);
    // A normal copula of correlation r ranks with 6 / pi asin(r / 2); the standard error is at most 0.05.
    for (const [a, b, r] of [
      [mass!, friction!, -0.9],
      [mass!, temperature!, 0.8],
      [friction!, temperature!, -0.7],
    ] as const)
      expect(Math.abs(spearman(a, b) - (6 / Math.PI) * Math.asin(r / 2))).toBeLessThan(0.1);
  });
});
