import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const deviation = randomisable(z.number().min(0).max(1e6));
const crossTalkRow = z.array(z.number().min(-1).max(1)).length(6);

/** A six-axis force and torque sensor at a joint, or between a body and whatever holds it. */
export const wristSpecification = z.strictObject({
  kind: z.literal('wrist'),
  ...latencyField,
  /**
   * `body` is the load where no joint is named. `positionM` and `orientation` place the sensor in the load's frame, from the
   * joint's anchor there, or from the body's origin.
   */
  ...mountFields,
  /** Name of the joint whose child side is the load. */
  joint: z.string().min(1).optional(),
  rateHz: z.number().min(1).max(10_000).default(1000),
  /** Standard deviations of offsets that are drawn once an episode. */
  forceBiasN: deviation.default(0),
  torqueBiasNm: deviation.default(0),
  /** Standard deviations of the readings' noise. */
  forceNoiseN: deviation.default(0.02),
  torqueNoiseNm: deviation.default(0.001),
  /** [6, 6] what axis i (fx fy fz tx ty tz) reads, beside its own, of a unit on axis j. */
  crossTalk: z.array(crossTalkRow).length(6).optional(),
  /** Where the axes saturate. */
  forceRangeN: randomisable(z.number().positive().max(1e9)).default(500),
  torqueRangeNm: randomisable(z.number().positive().max(1e9)).default(50),
  noise: z.boolean().default(true),
});

export type WristSpecification = Resolved<z.output<typeof wristSpecification>>;
