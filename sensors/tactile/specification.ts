import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const lengthM = z.number().min(1e-4).max(10);

/** The skin's form in its own frame: z points out of it, x runs along the rows, y along the columns. */
const patch = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), sizeM: z.tuple([lengthM, lengthM]) }),
  /** Bent about the x axis, `radiusM` below the origin; columns span `angleRad` of the arc. */
  z.strictObject({
    kind: z.literal('cylinder'),
    radiusM: lengthM,
    lengthM,
    angleRad: z.number().min(0.01).max(6.283),
  }),
  /** A cap about the z axis, its centre `radiusM` below the origin; rows and columns span `angleRad` each. */
  z.strictObject({ kind: z.literal('sphere'), radiusM: lengthM, angleRad: z.number().min(0.01).max(3) }),
]);

/** A skin of taxels on a patch of a body: pressure and shear, cell by cell. */
export const tactileSpecification = z.strictObject({
  kind: z.literal('tactile'),
  ...latencyField,
  ...mountFields,
  /** The body that carries the skin. */
  body: z.string().min(1),
  rateHz: z.number().min(1).max(10_000).default(1000),
  patch,
  rows: z.int().min(1).max(512).default(16),
  columns: z.int().min(1).max(512).default(16),
  gel: z
    .strictObject({
      youngPa: randomisable(z.number().min(1e3).max(1e12)).default(2e5),
      poisson: randomisable(z.number().min(0).max(0.499)).default(0.48),
      /** Standard deviation by which the gel spreads a load before the cells feel it. */
      spreadM: randomisable(z.number().min(0).max(0.1)).default(0),
      /** Share of a change that the gel follows late, and the time in which it does. */
      hysteresis: randomisable(z.number().min(0).max(0.9)).default(0),
      relaxationS: randomisable(z.number().min(1e-4).max(100)).default(0.3),
    })
    .prefault({}),
  pressureNoisePa: randomisable(z.number().min(0).max(1e6)).default(20),
  shearNoisePa: randomisable(z.number().min(0).max(1e6)).default(20),
  noise: z.boolean().default(true),
});

export type TactileSpecification = Resolved<z.output<typeof tactileSpecification>>;
export type Patch = TactileSpecification['patch'];
