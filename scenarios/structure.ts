import { z } from 'zod';
import { randomisable } from '../core/distribution.js';
import { MATERIAL_NAMES } from '../core/materials.js';
import { delegate } from '../core/validation.js';
import { sensorSpecification } from '../sensors/specification.js';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, {
  error: ({ input }) => `expected a name of a-z, 0-9 and -, from a letter on, got ${JSON.stringify(input)}`,
});
const coordinateM = randomisable(z.number().min(-1e5).max(1e5));
const speedMps = randomisable(z.number().min(-1e4).max(1e4));
const spinRadps = randomisable(z.number().min(-1e4).max(1e4));
const sizeM = randomisable(z.number().min(1e-4).max(1e4));
const fraction = randomisable(z.number().min(0).max(1));
const radiance = randomisable(z.number().min(0).max(1e4));
const inertia = randomisable(z.number().positive().max(1e12));
const colour = randomisable(z.tuple([fraction, fraction, fraction]));

const shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('box'), halfExtentsM: z.tuple([sizeM, sizeM, sizeM]) }),
  z.strictObject({ kind: z.literal('sphere'), radiusM: sizeM }),
  z.strictObject({ kind: z.literal('cylinder'), radiusM: sizeM, halfHeightM: sizeM }),
]);

const component = z.number().min(-1.001).max(1.001);
const quaternion = z
  .tuple([component, component, component, component])
  .refine((q) => Math.abs(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3] - 1) < 1e-3, {
    error: ({ input }) => `expected a quaternion w x y z of length 1, got ${JSON.stringify(input)}`,
  });
const axisAngle = z.strictObject({
  axis: z
    .tuple([z.number(), z.number(), z.number()])
    .refine((a) => a.some((x) => x !== 0), { error: 'expected an axis of some length, got [0,0,0]' }),
  angleRad: randomisable(z.number().min(-1e3).max(1e3)),
});
/** A quaternion w x y z, a rotation about an axis, or `"uniform"`: any orientation with equal chance. */
const orientation = delegate<typeof quaternion | typeof axisAngle | z.ZodLiteral<'uniform'>>((input) => {
  if (typeof input === 'string') return z.literal('uniform');
  return Array.isArray(input) ? quaternion : axisAngle;
});

const body = z.strictObject({
  semantic: name,
  motion: z.enum(['fixed', 'dynamic']).default('dynamic'),
  shape: randomisable(shape),
  material: randomisable(z.enum(MATERIAL_NAMES)),
  /** The material's density times the shape's volume when absent. */
  massKg: randomisable(z.number().min(1e-6).max(1e9)).optional(),
  /** Principal inertia about the body's axes; the shape's own at uniform density when absent. */
  inertiaKgm2: z.tuple([inertia, inertia, inertia]).optional(),
  friction: randomisable(z.number().min(0).max(10)).default(0.5),
  restitution: fraction.default(0),
  albedo: colour.default([0.6, 0.6, 0.6]),
  positionM: randomisable(z.tuple([coordinateM, coordinateM, coordinateM])),
  orientation: randomisable(orientation).default([1, 0, 0, 0]),
  linearVelocityMps: z.tuple([speedMps, speedMps, speedMps]).default([0, 0, 0]),
  angularVelocityRadps: z.tuple([spinRadps, spinRadps, spinRadps]).default([0, 0, 0]),
});

const acceleration = randomisable(z.number().min(-1e3).max(1e3));

const physics = z.strictObject({
  /** Steps a second; the step length is exactly 1 / stepHz. */
  stepHz: z.int().min(1).max(100_000).default(1000),
  gravityMps2: z.tuple([acceleration, acceleration, acceleration]).default([0, 0, -9.81]),
  /** Typical size of a moving body. */
  lengthUnitM: z.number().min(1e-3).max(1e3).default(0.1),
  solverIterations: z.int().min(1).max(100).default(4),
});

const lighting = z.strictObject({
  /** Direction towards the sun, from the world's +x towards its +y. */
  sunAzimuthRad: randomisable(z.number().min(-7).max(7)).default(0.6),
  sunElevationRad: randomisable(z.number().min(0).max(1.5708)).default(0.9),
  /** Linear RGB; 1 = full exposure of a white surface. */
  sunRadiance: z.tuple([radiance, radiance, radiance]).default([0.75, 0.73, 0.68]),
  skyRadiance: z.tuple([radiance, radiance, radiance]).default([0.22, 0.24, 0.28]),
});

/** What a scenario document holds, key by key; what must hold between keys is in conflicts.ts. */
export const scenarioStructure = z.strictObject({
  name,
  /** One line on what happens, for listings. */
  description: z.string().min(1).max(200),
  durationS: randomisable(z.number().min(0.001).max(3600)),
  physics: physics.prefault({}),
  lighting: lighting.prefault({}),
  bodies: z.record(name, body).refine((bodies) => Object.keys(bodies).length > 0, {
    error: 'expected at least one body, got {}',
  }),
  sensors: z.record(name, sensorSpecification),
});
