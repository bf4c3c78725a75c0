import { cos, exp, sin } from '../../core/math/exact.js';
import type { Mode } from './modes.js';

/** A half-sine push on a bank of modes. */
interface Push {
  readonly impulseNs: number;
  readonly gains: Float64Array;
  readonly samples: number;
  age: number;
}

/** Below this amplitude of acceleration (m/s2) a bank is silent: 1e-9 Pa from a body of one square metre. */
const SILENCE = 1e-9;

/** A body's modes as digital resonators. */
export interface ResonatorBank {
  /** Starts a push at the next sample; `gains` are the modes' shapes at its point. */
  push(impulseNs: number, durationS: number, gains: Float64Array): void;
  /** Adds `out.length` samples of the mean outward acceleration of the surface, weighted mode by mode, m/s2. */
  render(out: Float64Array): void;
}

/**
 * Creates the resonators of a body: q'' + 2 d q' + w^2 q = force x shape / mass for each mode, by impulse invariance
 * (exact at the samples for an impulse at a sample). A push is a half-sine whose samples sum to its impulse.
 *
 * @param weights how strongly each mode's acceleration is heard.
 */
export function createResonators(
  modes: readonly Mode[],
  weights: Float64Array,
  massKg: number,
  rateHz: number,
): ResonatorBank {
  const count = modes.length;
  const feedback1 = new Float64Array(count);
  const feedback2 = new Float64Array(count);
  const input = new Float64Array(count);
  const output = new Float64Array(count);
  for (const [index, { frequencyHz, decayPerS }] of modes.entries()) {
    const w = 2 * Math.PI * frequencyHz;
    const damped = Math.sqrt(Math.max(0, w * w - decayPerS * decayPerS));
    const decay = exp(-decayPerS / rateHz);
    feedback1[index] = 2 * decay * cos(damped / rateHz);
    feedback2[index] = -decay * decay;
    input[index] = (decay * sin(damped / rateHz)) / (damped * massKg);
    output[index] = -w * w * weights[index]!;
  }
  const last = new Float64Array(count);
  const beforeLast = new Float64Array(count);
  let pushes: Push[] = [];
  let silent = true;

  const renderMode = (mode: number, out: Float64Array, drive: Float64Array): number => {
    const c1 = feedback1[mode]!;
    const c2 = feedback2[mode]!;
    const scale = output[mode]!;
    let q1 = last[mode]!;
    let q2 = beforeLast[mode]!;
    for (let sample = 0; sample < out.length; sample++) {
      const q = c1 * q1 + c2 * q2 + drive[sample]!;
      q2 = q1;
      q1 = q;
      out[sample]! += scale * q;
    }
    last[mode] = q1;
    beforeLast[mode] = q2;
    return Math.abs(scale) * (Math.abs(q1) + Math.abs(q2));
  };

  return {
    push(impulseNs, durationS, gains) {
      const samples = Math.max(1, Math.round(durationS * rateHz));
      pushes.push({ impulseNs, gains, samples, age: 0 });
      silent = false;
    },
    render(out) {
      if (silent) return;
      const forces = pushes.map((push) => forceSamples(push, out.length));
      const drive = new Float64Array(out.length);
      let loudest = 0;
      for (let mode = 0; mode < count; mode++) {
        drive.fill(0);
        for (const [index, force] of forces.entries()) {
          const gain = input[mode]! * pushes[index]!.gains[mode]!;
          for (let sample = 0; sample < force.length; sample++) drive[sample]! += gain * force[sample]!;
        }
        loudest = Math.max(loudest, renderMode(mode, out, drive));
      }
      for (const push of pushes) push.age += out.length;
      pushes = pushes.filter(({ age, samples }) => age < samples);
      if (pushes.length > 0 || loudest > SILENCE) return;
      silent = true;
      last.fill(0);
      beforeLast.fill(0);
    },
  };
}

/** The next samples of a push, each the impulse of one sample's length (N s). */
function forceSamples({ impulseNs, samples, age }: Push, count: number): Float64Array {
  const force = new Float64Array(Math.min(count, samples - age));
  for (let index = 0; index < force.length; index++) {
    const from = cos((Math.PI * (age + index)) / samples);
    const to = cos((Math.PI * (age + index + 1)) / samples);
    force[index] = (impulseNs * (from - to)) / 2;
  }
  return force;
}
