import { z } from 'zod';
import { randomisable } from '../core/distribution.js';
import { MATERIAL_NAMES } from '../core/materials.js';
import { delegate } from '../core/validation.js';
import { soundSourceSpecification } from '../sensors/audio/sources/specification.js';
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
const position = randomisable(z.tuple([coordinateM, coordinateM, coordinateM]));
const force = randomisable(z.number().min(-1e9).max(1e9));
const piecesAlong = z.int().min(1).max(10);
const temperatureC = randomisable(z.number().min(-200).max(2000));

const wallM = randomisable(z.number().min(1e-5).max(1e3)).optional();
const round = { radiusM: sizeM, halfHeightM: sizeM };

const shape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('box'),
    halfExtentsM: z.tuple([sizeM, sizeM, sizeM]),
    /** Rounds edges where the box touches; less than half of its least side. */
    edgeRadiusM: randomisable(z.number().min(1e-6).max(1e3)).optional(),
  }),
  z.strictObject({ kind: z.literal('sphere'), radiusM: sizeM, wallM }),
  z.strictObject({ kind: z.literal('cylinder'), ...round, wallM }),
  z.strictObject({ kind: z.literal('capsule'), ...round }),
  z.strictObject({ kind: z.literal('cone'), ...round }),
  /** `file` is a glTF file (.glb, .gltf) beside the scenario; loading the scenario fills in what it holds. */
  z.strictObject({
    kind: z.literal('mesh'),
    file: z.string().min(1),
    verticesM: z.array(z.number().min(-1e4).max(1e4)).max(300_000).default([]),
    triangles: z.array(z.int().min(0)).max(300_000).default([]),
  }),
]);

const texture = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['checker', 'stripes']), other: colour, sizeM }),
  z.strictObject({
    kind: z.enum(['noise', 'wood']),
    other: colour,
    sizeM,
    seed: randomisable(z.int().min(0).max(4294967295)).default(0),
  }),
  /** `file` is a PNG or JPEG beside the scenario; loading the scenario fills in its pixels. */
  z.strictObject({
    kind: z.literal('image'),
    file: z.string().min(1),
    sizeM,
    width: z.int().min(0).max(4096).default(0),
    height: z.int().min(0).max(4096).default(0),
    srgb: z.array(z.int().min(0).max(255)).default([]),
  }),
]);

const component = z.number().min(-1.001).max(1.001);
const quaternion = z
  .tuple([component, component, component, component])
  .refine((q) => Math.abs(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3] - 1) < 1e-3, {
    error: ({ input }) => `expected a quaternion w x y z of length 1, got ${JSON.stringify(input)}`,
  });
const direction = z
  .tuple([z.number(), z.number(), z.number()])
  .refine((a) => a.some((x) => x !== 0), { error: 'expected an axis of some length, got [0,0,0]' });
const axisAngle = z.strictObject({
  axis: direction,
  angleRad: randomisable(z.number().min(-1e3).max(1e3)),
});
const fixedOrientation = delegate<typeof quaternion | typeof axisAngle>((input) =>
  Array.isArray(input) ? quaternion : axisAngle,
);
/** A quaternion w x y z, a rotation about an axis, or `"uniform"`: any orientation with equal chance. */
const orientation = delegate<typeof quaternion | typeof axisAngle | z.ZodLiteral<'uniform'>>((input) => {
  if (typeof input === 'string') return z.literal('uniform');
  return Array.isArray(input) ? quaternion : axisAngle;
});

const body = z.strictObject({
  semantic: name,
  motion: z.enum(['fixed', 'dynamic', 'kinematic']).default('dynamic'),
  shape: randomisable(shape),
  material: randomisable(z.enum(MATERIAL_NAMES)),
  /** The material's density times the shape's volume when absent. */
  massKg: randomisable(z.number().min(1e-6).max(1e9)).optional(),
  /** Principal inertia about the body's axes; the shape's own at uniform density when absent. */
  inertiaKgm2: z.tuple([inertia, inertia, inertia]).optional(),
  /** Centre of mass in the body's frame; the shape's own at uniform density when absent. */
  centreOfMassM: position.optional(),
  friction: randomisable(z.number().min(0).max(10)).default(0.5),
  restitution: fraction.default(0),
  albedo: colour.default([0.6, 0.6, 0.6]),
  texture: randomisable(texture).optional(),
  /** Reflectance at normal incidence of the glossy lobe. */
  specular: fraction.default(0),
  /** 0.05 is mirror-like, 1 dull. */
  roughness: randomisable(z.number().min(0.05).max(1)).default(0.5),
  temperatureC: temperatureC.default(20),
  /** Left out only where a path says where the body is. */
  positionM: position.optional(),
  orientation: randomisable(orientation).default([1, 0, 0, 0]),
  linearVelocityMps: z.tuple([speedMps, speedMps, speedMps]).default([0, 0, 0]),
  angularVelocityRadps: z.tuple([spinRadps, spinRadps, spinRadps]).default([0, 0, 0]),
  /** Where a kinematic body is when; instead of a pose and velocities. Times rise. */
  path: z
    .array(
      z.strictObject({
        timeS: randomisable(z.number().min(0).max(3600)),
        positionM: position,
        orientation: randomisable(fixedOrientation).default([1, 0, 0, 0]),
      }),
    )
    .min(1)
    .max(10_000)
    .optional(),
  /** Pushes on a dynamic body at its centre of mass, world frame. */
  forces: z
    .array(
      z.strictObject({
        fromS: randomisable(z.number().min(0).max(3600)).default(0),
        toS: randomisable(z.number().min(0).max(3600)).default(3600),
        forceN: z.tuple([force, force, force]).default([0, 0, 0]),
        torqueNm: z.tuple([force, force, force]).default([0, 0, 0]),
      }),
    )
    .max(1000)
    .default([]),
  /** Breaks a box apart when a contact presses harder than `forceN` at 20 degrees C; the material says how heat changes it. */
  fragile: z
    .strictObject({
      forceN: randomisable(z.number().min(1e-3).max(1e9)),
      /** How many pieces along the body's x, y and z. */
      pieces: z.tuple([piecesAlong, piecesAlong, piecesAlong]).default([2, 2, 2]),
    })
    .optional(),
});

