import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';
import { patchFields } from '../touch/patch-specification.js';

const perSide = z.int().min(0).max(256);

/** A camera that looks from behind at a soft layer under coloured lights, as in GelSight and DIGIT. */
export const tactileImageSpecification = z.strictObject({
  kind: z.literal('tactile-image'),
  ...latencyField,
  ...patchFields,
  rateHz: z.number().min(0.1).max(1000).default(30),
  /** Pixels: rows run along the patch's x, columns along its y. */
  height: z.int().min(2).max(2048).default(64),
  width: z.int().min(2).max(2048).default(64),
  /** Thickness of the layer: nothing sinks deeper. */
  thicknessM: randomisable(z.number().min(1e-4).max(0.1)).default(0.005),
  /** How high the three lights stand over the layer. */
  elevationRad: randomisable(z.number().min(0.05).max(1.5)).default(0.4),
  /** Share of light that comes from everywhere. */
  ambient: randomisable(z.number().min(0).max(1)).default(0.2),
  /** Dots on the layer, along rows and columns, that move with it; [0, 0] is none. */
  markers: z.tuple([perSide, perSide]).default([0, 0]),
  /** Standard deviation of the image noise, in 8-bit levels. */
  noiseLevels: randomisable(z.number().min(0).max(255)).default(7),
  noise: z.boolean().default(true),
});

export type TactileImageSpecification = Resolved<z.output<typeof tactileImageSpecification>>;
