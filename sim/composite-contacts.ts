import type * as Rapier from '@dimforge/rapier3d-deterministic-compat';
import { dot, scale, type Vec3 } from '../core/math/vector.js';

/** What two bodies did to each other during a step, by the pair of their indices: the impulse on the higher one, N s. */
export type PairImpulses = ReadonlyMap<string, Vec3>;

/** Names a pair in `PairImpulses`, the lower index first. */
export function pairKey(bodyA: number, bodyB: number): string {
  return `${bodyA}-${bodyB}`;
}

/**
 * Reads what meshes pushed with during the step that was just made: the sum of normal forces of each pair.
 *
 * Rapier solves the many small manifolds of meshes and of bodies in parts as joint ones, and keeps their impulses to
 * itself; only this sum comes out.
 *
 * @param indices of bodies by collider.
 */
export function readPairImpulses(
  queue: Rapier.EventQueue,
  indices: ReadonlyMap<number, number>,
  stepHz: number,
): PairImpulses {
  const impulses = new Map<string, Vec3>();
  queue.drainContactForceEvents((event) => {
    const first = indices.get(event.collider1())!;
    const second = indices.get(event.collider2())!;
    const { x, y, z } = event.totalForce();
    // The engine's force is the one on its second collider.
    const sign = (first < second ? 1 : -1) / stepHz;
    impulses.set(pairKey(Math.min(first, second), Math.max(first, second)), [sign * x, sign * y, sign * z]);
  });
  return impulses;
}

/** A place where two bodies are near enough to push. */
export interface Candidate {
  /** From A to B. */
  readonly normal: Vec3;
  readonly distanceM: number;
}

const SWEEPS = 200;

/**
 * Shares the impulse of a pair out over the places where it touches: the least numbers w >= 0 with `sum of w n` nearest to
 * it, by projected gradient descent. Places of one normal share alike, so a sum is right and a centre of pressure is not.
 *
 * @param slopM places farther apart than this push only where none is nearer.
 * @returns N s, by place.
 */
export function shareImpulse(total: Vec3, candidates: readonly Candidate[], slopM: number): number[] {
  const touching = candidates.some(({ distanceM }) => distanceM <= slopM);
  const used = candidates.map(
    ({ distanceM, normal }) => (!touching || distanceM <= slopM) && dot(normal, total) > 0,
  );
  const count = used.filter(Boolean).length;
  const shares = candidates.map(() => 0);
  if (count === 0) return shares;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let [x, y, z] = total;
    for (const [i, { normal }] of candidates.entries()) {
      const [sx, sy, sz] = scale(normal, shares[i]!);
      x -= sx;
      y -= sy;
      z -= sz;
    }
    for (const [i, { normal }] of candidates.entries())
      if (used[i]) shares[i] = Math.max(0, shares[i]! + dot(normal, [x, y, z]) / count);
  }
  return shares;
}
