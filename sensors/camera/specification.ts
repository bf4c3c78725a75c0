import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

const gain = randomisable(z.number().min(0.05).max(20));

/** How the image sensor turns light into numbers (EMVA 1288); `noise: false` takes all noise and patterns out. */
const response = z.strictObject({
  /** Electrons at full exposure, where the sensor clips; industrial CMOS cameras have 5,000 to 30,000. */
  fullWellElectrons: randomisable(z.number().min(50).max(1e7)).default(10_000),
  /** Temporal dark noise. */
  readNoiseElectrons: randomisable(z.number().min(0).max(1e4)).default(6),
  /** Standard deviation of the sites' sensitivity over its mean; typically 0.01. The same in all frames of an episode. */
  prnu: randomisable(z.number().min(0).max(0.5)).default(0),
  /** Standard deviation of the sites' dark signal; typically 3. The same in all frames of an episode. */
  dsnuElectrons: randomisable(z.number().min(0).max(1e4)).default(0),
  /** One colour a site (RGGB), the others filled in bilinearly. */
  bayer: z.boolean().default(false),
  /** Multiplies red, green and blue after the sensor has clipped. */
  whiteBalance: z.tuple([gain, gain, gain]).default([1, 1, 1]),
});

/** A pinhole camera that stands still in the world. */
export const cameraSpecification = z.strictObject({
  kind: z.literal('camera'),
  ...latencyField,
  rateHz: z.number().min(0.1).max(1000).default(30),
  width: z.int().min(1).max(8192).default(64),
  height: z.int().min(1).max(8192).default(64),
  horizontalFovRad: randomisable(z.number().min(0.01).max(3)).default(1),
  positionM: z.tuple([coordinateM, coordinateM, coordinateM]),
  /** The point that the optical axis passes through. The image's vertical is the world's z. */
  targetM: z.tuple([coordinateM, coordinateM, coordinateM]),
  /** Multiplies scene radiance before the sensor's response. */
  exposure: randomisable(z.number().min(0).max(1e3)).default(1),
  /** Noise and fixed patterns of the colour channel. */
  noise: z.boolean().default(true),
  response: response.prefault({}),
});

export type CameraSpecification = Resolved<z.output<typeof cameraSpecification>>;
