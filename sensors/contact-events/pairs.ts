import type { Vec3 } from '../../core/math/vector.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { pairFriction } from '../touch/felt-forces.js';

/** What an event is, as it stands in a row. */
export const EVENT_KINDS = { begin: 1, end: 2, slip: 3, stick: 4 } as const;

/** Something that happened between two bodies. */
export interface ContactEvent {
  readonly kind: (typeof EVENT_KINDS)[keyof typeof EVENT_KINDS];
  readonly timeNs: bigint;
  /** Indices, bodyA < bodyB. */
  readonly bodyA: number;
  readonly bodyB: number;
  /** Mean normal force during the step of the event; of an end: the last one, N. */
  readonly forceN: number;
  /** Normal impulse since the contact began, the event's step included, N s. */
  readonly impulseNs: number;
  /** Tangential over normal force. */
  readonly ratio: number;
  /** Centre of pressure, world frame. */
  readonly pointM: Vec3;
}

/** What all contacts of a pair did during one step. */
interface PairStep {
  readonly bodyA: number;
  readonly bodyB: number;
  normalNs: number;
  readonly frictionNs: [number, number, number];
  /** Sum of points times normal impulse. */
  readonly pointNs: [number, number, number];
}

interface Touch {
  last: PairStep;
  /** End of the last step with contact. */
  lastNs: bigint;
  impulseNs: number;
  isSlipping: boolean;
  /** When the pair came to its limit of friction; null while it sticks. */
  slipsSinceNs: bigint | null;
}

export interface PairSettings {
  /** Index of the body whose contacts count; -1 for all. */
  readonly body: number;
  readonly minForceN: number;
  readonly gapS: number;
  readonly slipShare: number;
  readonly shortestSlipS: number;
}

/** Slipping ends only below this share of `slipShare`, so that a ratio at the limit does not chatter. */
const STICKING_SHARE = 0.95;

/**
 * Makes the bookkeeper of contacts: it takes frames in order and returns what happened in the step that led to each, by
 * bodies, then kind. Events have the time at which their step begins; an end, the end of the last step with contact.
 *
 * A pair slips while |T| >= slipShare mu N, with T and N summed over its contacts and mu the pair's Coulomb coefficient; a
 * slip is told of once it has lasted `shortestSlipS`, with the time of its onset.
 */
export function createPairBook(spec: SimSpec, settings: PairSettings) {
  const stepS = 1 / spec.physics.stepHz;
  const shortestNs = BigInt(Math.round(settings.shortestSlipS * 1e9));
  const gapNs = BigInt(Math.round(settings.gapS * 1e9));
  const touches = new Map<number, Touch>();
  const frictionOf = (step: PairStep): number =>
    pairFriction(spec.bodies[step.bodyA]!, spec.bodies[step.bodyB]!);
  const report = (kind: ContactEvent['kind'], { last, impulseNs }: Touch, timeNs: bigint): ContactEvent => {
    const { bodyA, bodyB, normalNs, pointNs } = last;
    const pointM: Vec3 = [pointNs[0] / normalNs, pointNs[1] / normalNs, pointNs[2] / normalNs];
    return { kind, timeNs, bodyA, bodyB, forceN: normalNs / stepS, impulseNs, ratio: ratioOf(last), pointM };
  };
  const meet = (key: number, step: PairStep, startNs: bigint, endNs: bigint): ContactEvent[] => {
    const events: ContactEvent[] = [];
    const known = touches.get(key);
    const touch = known ?? { last: step, lastNs: endNs, impulseNs: 0, isSlipping: false, slipsSinceNs: null };
    touch.last = step;
    touch.lastNs = endNs;
    touch.impulseNs += step.normalNs;
    touches.set(key, touch);
    if (known === undefined) events.push(report(EVENT_KINDS.begin, touch, startNs));
    const limit = settings.slipShare * frictionOf(step);
    const ratio = ratioOf(step);
    const slips = limit > 0 && ratio >= limit * (touch.slipsSinceNs === null ? 1 : STICKING_SHARE);
    if (!slips) {
      if (touch.isSlipping) events.push(report(EVENT_KINDS.stick, touch, startNs));
      touch.slipsSinceNs = null;
      touch.isSlipping = false;
      return events;
    }
    touch.slipsSinceNs ??= startNs;
    if (!touch.isSlipping && endNs - touch.slipsSinceNs >= shortestNs) {
      touch.isSlipping = true;
      events.push(report(EVENT_KINDS.slip, touch, touch.slipsSinceNs));
    }
    return events;
  };
  return (before: SimFrame, after: SimFrame): ContactEvent[] => {
    const events: ContactEvent[] = [];
    const present = sumPairs(after, spec.bodies.length, settings.body);
    for (const [key, step] of present) {
      if (step.normalNs < settings.minForceN * stepS) present.delete(key);
    }
    for (const key of [...touches.keys(), ...present.keys()].sort((a, b) => a - b)) {
      const step = present.get(key);
      const touch = touches.get(key);
      present.delete(key);
      if (step !== undefined) events.push(...meet(key, step, before.timeNs, after.timeNs));
      else if (touch !== undefined && after.timeNs - touch.lastNs > gapNs) {
        touches.delete(key);
        events.push(report(EVENT_KINDS.end, touch, touch.lastNs));
      }
    }
    return events;
  };
}

function ratioOf({ normalNs, frictionNs: [x, y, z] }: PairStep): number {
  return Math.sqrt(x * x + y * y + z * z) / normalNs;
}

/** Adds the contacts of a step up, pair by pair. */
function sumPairs({ contacts }: SimFrame, bodies: number, only: number): Map<number, PairStep> {
  const pairs = new Map<number, PairStep>();
  for (const { bodyA, bodyB, pointM, normalImpulseNs, tangentImpulseNs } of contacts) {
    if (only >= 0 && bodyA !== only && bodyB !== only) continue;
    const key = bodyA * bodies + bodyB;
    const known = pairs.get(key);
    const pair = known ?? { bodyA, bodyB, normalNs: 0, frictionNs: [0, 0, 0], pointNs: [0, 0, 0] };
    if (known === undefined) pairs.set(key, pair);
    pair.normalNs += normalImpulseNs;
    for (const axis of [0, 1, 2] as const) {
      pair.frictionNs[axis] += tangentImpulseNs[axis];
      pair.pointNs[axis] += pointM[axis] * normalImpulseNs;
    }
  }
  return pairs;
}
