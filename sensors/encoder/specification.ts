import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** An incremental encoder on a revolute or prismatic joint. */
export const encoderSpecification = z.strictObject({
  kind: z.literal('encoder'),
  ...latencyField,
  rateHz: z.number().min(0.1).max(100_000).default(1000),
  /** Name of the joint. */
  joint: z.string().min(1),
  /** Counts a turn, or a metre of travel; 0 reads without steps. */
  countsPerUnit: randomisable(z.number().min(0).max(1e9)).default(4096),
  /** What the encoder reads where the joint is at 0, rad or m. */
  offset: randomisable(z.number().min(-1e3).max(1e3)).default(0),
  /** Play of the gear between joint and encoder, rad or m: the reading follows once it is taken up. */
  backlash: randomisable(z.number().min(0).max(10)).default(0),
  /** The speed is the change of counts over this many readings. */
  speedWindow: z.int().min(1).max(10_000).default(8),
});

export type EncoderSpecification = Resolved<z.output<typeof encoderSpecification>>;
