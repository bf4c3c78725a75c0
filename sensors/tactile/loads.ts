import { add, scale, type Vec3, ZERO } from '../../core/math/vector.js';
import type { Contact } from '../../sim/contract.js';

/** What has pressed on a body since it was last asked, by who pressed. */
export interface Loads {
  /** Indices of the bodies that pressed, in order. */
  readonly bodies: readonly number[];
  /** Takes in a share of one step's contacts. */
  add(contacts: readonly Contact[], share: number): void;
  /** Impulse on the body by another one, N s, world frame, of the contacts whose points count; null where none does. */
  impulseOn(other: number, counts: (pointM: Vec3) => boolean): Vec3 | null;
  clear(): void;
}

/** Makes the loads of a body. */
export function createLoads(body: number, bodyCount: number): Loads {
  const pushes: { other: number; pointM: Vec3; impulseNs: Vec3 }[] = [];
  const seen = new Uint8Array(bodyCount);
  let bodies: number[] = [];
  return {
    get bodies() {
      return bodies;
    },
    add(contacts, share) {
      if (share <= 0) return;
      for (const { bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs } of contacts) {
        if ((bodyA !== body && bodyB !== body) || normalImpulseNs === 0) continue;
        const other = bodyA === body ? bodyB : bodyA;
        const onB = add(scale(normal, normalImpulseNs), tangentImpulseNs);
        pushes.push({ other, pointM, impulseNs: scale(onB, bodyB === body ? share : -share) });
        if (seen[other] === 0) {
          seen[other] = 1;
          bodies.push(other);
          bodies.sort((a, b) => a - b);
        }
      }
    },
    impulseOn(other, counts) {
      let sum: Vec3 | null = null;
      for (const push of pushes)
        if (push.other === other && counts(push.pointM)) sum = add(sum ?? ZERO, push.impulseNs);
      return sum;
    },
    clear() {
      if (pushes.length === 0) return;
      pushes.length = 0;
      bodies = [];
      seen.fill(0);
    },
  };
}
