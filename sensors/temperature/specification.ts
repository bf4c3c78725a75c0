import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** What a body's surface feels of the heat of what it touches. */
export const temperatureSpecification = z.strictObject({
  kind: z.literal('temperature'),
  ...latencyField,
  rateHz: z.number().min(0.1).max(10_000).default(100),
  /** The body that feels. */
  body: z.string().min(1),
  /** Temperature of the feeling surface away from contacts, such as a heated fingertip's; the body's own where absent. */
  restC: randomisable(z.number().min(-200).max(2000)).optional(),
  /** Time constant of the thermometer. */
  lagS: randomisable(z.number().min(0).max(1e3)).default(0.1),
  /** Contacts that come back within this time go on where they were. */
  gapS: randomisable(z.number().min(0).max(10)).default(0.005),
  noiseC: randomisable(z.number().min(0).max(100)).default(0.05),
  noise: z.boolean().default(true),
});

export type TemperatureSpecification = Resolved<z.output<typeof temperatureSpecification>>;
