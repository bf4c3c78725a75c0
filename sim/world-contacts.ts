import type * as Rapier from '@dimforge/rapier3d-deterministic-compat';
import { IDENTITY, type Quaternion, rotate } from '../core/math/quaternion.js';
import { dot, subtract, type Vec3 } from '../core/math/vector.js';
import { type PairImpulses, pairKey, shareImpulse } from './composite-contacts.js';
import type { Contact } from './contract.js';
import type { ContactPatch, ContactPoint } from './friction.js';
import type { BodyInWorld } from './world-bodies.js';

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
 * @param impulses of pairs with a composite body.
 */
export function readPatches(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  indices: ReadonlyMap<number, number>,
  poses: Float64Array,
  impulses: PairImpulses,
): ContactPatch[] {
  const patches: ContactPatch[] = [];
  for (const [bodyA, bodyB] of findPairs(world, bodies, indices)) {
    const coefficient = (bodies[bodyA]!.friction + bodies[bodyB]!.friction) / 2;
    if (bodies[bodyA]!.isComposite || bodies[bodyB]!.isComposite) {
      const total = impulses.get(pairKey(bodyA, bodyB));
      if (total) patches.push(...readComposite(world, bodies, bodyA, bodyB, poses, total, coefficient));
      continue;
    }
    world.contactPair(bodies[bodyA]!.collider, bodies[bodyB]!.collider, (manifold, flipped) => {
      const count = manifold.numContacts();
      let normal: Vec3 | undefined;
      let normalImpulseNs = 0;
      const points: ContactPoint[] = [];
      for (let index = 0; index < count; index++) {
        const impulseNs = manifold.contactImpulse(index);
        if (!(impulseNs > 0)) continue;
        normal ??= readNormal(manifold);
        normalImpulseNs += impulseNs;
        points.push(readPoint(manifold, index, impulseNs, normal, bodies, poses, flipped ? bodyB : bodyA));
      }
      if (!normal) return;
      if (points.length > manifold.numSolverContacts()) {
        keepSolved(manifold, points);
        normalImpulseNs = points.reduce((sum, point) => sum + point.normalImpulseNs, 0);
      }
      const fromA: Vec3 = flipped ? [-normal[0], -normal[1], -normal[2]] : normal;
      patches.push({ bodyA, bodyB, normal: fromA, normalImpulseNs, coefficient, points });
    });
  }
  return patches;
}

/** Takes points out that the solver left out of its step: they still show the impulse of an earlier one. */
function keepSolved(manifold: Rapier.TempContactManifold, points: ContactPoint[]): void {
  const solved = new Set<ContactPoint>();
  for (let index = 0; index < manifold.numSolverContacts(); index++) {
    const { x, y, z } = manifold.solverContactPoint(index, scratch)!;
    let nearest: ContactPoint | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const point of points) {
      const away = subtract(point.pointM, [x, y, z]);
      if (solved.has(point) || dot(away, away) >= least) continue;
      nearest = point;
      least = dot(away, away);
    }
    if (nearest) solved.add(nearest);
  }
  points.splice(0, points.length, ...points.filter((point) => solved.has(point)));
}

/** Patches of a pair whose impulse is known as a sum only. */
function readComposite(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  bodyA: number,
  bodyB: number,
  poses: Float64Array,
  total: Vec3,
  coefficient: number,
): ContactPatch[] {
  const found: { readonly patch: number; readonly normal: Vec3; readonly point: ContactPoint }[] = [];
  let patch = 0;
  world.contactPair(bodies[bodyA]!.collider, bodies[bodyB]!.collider, (manifold, flipped) => {
    const count = manifold.numContacts();
    if (count === 0) return;
    const normal = readNormal(manifold);
    const fromA: Vec3 = flipped ? [-normal[0], -normal[1], -normal[2]] : normal;
    for (let index = 0; index < count; index++) {
      const point = readPoint(manifold, index, 0, normal, bodies, poses, flipped ? bodyB : bodyA);
      found.push({ patch, normal: fromA, point });
    }
    patch++;
  });
  const candidates = found.map(({ normal, point }) => ({ normal, distanceM: point.distanceM }));
  const shares = shareImpulse(total, candidates, SLOP_IN_UNITS * world.lengthUnit);
  const patches: ContactPatch[] = [];
  for (let each = 0; each < patch; each++) {
    const own = found.flatMap((place, i) =>
      place.patch === each && shares[i]! > 0
        ? [{ ...place, point: { ...place.point, normalImpulseNs: shares[i]! } }]
        : [],
    );
    if (own.length === 0) continue;
    const points = own.map(({ point }) => point);
    const normalImpulseNs = points.reduce((sum, point) => sum + point.normalImpulseNs, 0);
    patches.push({ bodyA, bodyB, normal: own[0]!.normal, normalImpulseNs, coefficient, points });
  }
  return patches;
}

/** Surfaces that push are at most this far apart, in length units: Rapier's allowed error is as much inside. */
const SLOP_IN_UNITS = 1e-3;

/** Lays patches and the friction at their points (as `findFriction` gives it) out as contacts. */
export function toContacts(
  patches: readonly ContactPatch[],
  friction: readonly (readonly Vec3[])[],
): readonly Contact[] {
  const contacts: Contact[] = [];
  for (const [index, { bodyA, bodyB, normal, points }] of patches.entries()) {
    for (const [place, { pointM, normalImpulseNs, distanceM }] of points.entries()) {
      const tangentImpulseNs = friction[index]![place]!;
      contacts.push({ bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs, distanceM });
    }
  }
  return contacts;
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

function readNormal(manifold: Rapier.TempContactManifold): Vec3 {
  const { x, y, z } = manifold.normal(scratch);
  return [x, y, z];
}

/**
 * @param normal from the manifold's first shape to its second.
 * @param first the body of the first shape.
 */
function readPoint(
  manifold: Rapier.TempContactManifold,
  index: number,
  normalImpulseNs: number,
  normal: Vec3,
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  first: number,
): ContactPoint {
  const { x, y, z } = manifold.localContactPoint1(index, scratch)!;
  const distanceM = manifold.contactDist(index);
  const at = first * 7;
  const orientation: Quaternion = [poses[at + 3]!, poses[at + 4]!, poses[at + 5]!, poses[at + 6]!];
  const { colliderOrientation } = bodies[first]!;
  const inBody: Vec3 = colliderOrientation === IDENTITY ? [x, y, z] : rotate(colliderOrientation, [x, y, z]);
  const arm = rotate(orientation, inBody);
  const half = distanceM / 2;
  const pointM: Vec3 = [
    poses[at]! + arm[0] + half * normal[0],
    poses[at + 1]! + arm[1] + half * normal[1],
    poses[at + 2]! + arm[2] + half * normal[2],
  ];
  return { pointM, normalImpulseNs, distanceM };
}
