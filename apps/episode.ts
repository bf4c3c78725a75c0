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

/** Who renders the cameras of an episode that is only looked at. */
export type CameraRenderer = 'cpu' | 'gpu';

/**
 * Simulates and senses one episode into memory: what a dataset would hand back of it, but for cameras that a GPU renders.
 *
 * @throws UmweltError `unavailable` or `invalid-input` when a GPU is asked for and is missing, or cannot render a camera.
 */
export async function recordEpisode(
  scenario: Scenario,
  seed: number,
  episode: number,
  renderer: CameraRenderer = 'cpu',
): Promise<Episode> {
  const spec = compileEpisode(scenario, seed, episode);
  const { streams } = createRig(spec);
  const buffers = new Map(streams.map((stream) => [stream.name, createRowBuffer(stream)]));
  for await (const sample of renderer === 'cpu' ? run(spec, createRig(spec)) : runOnGpu(spec))
    buffers.get(sample.stream)!.append(sample);
  const { durationS } = spec;
  return {
    episode,
    durationS,
    attributes: { draws: spec.draws },
    streams: Object.fromEntries(
      streams.map((description): [string, StreamData] => {
        const { rows, timeNs, values } = buffers.get(description.name)!.block(episode);
        const fields = description.fields.map(({ name }, i): [string, TypedArray] => [name, values[i]!]);
        return [description.name, { description, rows, timeNs, values: Object.fromEntries(fields) }];
      }),
    ),
  };
}

/** The cameras by the GPU, everything else as ever. */
async function* runOnGpu(spec: SimSpec): AsyncGenerator<SensorSample> {
  const { renderEpisodeOnGpu } = await import('../sensors/camera/gpu/episode.js');
  const sensors = Object.entries(spec.sensors).filter(([, { kind }]) => kind !== 'camera');
  yield* run(spec, createRig({ ...spec, sensors: Object.fromEntries(sensors) }));
  const world = await createWorld(spec);
  try {
    yield* renderEpisodeOnGpu(simulate(world, spec.durationS), spec);
  } finally {
    world.free();
  }
}

async function* run(spec: SimSpec, rig: Rig): AsyncGenerator<SensorSample> {
  const world = await createWorld(spec);
  try {
    for (const frame of simulate(world, spec.durationS)) yield* rig.sense(frame);
  } finally {
    world.free();
  }
}
