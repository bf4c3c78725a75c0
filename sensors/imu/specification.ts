import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const amount = (most: number) => randomisable(z.number().min(0).max(most));

/** Errors of three like axes, after IEEE 952; units are those of the quantity, rad/s or m/s2. */
const errors = (defaults: {
  whiteDensity: number;
  biasInstability: number;
  rateRandomWalk: number;
  bias: number;
  biasPerC: number;
  range: number;
}) =>
  z
    .strictObject({
      /** N: density of the white noise, per square root of a hertz (angle or velocity random walk). */
      whiteDensity: amount(10).default(defaults.whiteDensity),
      /** B: level of the flicker noise; the Allan deviation's floor is 0.664 B. */
      biasInstability: amount(10).default(defaults.biasInstability),
      /** K: the bias walks by this much a square root of a second. */
      rateRandomWalk: amount(10).default(defaults.rateRandomWalk),
      /** Standard deviation of each axis' constant bias, drawn per episode. */
      bias: amount(100).default(defaults.bias),
      /** Standard deviation of what each degree of the carrier's temperature beyond 20 C adds to an axis' bias. */
      biasPerC: amount(10).default(defaults.biasPerC),
      /** Standard deviation of each axis' scale error, a share. */
      scale: amount(0.5).default(1e-3),
      /** Standard deviation of each small angle by which an axis leans towards another, rad. */
      misalignmentRad: amount(0.2).default(1e-3),
      /** Readings saturate here. */
      range: randomisable(z.number().positive().max(1e6)).default(defaults.range),
      /** Bits of a reading from -range to range; 0 reads without steps. */
      bits: z.int().min(0).max(32).default(16),
    })
    .prefault({});

/** An inertial measurement unit: three accelerometers and three gyroscopes. Defaults are of a good MEMS unit. */
export const imuSpecification = z.strictObject({
  kind: z.literal('imu'),
  ...latencyField,
  ...mountFields,
  rateHz: z.number().min(1).max(100_000).default(1000),
  gyroscope: errors({
    whiteDensity: 1.2e-4,
    biasInstability: 3e-5,
    rateRandomWalk: 2e-6,
    bias: 2e-3,
    biasPerC: 5e-5,
    range: 35,
  }),
  accelerometer: errors({
    whiteDensity: 1e-3,
    biasInstability: 3e-4,
    rateRandomWalk: 2e-5,
    bias: 0.05,
    biasPerC: 1e-3,
    range: 160,
  }),
  noise: z.boolean().default(true),
});

export type ImuSpecification = Resolved<z.output<typeof imuSpecification>>;