const joint = z.strictObject({
  kind: z.enum(['revolute', 'prismatic', 'spherical', 'fixed']),
  /** Names of bodies. */
  parent: z.string().min(1),
  child: z.string().min(1),
  anchorInParentM: z.tuple([coordinateM, coordinateM, coordinateM]),
  anchorInChildM: z.tuple([coordinateM, coordinateM, coordinateM]).default([0, 0, 0]),
  axis: direction.default([0, 0, 1]),
  limits: z.tuple([coordinateM, coordinateM]).optional(),
  motor: z
    .strictObject({
      target: coordinateM.default(0),
      targetVelocity: coordinateM.default(0),
      stiffness: randomisable(z.number().min(0).max(1e9)).default(0),
      damping: randomisable(z.number().min(0).max(1e9)).default(0),
      maxForce: randomisable(z.number().min(0).max(1e9)).default(1e9),
    })
    .optional(),
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
  /** Half the sun's apparent width, for soft shadows (the real one: 0.00465); 0 casts hard ones. */
  sunAngularRadiusRad: randomisable(z.number().min(0).max(0.5)).default(0),
  /** Lamps by name: radiance that a white surface facing the lamp sends back from 1 m away. */
  lamps: z
    .record(
      name,
      z.strictObject({
        positionM: position,
        radiusM: randomisable(z.number().min(0).max(10)).default(0),
        intensity: z.tuple([radiance, radiance, radiance]).default([0.5, 0.5, 0.5]),
      }),
    )
    .default({}),
});

const absorption = randomisable(z.number().min(0).max(1));
const bands = z.tuple([absorption, absorption, absorption, absorption, absorption, absorption]);
const walls = z.tuple([bands, bands, bands, bands, bands, bands]);

const acoustics = z.strictObject({
  airTemperatureC: randomisable(z.number().min(-60).max(60)).default(20),
  relativeHumidity: fraction.default(0.5),
  /** A box-shaped room; outdoors where absent. */
  room: z
    .strictObject({
      cornerM: position,
      sizeM: z.tuple([sizeM, sizeM, sizeM]),
      /** Absorbed share of energy at 125, 250, 500, 1000, 2000 and 4000 Hz: of all walls, or of -x +x -y +y -z +z. */
      absorption: randomisable(
        delegate<typeof bands | typeof walls>((input) =>
          Array.isArray(input) && Array.isArray(input[0]) ? walls : bands,
        ),
      ),
    })
    .optional(),
});

/** What a scenario document holds, key by key; what must hold between keys is in conflicts.ts. */
export const scenarioStructure = z.strictObject({
  name,
  /** One line on what happens, for listings. */
  description: z.string().min(1).max(200),
  durationS: randomisable(z.number().min(0.001).max(3600)),
  physics: physics.prefault({}),
  lighting: randomisable(lighting).prefault({}),
  acoustics: acoustics.prefault({}),
  bodies: z.record(name, body).refine((bodies) => Object.keys(bodies).length > 0, {
    error: 'expected at least one body, got {}',
  }),
  /** Connections of two bodies, by name. */
  joints: z.record(name, joint).default({}),
  /** Sources of sound beside contacts, by name. */
  sounds: z.record(name, soundSourceSpecification).default({}),
  sensors: z.record(name, sensorSpecification),
  /** Groups of random values that go together: a Gaussian copula of this correlation, over each value's own distribution. */
  correlations: z
    .array(
      z.strictObject({
        /** Such as `bodies.cube.friction`: where distributions of one number, or choices in their order, stand. */
        paths: z.array(z.string().min(1)).min(2).max(64),
        /** Correlations of the normal numbers behind the values: symmetric, 1 on the diagonal, positive definite. */
        matrix: z.array(z.array(z.number().min(-1).max(1))),
      }),
    )
    .max(1000)
    .default([]),
});
