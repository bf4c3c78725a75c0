import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

/** A set of omnidirectional microphones that stand still in the world and share one clock. */
export const audioSpecification = z.strictObject({
  kind: z.literal('audio'),
  ...latencyField,
  rateHz: z.int().min(8000).max(96000).default(16000),
  /** Audio samples in one row of the stream. */
  samplesPerRow: z.int().min(1).max(96000).default(320),
  microphones: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        positionM: z.tuple([coordinateM, coordinateM, coordinateM]),
      }),
    )
    .min(1)
    .max(64),
  /** Standard deviation of the microphones' self-noise. */
  selfNoisePa: randomisable(z.number().min(0).max(1)).default(1e-4),
  /** Sound pressure at which the recording clips. */
  fullScalePa: z.number().min(1e-3).max(1e4).default(20),
  noise: z.boolean().default(true),
});

export type AudioSpecification = Resolved<z.output<typeof audioSpecification>>;
