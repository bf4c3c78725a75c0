import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach } from 'vitest';
import type {
  DatasetPlan,
  EpisodeSource,
  FieldDescription,
  SensorSample,
  StreamDescription,
} from '../../datasets/contract.js';

const made: string[] = [];

/** Makes a folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-datasets-'));
  made.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

export function field(
  name: string,
  dataType: FieldDescription['dataType'],
  shape: number[],
): FieldDescription {
  return { name, dataType, shape, unit: 'm', description: `the ${name}` };
}

export function stream(
  name: string,
  rateHz: number,
  fields: FieldDescription[],
  samplesPerRow = 1,
): StreamDescription {
  return { name, kind: 'test', rateHz, samplesPerRow, fields, metadata: {} };
}

/** Two streams at different rates, one with tensors. */
export const STREAMS = [
  stream('camera', 10, [field('colour', 'uint8', [2, 3, 3]), field('depth', 'float32', [2, 3])]),
  stream('state', 20, [field('position', 'float64', [1, 3]), field('contact', 'uint16', [])], 4),
];

export function planOf(overrides: Partial<DatasetPlan> = {}): DatasetPlan {
  return {
    name: 'test',
    origin: 'simulated',
    episodes: 5,
    seed: 7,
    configuration: { scenario: { mass: 1 } },
    versions: { umwelt: '0.0.0' },
    streams: STREAMS,
    episodesPerShard: 2,
    ...overrides,
  };
}

/** A second of both streams, interleaved, with values that depend on the episode and the row. */
export function* samplesOf(episode: number): Generator<SensorSample> {
  for (let tick = 0; tick < 20; tick++) {
    const timeNs = BigInt(tick) * 50_000_000n;
    if (tick % 2 === 0) {
      const colour = Uint8Array.from({ length: 18 }, (_, i) => episode * 31 + tick + i);
      const depth = Float32Array.from({ length: 6 }, (_, i) => episode + tick / 8 + i / 64);
      yield { stream: 'camera', timeNs, values: { colour, depth } };
    }
    const position = Float64Array.of(episode, tick / 3, -0.1);
    yield { stream: 'state', timeNs, values: { position, contact: Uint16Array.of(tick * 1000) } };
  }
}

export function* episodesOf(plan: DatasetPlan, shard: number): Generator<EpisodeSource> {
  const first = shard * plan.episodesPerShard;
  const last = Math.min(plan.episodes, first + plan.episodesPerShard);
  for (let episode = first; episode < last; episode++) {
    yield { episode, durationS: 1, attributes: { draw: episode / 3 }, samples: samplesOf(episode) };
  }
}

/** All bytes below a folder, by relative path. */
export async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const content: Record<string, string> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    content[relative(folder, path)] = (await readFile(path)).toString('base64');
  }
  return content;
}
