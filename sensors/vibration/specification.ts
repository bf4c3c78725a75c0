import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

/** The vibration of a fingertip or a tool that slides over textures. */
export const vibrationSpecification = z.strictObject({
  kind: z.literal('vibration'),
  ...latencyField,
  rateHz: z.int().min(100).max(20_000).default(2000),
  /** Samples in one row of the stream. */
  samplesPerRow: z.int().min(1).max(20_000).default(20),
  /** The body that slides. */
  body: z.string().min(1),
  /** The fingertip: how soft and round it is, and what of it swings on what spring. */
  tip: z
    .strictObject({
      youngPa: randomisable(z.number().min(1e3).max(1e12)).default(2e5),
      poisson: randomisable(z.number().min(0).max(0.499)).default(0.48),
      radiusM: randomisable(z.number().min(1e-4).max(1)).default(0.008),
      massKg: randomisable(z.number().min(1e-5).max(10)).default(0.005),
      resonanceHz: randomisable(z.number().min(1).max(1e4)).default(200),
      /** Share of critical damping. */
      damping: randomisable(z.number().min(0.01).max(5)).default(0.4),
    })
    .prefault({}),
  /** Standard deviation of the accelerometer's noise. */
  noiseMps2: randomisable(z.number().min(0).max(100)).default(0.02),
  noise: z.boolean().default(true),
});

export type VibrationSpecification = Resolved<z.output<typeof vibrationSpecification>>;
export type Tip = VibrationSpecification['tip'];
