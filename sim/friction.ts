import { add, cross, dot, scale, subtract, type Vec3 } from '../core/math/vector.js';

/** One point of a patch. World frame. */
export interface ContactPoint {
  readonly pointM: Vec3;
  readonly normalImpulseNs: number;
  readonly distanceM: number;
}

/** What two bodies share where they touch along one normal: the engine's contact manifold. World frame. */
export interface ContactPatch {
  readonly bodyA: number;
  readonly bodyB: number;
  /** Unit, from A to B. */
  readonly normal: Vec3;
  /** Sum over the points. */
  readonly normalImpulseNs: number;
  /** Coulomb friction of the pair. */
  readonly coefficient: number;
  /** At least one. */
  readonly points: readonly ContactPoint[];
}

/** What all contacts together did to one moving body during a step. World frame. */
export interface BodyImpulse {
  readonly centreM: Vec3;
  readonly linearNs: Vec3;
  /** About the centre; computed when it is read. */
  readonly angularNms: Vec3;
}

/** A moving body that touches something. */
interface Touched {
  readonly body: number;
  readonly impulse: BodyImpulse;
  /** Indices of its patches. */
  readonly own: number[];
  /** The part of its linear impulse that its patches do not account for yet: N s. */
  readonly missing: [number, number, number];
  /** How many of its patches are not known yet. */
  unknown: number;
}

/** The friction of all patches in the course of being found: flat, because a pile has hundreds of them every step. */
interface Search {
  readonly patches: readonly ContactPatch[];
  readonly touched: readonly Touched[];
  /** By patch; undefined where the body is fixed. */
  readonly onA: readonly (Touched | undefined)[];
  readonly onB: readonly (Touched | undefined)[];
  /** [patches, 3]: on B, N s. */
  readonly friction: Float64Array;
  /** 1 where a patch's friction is known for good. */
  readonly isKnown: Uint8Array;
}

/** Points closer to their mean than this cannot twist: the engine knows places to a few micrometres at best. */
const MIN_ARM_M = 1e-4;
const MAX_SWEEPS = 16;
/** Sweeps end once no patch's friction moves by more than this share of its normal impulse. */
const TOLERANCE = 1e-4;

/**
 * Finds the friction impulse on B at every point of every patch.
 *
 * Rapier solves friction a patch at a time, as a force in the plane and a twist about the normal, and reports neither.
 * Both follow from momentum: the contacts of a body add up to `m (v1 - v0 - g dt)` and `L1 - L0`. Bodies with one patch
 * left to find are solved first, so where contacts form no ring (a cube on a table, a stack) the sum is exact. Patches
 * in a ring share what is missing in proportion to their normal impulses, within Coulomb's cone, by repeated sweeps.
 * Within a patch the points share the force likewise. A twist is found where a body has that one patch only: Rapier
 * bounds force and twist by a cone of friction each, so that a point may show up to twice the cone, and it turns a patch
 * about the mean of its points even while some of them carry nothing, which the loaded points then cannot show in full.
 *
 * @param impulseOf for a moving body by index; undefined for one whose momentum does not tell: fixed, driven or jointed.
 * @param guess friction on B of a patch between two such bodies, N s; none where it is left out.
 * @returns per patch and point, N s, world frame, normal to the patch's normal.
 */
export function findFriction(
  patches: readonly ContactPatch[],
  impulseOf: (body: number) => BodyImpulse | undefined,
  guess?: (patch: ContactPatch) => Vec3,
): Vec3[][] {
  const search = begin(patches, impulseOf);
  if (guess) guessUntold(search, guess);
  solveChains(search);
  sweepRings(search);
  return patches.map((patch, index) => {
    const at = index * 3;
    const frictionNs: Vec3 = [search.friction[at]!, search.friction[at + 1]!, search.friction[at + 2]!];
    const alone = [search.onB[index], search.onA[index]].find((body) => body?.own.length === 1);
    return shareAmongPoints(patch, frictionNs, alone);
  });
}

function begin(
  patches: readonly ContactPatch[],
  impulseOf: (body: number) => BodyImpulse | undefined,
): Search {
  const bodies = new Map<number, Touched | undefined>();
  const touched: Touched[] = [];
  const touch = (body: number, index: number, sign: 1 | -1): Touched | undefined => {
    let there = bodies.get(body);
    if (!there && !bodies.has(body)) {
      there = beginBody(body, impulseOf(body));
      bodies.set(body, there);
      if (there) touched.push(there);
    }
    if (!there) return undefined;
    const { normal, normalImpulseNs } = patches[index]!;
    there.missing[0] -= sign * normalImpulseNs * normal[0];
    there.missing[1] -= sign * normalImpulseNs * normal[1];
    there.missing[2] -= sign * normalImpulseNs * normal[2];
    there.own.push(index);
    there.unknown++;
    return there;
  };
  return {
    patches,
    touched,
    onA: patches.map(({ bodyA }, index) => touch(bodyA, index, -1)),
    onB: patches.map(({ bodyB }, index) => touch(bodyB, index, 1)),
    friction: new Float64Array(patches.length * 3),
    isKnown: new Uint8Array(patches.length),
  };
}

function beginBody(body: number, impulse: BodyImpulse | undefined): Touched | undefined {
  if (!impulse) return undefined;
  const [x, y, z] = impulse.linearNs;
  return { body, impulse, own: [], missing: [x, y, z], unknown: 0 };
}

/**
 * Adds the tangential part of an impulse to a patch's friction on B, and keeps the books of both bodies.
 *
 * @param most bound of the friction's size, N s.
 * @returns the size of the change, N s.
 */
