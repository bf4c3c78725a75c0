import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const threshold = randomisable(z.number().min(0.01).max(5));
const rateHz = randomisable(z.number().min(0).max(1e4));

/** A dynamic vision sensor: pixels that tell when the light has changed, each on its own. It looks along its x axis. */
export const eventCameraSpecification = z.strictObject({
  kind: z.literal('event-camera'),
  ...mountFields,
  ...latencyField,
  /** Pictures a second from which events are interpolated: light must change nearly evenly between two. */
  rateHz: z.number().min(10).max(100_000).default(1000),
  /** A row holds the events of so many pictures: 10 ms at the defaults. */
  picturesPerRow: z.int().min(1).max(10_000).default(10),
  /** Events a row can hold; later ones are counted as dropped. */
  maxEventsPerRow: z.int().min(1).max(1_000_000).default(2048),
  width: z.int().min(1).max(1024).default(64),
  height: z.int().min(1).max(1024).default(64),
  horizontalFovRad: randomisable(z.number().min(0.01).max(3)).default(1),
  /** Rise and fall of the natural logarithm of the light that make an event. */
  thresholdOn: threshold.default(0.2),
  thresholdOff: threshold.default(0.2),
  /** Standard deviation of the pixels' thresholds, as a share of them. */
  thresholdMismatch: randomisable(z.number().min(0).max(0.5)).default(0.03),
  /** A pixel is blind for this long after each event. */
  refractoryS: randomisable(z.number().min(0).max(1)).default(1e-4),
  /** Cut-off of the photoreceptor's low-pass; as fast as the light where absent. */
  bandwidthHz: randomisable(z.number().min(0.1).max(1e5)).optional(),
  /** ON events a second and pixel in constant light, from the leak of the pixel's memory. */
  leakRateHz: rateHz.default(0.1),
  /** Events a second and pixel that no light causes, of both kinds. */
  noiseRateHz: rateHz.default(0.1),
  /** Mismatch, leak and noise events. */
  noise: z.boolean().default(true),
});

export type EventCameraSpecification = Resolved<z.output<typeof eventCameraSpecification>>;
