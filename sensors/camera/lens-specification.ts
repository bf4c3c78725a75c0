import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';

const coefficient = randomisable(z.number().min(-10).max(10)).default(0);

/** How a camera's lens bends rays; coefficients as in OpenCV. The field of view holds with the distortion. */
export const lensSpecification = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pinhole') }),
  z.strictObject({
    kind: z.literal('brown-conrady'),
    k1: coefficient,
    k2: coefficient,
    k3: coefficient,
    p1: coefficient,
    p2: coefficient,
  }),
  z.strictObject({
    kind: z.literal('kannala-brandt'),
    k1: coefficient,
    k2: coefficient,
    k3: coefficient,
    k4: coefficient,
  }),
]);

export type LensSpecification = Resolved<z.output<typeof lensSpecification>>;
