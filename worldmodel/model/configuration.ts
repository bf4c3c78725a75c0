/** Widths of the network. */
export interface ModelSize {
  /** Of the recurrent state. */
  readonly hidden: number;
  /** Blocks of the recurrent weights; one is a full matrix. */
  readonly blocks: number;
  /** Categorical variables of the latent state, and the classes of each. */
  readonly latents: number;
  readonly classes: number;
  /** Of each sense's dense layers. */
  readonly embedding: number;
  /** Side of the pictures that the model sees, and of the patches that they are cut into, in pixels. */
  readonly picture: number;
  readonly patch: number;
  /** Numbers that stand for one patch. */
  readonly patchCode: number;
}

/** `tiny` is for tests, `small` for a laptop, `base` and `large` for machines with more. */
export const MODEL_SIZES = {
  tiny: { hidden: 32, blocks: 1, latents: 4, classes: 4, embedding: 32, picture: 16, patch: 8, patchCode: 8 },
  small: {
    hidden: 256,
    blocks: 1,
    latents: 16,
    classes: 16,
    embedding: 256,
    picture: 32,
    patch: 8,
    patchCode: 64,
  },
  base: {
    hidden: 512,
    blocks: 1,
    latents: 32,
    classes: 16,
    embedding: 512,
    picture: 64,
    patch: 8,
    patchCode: 96,
  },
  large: {
    hidden: 2048,
    blocks: 8,
    latents: 32,
    classes: 32,
    embedding: 1024,
    picture: 64,
    patch: 8,
    patchCode: 192,
  },
} as const satisfies Record<string, ModelSize>;

export type ModelSizeName = keyof typeof MODEL_SIZES;

/** What carries the past forward: a gated recurrent unit, or a transformer over the last ticks. */
export const CORE_KINDS = ['recurrent', 'transformer'] as const;
export type CoreKind = (typeof CORE_KINDS)[number];

/**
 * What a channel's numbers are. `vector`: readings, scaled one by one. `picture`: [side, side, 4] red, green, blue, nearness,
 * kept patch after patch. `wave`: sound pressure, predicted and never taken in (its spectrum is). `reward`, `end`: of a task.
 */
export type ChannelForm = 'vector' | 'picture' | 'wave' | 'reward' | 'end';

/** One sense beside the state, as the model takes it: a vector a tick, scaled to mean 0 and deviation 1. */
export interface ChannelConfiguration {
  readonly name: string;
  readonly form: ChannelForm;
  /** Shape of one tick's observation; the vector is its row-major order, but for pictures. */
  readonly shape: readonly number[];
  /** Per component, before scaling; a shorter list repeats over the components. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /**
   * Least and greatest value of any component, before scaling, in the episodes that the scaling was taken from: up to 16 of each
   * dataset's training episodes, spread evenly. Where a model was tuned further, of all its trainings.
   */
  readonly range: readonly [number, number];
  /** Name and kind of the stream that it is read from. */
  readonly stream: { readonly name: string; readonly kind: string };
  /** The fields that a vector of readings joins, in order; empty for what is computed otherwise. */
  readonly parts: readonly ReadingPart[];
}

/** One field of a stream in a vector of readings: the vector holds symlog(field / unit). */
export interface ReadingPart {
  readonly field: string;
  readonly shape: readonly number[];
  readonly unit: number;
  readonly siUnit: string;
}

/** What is commanded at each tick, scaled to mean 0 and deviation 1. */
export interface ActionConfiguration {
  readonly name: string;
  readonly width: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The states that bodies took in the training data; a rollout never leaves them by more than a margin. */
export interface StateRange {
  /** World frame, of all bodies together: least and greatest x y z. */
  readonly lowM: readonly number[];
  readonly highM: readonly number[];
  readonly speedMps: number;
  readonly spinRadps: number;
}

/** Everything that decides the network's graph, and how its numbers are read. */
export interface ModelConfiguration {
  readonly size: ModelSizeName;
  readonly core: CoreKind;
  /** Dynamics heads, each trained on its own share of the sequences. */
  readonly ensemble: number;
  readonly tickHz: number;
  /** Whether the training data held the state of bodies; without it one body that is never seen stands in. */
  readonly hasState: boolean;
  readonly bodies: number;
  /**
   * `plane`: one body above a level floor, where the world looks the same from everywhere: the network sees it through its
   * learned contact points and nothing of its place. `none`: it sees every pose in the world.
   */
  readonly symmetry: 'plane' | 'none';
  readonly channels: readonly ChannelConfiguration[];
  readonly action: ActionConfiguration | null;
  readonly stateRange: StateRange;
}

/** Components of one tick of a channel. */
export function channelWidth({ shape }: Pick<ChannelConfiguration, 'shape'>): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Tells whether the model takes a channel in, beside predicting it. */
export function isSensed({ form }: Pick<ChannelConfiguration, 'form'>): boolean {
  return form === 'vector' || form === 'picture';
}

/** Width of the latent state: all categoricals side by side. */
export function latentWidth({ size }: ModelConfiguration): number {
  return MODEL_SIZES[size].latents * MODEL_SIZES[size].classes;
}
