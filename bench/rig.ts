import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDataset } from '../apps/generate.js';
import { scenarioDocument } from '../scenarios/library.js';
import type { ScenarioDocument } from '../scenarios/schema.js';
import { CAMERA_CHANNELS } from '../sensors/camera/specification.js';
import type { BenchResult } from './contract.js';

const EPISODES = 24;

/**
 * Simulated seconds a second of wall time, on one thread, of one rig written to Arrow: camera 64 x 64 x 3 at 30 Hz with every
 * channel, two microphones at 48 kHz, 16 x 16 taxels at 1 kHz, an inertial unit at 1 kHz and state at 240 Hz, in cube-toss.
 */
export async function benchRig(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-bench-'));
  try {
    const scenario = join(folder, 'rig.json');
    await writeFile(scenario, JSON.stringify(rigScenario()));
    await measure(scenario, join(folder, 'warm-up'), 2);
    const speeds: number[] = [];
    for (let round = 0; round < 3; round += 1)
      speeds.push(await measure(scenario, join(folder, `${round}`), EPISODES));
    const value = speeds.sort((a, b) => a - b)[1]!;
    return {
      name: 'rig.realtime',
      value,
      unit: 'simulated s / s',
      reference: 'real time',
      reference_value: 1,
      ratio: value,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rigScenario(): ScenarioDocument {
  const toss = scenarioDocument('cube-toss') as ScenarioDocument;
  const { camera, audio } = toss.sensors as Record<string, object>;
  return {
    ...toss,
    name: 'rig',
    sensors: {
      camera: { ...camera, channels: [...CAMERA_CHANNELS] },
      audio: { ...audio, rateHz: 48000, samplesPerRow: 960 },
      skin: {
        kind: 'tactile',
        rateHz: 1000,
        body: 'table',
        positionM: [0, 0, 0.02],
        rows: 16,
        columns: 16,
        patch: { kind: 'flat', sizeM: [1.28, 1.28] },
      },
      inertia: { kind: 'imu', rateHz: 1000, body: 'cube' },
      state: { kind: 'truth', rateHz: 240 },
    } as unknown as ScenarioDocument['sensors'],
  };
}

async function measure(scenario: string, directory: string, episodes: number): Promise<number> {
  const startedAt = performance.now();
  const manifest = await generateDataset({ scenario, directory, episodes, seed: 1, workers: 1 });
  const wallS = (performance.now() - startedAt) / 1000;
  return manifest.episodes.reduce((sum, episode) => sum + episode.durationS, 0) / wallS;
}
