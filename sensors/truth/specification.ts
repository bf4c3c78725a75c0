import { z } from 'zod';
import type { Resolved } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** Pose and velocity of every dynamic body, as the simulator knows them. */
export const truthSpecification = z.strictObject({
  kind: z.literal('truth'),
  ...latencyField,
  rateHz: z.number().min(0.1).max(10000).default(148),
});

export type TruthSpecification = Resolved<z.output<typeof truthSpecification>>;
