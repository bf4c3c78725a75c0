import { add, cross, dot, length, scale, subtract, type Vec3, ZERO } from '../core/math/vector.js';

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
  /** About the centre. */
  readonly angularNms: Vec3;
}

/** A patch in the course of being solved. */
interface Unknown {
  readonly patch: ContactPatch;
  frictionNs: Vec3;
  /** Friction impulse at a point x beyond its share of `frictionNs`: share * twist * normal x (x - centre). N s/m. */
  twist: number;
  isKnown: boolean;
}

/** A moving body that touches something. */
interface Touched {
  readonly body: number;
  readonly impulse: BodyImpulse;
  readonly own: readonly Unknown[];
}

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
 * @param impulseOf for a moving body by index; undefined for a fixed one.
 * @returns per patch and point, N s, world frame, normal to the patch's normal.
 */
export function findFriction(
  patches: readonly ContactPatch[],
  impulseOf: (body: number) => BodyImpulse | undefined,
): Vec3[][] {
  const unknowns = patches.map((patch): Unknown => ({ patch, frictionNs: ZERO, twist: 0, isKnown: false }));
  const touched = findTouched(unknowns, impulseOf);
  solveChains(touched);
  sweepRings(touched);
  for (const { body, impulse, own } of touched) {
    if (own.length === 1) own[0]!.twist = findTwist(own[0]!, sideOf(body, own[0]!), impulse);
  }
  return unknowns.map(shareAmongPoints);
}

function findTouched(
  unknowns: readonly Unknown[],
  impulseOf: (body: number) => BodyImpulse | undefined,
): Touched[] {
  const byBody = new Map<number, Unknown[]>();
  for (const unknown of unknowns) {
    for (const body of [unknown.patch.bodyA, unknown.patch.bodyB]) {
      const own = byBody.get(body);
      if (own) own.push(unknown);
      else byBody.set(body, [unknown]);
    }
  }
  return [...byBody].flatMap(([body, own]) => {
    const impulse = impulseOf(body);
    return impulse ? [{ body, impulse, own }] : [];
  });
}

/** Sign of a patch's impulse on a body: it is given on B. */
function sideOf(body: number, unknown: Unknown): 1 | -1 {
  return body === unknown.patch.bodyB ? 1 : -1;
}

/** Returns the part of a body's linear impulse that its patches do not account for yet. */
function findMissing({ body, impulse, own }: Touched): Vec3 {
  let missing = impulse.linearNs;
  for (const unknown of own) {
    const { normal, normalImpulseNs } = unknown.patch;
    const onB = add(scale(normal, normalImpulseNs), unknown.frictionNs);
    missing = subtract(missing, scale(onB, sideOf(body, unknown)));
  }
  return missing;
}

/** Solves, again and again, any body that has exactly one patch left to find. */
function solveChains(touched: readonly Touched[]): void {
  for (let found = true; found; ) {
    found = false;
    for (const each of touched) {
      const left = each.own.filter(({ isKnown }) => !isKnown);
      if (left.length !== 1) continue;
      const unknown = left[0]!;
      const missing = scale(findMissing(each), sideOf(each.body, unknown));
      unknown.frictionNs = tangential(missing, unknown.patch.normal);
      unknown.isKnown = true;
      found = true;
    }
  }
}

/** Balances the patches that no chain reaches. */
function sweepRings(touched: readonly Touched[]): void {
  const rings = touched
    .map((each) => ({ each, left: each.own.filter(({ isKnown }) => !isKnown) }))
    .filter(({ left }) => left.length > 0);
  for (let sweep = 0, change = 1; sweep < MAX_SWEEPS && change > TOLERANCE; sweep++) {
    change = 0;
    for (const { each, left } of rings) {
      const missing = findMissing(each);
      const weight = left.reduce((sum, { patch }) => sum + patch.normalImpulseNs, 0);
      for (const unknown of left) {
        const { normal, normalImpulseNs, coefficient } = unknown.patch;
        const share = scale(missing, (sideOf(each.body, unknown) * normalImpulseNs) / weight);
        const wanted = add(unknown.frictionNs, tangential(share, normal));
        const within = clamp(wanted, coefficient * normalImpulseNs);
        change = Math.max(change, length(subtract(within, unknown.frictionNs)) / normalImpulseNs);
        unknown.frictionNs = within;
      }
    }
  }
}

/** Solves `normal . angular = normal . sum of (point - centre of mass) x friction` for the twist, within Coulomb's bound. */
function findTwist({ patch, frictionNs }: Unknown, side: 1 | -1, impulse: BodyImpulse): number {
  const { normal, points, normalImpulseNs, coefficient } = patch;
  const centre = findCentre(patch);
  let farthest = 0;
  let spread = 0;
  for (const point of points) {
    const arm = tangential(subtract(point.pointM, centre), normal);
    const squared = dot(arm, arm);
    farthest = Math.max(farthest, Math.sqrt(squared));
    spread += (point.normalImpulseNs / normalImpulseNs) * squared;
  }
  if (spread === 0) return 0;
  const byForce = cross(subtract(centre, impulse.centreM), frictionNs);
  const missing = dot(normal, subtract(scale(impulse.angularNms, side), byForce));
  const most = (coefficient * normalImpulseNs) / farthest;
  return Math.max(-most, Math.min(most, missing / spread));
}

function shareAmongPoints({ patch, frictionNs, twist }: Unknown): Vec3[] {
  const centre = findCentre(patch);
  return patch.points.map(({ pointM, normalImpulseNs }) => {
    const swirl = scale(cross(patch.normal, subtract(pointM, centre)), twist);
    return scale(add(frictionNs, swirl), normalImpulseNs / patch.normalImpulseNs);
  });
}

/** The points' mean, weighted by their normal impulses: there the twist of all points adds up to no force. */
function findCentre({ points, normalImpulseNs }: ContactPatch): Vec3 {
  return points.reduce<Vec3>(
    (sum, point) => add(sum, scale(point.pointM, point.normalImpulseNs / normalImpulseNs)),
    ZERO,
  );
}

function tangential(vector: Vec3, normal: Vec3): Vec3 {
  return subtract(vector, scale(normal, dot(vector, normal)));
}

function clamp(vector: Vec3, most: number): Vec3 {
  const size = length(vector);
  return size > most ? scale(vector, most / size) : vector;
}
