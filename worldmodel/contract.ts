import type { Episode } from '../datasets/contract.js';
import type { ModelConfiguration } from './model/configuration.js';

/** A predicted distribution of one channel: independent Gaussians, row-major [ticks, ...shape]. */
export interface ChannelPrediction {
  readonly shape: readonly number[];
  readonly mean: Float32Array;
  readonly standardDeviation: Float32Array;
}

/** What the model expects to be sensed, one row a tick after the context's last. */
export interface Rollout {
  readonly tickHz: number;
  readonly ticks: number;
  /** Time of the context's last tick; the first predicted tick is 1 / tickHz later. */
  readonly contextEndNs: bigint;
  /** Object state in the world's frame. */
  readonly state: {
    /** [ticks, bodies, 3] */
    readonly positionM: ChannelPrediction;
    /** [ticks, bodies, 4], w x y z, unit norm in the mean. */
    readonly orientation: ChannelPrediction;
    /** [ticks, bodies, 3] */
    readonly linearVelocityMps: ChannelPrediction;
    /** [ticks, bodies, 3], world frame. */
    readonly angularVelocityRadps: ChannelPrediction;
  };
  /**
   * The other senses by channel name (`camera`, `audio`, `audio/wave`, `touch`, ...) as the model's clock has them: pictures
   * [side, side, 4] of red, green, blue and nearness, log10 Pa2 of sound, Pa of waves, symlog of readings; reward and end of a task
   * among them. `rolloutSamples` turns them back into streams.
   */
  readonly channels: Readonly<Record<string, ChannelPrediction>>;
  /** How many futures were drawn; 1: one, of the average of the ensemble and of the latent state. */
  readonly samples: number;
  /** [ticks] standard deviation of the bodies' positions between the samples, m; zeros with one sample. */
  readonly disagreement: Float32Array;
}

/** Says what to do next: the action from this tick on, [action width] in the dataset's units. */
export type Policy = (tick: number, state: ObservedState) => ArrayLike<number>;

/** The state of the bodies, world frame, float32: [bodies, 3], [bodies, 4] and so on. */
export interface ObservedState {
  readonly position: Float32Array;
  readonly orientation: Float32Array;
  readonly linearVelocity: Float32Array;
  readonly angularVelocity: Float32Array;
}

/** How to dream. */
export interface RolloutOptions {
  /** 1 (default), or a multiple of the ensemble: each sample follows one head and draws its latents. */
  readonly samples?: number;
  /** Of the draws (default 0). */
  readonly seed?: number;
  /** [ticks, action width] from the context's last tick on, or a policy; by default what the episode holds, then nothing. */
  readonly actions?: Float32Array | Policy;
}

/** What is observed at one tick; what is left out is missing. Channels are unscaled, on the model's clock. */
export interface TickObservation {
  readonly state?: ObservedState;
  readonly channels?: Readonly<Record<string, Float32Array>>;
}

/** What the model expects one tick later; `state` has one row a sample and body, `channels` one a sample. */
export interface TickExpectation {
  readonly state: ObservedState;
  /**
   * [samples * bodies, 4] as the network has them, before the calibration that rollouts get (squared scales of Student's t with
   * four degrees of freedom): position (m2 an axis), rotation (rad2), linear and angular velocity.
   */
  readonly stateVariances: Float32Array;
  /** In the channels' own form; variances as those of the state. */
  readonly channels: Readonly<
    Record<string, { readonly mean: Float32Array; readonly variance: Float32Array }>
  >;
}

/** A model under way, a tick a call: for live use. The arrays that it returns are the caller's. */
export interface Dream {
  /** Takes in one tick (null: nothing is observed) and the action from it on, and tells what to expect of the next. */
  step(observation: TickObservation | null, action?: ArrayLike<number> | null): Promise<TickExpectation>;
}

/** Where a model's weights come from: enough to repeat the training and to prove what it has not seen. */
export interface TrainingProvenance {
  readonly datasets: readonly {
    readonly name: string;
    readonly origin: string;
    readonly episodes: number;
    readonly dataSha256: string;
  }[];
  /** SHA-256 of each recording's source file that the model was trained on. */
  readonly recordingSha256: readonly string[];
  readonly seed: number;
  readonly steps: number;
  /** SHA-256 of the weights that the training began from; null where it began from nothing. */
  readonly fineTunedFrom: string | null;
}

/** An episode as the model takes it: on its clock, unscaled; row k is tick k, at k / tickHz. */
export interface EpisodeView {
  /** As far as the state is known, or the senses where it is not. */
  readonly ticks: number;
  /** [ticks, bodies, 3] and so on; null where the episode holds none. */
  readonly state: ObservedState | null;
  readonly channels: Readonly<Record<string, ChannelView>>;
}

/** One channel of an episode. */
export interface ChannelView {
  readonly shape: readonly number[];
  /** [ticks, ...shape] in the layout of `Rollout.channels`. */
  readonly values: Float32Array;
  /** [ticks] 1 where something was sensed since the tick before. */
  readonly sensed: Float32Array;
}

/** A trained model; `release` frees the native sessions. */
export interface WorldModel {
  readonly name: string;
  readonly configuration: ModelConfiguration;
  readonly tickHz: number;
  /** SHA-256 of the stored weights: what tells two trainings of one name apart; absent when they were never stored. */
  readonly sha256?: string;
  readonly provenance: TrainingProvenance;
  /**
   * Predicts open loop.
   *
   * @param context an episode with any subset of the streams that the model knows; missing ones are masked.
   * @param contextS how much of the episode, from its start, the model may see (0: the first sample alone).
   * @param horizonS how far to predict beyond it.
   * @throws UmweltError `shape-mismatch` for an episode of other bodies or streams of other shapes, `invalid-input` for a number of
   *   samples that the ensemble does not divide.
   */
  rollout(context: Episode, contextS: number, horizonS: number, options?: RolloutOptions): Promise<Rollout>;
  /** Shows an episode as the model takes it, to compare a rollout with. @throws UmweltError `shape-mismatch` as `rollout`. */
  view(episode: Episode): EpisodeView;
  /** Begins to dream tick by tick. @throws UmweltError `invalid-input` as `rollout`. */
  start(options?: Pick<RolloutOptions, 'samples' | 'seed'>): Promise<Dream>;
  release(): Promise<void>;
}
