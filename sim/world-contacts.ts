import type * as Rapier from '@dimforge/rapier3d-deterministic-compat';
import { type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, scale, type Vec3 } from '../core/math/vector.js';
import type { Contact } from './contract.js';
import type { ContactPatch, ContactPoint } from './friction.js';

/** One body of a SimSpec with its handles in the engine. */
export interface BodyInWorld {
  readonly body: Rapier.RigidBody;
  readonly collider: Rapier.Collider;
  readonly isDynamic: boolean;
  readonly massKg: number;
  readonly friction: number;
  /** Body from collider: a cylinder's axis is z for us and y for Rapier. */
  readonly colliderOrientation: Quaternion;
  /** Principal inertia about the body's axes. */
  readonly inertiaKgm2: Vec3;
}

/** Maps the handle of each collider to the index of its body. */
export function indexByCollider(bodies: readonly BodyInWorld[]): ReadonlyMap<number, number> {
  return new Map(bodies.map(({ collider }, index) => [collider.handle, index]));
}

/**
 * Reads the patches of contact that pushed during the step that was just made, by bodyA, bodyB, then the engine's order.
 *
 * Points are those that the solver worked on, so they are placed by the poses before the step, halfway between the two
 * surfaces. Points without an impulse are left out.
 *
 * @param indices as `indexByCollider` gives them.
 * @param poses [bodies, 7] before the step.
 */
export function readPatches(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  indices: ReadonlyMap<number, number>,
  poses: Float64Array,
): ContactPatch[] {
  const patches: ContactPatch[] = [];
  for (const [bodyA, bodyB] of findPairs(world, bodies, indices)) {
    const coefficient = (bodies[bodyA]!.friction + bodies[bodyB]!.friction) / 2;
    world.contactPair(bodies[bodyA]!.collider, bodies[bodyB]!.collider, (manifold, flipped) => {
      const points = flipped
        ? readPoints(manifold, bodies, poses, bodyB, bodyA)
        : readPoints(manifold, bodies, poses, bodyA, bodyB);
      if (points.length === 0) return;
      const { x, y, z } = manifold.normal(scratch);
      const normal: Vec3 = flipped ? [-x, -y, -z] : [x, y, z];
      const normalImpulseNs = points.reduce((sum, point) => sum + point.normalImpulseNs, 0);
      patches.push({ bodyA, bodyB, normal, normalImpulseNs, coefficient, points });
    });
  }
  return patches;
}

/** Lays patches and the friction at their points (as `findFriction` gives it) out as contacts. */
export function toContacts(
  patches: readonly ContactPatch[],
  friction: readonly (readonly Vec3[])[],
): readonly Contact[] {
  return patches.flatMap(({ bodyA, bodyB, normal, points }, patch) =>
    points.map((point, i) => ({ bodyA, bodyB, normal, ...point, tangentImpulseNs: friction[patch]![i]! })),
  );
}

/** Pairs of bodies that may touch, each once with the lower index first, in ascending order. */
function findPairs(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  indices: ReadonlyMap<number, number>,
): [number, number][] {
  const pairs: [number, number][] = [];
  for (const [index, { collider, isDynamic }] of bodies.entries()) {
    if (!isDynamic) continue;
    // The raw narrow phase hands out handles; the world's own wrapper would look up a collider for each.
    world.narrowPhase.contactPairsWith(collider.handle, (handle) => {
      const other = indices.get(handle)!;
      // A pair of two moving bodies is met twice.
      if (!bodies[other]!.isDynamic || other > index)
        pairs.push(index < other ? [index, other] : [other, index]);
    });
  }
  return pairs.sort(([a, b], [c, d]) => a - c || b - d);
}

const scratch = { x: 0, y: 0, z: 0 };

/** @param first the body that the manifold's first shape belongs to. */
function readPoints(
  manifold: Rapier.TempContactManifold,
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  first: number,
  second: number,
): ContactPoint[] {
  const points: ContactPoint[] = [];
  const count = manifold.numContacts();
  for (let index = 0; index < count; index++) {
    const normalImpulseNs = manifold.contactImpulse(index);
    if (!(normalImpulseNs > 0)) continue;
    const onFirst = toWorld(bodies, poses, first, manifold.localContactPoint1(index, scratch)!);
    const onSecond = toWorld(bodies, poses, second, manifold.localContactPoint2(index, scratch)!);
    const pointM = scale(add(onFirst, onSecond), 0.5);
    points.push({ pointM, normalImpulseNs, distanceM: manifold.contactDist(index) });
  }
  return points;
}

function toWorld(
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  index: number,
  local: Rapier.Vector,
): Vec3 {
  const at = index * 7;
  const orientation: Quaternion = [poses[at + 3]!, poses[at + 4]!, poses[at + 5]!, poses[at + 6]!];
  const inBody = rotate(bodies[index]!.colliderOrientation, [local.x, local.y, local.z]);
  return add([poses[at]!, poses[at + 1]!, poses[at + 2]!], rotate(orientation, inBody));
}
