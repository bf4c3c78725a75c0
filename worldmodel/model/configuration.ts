/** Widths of the network. */
export interface ModelSize {
  /** Of the recurrent state. */
  readonly hidden: number;
  /** Of each sense's embedding. */
  readonly embedding: number;
}

/** `tiny` is for tests, `small` for a laptop. */
export const MODEL_SIZES = {
  tiny: { hidden: 32, embedding: 32 },
  small: { hidden: 128, embedding: 512 },
} as const satisfies Record<string, ModelSize>;

export type ModelSizeName = keyof typeof MODEL_SIZES;

/** One sense beside the state, as the model takes it: a vector a tick, scaled to mean 0 and deviation 1. */
export interface ChannelConfiguration {
  readonly name: string;
  /** Shape of one tick's observation; the vector is its row-major order. */
  readonly shape: readonly number[];
  /** Per component, before scaling. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Everything that decides the network's graph. */
export interface ModelConfiguration {
  readonly size: ModelSizeName;
  readonly tickHz: number;
  readonly bodies: number;
  /**
   * `plane`: one body above a level floor, where the world looks the same from everywhere: the network sees it through its
   * learned contact points and nothing of its place. `none`: it sees every pose in the world.
   */
  readonly symmetry: 'plane' | 'none';
  readonly channels: readonly ChannelConfiguration[];
}

/** Components of one tick of a channel. */
export function channelWidth({ shape }: ChannelConfiguration): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
