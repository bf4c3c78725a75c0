import { sha256 } from '../../core/digest.js';
import { randomStream } from '../../core/random.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import type { Trajectory } from '../../evaluation/contract.js';
import { episodeOf } from '../../evaluation/tasks/contactnets-cube/world-model.js';
import { emptyTrajectory } from '../../evaluation/trajectory.js';
import type { CreateWorld, SimFrame } from '../../sim/contract.js';
import type { WorldModel } from '../../worldmodel/contract.js';

export const RATE_HZ = 100;
export const WIDTH_M = 0.1;

/** A body at rest at the origin, the identity of everything. */
export function stillTrajectory(frames: number, rateHz = RATE_HZ): Trajectory {
  const trajectory = emptyTrajectory(rateHz, frames);
  for (let frame = 0; frame < frames; frame++) trajectory.orientation[frame * 4] = 1;
  return trajectory;
}

/** A body that slides along x from `x0M` at `speedMps`, slowed to the share 1 - friction, on a table. */
export function slidingTrajectory(
  frames: number,
  x0M: number,
  speedMps: number,
  friction: number,
): Trajectory {
  const trajectory = stillTrajectory(frames);
  for (let frame = 0; frame < frames; frame++) {
    trajectory.positionM[frame * 3] = x0M + (speedMps * (1 - friction) * frame) / RATE_HZ;
    trajectory.positionM[frame * 3 + 2] = WIDTH_M / 2;
    trajectory.linearVelocityMps[frame * 3] = speedMps;
  }
  return trajectory;
}

/**
 * Stands in for the engine: slides the cube as `slidingTrajectory` does, and adds the pair's restitution to its height, so
 * that both parameters can be told from the motion.
 */
export function slidingEngine(onCreate: () => void = () => {}): CreateWorld {
  return async (spec) => {
    onCreate();
    const { friction, restitution, pose, linearVelocityMps } = spec.bodies[1]!;
    let step = 0;
    const frame = (): SimFrame => {
      const poses = new Float64Array(14);
      const timeS = step / spec.physics.stepHz;
      const [x, y, z] = pose.positionM;
      poses.set([x + linearVelocityMps[0] * (1 - friction) * timeS, y, z + restitution * timeS], 7);
      poses.set(pose.orientation, 10);
      return {
        step,
        timeNs: 0n,
        poses,
        velocities: new Float64Array(12),
        present: new Uint8Array([1, 1]),
        contacts: [],
      };
    };
    return {
      spec,
      frame,
      step(count = 1) {
        step += count;
        return frame();
      },
      snapshot: () => new Uint8Array(),
      restore: () => {},
      free: () => {},
    };
  };
}

/** A dataset in memory that says it was recorded, for tests of the machinery alone. */
export function recordedDataset(trajectories: readonly Trajectory[]): Dataset {
  const episodes: Episode[] = trajectories.map((trajectory, episode) => ({
    ...episodeOf(trajectory),
    episode,
    attributes: { sourceFile: `${episode}.pt`, sourceSha256: sha256(`recording ${episode}`) },
  }));
  return {
    directory: '/nowhere',
    manifest: {
      format: 'umwelt-dataset',
      formatVersion: 1,
      name: 'test-cube',
      origin: 'recorded',
      seed: null,
      configuration: {
        format: 'contactnets-cube',
        title: 'cubes of a test',
        conversion: { rateHz: RATE_HZ, cube: { widthM: WIDTH_M, massKg: 0.4, inertiaKgm2: 0.001 } },
      },
      configurationSha256: sha256('configuration'),
      versions: {},
      episodesPerShard: 1,
      streams: [],
      episodes: episodes.map(({ episode, durationS, attributes }) => ({ episode, durationS, attributes })),
      files: [],
      dataSha256: sha256(`${trajectories.length}`),
    },
    readEpisode: async (episode) => episodes[episode]!,
    async *episodes() {
      yield* episodes;
    },
  };
}

/** Sliding tosses of random speed and friction near `friction`. */
export function slidingDataset(count: number, friction = 0.2, frames = 30): Dataset {
  return recordedDataset(
    Array.from({ length: count }, (_, i) => {
      const random = randomStream(5, 'test', i);
      const own = friction + 0.02 * random.normal();
      return slidingTrajectory(frames + (i % 3), random.uniform(), 1 + random.uniform(), own);
    }),
  );
}

/** A model that holds still where the context ended, and claims to have been trained on the given recordings. */
export function stillModel(
  name: string,
  { recordingSha256 = [] as readonly string[], sha256 = undefined as string | undefined } = {},
): WorldModel & { rollouts: number } {
  const model = {
    name,
    tickHz: 40,
    ...(sha256 === undefined ? {} : { sha256 }),
    configuration: { tickHz: 40, bodies: 1, channels: [] } as unknown as WorldModel['configuration'],
    provenance: { datasets: [], recordingSha256, seed: 0, steps: 1, fineTunedFrom: null },
    rollouts: 0,
    async rollout(context: Episode, contextS: number, horizonS: number) {
      model.rollouts++;
      const ticks = Math.floor(horizonS * 40);
      const state = context.streams.state!;
      const row = Math.round(contextS * state.description.rateHz);
      const hold = (field: string, width: number) => {
        const at = state.values[field]!.slice(row * width, (row + 1) * width);
        const mean = new Float32Array(ticks * width);
        if (width === 4 || field === 'positionM') {
          for (let tick = 0; tick < ticks; tick++) mean.set(at, tick * width);
        }
        return { shape: [1, width], mean, standardDeviation: new Float32Array(ticks * width) };
      };
      return {
        tickHz: 40,
        ticks,
        contextEndNs: BigInt(Math.floor(contextS * 40)) * 25_000_000n,
        state: {
          positionM: hold('positionM', 3),
          orientation: hold('orientation', 4),
          linearVelocityMps: hold('linearVelocityMps', 3),
          angularVelocityRadps: hold('angularVelocityRadps', 3),
        },
        channels: {},
        samples: 1,
        disagreement: new Float32Array(ticks),
      };
    },
    view: () => ({ ticks: 0, state: null, channels: {} }),
    start: () => Promise.reject(new Error('a still model does not dream')),
    async release() {},
  };
  return model;
}
