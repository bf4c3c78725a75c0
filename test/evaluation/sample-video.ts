import { join } from 'node:path';
import { sha256 } from '../../core/digest.js';
import type { Dataset, EpisodeSource, SensorSample, StreamDescription } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { beginDataset, writeShard } from '../../datasets/writer.js';
import { planOf, temporaryFolder } from '../datasets/sample-dataset.js';

const SIDE = 64;

export interface SampleVideo {
  readonly episodes: number;
  readonly frames: number;
  readonly rateHz: number;
}

/** Writes recordings of a pattern that shifts by two pixels a frame, with noise to hear and a command; a second camera that saw nothing. */
export async function videoRecordings(
  format: string,
  { episodes, frames, rateHz }: SampleVideo,
): Promise<Dataset> {
  const directory = join(await temporaryFolder(), 'recordings');
  const stream = (
    name: string,
    kind: string,
    field: string,
    dataType: 'uint8' | 'float32',
    shape: number[],
  ): StreamDescription => ({
    name,
    kind,
    rateHz,
    samplesPerRow: 1,
    fields: [{ name: field, dataType, shape, unit: '1', description: '' }],
    metadata: {},
  });
  const samplesPerRow = 48_000 / rateHz;
  const plan = planOf({
    name: format,
    origin: 'recorded',
    seed: null,
    episodes,
    episodesPerShard: episodes,
    configuration: { format, title: 'made up', licence: 'none', source: { url: '' } },
    streams: [
      stream('camera', 'camera', 'colour', 'uint8', [SIDE, SIDE, 3]),
      stream('camera-1', 'camera', 'colour', 'uint8', [SIDE, SIDE, 3]),
      stream('action', 'action', 'value', 'float32', [2]),
      {
        ...stream('audio', 'audio', 'amplitude', 'float32', [1, samplesPerRow]),
        rateHz: 48_000,
        samplesPerRow,
      },
    ],
  });
  const session = await beginDataset(directory, plan, { resume: false });
  await writeShard(directory, plan, 0, sources(episodes, frames, rateHz, samplesPerRow));
  await session.finish();
  await session.close();
  return openDataset(directory);
}

async function* sources(
  episodes: number,
  frames: number,
  rateHz: number,
  samplesPerRow: number,
): AsyncGenerator<EpisodeSource> {
  for (let episode = 0; episode < episodes; episode++) {
    const samples = Array.from({ length: frames }, (_, frame): SensorSample[] => {
      const timeNs = BigInt(Math.round((frame / rateHz) * 1e9));
      const colour = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_value, index) => {
        const pixel = Math.floor(index / 3);
        const [x, y] = [(pixel % SIDE) + 2 * frame + 5 * episode, Math.floor(pixel / SIDE)];
        return 128 + 60 * Math.sin(x / 6) * Math.cos(y / 7) + 40 * Math.sin((x + 2 * y) / 13);
      });
      const amplitude = Float32Array.from(
        { length: samplesPerRow },
        (_value, k) => 0.1 * Math.sin(k * k * (frame + 1)),
      );
      return [
        { stream: 'camera', timeNs, values: { colour } },
        { stream: 'action', timeNs, values: { value: Float32Array.of(2, episode) } },
        { stream: 'audio', timeNs, values: { amplitude } },
      ];
    }).flat();
    const attributes = { sourceFile: `clip-${episode}`, sourceSha256: sha256(`clip ${episode}`) };
    yield { episode, durationS: (frames - 1) / rateHz, attributes, samples };
  }
}
