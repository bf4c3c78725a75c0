import type { EpisodeSource, SensorSample } from '../datasets/contract.js';
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

async function* run(spec: SimSpec, rig: Rig): AsyncGenerator<SensorSample> {
  const world = await createWorld(spec);
  try {
    for (const frame of simulate(world, spec.durationS)) yield* rig.sense(frame);
  } finally {
    world.free();
  }
}
