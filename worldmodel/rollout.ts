import { UmweltError } from '../core/errors.js';
import type { ChannelPrediction, Rollout, WorldModel } from './contract.js';
import { loadSession, type Session } from './engine/session.js';
import { channelWidth, MODEL_SIZES, type ModelConfiguration } from './model/configuration.js';
import { readModel } from './model-folder.js';
import { readState, type StateArrays, stateArrays, trackEndS } from './observation/state-track.js';
import { type PreparedEpisode, prepareEpisode } from './train/corpus.js';

/**
 * Opens a model folder for prediction.
 *
 * @param name by which reports call the model.
 * @throws UmweltError `not-found`, `malformed-file`, `digest-mismatch`, `unavailable`.
 */
export async function loadWorldModel(directory: string, name = 'world-model'): Promise<WorldModel> {
  const { manifest, network } = await readModel(directory);
  const { configuration, provenance } = manifest;
  // One sequence's products are too small to share between threads.
  const session = await loadSession(network, { threads: 1 });
  return {
    name,
    tickHz: configuration.tickHz,
    provenance,
    sha256: manifest.networkSha256,
    rollout: (context, contextS, horizonS) =>
      rollOut(
        session,
        configuration,
        prepareEpisode(context, configuration, `episode ${context.episode}`),
        contextS,
        horizonS,
      ),
    release: () => session.release(),
  };
}

/** Fields of a Rollout's state by the network's names. */
const STATE_FIELDS = {
  positionM: 'position',
  orientation: 'orientation',
  linearVelocityMps: 'linearVelocity',
  angularVelocityRadps: 'angularVelocity',
} as const;

async function rollOut(
  session: Session,
  configuration: ModelConfiguration,
  episode: PreparedEpisode,
  contextS: number,
  horizonS: number,
): Promise<Rollout> {
  const { tickHz, bodies } = configuration;
  const contextTicks = Math.floor(Math.min(contextS, observedS(episode, configuration)) * tickHz + 1e-6);
  const ticks = Math.max(1, Math.ceil(horizonS * tickHz - 1e-6));
  const recorder = createRecorder(configuration, ticks);
  let hidden: Float32Array = new Float32Array(MODEL_SIZES[configuration.size].hidden);
  let states = stateArrays(bodies);
  for (let tick = 0; tick < contextTicks + ticks; tick++) {
    const isSeen = tick <= contextTicks;
    if (isSeen && episode.state !== null) {
      states = stateArrays(bodies);
      readState(episode.state, tick / tickHz, states, 0);
    }
    const outputs = await session.run({
      hidden,
      ...states,
      observed: Float32Array.of(isSeen && episode.state !== null ? 1 : 0),
      ...(configuration.channels.length > 0
        ? { guessed: Float32Array.of(isSeen && episode.state === null ? 1 : 0) }
        : {}),
      ...senses(configuration, episode, tick, isSeen),
    });
    hidden = outputs['hidden/next'] as Float32Array;
    states = {
      position: outputs['position/next'] as Float32Array,
      orientation: outputs['orientation/next'] as Float32Array,
      linearVelocity: outputs['linearVelocity/next'] as Float32Array,
      angularVelocity: outputs['angularVelocity/next'] as Float32Array,
    };
    if (tick >= contextTicks)
      recorder.record(tick - contextTicks, states, outputs as Record<string, Float32Array>);
  }
  const contextEndNs = (BigInt(contextTicks) * 1_000_000_000n) / BigInt(tickHz);
  return { tickHz, ticks, contextEndNs, ...recorder.finish() };
}

function observedS({ state, durationS }: PreparedEpisode, { bodies }: ModelConfiguration): number {
  if (state !== null && state.bodies !== bodies) {
    throw new UmweltError(
      'shape-mismatch',
      { expected: bodies, actual: state.bodies },
      `the model was trained on ${bodies} moving bodies, the episode has ${state.bodies}`,
    );
  }
  return state === null ? durationS : trackEndS(state);
}

/** What each channel sensed at a tick; masked where it did not, or where the context is over. */
function senses(
  { channels }: ModelConfiguration,
  episode: PreparedEpisode,
  tick: number,
  isSeen: boolean,
): Record<string, Float32Array> {
  const inputs: Record<string, Float32Array> = {};
  for (const channel of channels) {
    const width = channelWidth(channel);
    const track = isSeen ? episode.channels.get(channel.name) : undefined;
    const sensed = track !== undefined && tick < track.ticks ? track.sensed[tick]! : 0;
    inputs[channel.name] =
      sensed === 1 ? track!.values.slice(tick * width, (tick + 1) * width) : new Float32Array(width);
    inputs[`${channel.name}/seen`] = Float32Array.of(sensed);
  }
  return inputs;
}

/** Collects the predicted ticks. */
function createRecorder(configuration: ModelConfiguration, ticks: number) {
  const { bodies, channels } = configuration;
  const prediction = (shape: readonly number[]): ChannelPrediction => {
    const width = shape.reduce((product, extent) => product * extent, 1);
    return {
      shape,
      mean: new Float32Array(ticks * width),
      standardDeviation: new Float32Array(ticks * width),
    };
  };
  const state: Rollout['state'] = {
    positionM: prediction([bodies, 3]),
    orientation: prediction([bodies, 4]),
    linearVelocityMps: prediction([bodies, 3]),
    angularVelocityRadps: prediction([bodies, 3]),
  };
  const sensed = Object.fromEntries(channels.map((channel) => [channel.name, prediction(channel.shape)]));
  return {
    record(tick: number, states: StateArrays, outputs: Readonly<Record<string, Float32Array>>): void {
      for (const [index, field] of (Object.keys(STATE_FIELDS) as (keyof typeof STATE_FIELDS)[]).entries()) {
        const values = states[STATE_FIELDS[field]];
        const width = values.length / bodies;
        state[field].mean.set(values, tick * values.length);
        for (let body = 0; body < bodies; body++) {
          // Half a rotation's angle is what its quaternion's components see.
          const factor = field === 'orientation' ? 0.5 : 1;
          const deviation = factor * Math.exp(0.5 * outputs.logVariances![body * 4 + index]!);
          state[field].standardDeviation.fill(
            deviation,
            tick * values.length + body * width,
            tick * values.length + (body + 1) * width,
          );
        }
      }
      for (const channel of channels) {
        const mean = outputs[`${channel.name}/mean`]!;
        const deviation = Math.exp(0.5 * outputs[`${channel.name}/logVariance`]![0]!);
        const { mean: means, standardDeviation } = sensed[channel.name]!;
        for (let component = 0; component < mean.length; component++) {
          const scale = channel.deviation[component]!;
          means[tick * mean.length + component] = channel.mean[component]! + scale * mean[component]!;
          standardDeviation[tick * mean.length + component] = scale * deviation;
        }
      }
    },
    finish: () => ({ state, channels: sensed }),
  };
}
