import { z } from 'zod';
import type { Resolved } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

const names = z.array(z.string().min(1)).max(1000);

/** Tells what was commanded: motion of kinematic bodies, pushes on bodies, targets of motors. */
export const actionSpecification = z.strictObject({
  kind: z.literal('action'),
  ...latencyField,
  /** That of the truth unless told: four commands a tick of the world model. */
  rateHz: z.number().min(0.1).max(10000).default(148),
  /** Names of kinematic bodies and of bodies with forces; all of them unless told. */
  bodies: names.optional(),
  /** Names of joints with a motor; all of them unless told. */
  joints: names.optional(),
});

export type ActionSpecification = Resolved<z.output<typeof actionSpecification>>;
