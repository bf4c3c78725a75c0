import { cbrt } from '../../core/math/exact.js';
import { add, cross, dot, length, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';
import { hertzPair, velocityAt } from './impacts.js';
import { createSurfaceProfile, type SurfaceProfile } from './surface-profile.js';

/** Where a rubbing pair of bodies touches: directions are of the force on body B and their lengths its share there. */
export interface FrictionPlace {
  readonly pointM: Vec3;
  readonly directionOnB: Vec3;
}

/** What the roughness of two bodies that slide or roll on each other does to both. */
export interface FrictionForce {
  readonly bodyA: number;
  readonly bodyB: number;
  /** The same array for as long as the places count as the same, so that what follows from it can be kept. World frame. */
  readonly places: readonly FrictionPlace[];
  /** [count] impulse of each sample on body B along the places' directions, N s; body A gets the opposite. */
  readonly impulsesNs: Float64Array;
}

/** The rubbing of all bodies of a scene; one state a pair. */
export interface FrictionSound {
  /** Yields what sounds in the step that ends with `frame`, in samples; call it once for every step, in order. */
  excite(frame: SimFrame, count: number): FrictionForce[];
}

/** Slower than the first of these, contacts are silent (what a solver leaves of rest); from the second on they count fully. */
const STILL_MPS = 0.002;
const MOVING_MPS = 0.01;
/** Steps for which the places of a pair are kept. */
const PLACES_KEPT = 16;
/** Stiffness of two rough faces is load / (this times their height): Akarapu, Sharp, Robbins, Phys. Rev. Lett. 106, 2011. */
const ROUGH_SHARE = 0.5;
/** A rolling contact presses the asperities flat and leaves them; a sliding one breaks over them. */
const ROLLING_SHARE = 0.3;

/** What one pair has done so far. */
interface Pair {
  readonly slide: SurfaceProfile;
  readonly roll: SurfaceProfile;
  readonly radiusM: number;
  readonly modulusPa: number;
  /** Root mean square height of the two surfaces together, m. */
  readonly heightM: number;
  readonly curvaturePerM: number;
  slidM: number;
  rolledM: number;
  motion: Motion;
  /** Normal force in the last step, N. */
  pressedN: number;
  places: readonly FrictionPlace[];
  placesAge: number;
}

interface Motion {
  readonly slideMps: number;
  readonly rollMps: number;
  readonly loadN: number;
}

const AT_REST: Motion = { slideMps: 0, rollMps: 0, loadN: 0 };

/**
 * Creates the excitation of bodies that slide and roll on each other.
 *
 * The contact reads a fractal profile (`createSurfaceProfile`) along its path (van den Doel, Kry, Pai: FoleyAutomatic,
 * SIGGRAPH 2001; Agarwal, Cusimano, Traer, McDermott: Object-based synthesis of scraping and rolling sounds, DAFx 2021).
 * The force of a height h is `F h / (0.5 s + 2 d / 3)`: of asperities of root mean square height s that give way in
 * proportion to the load F, and of the bodies, which give way by Hertz' depth d, in series; it never pulls, so it stays
 * below F. A sliding patch of Hertz' radius a averages over its asperities, power `1 / (1 + k a)`; a rolling one as a wheel
 * does, `1 / (1 + pi / 4 (k a)^3)` (Remington: Wheel/rail rolling noise I, J. Acoust. Soc. Am. 81, 1987), at 0.3 of the
 * force. Rolling speed is `|relative spin x normal| / curvature` (Montana 1988). Deterministic: a profile depends on the
 * scenario, seed, episode and the two bodies' names alone. Stick-slip (squeal) is not modelled.
 */
export function createFrictionSound(spec: SimSpec, rateHz: number): FrictionSound {
  const pairs = new Map<number, Pair>();
  let heights = new Float64Array(0);
  return {
    excite(frame, count) {
      const touching = groupByPair(frame, spec);
      const forces: FrictionForce[] = [];
      for (const [key, { slideMps, rollMps, pressedN, contacts }] of touching) {
        const { bodyA, bodyB } = contacts[0]!;
        const pair = pairs.get(key) ?? createPair(spec, bodyA, bodyB);
        pairs.set(key, pair);
        // What presses harder than it did is a blow and sounds as one.
        const loadN = Math.min(pressedN, pair.pressedN);
        pair.pressedN = pressedN;
        const before = pair.motion;
        const rollAlong = rollMps / pair.curvaturePerM;
        const now = { slideMps: fadeIn(slideMps), rollMps: fadeIn(rollAlong), loadN };
        pair.motion = now;
        if (before.slideMps + now.slideMps + before.rollMps + now.rollMps === 0) continue;
        if (before.loadN + loadN === 0 || count === 0) continue;
        if (heights.length < count) heights = new Float64Array(count);
        const impulsesNs = new Float64Array(count);
        rub(pair, before, now, impulsesNs, heights, rateHz);
        if (pair.placesAge++ % PLACES_KEPT === 0) pair.places = placesOf(contacts, pressedN);
        forces.push({ bodyA, bodyB, places: pair.places, impulsesNs });
      }
      for (const [key, pair] of pairs) {
        if (touching.has(key)) continue;
        pair.motion = AT_REST;
        pair.pressedN = 0;
        pair.placesAge = 0;
      }
      return forces;
    },
  };
}

/** A speed, less than it is near rest and 0 at rest. */
function fadeIn(speedMps: number): number {
  if (speedMps <= STILL_MPS) return 0;
  return speedMps * Math.min(1, (speedMps - STILL_MPS) / (MOVING_MPS - STILL_MPS));
}

interface Touch {
  /** Root mean square over the points of contact, weighted by their force. */
  slideMps: number;
  /** |relative spin x normal|, 1/s. */
  rollMps: number;
  pressedN: number;
  readonly contacts: Contact[];
}

function groupByPair(frame: SimFrame, spec: SimSpec): Map<number, Touch> {
  const touching = new Map<number, Touch>();
  for (const contact of frame.contacts) {
    const { bodyA, bodyB, normal, pointM } = contact;
    const forceN = contact.normalImpulseNs * spec.physics.stepHz;
    if (!(forceN > 0)) continue;
    const key = bodyA * spec.bodies.length + bodyB;
    const touch = touching.get(key) ?? { slideMps: 0, rollMps: 0, pressedN: 0, contacts: [] };
    touching.set(key, touch);
    const past = subtract(velocityAt(frame, bodyB, pointM), velocityAt(frame, bodyA, pointM));
    const along = subtract(past, scale(normal, dot(past, normal)));
    const turning = cross(subtract(spinOf(frame, bodyB), spinOf(frame, bodyA)), normal);
    touch.slideMps += forceN * dot(along, along);
    touch.rollMps += forceN * length(turning);
    touch.pressedN += forceN;
    touch.contacts.push(contact);
  }
  for (const touch of touching.values()) {
    touch.slideMps = Math.sqrt(touch.slideMps / touch.pressedN);
    touch.rollMps /= touch.pressedN;
  }
  return touching;
}

function spinOf({ velocities }: SimFrame, body: number): Vec3 {
  return [velocities[body * 6 + 3]!, velocities[body * 6 + 4]!, velocities[body * 6 + 5]!];
}

function placesOf(contacts: readonly Contact[], pressedN: number): FrictionPlace[] {
  const total = contacts.reduce((sum, { normalImpulseNs }) => sum + normalImpulseNs, 0);
  if (!(pressedN > 0) || !(total > 0)) return [];
  return contacts
    .filter(({ normalImpulseNs }) => normalImpulseNs > 0)
    .map(({ pointM, normal, normalImpulseNs, tangentImpulseNs }) => ({
      pointM,
      directionOnB: scale(add(scale(normal, normalImpulseNs), tangentImpulseNs), 1 / total),
    }));
}

function createPair(spec: SimSpec, bodyA: number, bodyB: number): Pair {
  const [a, b] = [spec.bodies[bodyA]!, spec.bodies[bodyB]!];
  const name = [spec.scenario, 'episode', spec.episode, 'roughness', a.name, b.name];
  const [first, second] = [a.material.asperityM, b.material.asperityM];
  const { radiusM, modulusPa } = hertzPair(a, b);
  return {
    slide: createSurfaceProfile(spec.seed, ...name, 'slide'),
    roll: createSurfaceProfile(spec.seed, ...name, 'roll'),
    radiusM,
    modulusPa,
    heightM: Math.sqrt(first * first + second * second),
    curvaturePerM: rollingCurvature(a) + rollingCurvature(b) || 1 / radiusM,
    slidM: 0,
    rolledM: 0,
    motion: AT_REST,
    pressedN: 0,
    places: [],
    placesAge: 0,
  };
}

/** Curvature of what rolls: balls, capsules, cylinders and cones on their sides; other bodies tip over their edges. */
function rollingCurvature({ shape }: BodySpec): number {
  return shape.kind === 'box' || shape.kind === 'mesh' ? 0 : 1 / shape.radiusM;
}

/** Fills in the impulses of one step and moves the pair on along its paths. */
function rub(
  pair: Pair,
  before: Motion,
  now: Motion,
  impulsesNs: Float64Array,
  heights: Float64Array,
  rateHz: number,
): void {
  const count = impulsesNs.length;
  const most = Math.max(before.loadN, now.loadN);
  const patchM = cbrt((0.75 * most * pair.radiusM) / pair.modulusPa);
  const softM = ROUGH_SHARE * pair.heightM + ((2 / 3) * patchM * patchM) / pair.radiusM;
  const perHeight = pair.heightM / softM;
  const apply = (
    profile: SurfaceProfile,
    from: number,
    to: number,
    fromM: number,
    rolling: boolean,
  ): number => {
    if (from + to === 0) return fromM;
    heights.fill(0, 0, count);
    const patch = (k: number): number => {
      const x = k * patchM;
      return rolling ? 1 / (1 + (Math.PI / 4) * x * x * x) : 1 / (1 + x);
    };
    const end = profile.read(heights, count, { fromM, fromMps: from, toMps: to, rateHz, patch });
    const share = rolling ? ROLLING_SHARE : 1;
    for (let sample = 0; sample < count; sample++) {
      const along = (sample + 1) / count;
      const loadN = before.loadN + (now.loadN - before.loadN) * along;
      const strength = Math.min(1, (from + (to - from) * along) / MOVING_MPS);
      const relative = perHeight * heights[sample]!;
      const force = loadN * strength * (relative / Math.sqrt(1 + relative * relative));
      impulsesNs[sample]! += (share * force) / rateHz;
    }
    return end;
  };
  pair.slidM = apply(pair.slide, before.slideMps, now.slideMps, pair.slidM, false);
  pair.rolledM = apply(pair.roll, before.rollMps, now.rollMps, pair.rolledM, true);
}
