import type { Episode } from '../datasets/contract.js';

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
  /** The other senses by channel name (`camera`, `audio`, `touch`), in the model's own normalised form. */
  readonly channels: Readonly<Record<string, ChannelPrediction>>;
}

/** Where a model's weights come from: enough to repeat the training and to prove what it has not seen. */
export interface TrainingProvenance {
  readonly datasets: readonly {
    readonly name: string;
    readonly origin: string;
    readonly dataSha256: string;
  }[];
  /** SHA-256 of each recording's source file that the model was trained on. */
  readonly recordingSha256: readonly string[];
  readonly seed: number;
  readonly steps: number;
}

/** A trained model; `release` frees the native sessions. */
export interface WorldModel {
  readonly name: string;
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
   */
  rollout(context: Episode, contextS: number, horizonS: number): Promise<Rollout>;
  release(): Promise<void>;
}
