import type * as Rapier from '@dimforge/rapier3d-deterministic-compat';
import { type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, dot, scale, subtract, type Vec3 } from '../core/math/vector.js';
import type { Contact } from './contract.js';

/** What contact extraction needs to know of one body. */
export interface BodyInWorld {
  readonly body: Rapier.RigidBody;
  readonly collider: Rapier.Collider;
  readonly isDynamic: boolean;
  readonly massKg: number;
  /** Body from collider: a cylinder's axis is z for us and y for Rapier. */
  readonly colliderOrientation: Quaternion;
}

/** Contacts of one pair of bodies before friction is known. */
interface Pair {
  readonly bodyA: number;
  readonly bodyB: number;
  readonly normal: Vec3;
  readonly normalImpulseNs: number;
  readonly points: Contact[];
  frictionNs: Vec3;
}

const TOUCHING = 0;

/**
 * Reads the contacts of the step that was just made.
 *
 * Points are those that the solver worked on, so they are placed by the poses before the step. Rapier solves friction a
 * manifold at a time and reports no tangent impulses in this build; they follow from each body's balance of momentum,
 * `m (v1 - v0 - g dt) = sum of impulses`, shared over a pair's points in proportion to their normal impulses (Coulomb).
 * For a body that touches one other the result is exact; where several touch, each pair's share starts in proportion to
 * its normal impulse and is balanced by Kaczmarz sweeps.
 *
 * @param poses [bodies, 7] before the step.
 * @param velocityChanges per body `v1 - v0 - g dt`, m/s.
 */
export function readContacts(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  velocityChanges: readonly Vec3[],
): readonly Contact[] {
  const pairs = readPairs(world, bodies, poses);
  if (pairs.length === 0) return [];
  balanceFriction(pairs, bodies, velocityChanges);
  return pairs.flatMap((pair) =>
    pair.points.map((point) => ({
      ...point,
      tangentImpulseNs: scale(pair.frictionNs, point.normalImpulseNs / pair.normalImpulseNs),
    })),
  );
}

function readPairs(world: Rapier.World, bodies: readonly BodyInWorld[], poses: Float64Array): Pair[] {
  const indexByHandle = new Map(bodies.map(({ collider }, index) => [collider.handle, index]));
  const pairs: Pair[] = [];
  for (let bodyA = 0; bodyA < bodies.length; bodyA++) {
    const partners: number[] = [];
    world.contactPairsWith(bodies[bodyA]!.collider, (other) => {
      const bodyB = indexByHandle.get(other.handle);
      if (bodyB !== undefined && bodyB > bodyA) partners.push(bodyB);
    });
    for (const bodyB of partners.sort((a, b) => a - b)) pairs.push(...readManifolds(world, bodies, poses, bodyA, bodyB));
  }
  return pairs;
}

function readManifolds(
  world: Rapier.World,
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  bodyA: number,
  bodyB: number,
): Pair[] {
  const pairs: Pair[] = [];
  world.contactPair(bodies[bodyA]!.collider, bodies[bodyB]!.collider, (manifold, flipped) => {
    const { x, y, z } = manifold.normal();
    const normal: Vec3 = flipped ? [-x, -y, -z] : [x, y, z];
    const [first, second] = flipped ? [bodyB, bodyA] : [bodyA, bodyB];
    const points: Contact[] = [];
    for (let index = 0; index < manifold.numContacts(); index++) {
      const normalImpulseNs = manifold.contactImpulse(index);
      if (normalImpulseNs <= TOUCHING) continue;
      const onFirst = toWorld(bodies, poses, first, manifold.localContactPoint1(index)!);
      const onSecond = toWorld(bodies, poses, second, manifold.localContactPoint2(index)!);
      points.push({
        bodyA,
        bodyB,
        pointM: scale(add(onFirst, onSecond), 0.5),
        normal,
        normalImpulseNs,
        tangentImpulseNs: [0, 0, 0],
        distanceM: manifold.contactDist(index),
      });
    }
    if (points.length === 0) return;
    const normalImpulseNs = points.reduce((sum, point) => sum + point.normalImpulseNs, 0);
    pairs.push({ bodyA, bodyB, normal, normalImpulseNs, points, frictionNs: [0, 0, 0] });
  });
  return pairs;
}

function toWorld(
  bodies: readonly BodyInWorld[],
  poses: Float64Array,
  index: number,
  local: { readonly x: number; readonly y: number; readonly z: number },
): Vec3 {
  const at = index * 7;
  const orientation: Quaternion = [poses[at + 3]!, poses[at + 4]!, poses[at + 5]!, poses[at + 6]!];
  const inBody = rotate(bodies[index]!.colliderOrientation, [local.x, local.y, local.z]);
  return add([poses[at]!, poses[at + 1]!, poses[at + 2]!], rotate(orientation, inBody));
}

const MAX_SWEEPS = 32;

/** Chooses each pair's friction so that every moving body's momentum balances. */
function balanceFriction(pairs: readonly Pair[], bodies: readonly BodyInWorld[], velocityChanges: readonly Vec3[]): void {
  const touched = bodies.flatMap((body, index) => {
    const own = body.isDynamic ? pairs.filter(({ bodyA, bodyB }) => bodyA === index || bodyB === index) : [];
    return own.length === 0 ? [] : [{ index, own, momentum: scale(velocityChanges[index]!, body.massKg) }];
  });
  const sweeps = pairs.length === 1 ? 1 : MAX_SWEEPS;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const { index, own, momentum } of touched) {
      let missing = momentum;
      let weight = 0;
      for (const pair of own) {
        const onB = add(scale(pair.normal, pair.normalImpulseNs), pair.frictionNs);
        missing = index === pair.bodyB ? subtract(missing, onB) : add(missing, onB);
        weight += pair.normalImpulseNs;
      }
      for (const pair of own) {
        const share = scale(missing, (index === pair.bodyB ? 1 : -1) * (pair.normalImpulseNs / weight));
        pair.frictionNs = add(pair.frictionNs, subtract(share, scale(pair.normal, dot(share, pair.normal))));
      }
    }
  }
}
