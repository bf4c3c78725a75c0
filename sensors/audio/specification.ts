import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

/**
 * One microphone. Its axis is its frame's x; an ear is one of a pair at the middle of the same head, which looks along x.
 */
const microphone = z.strictObject({
  name: z.string().min(1),
  ...mountFields,
  positionM: z.tuple([coordinateM, coordinateM, coordinateM]),
  pattern: z
    .enum(['omni', 'cardioid', 'supercardioid', 'hypercardioid', 'figure-eight', 'left-ear', 'right-ear'])
    .default('omni'),
  /** Radius of the head that an ear sits on. */
  headRadiusM: randomisable(z.number().min(0.01).max(1)).default(0.0875),
  /** Sensitivity beyond what the recording's scale says. */
  gainDb: randomisable(z.number().min(-120).max(120)).default(0),
});

/** A set of microphones in the world or on bodies that share one clock: an array, a binaural pair, or one. */
export const audioSpecification = z.strictObject({
  kind: z.literal('audio'),
  ...latencyField,
  rateHz: z.int().min(8000).max(96000).default(16000),
  /** Audio samples in one row of the stream. */
  samplesPerRow: z.int().min(1).max(96000).default(320),
  microphones: z.array(microphone).min(1).max(64),
  /** Standard deviation of the microphones' self-noise. */
  selfNoisePa: randomisable(z.number().min(0).max(1)).default(1e-4),
  /** Corner of a high-pass of the first order, which keeps out slow pressure; none where absent. */
  highPassHz: randomisable(z.number().min(0.1).max(1000)).optional(),
  /** Sound pressure at which the recording clips. */
  fullScalePa: z.number().min(1e-3).max(1e4).default(20),
  noise: z.boolean().default(true),
});

export type AudioSpecification = Resolved<z.output<typeof audioSpecification>>;
export type Microphone = AudioSpecification['microphones'][number];