function addFriction(search: Search, index: number, x: number, y: number, z: number, most: number): number {
  const { friction } = search;
  const [nx, ny, nz] = search.patches[index]!.normal;
  const along = x * nx + y * ny + z * nz;
  const at = index * 3;
  let fx = friction[at]! + x - along * nx;
  let fy = friction[at + 1]! + y - along * ny;
  let fz = friction[at + 2]! + z - along * nz;
  const size = Math.sqrt(fx * fx + fy * fy + fz * fz);
  if (size > most) {
    fx *= most / size;
    fy *= most / size;
    fz *= most / size;
  }
  const dx = fx - friction[at]!;
  const dy = fy - friction[at + 1]!;
  const dz = fz - friction[at + 2]!;
  friction[at] = fx;
  friction[at + 1] = fy;
  friction[at + 2] = fz;
  const a = search.onA[index]?.missing;
  if (a) {
    a[0] += dx;
    a[1] += dy;
    a[2] += dz;
  }
  const b = search.onB[index]?.missing;
  if (b) {
    b[0] -= dx;
    b[1] -= dy;
    b[2] -= dz;
  }
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Fills in the patches that touch no body whose momentum tells. */
function guessUntold(search: Search, guess: (patch: ContactPatch) => Vec3): void {
  for (const [index, patch] of search.patches.entries()) {
    if (search.onA[index] || search.onB[index]) continue;
    addFriction(search, index, ...guess(patch), patch.coefficient * patch.normalImpulseNs);
    search.isKnown[index] = 1;
  }
}

/** Solves, again and again, any body that has exactly one patch left to find. */
function solveChains(search: Search): void {
  for (let found = true; found; ) {
    found = false;
    for (const each of search.touched) {
      if (each.unknown !== 1) continue;
      const index = each.own.find((patch) => search.isKnown[patch] === 0)!;
      const [x, y, z] = each.missing;
      const sign = search.onB[index] === each ? 1 : -1;
      addFriction(search, index, sign * x, sign * y, sign * z, Number.POSITIVE_INFINITY);
      search.isKnown[index] = 1;
      for (const body of [search.onA[index], search.onB[index]]) if (body) body.unknown--;
      found = true;
    }
  }
}

/** Balances the patches that no chain reaches. */
function sweepRings(search: Search): void {
  const rings = search.touched
    .filter(({ unknown }) => unknown > 0)
    .map((each) => {
      const left = each.own.filter((index) => search.isKnown[index] === 0);
      return { each, left, weight: left.reduce((sum, i) => sum + search.patches[i]!.normalImpulseNs, 0) };
    });
  for (let sweep = 0, change = 1; sweep < MAX_SWEEPS && change > TOLERANCE; sweep++) {
    change = 0;
    for (const { each, left, weight } of rings) {
      const [x, y, z] = each.missing;
      for (const index of left) {
        const { normalImpulseNs, coefficient } = search.patches[index]!;
        const share = ((search.onB[index] === each ? 1 : -1) * normalImpulseNs) / weight;
        const most = coefficient * normalImpulseNs;
        const moved = addFriction(search, index, share * x, share * y, share * z, most);
        change = Math.max(change, moved / normalImpulseNs);
      }
    }
  }
}

/** Shares a patch's friction over its points, with its twist where it is a body's only patch. */
function shareAmongPoints(patch: ContactPatch, frictionNs: Vec3, alone: Touched | undefined): Vec3[] {
  const { points, normal, normalImpulseNs } = patch;
  if (points.length === 1) return [frictionNs];
  const centre = findCentre(patch);
  const twist = alone ? findTwist(patch, frictionNs, centre, alone) : 0;
  return points.map((point) => {
    const swirl = scale(cross(normal, subtract(point.pointM, centre)), twist);
    return scale(add(frictionNs, swirl), point.normalImpulseNs / normalImpulseNs);
  });
}

/**
 * Solves `normal . angular = normal . sum of (point - centre of mass) x friction` for the twist, within Coulomb's bound.
 *
 * @returns friction at a point beyond its share of the force: share * twist * normal x (point - centre), N s/m.
 */
function findTwist(
  { bodyB, normal, points, normalImpulseNs, coefficient }: ContactPatch,
  frictionNs: Vec3,
  centre: Vec3,
  { body, impulse }: Touched,
): number {
  let farthest = 0;
  let spread = 0;
  for (const point of points) {
    const arm = tangential(subtract(point.pointM, centre), normal);
    const squared = dot(arm, arm);
    farthest = Math.max(farthest, Math.sqrt(squared));
    spread += (point.normalImpulseNs / normalImpulseNs) * squared;
  }
  if (farthest < MIN_ARM_M) return 0;
  const byForce = cross(subtract(centre, impulse.centreM), frictionNs);
  const missing = dot(normal, subtract(scale(impulse.angularNms, body === bodyB ? 1 : -1), byForce));
  const most = (coefficient * normalImpulseNs) / farthest;
  return Math.max(-most, Math.min(most, missing / spread));
}

/** The points' mean, weighted by their normal impulses: there the twist of all points adds up to no force. */
function findCentre({ points, normalImpulseNs }: ContactPatch): Vec3 {
  let x = 0;
  let y = 0;
  let z = 0;
  for (const point of points) {
    const weight = point.normalImpulseNs / normalImpulseNs;
    x += weight * point.pointM[0];
    y += weight * point.pointM[1];
    z += weight * point.pointM[2];
  }
  return [x, y, z];
}

function tangential(vector: Vec3, normal: Vec3): Vec3 {
  return subtract(vector, scale(normal, dot(vector, normal)));
}
