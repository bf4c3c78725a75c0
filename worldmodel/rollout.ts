import { UmweltError } from '../core/errors.js';
import { closingAll } from './closing.js';
import type {
  ObservedState,
  RolloutOptions,
  TickExpectation,
  TickObservation,
  WorldModel,
} from './contract.js';
import { createDream } from './dream.js';
import { loadSession, type Session } from './engine/session.js';
import { channelWidth, isSensed, type ModelConfiguration } from './model/configuration.js';
import { type ModelManifest, readModel, type StoredModel } from './model-folder.js';
import { tickNetwork } from './networks.js';
import { type PreparedEpisode, prepareEpisode } from './observation/prepare.js';
import { readState, stateArrays, trackEndS } from './observation/state-track.js';
import { unscale, viewEpisode } from './observation/view.js';
import { recordRollout } from './recorder.js';

/**
 * Opens a model folder for prediction.
 *
 * @param name by which reports call the model.
 * @throws UmweltError `not-found`, `malformed-file`, `digest-mismatch`, `unavailable`.
 */
export async function loadWorldModel(directory: string, name = 'world-model'): Promise<WorldModel> {
  const stored = await readModel(directory);
  return { ...openWorldModel(stored, name), sha256: stored.manifest.weightsSha256 };
}

/** What a model is made of. */
export interface ModelParts extends Pick<StoredModel, 'weights'> {
  readonly manifest: Pick<ModelManifest, 'configuration' | 'provenance' | 'calibration'>;
}

/** Readies a model for prediction; a network is compiled when a number of samples is first asked for. */
export function openWorldModel({ manifest, weights }: ModelParts, name: string): WorldModel {
  const { configuration, provenance, calibration } = manifest;
  const sessions = new Map<number, Promise<Session>>();
  const sessionFor = (samples: number): Promise<Session> => {
    requireDivisible(samples, configuration.ensemble);
    let session = sessions.get(samples);
    if (session === undefined) {
      const latents = samples === 1 ? 'expected' : 'drawn';
      const network = tickNetwork(configuration, weights, { batch: samples, latents });
      // A few sequences' products are too small to share between threads.
      const opening = loadSession(network, { threads: 1 });
      session = opening;
      sessions.set(samples, opening);
      // The caller is told; the next one tries again.
      opening.catch(() => {
        if (sessions.get(samples) === opening) sessions.delete(samples);
      });
    }
    return session;
  };
  return {
    name,
    configuration,
    tickHz: configuration.tickHz,
    provenance,
    async rollout(context, contextS, horizonS, options = {}) {
      const { samples = 1 } = options;
      const episode = prepareEpisode(context, configuration, `episode ${context.episode}`);
      const factors = samples === 1 ? calibration.one : calibration.samples;
      const plan = planRollout(episode, configuration, contextS, horizonS, options);
      return recordRollout(
        configuration,
        samples,
        factors,
        plan,
        await unroll(await sessionFor(samples), configuration, plan),
      );
    },
    view: (episode) =>
      viewEpisode(prepareEpisode(episode, configuration, `episode ${episode.episode}`), configuration),
    async start({ samples = 1, seed = 0 } = {}) {
      return createDream(await sessionFor(samples), configuration, { samples, seed });
    },
    async release() {
      const opening = [...sessions.values()];
      sessions.clear();
      await closingAll(async (closeLater) => {
        const opened = await Promise.allSettled(opening);
        for (const one of opened) if (one.status === 'fulfilled') closeLater(() => one.value.release());
      });
    },
  };
}

/** What a rollout is to see and do. */
export interface RolloutPlan {
  readonly samples: number;
  readonly seed: number;
  /** Ticks before the last one that is shown, and ticks to predict. */
  readonly contextTicks: number;
  readonly ticks: number;
  readonly observe: (tick: number) => TickObservation | null;
  readonly act: (tick: number, state: ObservedState) => ArrayLike<number> | null;
}

function planRollout(
  episode: PreparedEpisode,
  configuration: ModelConfiguration,
  contextS: number,
  horizonS: number,
  { samples = 1, seed = 0, actions }: RolloutOptions,
): RolloutPlan {
  const { tickHz } = configuration;
  const contextTicks = Math.floor(Math.min(contextS, observedS(episode, configuration)) * tickHz + 1e-6);
  const ticks = Math.max(1, Math.ceil(horizonS * tickHz - 1e-6));
  return {
    samples,
    seed,
    contextTicks,
    ticks,
    observe: (tick) => (tick <= contextTicks ? observationAt(episode, configuration, tick) : null),
    act(tick, state) {
      if (configuration.action === null) return null;
      const after = tick - contextTicks;
      if (after < 0 || actions === undefined) return recordedAction(episode, configuration, tick);
      if (typeof actions === 'function') return actions(after, state);
      const { width } = configuration.action;
      return actions.length >= (after + 1) * width
        ? actions.subarray(after * width, (after + 1) * width)
        : null;
    },
  };
}

/** The action of the episode from a tick to the next, unscaled; null where none is known. */
function recordedAction(
  { action }: PreparedEpisode,
  { action: configuration }: ModelConfiguration,
  tick: number,
): ArrayLike<number> | null {
  if (action === null || configuration === null) return null;
  if (tick < action.firstTick || tick >= action.ticks) return null;
  const { width, mean, deviation } = configuration;
  return Float32Array.from(
    { length: width },
    (_, index) => mean[index]! + deviation[index]! * action.values[tick * width + index]!,
  );
}

async function unroll(
  session: Session,
  configuration: ModelConfiguration,
  { samples, seed, contextTicks, ticks, observe, act }: RolloutPlan,
): Promise<readonly TickExpectation[]> {
  const dream = createDream(session, configuration, { samples, seed });
  const expected: TickExpectation[] = [];
  let state: ObservedState = stateArrays(configuration.bodies);
  for (let tick = 0; tick < contextTicks + ticks; tick++) {
    const observation = observe(tick);
    const next = await dream.step(observation, act(tick, observation?.state ?? state));
    state = next.state;
    if (tick >= contextTicks) expected.push(next);
  }
  return expected;
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

/** What was observed at a tick, unscaled. */
function observationAt(
  { state, channels }: PreparedEpisode,
  configuration: ModelConfiguration,
  tick: number,
): TickObservation {
  const observed: Record<string, Float32Array> = {};
  for (const channel of configuration.channels.filter(isSensed)) {
    const track = channels.get(channel.name);
    if (track === undefined || tick >= track.ticks || track.sensed[tick] === 0) continue;
    const width = channelWidth(channel);
    observed[channel.name] = unscale(
      channel,
      configuration.size,
      track.values.subarray(tick * width, (tick + 1) * width),
    );
  }
  if (state === null) return { channels: observed };
  const arrays = stateArrays(configuration.bodies);
  readState(state, tick / configuration.tickHz, arrays, 0);
  return { state: arrays, channels: observed };
}

function requireDivisible(samples: number, ensemble: number): void {
  if (Number.isInteger(samples) && (samples === 1 || (samples > 0 && samples % ensemble === 0))) return;
  throw new UmweltError(
    'invalid-input',
    { samples, ensemble },
    `samples: expected 1 or a multiple of the ensemble's ${ensemble} heads, got ${samples}`,
  );
}
