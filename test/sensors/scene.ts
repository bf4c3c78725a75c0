import { createHash } from 'node:crypto';
import { materialByName } from '../../core/materials.js';
import { IDENTITY } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import { volumeM3 } from '../../core/shape.js';
import { tickTimeNs } from '../../core/time.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../../scenarios/contract.js';
import type { SensorSample } from '../../sensors/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';

/** A body of a material at a place; everything else has a plain default. */
export function body(
  name: string,
  motion: BodySpec['motion'],
  shape: BodySpec['shape'],
  material: string,
  overrides: Partial<BodySpec> = {},
): BodySpec {
  const found = materialByName(material);
  return {
    ...PLAIN,
    name,
    semantic: name,
    motion,
    shape,
    material: found,
    massKg: found.densityKgpm3 * volumeM3(shape),
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: [0, 0, 0], orientation: IDENTITY },
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
    ...overrides,
  };
}

export function scene(
  bodies: readonly BodySpec[],
  sensors: SimSpec['sensors'] = {},
  durationS = 1,
  stepHz = 1000,
): SimSpec {
  return {
    scenario: 'test',
    seed: 7,
    episode: 0,
    durationS,
    physics: { stepHz, gravityMps2: [0, 0, -9.81], lengthUnitM: 0.1, solverIterations: 4 },
    lighting: {
      ...SUN_ONLY,
      sunDirection: [0, 0, 1],
      sunRadiance: [0.7, 0.7, 0.7],
      skyRadiance: [0.2, 0.2, 0.2],
    },
    acoustics: OUTDOORS,
    bodies,
    joints: [],
    sounds: {},
    sensors,
    draws: {},
  };
}

/** What happens in a step of a run that is made up: contacts, or the bodies' state after it. */
export interface Event {
  readonly contacts?: readonly Contact[];
  readonly poses?: readonly number[];
  readonly velocities?: readonly number[];
}

/** Frames of a run that follows a script instead of an engine; states hold until an event changes them. */
export function scripted(spec: SimSpec, script: (step: number) => Event = () => ({})): SimFrame[] {
  let poses = spec.bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]);
  let velocities = spec.bodies.flatMap((b) => [...b.linearVelocityMps, ...b.angularVelocityRadps]);
  return Array.from({ length: Math.round(spec.durationS * spec.physics.stepHz) + 1 }, (_, step) => {
    const event = script(step);
    poses = [...(event.poses ?? poses)];
    velocities = [...(event.velocities ?? velocities)];
    return {
      step,
      timeNs: tickTimeNs(step, spec.physics.stepHz),
      poses: Float64Array.from(poses),
      velocities: Float64Array.from(velocities),
      present: new Uint8Array(spec.bodies.length).fill(1),
      contacts: event.contacts ?? [],
    };
  });
}

/** A contact between bodies 0 and 1 with an upward normal. */
export function contact(pointM: Vec3, normalImpulseNs: number, overrides: Partial<Contact> = {}): Contact {
  return {
    bodyA: 0,
    bodyB: 1,
    pointM,
    normal: [0, 0, 1],
    normalImpulseNs,
    tangentImpulseNs: [0, 0, 0],
    distanceM: 0,
    ...overrides,
  };
}

/** SHA-256 of everything in a list of samples: streams, times, names and bytes. */
export function digest(samples: readonly SensorSample[]): string {
  const hash = createHash('sha256');
  for (const { stream, timeNs, values } of samples) {
    hash.update(`${stream} ${timeNs}`);
    for (const name of Object.keys(values).sort()) {
      const array = values[name]!;
      hash.update(name);
      hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  }
  return hash.digest('hex');
}
