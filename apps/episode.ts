import type { Episode, EpisodeSource, SensorSample, StreamData, TypedArray } from '../datasets/contract.js';
import { createRowBuffer } from '../datasets/row-buffer.js';
import { compileEpisode } from '../scenarios/compile.js';
import type { SimSpec } from '../scenarios/contract.js';
import type { Scenario } from '../scenarios/schema.js';
import { createRig, type Rig } from '../sensors/rig.js';
import { simulate } from '../sim/simulate.js';
import { createWorld } from '../sim/world.js';

/** Compiles, simulates and senses one episode lazily: nothing runs until its samples are read. */
export function senseEpisode(scenario: Scenario, seed: number, episode: number): EpisodeSource {
  const spec = compileEpisode(scenario, seed, episode);
  const rig = createRig(spec);
  return {
    episode,
    durationS: spec.durationS,
    attributes: {
      draws: spec.draws,
      streams: Object.fromEntries(rig.streams.map(({ name, metadata }) => [name, metadata])),
    },
    samples: run(spec, rig),
  };
}

/** Simulates and senses one episode into memory: what a dataset would hand back of it. */
export async function recordEpisode(scenario: Scenario, seed: number, episode: number): Promise<Episode> {
  const spec = compileEpisode(scenario, seed, episode);
  const rig = createRig(spec);
  const buffers = new Map(rig.streams.map((stream) => [stream.name, createRowBuffer(stream)]));
  for await (const sample of run(spec, rig)) buffers.get(sample.stream)!.append(sample);
  const streams = rig.streams.map((description): [string, StreamData] => {
    const { rows, timeNs, values } = buffers.get(description.name)!.block(episode);
    const fields = description.fields.map(({ name }, i): [string, TypedArray] => [name, values[i]!]);
    return [description.name, { description, rows, timeNs, values: Object.fromEntries(fields) }];
  });
  const { durationS } = spec;
  return { episode, durationS, attributes: { draws: spec.draws }, streams: Object.fromEntries(streams) };
}

async function* run(spec: SimSpec, rig: Rig): AsyncGenerator<SensorSample> {
  const world = await createWorld(spec);
  try {
    for (const frame of simulate(world, spec.durationS)) yield* rig.sense(frame);
  } finally {
    world.free();
  }
}
