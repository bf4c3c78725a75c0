import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const angle = z.number().min(-1.5708).max(1.5708);

/** 16 channels from 15 degrees below the horizon to 15 above. */
const SIXTEEN_CHANNELS = Array.from({ length: 16 }, (_, channel) => (channel - 7.5) * (Math.PI / 90));

const pattern = z.discriminatedUnion('kind', [
  /** A head that turns once a row, to the left (counter-clockwise from above) from behind; all channels fire in each column. */
  z.strictObject({
    kind: z.literal('spinning'),
    /** Elevation of each channel over the sensor's x y plane, in the order in which they fire. */
    elevationsRad: z.array(angle).min(1).max(256).default(SIXTEEN_CHANNELS),
    /** Columns a turn. */
    columns: z.int().min(1).max(8192).default(1800),
  }),
  /** A solid-state lidar: rows of rays from the lowest up, each from right to left; none moves. */
  z.strictObject({
    kind: z.literal('raster'),
    channels: z.int().min(1).max(1024).default(64),
    columns: z.int().min(1).max(8192).default(256),
    horizontalFovRad: z
      .number()
      .min(1e-4)
      .max(2 * Math.PI)
      .default(1.5),
    verticalFovRad: z.number().min(1e-4).max(Math.PI).default(0.45),
  }),
]);

/** A lidar: range and strength of what pulses of light bring back, each fired at a time of its own. */
export const lidarSpecification = z.strictObject({
  kind: z.literal('lidar'),
  ...latencyField,
  ...mountFields,
  /** Turns or frames a second; one row each. */
  rateHz: z.number().min(0.5).max(1000).default(10),
  pattern: pattern.prefault({ kind: 'spinning' }),
  /** Returns kept of each pulse, and which come first when there are more. */
  returns: z.int().min(1).max(8).default(1),
  order: z.enum(['strongest', 'first', 'last']).default('strongest'),
  minRangeM: randomisable(z.number().min(0).max(100)).default(0.3),
  maxRangeM: randomisable(z.number().positive().max(1e5)).default(120),
  /** Full width of the beam, where its strength has fallen to 1 / e^2. */
  divergenceRad: randomisable(z.number().min(0).max(0.2)).default(0.003),
  /** Rays of equal power by which a beam is followed: 1 takes the beam for a line, 7 or more see both sides of an edge. */
  subRays: z.int().min(1).max(64).default(1),
  /** Echoes of one pulse closer than this are one return. */
  separationM: randomisable(z.number().min(0).max(100)).default(0.5),
  /** Standard deviation of the range. */
  rangeNoiseM: randomisable(z.number().min(0).max(100)).default(0.015),
  /** Ranges come in steps of this; 0 for none. */
  rangeStepM: z.number().min(0).max(10).default(0.002),
  /** Distance from which a facing surface of albedo 0.1 comes back just strong enough to be noticed, in clear air. */
  reachM: randomisable(z.number().positive().max(1e5)).default(80),
  /** The weakest strength that is noticed, in standard deviations of the receiver's noise. */
  thresholdSigmas: randomisable(z.number().min(1).max(1e6)).default(5),
  /** Share of light that a metre of air takes away, 1/m: about 0.03 in fog of 100 m visibility. */
  extinctionPerM: randomisable(z.number().min(0).max(10)).default(0),
  /** Chance that a return is lost, whatever its strength. */
  dropout: randomisable(z.number().min(0).max(1)).default(0),
  noise: z.boolean().default(true),
});

export type LidarSpecification = Resolved<z.output<typeof lidarSpecification>>;
