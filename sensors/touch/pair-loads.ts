import { conjugate, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { scale, subtract, type Vec3 } from '../../core/math/vector.js';
import type { Contact, SimFrame } from '../../sim/contract.js';
import { compose, type Mount } from '../mount.js';
import { readPose } from '../ticks.js';

/** What one body did to a patch over an interval; patch frame. */
export interface PairLoad {
  /** Index of the body that pressed. */
  readonly partner: number;
  /** Impulse along the contacts' normals, and by friction, on the patch's body, N s. */
  readonly normalNs: Float64Array;
  readonly frictionNs: Float64Array;
  /** Sum of the sizes of the normal impulses, N s. */
  sizeNs: number;
  /** x y z of each point and its share of `sizeNs`; refilled each interval. */
  points: number[];
}

/** Gathers what touches a patch, until it is read. */
export interface PairLoads {
  /** Adds a share of the contacts of the step that led to `after`; contacts are placed by the poses before it. */
  add(before: SimFrame, after: SimFrame, share: number): void;
  /** What was gathered, by partner in the order of first contact; valid until `clear`. */
  readonly loads: readonly PairLoad[];
  clear(): void;
}

/**
 * Makes a gatherer of contacts on one body.
 *
 * @param feels whether a contact belongs to the patch: its point and the direction of its force on the patch's body, patch
 * frame.
 */
export function createPairLoads(
  { body, carrierFromSensor }: Mount,
  feels: (point: Vec3, force: Vec3) => boolean,
): PairLoads {
  const loads: PairLoad[] = [];
  const spare: PairLoad[] = [];
  const take = (partner: number): PairLoad => {
    const found = loads.find((load) => load.partner === partner);
    if (found) return found;
    const again = spare.pop();
    const fresh = {
      partner,
      normalNs: new Float64Array(3),
      frictionNs: new Float64Array(3),
      sizeNs: 0,
      points: [],
    };
    const load = again ? { ...again, partner } : fresh;
    loads.push(load);
    return load;
  };
  const addContact = (contact: Contact, sensorFromWorld: Quaternion, originM: Vec3, share: number): void => {
    const { bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs } = contact;
    const sign = bodyB === body ? 1 : -1;
    const point = rotate(sensorFromWorld, subtract(pointM, originM));
    const force = rotate(sensorFromWorld, scale(normal, sign));
    if (!feels(point, force)) return;
    const load = take(bodyB === body ? bodyA : bodyB);
    const friction = rotate(sensorFromWorld, scale(tangentImpulseNs, sign * share));
    const size = normalImpulseNs * share;
    for (let axis = 0; axis < 3; axis++) {
      load.normalNs[axis]! += size * force[axis]!;
      load.frictionNs[axis]! += friction[axis]!;
    }
    load.sizeNs += size;
    load.points.push(point[0], point[1], point[2], size);
  };
  return {
    loads,
    add(before, after, share) {
      if (share <= 0 || after.contacts.length === 0) return;
      let worldFromSensor: ReturnType<typeof compose> | null = null;
      for (const contact of after.contacts) {
        if (contact.bodyA !== body && contact.bodyB !== body) continue;
        worldFromSensor ??= compose(readPose(before.poses, body), carrierFromSensor);
        addContact(contact, conjugate(worldFromSensor.orientation), worldFromSensor.positionM, share);
      }
    },
    clear() {
      for (const load of loads) {
        load.normalNs.fill(0);
        load.frictionNs.fill(0);
        load.sizeNs = 0;
        load.points.length = 0;
        spare.push(load);
      }
      loads.length = 0;
    },
  };
}
