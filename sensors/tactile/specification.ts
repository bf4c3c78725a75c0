import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';
import { patchFields } from '../touch/patch-specification.js';

/** A skin of taxels on a flat, cylindrical or spherical patch of a body: pressure and shear, cell by cell. */
export const tactileSpecification = z.strictObject({
  kind: z.literal('tactile'),
  ...latencyField,
  ...patchFields,
  rateHz: z.number().min(1).max(10_000).default(1000),
  rows: z.int().min(1).max(512).default(16),
  columns: z.int().min(1).max(512).default(16),
  pressureNoisePa: randomisable(z.number().min(0).max(1e6)).default(20),
  shearNoisePa: randomisable(z.number().min(0).max(1e6)).default(20),
  noise: z.boolean().default(true),
});

export type TactileSpecification = Resolved<z.output<typeof tactileSpecification>>;
