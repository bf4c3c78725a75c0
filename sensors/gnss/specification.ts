import { z } from 'zod';
import { type Resolved, randomisable } from '../../core/distribution.js';
import { latencyField, mountFields } from '../mount-specification.js';

const deviationM = randomisable(z.number().min(0).max(1e4));

/** A satellite receiver: where its antenna is, with errors that come and go over minutes. */
export const gnssSpecification = z.strictObject({
  kind: z.literal('gnss'),
  ...latencyField,
  ...mountFields,
  rateHz: z.number().min(0.01).max(1000).default(10),
  /** Where the world's origin lies on the WGS-84 ellipsoid; the world's x points east, y north, z up there. */
  origin: z
    .strictObject({
      latitudeDeg: randomisable(z.number().min(-89.9).max(89.9)),
      longitudeDeg: randomisable(z.number().min(-180).max(180)),
      heightM: randomisable(z.number().min(-1e3).max(1e5)).default(0),
    })
    .prefault({ latitudeDeg: 48.1372, longitudeDeg: 11.5755 }),
  /** Standard deviations across (each of east and north) and up of the error that wanders: orbit, clock, air. */
  wanderM: z.tuple([deviationM, deviationM]).default([1.2, 2.2]),
  /** Time after which the wandering error has forgotten 63 % of itself. */
  wanderTimeS: randomisable(z.number().min(0.1).max(1e5)).default(120),
  /** Standard deviations across and up of each reading's own error. */
  whiteM: z.tuple([deviationM, deviationM]).default([0.15, 0.25]),
  /** Standard deviation of each component of the velocity. */
  velocityNoiseMps: randomisable(z.number().min(0).max(100)).default(0.05),
  /** Reflections off walls: they set in this often, last this long on average and shift the position by about this much. */
  multipath: z
    .strictObject({
      perS: randomisable(z.number().min(0).max(10)).default(0),
      durationS: randomisable(z.number().min(0.01).max(1e4)).default(4),
      shiftM: deviationM.default(5),
    })
    .prefault({}),
  /** No fix: it is lost this often and comes back after this long on average. */
  outage: z
    .strictObject({
      perS: randomisable(z.number().min(0).max(10)).default(0),
      durationS: randomisable(z.number().min(0.01).max(1e4)).default(8),
    })
    .prefault({}),
  noise: z.boolean().default(true),
});

export type GnssSpecification = Resolved<z.output<typeof gnssSpecification>>;
