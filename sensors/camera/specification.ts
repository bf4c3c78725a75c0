import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField } from '../mount-specification.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

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
  /** Shot and read noise on the colour channel. */
  noise: z.boolean().default(true),
});

export type CameraSpecification = Resolved<z.output<typeof cameraSpecification>>;
