import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { UmweltError } from '../core/errors.js';
import { frictionAtTemperature } from '../core/materials.js';
import { IDENTITY, type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, cross, length, type Vec3, ZERO } from '../core/math/vector.js';
import { centreOfMassM, inertiaOfShape, inertiaTensorOf, type Shape, volumeM3 } from '../core/shape.js';
import type { BodySpec } from '../scenarios/contract.js';
import { principalInertia } from './principal-axes.js';

/** One body of a SimSpec with its handles in the engine. */
export interface BodyInWorld {
  readonly spec: BodySpec;
  readonly body: RAPIER.RigidBody;
  readonly collider: RAPIER.Collider;
  readonly isDynamic: boolean;
  readonly massKg: number;
  /** At the body's temperature. */
  readonly friction: number;
  /** Whether its collider has parts: a surface of triangles, or several convex solids. */
  readonly isComposite: boolean;
  /** Body from collider: a cylinder's axis is z for us and y for Rapier. */
  readonly colliderOrientation: Quaternion;
  /** About the principal axes. */
  readonly inertiaKgm2: Vec3;
  /** Body from principal axes; absent where they are the body's. */
  readonly inertiaOrientation?: Quaternion;
  /** Centre of mass in the body's frame; absent where it is the origin. */
  readonly centreM?: Vec3;
}

/** Turns Rapier's axis of cylinders, capsules and cones (y) to ours (z): a quarter turn about x. */
const AXIS_ORIENTATION: Quaternion = [Math.SQRT1_2, Math.SQRT1_2, 0, 0];

/** A mesh that fills less of its convex hull than this moves as several convex parts. */
const CONVEX_FILL = 0.95;

/**
 * Puts a body into the engine, in its state at step 0; a piece of a whole that may break comes disabled.
 *
 * @throws UmweltError `invalid-input` when a moving mesh spans no volume.
 */
export function addBody(world: RAPIER.World, spec: BodySpec): BodyInWorld {
  const isDynamic = spec.motion === 'dynamic';
  const { centreM, inertiaKgm2, inertiaOrientation } = massOf(spec);
  const [w, qx, qy, qz] = spec.pose.orientation;
  const [x, y, z] = spec.pose.positionM;
  const description = describeMotion(spec.motion);
  description.setTranslation(x, y, z).setRotation({ w, x: qx, y: qy, z: qz }).setCanSleep(false);
  if (spec.motion !== 'kinematic') {
    const [wx, wy, wz] = spec.angularVelocityRadps;
    const [vx, vy, vz] = centreM
      ? add(spec.linearVelocityMps, cross(spec.angularVelocityRadps, rotate(spec.pose.orientation, centreM)))
      : spec.linearVelocityMps;
    description.setLinvel(vx, vy, vz).setAngvel({ x: wx, y: wy, z: wz });
  }
  if (spec.pieceOf !== undefined) description.setEnabled(false);
  const friction = frictionAtTemperature(spec.friction, spec.material, spec.temperatureC);
  const collider = describeShape(spec);
  collider.setFriction(friction).setRestitution(spec.restitution);
  const isComposite =
    collider.shape.type === RAPIER.ShapeType.TriMesh || collider.shape.type === RAPIER.ShapeType.Compound;
  if (isComposite)
    collider.setActiveEvents(RAPIER.ActiveEvents.CONTACT_FORCE_EVENTS).setContactForceEventThreshold(0);
  collider.setFrictionCombineRule(RAPIER.CoefficientCombineRule.Average);
  collider.setRestitutionCombineRule(RAPIER.CoefficientCombineRule.Average);
  if (spec.inertiaKgm2 === undefined && centreM === undefined && engineKnowsInertia(spec.shape)) {
    collider.setMass(spec.massKg);
  } else {
    const [ix, iy, iz] = inertiaKgm2;
    const [cx, cy, cz] = centreM ?? ZERO;
    const [fw, fx, fy, fz] = inertiaOrientation ?? IDENTITY;
    collider.setDensity(0);
    description.setAdditionalMassProperties(
      spec.massKg,
      { x: cx, y: cy, z: cz },
      { x: ix, y: iy, z: iz },
      { w: fw, x: fx, y: fy, z: fz },
    );
  }
  const body = world.createRigidBody(description);
  return {
    spec,
    body,
    collider: world.createCollider(collider, body),
    isDynamic,
    massKg: spec.massKg,
    friction,
    isComposite,
    colliderOrientation: hasAxis(spec.shape) ? AXIS_ORIENTATION : IDENTITY,
    inertiaKgm2,
    ...(inertiaOrientation && { inertiaOrientation }),
    ...(centreM && { centreM }),
  };
}

