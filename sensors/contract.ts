import type { SimSpec } from '../scenarios/contract.js';
import type { SimFrame } from '../sim/contract.js';

/** The element types a field may have, named as in Apache Arrow. */
export type DataType = 'uint8' | 'uint16' | 'int32' | 'float32' | 'float64';

export type TypedArray = Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array;

/** One column of a stream: a tensor of fixed shape a sample. */
export interface FieldDescription {
  readonly name: string;
  readonly dataType: DataType;
  /** Shape of one sample, row-major; [] is a scalar. */
  readonly shape: readonly number[];
  /** SI unit, `1` where there is none, or a format such as `sRGB`. */
  readonly unit: string;
  /** What it is, with its frame and axes. */
  readonly description: string;
}

/** What one sensor yields. */
export interface StreamDescription {
  readonly name: string;
  /** `camera`, `audio`, `haptics`, `truth`, ... */
  readonly kind: string;
  /** Native rate of the sense: frames, audio samples or readings a second. */
  readonly rateHz: number;
  /** How many native samples one row holds (audio chunks); 1 elsewhere. */
  readonly samplesPerRow: number;
  readonly fields: readonly FieldDescription[];
  /** Facts a reader needs beside the samples (body names, class labels, intrinsics): plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One row of a stream. The receiver owns the arrays. */
export interface SensorSample {
  readonly stream: string;
  /** When the sample was taken (audio: its first sample), simulated time. */
  readonly timeNs: bigint;
  /** By field name; the length is the product of the field's shape. */
  readonly values: Readonly<Record<string, TypedArray>>;
}

/** One sense of one episode. */
export interface Sensor {
  readonly stream: StreamDescription;
  /**
   * Takes in the next simulation frame and returns the samples that fall into (previous frame, this frame], or at 0 for
   * the first. States between two frames are interpolated. Frames come in order, each exactly once.
   */
  sense(frame: SimFrame): readonly SensorSample[];
}

/** Makes a sensor for one episode: a pure function of the spec (noise streams are named by seed, episode and sensor). */
export type CreateSensor<Specification> = (
  name: string,
  specification: Specification,
  spec: SimSpec,
) => Sensor;
