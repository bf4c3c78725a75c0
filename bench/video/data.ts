import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateDataset } from '../../apps/generate.js';
import { sha256 } from '../../core/digest.js';
import type { Dataset, DatasetPlan, Episode, EpisodeSource, SensorSample } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { beginDataset, writeShard } from '../../datasets/writer.js';
import { type Clip, cutClip, PICTURE, readClip } from '../../evaluation/tasks/video/clip.js';
import { modelEpisode } from '../../evaluation/tasks/video/model-clip.js';
import type { ScenarioDocument } from '../../scenarios/schema.js';

/** A clip to learn from, and where it comes from. */
export interface Lesson {
  readonly clip: Clip;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Simulates a scenario's episodes, where that is not done yet. */
export async function simulate(
  folder: string,
  scenario: ScenarioDocument,
  episodes: number,
): Promise<Dataset> {
  const directory = join(folder, scenario.name);
  await mkdir(folder, { recursive: true });
  const file = `${directory}.json`;
  await writeFile(file, JSON.stringify(scenario));
  if (!existsSync(join(directory, 'manifest.json')))
    await generateDataset({ scenario: file, directory, episodes, seed: 1, workers: 2, resume: true });
  return openDataset(directory);
}

/** Reads simulated episodes as clips: what drives the pusher becomes a change of pose and an open gripper, as Bridge commands its arm. */
export async function* simulatedLessons(dataset: Dataset): AsyncGenerator<Lesson> {
  const has = (name: string): boolean => dataset.manifest.streams.some((stream) => stream.name === name);
  for await (const episode of dataset.episodes()) {
    const clip = readClip(withAmplitude(episode), {
      camera: 'camera',
      ...(has('action') && { action: 'action' }),
      ...(has('audio') && { sound: 'audio' }),
    });
    yield {
      clip: { ...clip, actions: clip.actions && asArm(clip.actions.values, clip.rateHz) },
      attributes: {},
    };
  }
}

/** Reads recorded clips; where only a part may be learned from, the part is named in what tells recordings apart, as parts of files are. */
export async function* recordedLessons(
  dataset: Dataset,
  episodes: readonly number[],
  cameras: readonly string[],
  share: number,
): AsyncGenerator<Lesson> {
  const has = (name: string): boolean => dataset.manifest.streams.some((stream) => stream.name === name);
  for (const index of episodes) {
    const episode = await dataset.readEpisode(index);
    const { sourceFile, sourceSha256 } = episode.attributes as Readonly<Record<string, string>>;
    for (const camera of cameras) {
      const whole = readClip(episode, {
        camera,
        ...(has('action') && { action: 'action' }),
        ...(has('audio') && { sound: 'audio' }),
      });
      const frames = Math.floor((whole.pictures.length / PICTURE) * share);
      const cut = cutClip(whole, 0, frames);
      const untilS = cut.timesS.at(-1)!;
      const sound = cut.sound && {
        ...cut.sound,
        amplitude: cut.sound.amplitude.subarray(0, Math.floor(untilS * cut.sound.rateHz)),
      };
      const part = share === 1 ? sourceSha256! : sha256(`${sourceSha256}\nframes 0 to ${frames - 1}`);
      yield { clip: { ...cut, sound }, attributes: { sourceFile, sourceSha256: part, camera } };
    }
  }
}

/** Writes clips as a dataset on the world model's clock, in place of what is there. */
export async function writeLessons(
  directory: string,
  origin: DatasetPlan['origin'],
  name: string,
  lessons: AsyncIterable<Lesson>,
): Promise<string> {
  const episodes: Episode[] = [];
  for await (const { clip, attributes } of lessons) {
    const lastS = clip.timesS.at(-1)!;
    episodes.push(modelEpisode(clip, lastS, episodes.length, attributes));
  }
  await rm(directory, { recursive: true, force: true });
  const plan: DatasetPlan = {
    name,
    origin,
    episodes: episodes.length,
    seed: origin === 'recorded' ? null : 1,
    configuration: { clips: name },
    versions: {},
    streams: Object.values(episodes[0]!.streams).map(({ description }) => description),
    episodesPerShard: 64,
  };
  const session = await beginDataset(directory, plan, { resume: false });
  try {
    for (const shard of session.pendingShards) {
      const first = shard * plan.episodesPerShard;
      await writeShard(directory, plan, shard, sources(episodes.slice(first, first + plan.episodesPerShard)));
    }
    await session.finish();
  } finally {
    await session.close();
  }
  return directory;
}

async function* sources(episodes: readonly Episode[]): AsyncGenerator<EpisodeSource> {
  for (const { episode, durationS, attributes, streams } of episodes) {
    const samples = Object.values(streams).flatMap(({ description, rows, timeNs, values }) =>
      Array.from({ length: rows }, (_, row): SensorSample => {
        const fields = Object.entries(values).map(([field, all]) => {
          const width = all.length / rows;
          return [field, all.slice(row * width, (row + 1) * width)] as const;
        });
        return { stream: description.name, timeNs: timeNs[row]!, values: Object.fromEntries(fields) };
      }),
    );
    yield { episode, durationS, attributes, samples };
  }
}

/** Position, velocity, turning rate of the pusher to the change of its pose in one step, and a gripper that stays open. */
function asArm(values: Float32Array, rateHz: number): NonNullable<Clip['actions']> {
  const [from, width] = [9, 7];
  const steps = values.length / from;
  const arm = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) {
    for (let axis = 0; axis < 6; axis++) arm[step * width + axis] = values[step * from + 3 + axis]! / rateHz;
    arm[step * width + 6] = 1;
  }
  return { width, values: arm };
}

/** Simulated pressure as share of a full scale of 1 Pa, as recordings have it. */
function withAmplitude(episode: Episode): Episode {
  const { audio } = episode.streams;
  if (audio === undefined) return episode;
  const heard = { ...audio, values: { amplitude: audio.values.pressurePa! } };
  return { ...episode, streams: { ...episode.streams, audio: heard } };
}