function massOf({
  shape,
  massKg,
  inertiaKgm2: given,
  centreOfMassM: centre = centreOfMassM(shape),
}: BodySpec): Pick<BodyInWorld, 'inertiaKgm2' | 'inertiaOrientation' | 'centreM'> {
  const centreM = length(centre) > 0 ? { centreM: centre } : {};
  if (given !== undefined) return { inertiaKgm2: given, ...centreM };
  if (shape.kind !== 'mesh') return { inertiaKgm2: inertiaOfShape(shape, massKg), ...centreM };
  const { inertiaKgm2, orientation } = principalInertia(inertiaTensorOf(shape, massKg));
  return {
    inertiaKgm2,
    ...(orientation === IDENTITY ? {} : { inertiaOrientation: orientation }),
    ...centreM,
  };
}

function engineKnowsInertia(shape: Shape): boolean {
  if (shape.kind === 'box') return shape.edgeRadiusM === undefined;
  return (shape.kind === 'sphere' || shape.kind === 'cylinder') && !shape.wallM;
}

function hasAxis({ kind }: Shape): boolean {
  return kind === 'cylinder' || kind === 'capsule' || kind === 'cone';
}

function describeMotion(motion: BodySpec['motion']): RAPIER.RigidBodyDesc {
  switch (motion) {
    case 'dynamic':
      return RAPIER.RigidBodyDesc.dynamic();
    case 'fixed':
      return RAPIER.RigidBodyDesc.fixed();
    case 'kinematic':
      return RAPIER.RigidBodyDesc.kinematicPositionBased();
  }
}

function describeShape({ name, shape, motion }: BodySpec): RAPIER.ColliderDesc {
  const [w, x, y, z] = AXIS_ORIENTATION;
  switch (shape.kind) {
    case 'box':
      return describeBox(shape);
    case 'sphere':
      return RAPIER.ColliderDesc.ball(shape.radiusM);
    case 'cylinder':
      return RAPIER.ColliderDesc.cylinder(shape.halfHeightM, shape.radiusM).setRotation({ w, x, y, z });
    case 'capsule':
      return RAPIER.ColliderDesc.capsule(shape.halfHeightM, shape.radiusM).setRotation({ w, x, y, z });
    case 'cone':
      return RAPIER.ColliderDesc.cone(shape.halfHeightM, shape.radiusM).setRotation({ w, x, y, z });
    case 'mesh':
      return describeMesh(name, shape, motion);
  }
}

function describeBox({ halfExtentsM, edgeRadiusM }: Extract<Shape, { kind: 'box' }>): RAPIER.ColliderDesc {
  if (edgeRadiusM === undefined) return RAPIER.ColliderDesc.cuboid(...halfExtentsM);
  const [x, y, z] = halfExtentsM;
  return RAPIER.ColliderDesc.roundCuboid(x - edgeRadiusM, y - edgeRadiusM, z - edgeRadiusM, edgeRadiusM);
}

/**
 * A mesh that moves by forces is solid: its convex hull, or convex parts of it where the hull would fill its hollows. One
 * that does not is its surface.
 */
function describeMesh(
  name: string,
  shape: Extract<Shape, { kind: 'mesh' }>,
  motion: BodySpec['motion'],
): RAPIER.ColliderDesc {
  const vertices = Float32Array.from(shape.verticesM);
  const triangles = Uint32Array.from(shape.triangles);
  if (motion !== 'dynamic')
    return RAPIER.ColliderDesc.trimesh(vertices, triangles, RAPIER.TriMeshFlags.FIX_INTERNAL_EDGES);
  const hull = RAPIER.ColliderDesc.convexHull(vertices);
  if (hull === null || !(volumeM3(shape) > 0))
    throw new UmweltError(
      'invalid-input',
      { body: name, file: shape.file },
      `bodies.${name}.shape: expected a closed mesh with some volume for a body that moves, got ${shape.triangles.length / 3} triangles around ${volumeM3(shape)} m3; make it fixed or mend ${shape.file}`,
    );
  if (volumeM3(shape) >= CONVEX_FILL * volumeOf(hull)) return hull;
  return RAPIER.ColliderDesc.convexDecomposition(vertices, triangles) ?? hull;
}

/** What the engine makes of a collider's volume, m3. */
function volumeOf(description: RAPIER.ColliderDesc): number {
  const scratch = new RAPIER.World({ x: 0, y: 0, z: 0 });
  const volume = scratch.createCollider(description).volume();
  scratch.free();
  return volume;
}
