import { z } from 'zod';
import { type Resolved, randomisable } from '../core/distribution.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));
const component = randomisable(z.number().min(-1).max(1));

/** Where a sensor sits and how late its samples arrive. Spread it into a sensor's strict object. */
export const mountFields = {
  /** The body that carries the sensor; the world where absent. */
  body: z.string().min(1).optional(),
  /** In the frame of that body, or of the world. */
  positionM: z.tuple([coordinateM, coordinateM, coordinateM]).default([0, 0, 0]),
  /** Frame of the carrier from frame of the sensor (x forward, y left, z up), w x y z; brought to length one. */
  orientation: z.tuple([component, component, component, component]).default([1, 0, 0, 0]),
} as const;

/** How late a sample arrives: rows are stamped when they arrive, `latencyS` after they were taken. */
export const latencyField = {
  latencyS: randomisable(z.number().min(0).max(10)).default(0),
} as const;

const mount = z.strictObject(mountFields);

export type MountSpecification = Resolved<z.output<typeof mount>>;
