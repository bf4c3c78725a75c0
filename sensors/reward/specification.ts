import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

/** Rewards a body for being near a place, and tells when it is there. */
export const rewardSpecification = z.strictObject({
  kind: z.literal('reward'),
  ...latencyField,
  /** That of the truth unless told. */
  rateHz: z.number().min(0.1).max(10000).default(148),
  /** Name of the body whose origin is to reach the goal. */
  body: z.string().min(1),
  /** A ball in the world's frame. */
  goal: z.strictObject({
    positionM: randomisable(z.tuple([coordinateM, coordinateM, coordinateM])),
    radiusM: randomisable(z.number().positive().max(1e5)),
  }),
});

export type RewardSpecification = Resolved<z.output<typeof rewardSpecification>>;
