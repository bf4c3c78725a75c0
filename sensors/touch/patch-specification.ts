import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { mountFields } from '../mount-specification.js';

const lengthM = z.number().min(1e-4).max(100);
const angleRad = z.number().min(0.01).max(Math.PI);

/** The patch's form in its own frame: z points out of it at its middle, rows run along x, columns along y. */
const patch = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flat'), sizeM: z.tuple([lengthM, lengthM]) }),
  /** Bent about the x axis, `radiusM` below the origin; columns span `angleRad` of the arc. */
  z.strictObject({ kind: z.literal('cylinder'), radiusM: lengthM, lengthM, angleRad }),
  /** Part of a sphere, its centre `radiusM` below the origin; rows (latitudes) and columns (longitudes) span `angleRad` each. */
  z.strictObject({ kind: z.literal('sphere'), radiusM: lengthM, angleRad }),
]);

const share = randomisable(z.number().min(0).max(0.9));
const timeS = randomisable(z.number().min(1e-4).max(1e4));

/** The soft layer that covers a patch. */
const gel = z
  .strictObject({
    /** The layer is pressed in series with what touches it. */
    youngPa: randomisable(z.number().min(1e3).max(1e12)).default(2e5),
    poisson: randomisable(z.number().min(0).max(0.499)).default(0.48),
    /** Standard deviation by which the gel spreads a load before the cells feel it. */
    spreadM: randomisable(z.number().min(0).max(0.1)).default(0),
    /** Shares of a load that are felt late, and the time constants with which they follow: a quick and a slow one. */
    hysteresis: share.default(0),
    relaxationS: timeS.default(0.3),
    slowHysteresis: share.default(0),
    slowRelaxationS: timeS.default(3),
  })
  .prefault({});

/** A patch on a body and the soft layer that covers it. Spread it into a sensor's strict object. */
export const patchFields = {
  ...mountFields,
  /** The body that carries the patch. */
  body: z.string().min(1),
  patch,
  gel,
  /** Whether the asperities of what touches are felt: they pass under the cells when it slides. */
  texture: z.boolean().default(false),
} as const;

const fields = z.strictObject(patchFields);

export type PatchSpecification = Resolved<z.output<typeof fields>>;
export type PatchForm = PatchSpecification['patch'];
export type GelSpecification = PatchSpecification['gel'];
