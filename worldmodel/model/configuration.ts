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
  small: { hidden: 256, embedding: 256 },
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
   * `plane`: the world looks the same from everywhere above a level floor, so the network sees each body's height,
   * vertical and velocities in the body's frame and nothing else of its place. `none`: it sees the pose in the world too.
   */
  readonly symmetry: 'plane' | 'none';
  readonly channels: readonly ChannelConfiguration[];
}

/** Components of one tick of a channel. */
export function channelWidth({ shape }: ChannelConfiguration): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
