import { pow } from '../../core/math/exact.js';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { add, cross, dot, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { centreOfMassM, halfExtentsOf, inertiaOfShape } from '../../core/shape.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';
import { readPose } from '../ticks.js';

/** One blow between two bodies. */
export interface Impact {
  readonly bodyA: number;
  readonly bodyB: number;
  readonly pointM: Vec3;
  /** On body B, world frame; body A gets the opposite, N s. */
  readonly impulseNs: Vec3;
  /** How long the bodies push, s. */
  readonly durationS: number;
}

/**
 * Finds the blows among a step's contacts.
 *
 * A blow stops an approach: it is the part of the solver's impulse, friction included, up to `2 m u`, where m is the
 * mass that the two bodies bring to the point and u the speed at which they closed before the step, less what gravity
 * adds to it in two steps. So a true impact sounds with the solver's whole impulse, and a contact that bears weight is
 * silent: at rest it closes at no more than g dt, in rolling at up to 2 g dt every other step. Silent, too, are pushes
 * that pass through bodies already in touch.
 */
export function findImpacts(before: SimFrame, frame: SimFrame, spec: SimSpec): Impact[] {
  const [gx, gy, gz] = spec.physics.gravityMps2;
  const supportMps = (2 * Math.sqrt(gx * gx + gy * gy + gz * gz)) / spec.physics.stepHz;
  const impacts: Impact[] = [];
  for (const contact of frame.contacts) {
    const { bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs } = contact;
    const speedMps = closingSpeed(before, contact);
    if (speedMps <= supportMps || normalImpulseNs <= 0) continue;
    const mobility = mobilityAt(before, spec, bodyA, contact) + mobilityAt(before, spec, bodyB, contact);
    const share = Math.min(1, (2 * (speedMps - supportMps)) / (mobility * normalImpulseNs));
    const impulseNs = scale(add(scale(normal, normalImpulseNs), tangentImpulseNs), share);
    const durationS = contactDurationS(spec.bodies[bodyA]!, spec.bodies[bodyB]!, 1 / mobility, speedMps);
    impacts.push({ bodyA, bodyB, pointM, impulseNs, durationS });
  }
  return impacts;
}

function closingSpeed(before: SimFrame, { bodyA, bodyB, pointM, normal }: Contact): number {
  const [a, b] = [velocityAt(before, bodyA, pointM), velocityAt(before, bodyB, pointM)];
  return dot(subtract(a, b), normal);
}

/** Returns the velocity of a body's matter at a point, world frame, m/s. */
export function velocityAt({ poses, velocities }: SimFrame, body: number, [x, y, z]: Vec3): Vec3 {
  const v = body * 6;
  const p = body * 7;
  const [rx, ry, rz] = [x - poses[p]!, y - poses[p + 1]!, z - poses[p + 2]!];
  const [wx, wy, wz] = [velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!];
  return [
    velocities[v]! + wy * rz - wz * ry,
    velocities[v + 1]! + wz * rx - wx * rz,
    velocities[v + 2]! + wx * ry - wy * rx,
  ];
}

/** How fast a point gives way along the normal to a unit impulse, 1/kg: 1/m + (r x n) I^-1 (r x n). */
function mobilityAt(before: SimFrame, spec: SimSpec, body: number, { pointM, normal }: Contact): number {
  const bodySpec = spec.bodies[body]!;
  if (bodySpec.motion !== 'dynamic') return 0;
  const { positionM, orientation } = readPose(before.poses, body);
  const bodyFromWorld = conjugate(orientation);
  const arm = subtract(rotate(bodyFromWorld, subtract(pointM, positionM)), centreOfMassM(bodySpec.shape));
  const [x, y, z] = cross(arm, rotate(bodyFromWorld, normal));
  const [ix, iy, iz] = bodySpec.inertiaKgm2 ?? inertiaOfShape(bodySpec.shape, bodySpec.massKg);
  return 1 / bodySpec.massKg + (x * x) / ix + (y * y) / iy + (z * z) / iz;
}

/** Radius of the edges of a moving body that has edges, as a share of its smallest semi-axis. */
const EDGE_ROUNDING = 0.1;

/**
 * Returns how long two elastic bodies touch in a blow, s: `2.87 (m^2 / (R E*^2 v))^(1/5)`, after Hertz (Johnson: Contact
 * Mechanics, 1985, 11.24), with `R` and `E*` of `hertzPair`.
 *
 * @param massKg that the two bodies bring to the point of contact together.
 */
export function contactDurationS(a: BodySpec, b: BodySpec, massKg: number, speedMps: number): number {
  const { radiusM, modulusPa } = hertzPair(a, b);
  return 2.87 * pow((massKg * massKg) / (radiusM * modulusPa * modulusPa * speedMps), 0.2);
}

/**
 * Returns the relative radius R (m) and contact modulus E* (Pa) of two bodies in touch, `1 / R = 1 / Ra + 1 / Rb`.
 *
 * Balls and capsules touch with their own radius. A fixed body of another shape is touched on a face; a moving one touches
 * with an edge (a mesh: a corner) rounded to a tenth of its smallest semi-axis.
 */
export function hertzPair(
  a: BodySpec,
  b: BodySpec,
): { readonly radiusM: number; readonly modulusPa: number } {
  const compliance = ({ material }: BodySpec): number =>
    (1 - material.poisson * material.poisson) / material.youngPa;
  // Two bodies that both count as faces touch as one whose edge is rounded.
  const curvature = curvaturePerM(a) + curvaturePerM(b) || edgePerM(a) + edgePerM(b);
  return { radiusM: 1 / curvature, modulusPa: 1 / (compliance(a) + compliance(b)) };
}

function curvaturePerM(body: BodySpec): number {
  const { shape, motion } = body;
  if (shape.kind === 'sphere' || shape.kind === 'capsule') return 1 / shape.radiusM;
  return motion === 'fixed' ? 0 : edgePerM(body);
}

function edgePerM({ shape }: BodySpec): number {
  return 1 / (EDGE_ROUNDING * Math.min(...halfExtentsOf(shape)));
}
