import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';
import { lensSpecification } from './lens-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

const shiftPx = randomisable(z.number().min(-8192).max(8192));
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

/** What a camera can yield beside colour; see docs/senses/camera.md. */
export const CAMERA_CHANNELS = [
  'colour',
  'depth',
  'instance',
  'semantic',
  'normal',
  'flow',
  'boxes',
] as const;

/** A camera in the world or on a body. */
export const cameraSpecification = z.strictObject({
  kind: z.literal('camera'),
  ...latencyField,
  rateHz: z.number().min(0.1).max(1000).default(30),
  width: z.int().min(1).max(8192).default(64),
  height: z.int().min(1).max(8192).default(64),
  horizontalFovRad: randomisable(z.number().min(0.01).max(3)).default(1),
  /** The body that carries the camera; the world where absent. */
  body: z.string().min(1).optional(),
  /** In the frame of that body, or of the world. */
  positionM: z.tuple([coordinateM, coordinateM, coordinateM]),
  /** The point that the optical axis passes through, in the same frame. The image's vertical is that frame's z. */
  targetM: z.tuple([coordinateM, coordinateM, coordinateM]),
  /** Turns the camera about its axis, clockwise as the camera sees it. */
  rollRad: randomisable(z.number().min(-7).max(7)).default(0),
  lens: randomisable(lensSpecification).prefault({ kind: 'pinhole' }),
  /** Moves the principal point from the image's centre to the right and down. */
  principalShiftPx: z.tuple([shiftPx, shiftPx]).default([0, 0]),
  /** How long the rows take to be read from top to bottom; 0 exposes all at once. The frame's time is the end of the last one. */
  rollingShutterS: randomisable(z.number().min(0).max(1)).default(0),
  /** How long light is gathered; what moves meanwhile is blurred over `blurSamples` instants. The frame's time is its end. */
  exposureTimeS: randomisable(z.number().min(0).max(1)).default(0),
  blurSamples: z.int().min(1).max(64).default(8),
  /** Rays a pixel for colour: 1 through its centre, or 4 on a turned grid against jagged edges. */
  samplesPerPixel: z.union([z.literal(1), z.literal(4)]).default(1),
  channels: z
    .array(z.enum(CAMERA_CHANNELS))
    .min(1)
    .refine((channels) => new Set(channels).size === channels.length, {
      error: 'expected each channel once',
    })
    .default(['colour', 'depth', 'instance']),
  /** Multiplies scene radiance before the sensor's response. */
  exposure: randomisable(z.number().min(0).max(1e3)).default(1),
  /** Noise and fixed patterns of the colour channel. */
  noise: z.boolean().default(true),
  response: response.prefault({}),
});

export type CameraSpecification = Resolved<z.output<typeof cameraSpecification>>;
