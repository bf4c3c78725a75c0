import { acos, cos, pow } from '../../core/math/exact.js';
import { type Pose, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { dot, lerp, type Vec3 } from '../../core/math/vector.js';
import type { Air } from './air.js';
import type { Microphone } from './specification.js';

/** One microphone as it hears one source: keeps the state of the filters between blocks. */
export interface Listener {
  /** Whether it stays where it is through the block. */
  readonly isStill: boolean;
  /** Where it is, a share of the block through. World frame. */
  at(share: number): Vec3;
  /** What it makes of a direction (from the microphone to the source, of length `distance`): gain, and a longer way around the head. */
  direct(awayM: Vec3, distance: number, share: number): Hearing;
  /** Says how far the sound came, for what air takes. */
  setDistance(distanceM: number, air: Air): void;
  /** Whether neither air nor a head changes the sound's colour now: `absorb` need not be asked. */
  readonly isFlat: boolean;
  /** Filters the next sample: air and, for an ear, the head's shadow. */
  absorb(sample: number): number;
}

/** Where microphones are before and after a block. */
export interface Placement {
  readonly before: Pose;
  readonly after: Pose;
}

/** Omnidirectional share of first-order patterns; the rest is a figure of eight (Eargle: The Microphone Book, 2004). */
const OMNI_SHARE = {
  omni: 1,
  cardioid: 0.5,
  supercardioid: 0.366,
  hypercardioid: 0.25,
  'figure-eight': 0,
} as const;

/** Sharpest shadow of a head, and the angle from the ear at which it lies (Brown and Duda 1998). */
const LEAST_SHADE = 0.1;
const DARKEST_RAD = (150 * Math.PI) / 180;

/** What a microphone makes of sound from a direction. */
export interface Hearing {
  readonly gain: number;
  /** How much longer the way around the head is than to its middle. */
  readonly extraM: number;
  /** Gain of the head's shadow at high frequencies; 1 without a head. */
  readonly shade: number;
}

/** Tells what a microphone of an orientation makes of sound from away, `distance` long. */
export type Directivity = (orientation: Quaternion, awayM: Vec3, distance: number) => Hearing;

/**
 * Makes a microphone's directivity.
 *
 * A first-order pattern has the gain `a + (1 - a) cos(angle to its axis)`. An ear sits on a ball of `headRadiusM` about its
 * position: sound goes straight to it or around the ball (Woodworth 1938), and the ball's shadow is one pole and one zero
 * whose gain at high frequencies falls from 2 at the ear to 0.1 behind (Brown and Duda 1998).
 */
export function createDirectivity({
  pattern,
  gainDb,
  headRadiusM,
}: Pick<Microphone, 'pattern' | 'gainDb' | 'headRadiusM'>): Directivity {
  const sensitivity = pow(10, gainDb / 20);
  const axis: Vec3 = pattern === 'left-ear' ? [0, 1, 0] : pattern === 'right-ear' ? [0, -1, 0] : [1, 0, 0];
  const omni = isEarPattern(pattern) ? 1 : OMNI_SHARE[pattern];
  if (pattern === 'omni') return () => ({ gain: sensitivity, extraM: 0, shade: 1 });
  return (orientation, awayM, distance) => {
    const facing = rotate(orientation, axis);
    const cosine = distance === 0 ? 0 : Math.min(1, Math.max(-1, dot(facing, awayM) / distance));
    if (!isEarPattern(pattern))
      return { gain: sensitivity * (omni + (1 - omni) * cosine), extraM: 0, shade: 1 };
    const angle = acos(cosine);
    const extraM = angle <= Math.PI / 2 ? -headRadiusM * cosine : headRadiusM * (angle - Math.PI / 2);
    return { gain: sensitivity, extraM, shade: shadeAt(angle) };
  };
}

/** Returns the gain of a head's shadow at a frequency, from that at high ones. */
export function shadowGain(
  shade: number,
  frequencyHz: number,
  headRadiusM: number,
  speedMps: number,
): number {
  const x = (Math.PI * frequencyHz * headRadiusM) / speedMps;
  return Math.sqrt((1 + shade * x * (shade * x)) / (1 + x * x));
}

function isEarPattern(pattern: Microphone['pattern']): pattern is 'left-ear' | 'right-ear' {
  return pattern === 'left-ear' || pattern === 'right-ear';
}

/**
 * Makes a microphone as one source is heard by it (`createDirectivity`).
 *
 * @param placement is read anew at each call.
 */
export function createListener(
  { pattern, gainDb, headRadiusM }: Microphone,
  placement: () => Placement,
  speedMps: number,
  rateHz: number,
): Listener {
  const isEar = isEarPattern(pattern);
  const hear = createDirectivity({ pattern, gainDb, headRadiusM });
  let keep = 0;
  let held = 0;
  let shade = 1;
  let lastIn = 0;
  let lastOut = 0;
  // The pole of the head's shadow lies at 2 c / a.
  const cutoff = isEar ? (2 * speedMps) / headRadiusM : 0;
  const k = cutoff / (2 * rateHz);
  return {
    get isFlat() {
      return !isEar && keep === 0;
    },
    get isStill() {
      const { before, after } = placement();
      return before === after;
    },
    at(share) {
      const { before, after } = placement();
      return before === after ? after.positionM : lerp(before.positionM, after.positionM, share);
    },
    direct(awayM, distance, share) {
      const { before, after } = placement();
      const heard = hear(share < 0.5 ? before.orientation : after.orientation, awayM, distance);
      shade = heard.shade;
      return heard;
    },
    setDistance(distanceM, air) {
      keep = air.nearPole(distanceM);
    },
    absorb(sample) {
      held = sample + keep * (held - sample);
      if (!isEar) return held;
      // (shade s + w) / (s + w) by the bilinear transform.
      const out = ((shade + k) * held + (k - shade) * lastIn - (k - 1) * lastOut) / (1 + k);
      lastIn = held;
      lastOut = out;
      return out;
    },
  };
}

/** Gain of the head's shadow at high frequencies: 2 towards the ear, `LEAST_SHADE` at 150 degrees from it. */
function shadeAt(angle: number): number {
  const cosine = cos((angle / DARKEST_RAD) * Math.PI);
  return 1 + LEAST_SHADE / 2 + (1 - LEAST_SHADE / 2) * cosine;
}
