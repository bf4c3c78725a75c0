import { pow } from '../../core/math/exact.js';
import { cross, dot, subtract, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';

/** One blow between two bodies. */
export interface Impact {
  readonly contact: Contact;
  /** The solver's normal impulse, weighted by how far it is a blow rather than support, N s. */
  readonly impulseNs: number;
  /** How long the bodies push, s. */
  readonly durationS: number;
}

/** Contacts that close more slowly carry weight and make no sound; above twice this they sound in full. */
const SLOWEST_BLOW_MPS = 0.03;

/** Radius of a box's or cylinder's edges and corners, m. */
const EDGE_RADIUS_M = 0.005;

/** A fixed body is held by the ground. */
const HELD_KG = 1e9;

/** Finds the blows among a step's contacts by the speed at which their points closed before the step. */
export function findImpacts(before: SimFrame, frame: SimFrame, bodies: readonly BodySpec[]): Impact[] {
  return frame.contacts.flatMap((contact) => {
    const speed = closingSpeed(before, contact);
    if (speed <= SLOWEST_BLOW_MPS) return [];
    const weight = Math.min(1, speed / SLOWEST_BLOW_MPS - 1);
    const durationS = contactDuration(bodies[contact.bodyA]!, bodies[contact.bodyB]!, speed);
    return [{ contact, impulseNs: contact.normalImpulseNs * weight, durationS }];
  });
}

function closingSpeed(before: SimFrame, { bodyA, bodyB, pointM, normal }: Contact): number {
  return dot(subtract(velocityAt(before, bodyA, pointM), velocityAt(before, bodyB, pointM)), normal);
}

function velocityAt({ poses, velocities }: SimFrame, body: number, pointM: Vec3): Vec3 {
  const p = body * 7;
  const v = body * 6;
  const arm = subtract(pointM, [poses[p]!, poses[p + 1]!, poses[p + 2]!]);
  const spin = cross([velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!], arm);
  return [velocities[v]! + spin[0], velocities[v + 1]! + spin[1], velocities[v + 2]! + spin[2]];
}

/** Hertz: 2.87 (m^2 / (R E*^2 v))^(1/5) for two bodies of reduced mass m that meet at speed v (Johnson 1985, 11.24). */
export function contactDuration(a: BodySpec, b: BodySpec, speedMps: number): number {
  const massA = a.motion === 'fixed' ? HELD_KG : a.massKg;
  const massB = b.motion === 'fixed' ? HELD_KG : b.massKg;
  const mass = (massA * massB) / (massA + massB);
  const radius = Math.min(curvature(a), curvature(b));
  const compliance = (body: BodySpec): number =>
    (1 - body.material.poisson * body.material.poisson) / body.material.youngPa;
  const stiffness = 1 / (compliance(a) + compliance(b));
  return 2.87 * pow((mass * mass) / (radius * stiffness * stiffness * speedMps), 0.2);
}

function curvature({ shape, motion }: BodySpec): number {
  if (shape.kind === 'sphere') return shape.radiusM;
  // What stands still is met on its faces, what moves meets it with an edge.
  return motion === 'fixed' ? Number.POSITIVE_INFINITY : EDGE_RADIUS_M;
}
