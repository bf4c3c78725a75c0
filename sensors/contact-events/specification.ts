import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** When bodies begin and cease to touch and to slip on each other. */
export const contactEventsSpecification = z.strictObject({
  kind: z.literal('contact-events'),
  ...latencyField,
  /** Rows a second; events keep their own times within a row. */
  rateHz: z.number().min(0.1).max(10_000).default(100),
  /** Report only contacts of this body; all where absent. */
  body: z.string().min(1).optional(),
  /** How many events a row has room for; more are counted as dropped. */
  maxEvents: z.int().min(1).max(4096).default(32),
  /** Pairs that press less hard do not touch. */
  minForceN: randomisable(z.number().min(0).max(1e9)).default(0),
  /** Contacts that come back within this time have not ended. */
  gapS: randomisable(z.number().min(0).max(10)).default(0),
  /** A pair slips while friction is at least this share of what Coulomb allows. */
  slipShare: randomisable(z.number().min(0.1).max(1)).default(0.99),
  /** Slips shorter than this are not reported: the engine has some of a few steps when it makes a contact anew. */
  shortestSlipS: randomisable(z.number().min(0).max(10)).default(0.01),
});

export type ContactEventsSpecification = Resolved<z.output<typeof contactEventsSpecification>>;
