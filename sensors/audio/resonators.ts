import { cos, exp, sin } from '../../core/math/exact.js';
import { driveModes, driveOne, type Filters, ringModes } from './resonator-kernels.js';

/** A half-sine push on a bank of modes. */
interface Push {
  /** By mode: the modal impulse. */
  readonly impulses: Float64Array;
  /** First instant of the push, in samples, not whole in general. */
  readonly start: number;
  readonly length: number;
}

/** A push of any shape on the samples of one call. */
interface Drive {
  readonly gains: Float64Array;
  readonly impulses: Float64Array;
}

/** Modes that sound more quietly than this (Pa at 1 m) are at rest: 100 dB below the threshold of hearing. */
const SILENCE_PA_M = 2e-10;

/** A sample answers what was pushed around the instant one sample before, so that nothing is answered before it is known. */
export const RESONATOR_LAG = 1;

/** Modes of a body as digital resonators. */
export interface ResonatorBank {
  /**
   * Begins a half-sine push of `length` samples at instant `start` (samples from time 0, not before what was rendered).
   *
   * @param impulses by mode, sqrt(kg) m/s; kept, not copied.
   */
  push(impulses: Float64Array, start: number, length: number): void;
  /**
   * Drives the modes in the next `render` alone, on top of the pushes.
   *
   * @param gains by mode, sqrt(kg) m/s per N s; kept until then, not copied.
   * @param impulses N s in each of the samples to be rendered; sample i acts at the instant of sample i - RESONATOR_LAG.
   */
  drive(gains: Float64Array, impulses: Float64Array): void;
  /** Kinetic and elastic energy of the modes as they ring now, J. It falls by exp(-2 decay / rate) a sample. */
  energyJ(): number;
  /**
   * Adds the next `count` samples to `out`, in units of `weights` times modal velocity, RESONATOR_LAG samples late.
   *
   * @returns whether anything sounded.
   */
  render(out: Float64Array, count: number): boolean;
}

/**
 * Creates the resonators of modes q'' + 2 d q' + w^2 q = phi^T f at a sampling rate, heard by their velocity q'.
 *
 * Two poles and a zero each, exact at the samples for an impulse at a sample (impulse invariance):
 * `q'(t) = exp(-d t) (cos wd t - d / wd sin wd t)`, `wd^2 = w^2 - d^2`. A push is shared between its two neighbouring
 * samples instant by instant, so that its impulse and its centre in time are exact however short it is; what this takes
 * from a mode's strength, (sin x / x)^2 with x = w / 2 rate, is given back. Overdamped modes are silent.
 */
export function createResonators(
  frequencyHz: Float64Array,
  decayPerS: Float64Array,
  weights: Float64Array,
  rateHz: number,
): ResonatorBank {
  const count = frequencyHz.length;
  const feedback1 = new Float64Array(count);
  const feedback2 = new Float64Array(count);
  const feedforward = new Float64Array(count);
  const gains = new Float64Array(count);
  const energies = new Float64Array(count);
  for (let mode = 0; mode < count; mode++) {
    const d = decayPerS[mode]!;
    const w = 2 * Math.PI * frequencyHz[mode]!;
    if (d >= w) continue;
    const damped = Math.sqrt(w * w - d * d);
    const decay = exp(-d / rateHz);
    const cosine = cos(damped / rateHz);
    feedback1[mode] = 2 * decay * cosine;
    feedback2[mode] = -decay * decay;
    feedforward[mode] = -decay * (cosine + (d / damped) * sin(damped / rateHz));
    const x = w / (2 * rateHz);
    const taken = sin(x) / x;
    gains[mode] = weights[mode]! / (taken * taken);
    energies[mode] = 0.5 / (taken * taken * taken * taken);
  }
  const last = new Float64Array(count);
  const beforeLast = new Float64Array(count);
  const filters: Filters = { feedback1, feedback2, feedforward, gains, last, beforeLast };
  /** The modes to be rendered, in front. */
  const which = new Int32Array(count);
  let pushes: Push[] = [];
  let drives: Drive[] = [];
  let input = new Float64Array(0);
  let rendered = 0;
  let sounding = false;

  return {
    push(impulses, start, length) {
      pushes.push({ impulses, start, length });
    },
    drive(modal, impulses) {
      drives.push({ gains: modal, impulses });
    },
    energyJ() {
      let sum = 0;
      for (let mode = 0; mode < count; mode++) {
        const [s1, s2] = [last[mode]!, beforeLast[mode]!];
        // s(n) = r^n sin((n + 1) a) / sin a: this form of it is r^2n.
        sum += energies[mode]! * (s1 * s1 - feedback1[mode]! * s1 * s2 - feedback2[mode]! * s2 * s2);
      }
      return sum;
    },
    render(out, samples) {
      const first = rendered;
      rendered += samples;
      const active = pushes.filter(({ start }) => start < rendered - 1);
      const driven = active.length + drives.length > 0;
      if (!driven && !sounding) return false;
      let living = 0;
      for (let mode = 0; mode < count; mode++)
        if (gains[mode] !== 0 && (driven || last[mode] !== 0)) which[living++] = mode;
      if (driven) {
        const shares = active.map((push) => ({
          gains: push.impulses,
          impulses: shareOut(push, first, samples),
        }));
        drive([...shares, ...drives], living, out, samples);
        sounding = true;
      } else {
        ringModes(filters, which, living, out, samples);
        sounding = settle(living);
      }
      pushes = pushes.filter(({ start, length }) => start + length > rendered - 3);
      drives = [];
      return true;
    },
  };

  function drive(all: readonly Drive[], living: number, out: Float64Array, samples: number): void {
    const [only, second] = all;
    if (second === undefined) {
      driveModes(filters, which, living, only!.impulses, only!.gains, out, samples);
      return;
    }
    if (input.length < samples) input = new Float64Array(samples);
    for (let index = 0; index < living; index++) {
      const mode = which[index]!;
      input.fill(0, 0, samples);
      for (const { gains: modal, impulses } of all) addTo(input, modal[mode]!, impulses, samples);
      driveOne(filters, mode, input, 1, out, samples);
    }
  }

  /** Brings modes that have died away to rest; returns whether any still sounds. */
  function settle(living: number): boolean {
    let any = false;
    for (let index = 0; index < living; index++) {
      const mode = which[index]!;
      const quiet =
        Math.abs(gains[mode]!) * (Math.abs(last[mode]!) + Math.abs(beforeLast[mode]!)) < SILENCE_PA_M;
      if (quiet) last[mode] = beforeLast[mode] = 0;
      else any = true;
    }
    return any;
  }
}

/**
 * The share of a push's impulse in each sample: its integral under a triangle two samples wide, as the second difference
 * of the push's second integral. All shares of a push sum to one.
 */
function shareOut({ start, length }: Push, first: number, count: number): Float64Array {
  const shares = new Float64Array(count);
  const integral = (instant: number): number => {
    const phase = (instant - start) / length;
    if (phase <= 0) return 0;
    if (phase >= 1) return instant - start - length / 2;
    return (length / 2) * (phase - sin(Math.PI * phase) / Math.PI);
  };
  let before = integral(first - 2);
  let now = integral(first - 1);
  for (let index = 0; index < count && first + index - 2 < start + length; index++) {
    const next = integral(first + index);
    shares[index] = next - 2 * now + before;
    before = now;
    now = next;
  }
  return shares;
}

function addTo(input: Float64Array, factor: number, values: Float64Array, samples: number): void {
  if (factor === 0) return;
  for (let sample = 0; sample < samples; sample++) input[sample]! += factor * values[sample]!;
}
