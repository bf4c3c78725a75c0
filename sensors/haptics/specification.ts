import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** A force plate with a pressure map under the top (+z) surface of a box body. */
export const hapticsSpecification = z.strictObject({
  kind: z.literal('haptics'),
  ...latencyField,
  rateHz: z.number().min(1).max(10000).default(500),
  /** Name of the body whose top surface senses. */
  body: z.string().min(1),
  /** Cells along the body's x (rows) and y (columns). */
  rows: z.int().min(1).max(512).default(16),
  columns: z.int().min(1).max(512).default(16),
  /** Size of the sensitive area along x and y, centred on the body's top surface. */
  sizeM: z.tuple([z.number().positive().max(100), z.number().positive().max(100)]),
  /** Standard deviation of the Gaussian by which the surface spreads a point load. */
  spreadM: z.number().positive().max(1).default(0.02),
  /** Standard deviations of the readings' noise. */
  forceNoiseN: randomisable(z.number().min(0).max(100)).default(0.05),
  torqueNoiseNm: randomisable(z.number().min(0).max(100)).default(0.01),
  pressureNoisePa: randomisable(z.number().min(0).max(1e6)).default(5),
  noise: z.boolean().default(true),
});

export type HapticsSpecification = Resolved<z.output<typeof hapticsSpecification>>;
