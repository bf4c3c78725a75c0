/** The recorded or predicted motion of one rigid body at a fixed rate. World frame, SI units. */
export interface Trajectory {
  readonly rateHz: number;
  readonly frames: number;
  /** [frames, 3] */
  readonly positionM: Float64Array;
  /** [frames, 4], w x y z */
  readonly orientation: Float64Array;
  /** [frames, 3] */
  readonly linearVelocityMps: Float64Array;
  /** [frames, 3] */
  readonly angularVelocityRadps: Float64Array;
}

/** Anything that claims to know how a motion goes on: baselines, physics, world models. */
export interface Forecaster {
  readonly name: string;
  /** Continues `context` for `frames` more frames at its rate. The result does not repeat the context. */
  forecast(context: Trajectory, frames: number): Promise<Trajectory>;
  release?(): Promise<void>;
}

/** A number that may not exist: an average over nothing is invalid, not zero. */
export interface Metric {
  readonly value: number;
  readonly valid: boolean;
}

/** A mean with its 95 % bootstrap interval over recordings. */
export interface Estimate {
  readonly mean: number;
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
}
