import { cos, exp, log, sin } from '../../../core/math/exact.js';
import { BANDS_HZ } from './bands.js';

/** What a wall makes of the sound that it reflects. */
export interface WallFilter {
  /** Filters samples into `out`, which may be the same array. */
  process(samples: Float64Array, out: Float64Array, count: number): void;
}

/** b0 b1 b2 a1 a2 of a section of the second order. */
type Section = readonly [number, number, number, number, number];

/** A wall that swallows everything still has a logarithm. */
const LEAST_GAIN = 0.03;
/** An octave's bandwidth. */
const Q = Math.SQRT2;
/** Log gain at which the bands' influence on each other is taken. */
const PROTOTYPE = 0.5;
const ROUNDS = 8;
/** Where a wall's gain is held to one at most, as shares of the sampling rate. */
const CHECKED = Array.from({ length: 240 }, (_, k) => 0.5 * exp(-0.03 * k));

/**
 * Makes the filter of a reflection: a graphic equaliser of a section a band (Bristow-Johnson's shelves and peaks; minimum phase,
 * nothing comes late), whose gains are solved so that together they have the wall's at the middle of each band,
 * `sqrt(1 - absorption)` (Valimaki and Liski 2017), and never more than one.
 *
 * @param absorption [bands] share of energy.
 */
export function createWallFilter(absorption: readonly number[], rateHz: number): WallFilter {
  const { gain, sections } = solveSections(absorption, rateHz);
  const state = new Float64Array(2 * sections.length);
  return {
    process(samples, out, count) {
      for (let n = 0; n < count; n++) out[n] = gain * samples[n]!;
      for (const [k, [b0, b1, b2, a1, a2]] of sections.entries()) {
        let one = state[2 * k]!;
        let two = state[2 * k + 1]!;
        for (let n = 0; n < count; n++) {
          const x = out[n]!;
          const y = b0 * x + one;
          one = b1 * x - a1 * y + two;
          two = b2 * x - a2 * y;
          out[n] = y;
        }
        state[2 * k] = one;
        state[2 * k + 1] = two;
      }
    },
  };
}

function solveSections(absorption: readonly number[], rateHz: number) {
  if (absorption.every((share) => share === 1)) return { gain: 0, sections: [] };
  const heard = BANDS_HZ.filter((hz) => hz < 0.45 * rateHz);
  const targets = heard.map((_, band) => log(Math.max(LEAST_GAIN, Math.sqrt(1 - absorption[band]!))));
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  if (targets.every((target) => Math.abs(target - mean) < 1e-9)) return { gain: exp(mean), sections: [] };
  const influence = heard.map((hz) =>
    heard.map((_, band) => logGain([sectionOf(band, PROTOTYPE, rateHz)], hz, rateHz) / PROTOTYPE),
  );
  const gains = targets.map(() => 0);
  const build = (): Section[] => gains.map((gain, band) => sectionOf(band, gain, rateHz));
  for (let round = 0; round < ROUNDS; round++) {
    const sections = build();
    const rows = heard.map((hz, band) => [
      ...influence[band]!,
      targets[band]! - mean - logGain(sections, hz, rateHz),
    ]);
    for (const [band, step] of solve(rows).entries()) gains[band]! += step;
  }
  const sections = build();
  const loudest = CHECKED.map((share) => mean + logGain(sections, share * rateHz, rateHz));
  return { gain: exp(mean - Math.max(0, ...loudest)), sections };
}

/** A low shelf for the lowest band, a high shelf for the highest, peaks between (Bristow-Johnson: Audio EQ Cookbook). */
function sectionOf(band: number, logGain: number, rateHz: number): Section {
  const last = BANDS_HZ.length - 1;
  const isShelf = band === 0 || band === last;
  const hz = BANDS_HZ[band]! * (band === 0 ? Math.SQRT2 : band === last ? Math.SQRT1_2 : 1);
  const w = (2 * Math.PI * Math.min(hz, 0.45 * rateHz)) / rateHz;
  const [c, a] = [cos(w), exp(logGain / 2)];
  if (!isShelf) {
    const alpha = sin(w) / (2 * Q);
    const a0 = 1 + alpha / a;
    return [(1 + alpha * a) / a0, (-2 * c) / a0, (1 - alpha * a) / a0, (-2 * c) / a0, (1 - alpha / a) / a0];
  }
  // A high shelf is a low one seen from the other end of the circle.
  const d = band === 0 ? c : -c;
  const turn = band === 0 ? 1 : -1;
  const root = 2 * Math.sqrt(a) * sin(w) * Math.SQRT1_2;
  const a0 = a + 1 + (a - 1) * d + root;
  return [
    (a * (a + 1 - (a - 1) * d + root)) / a0,
    (turn * 2 * a * (a - 1 - (a + 1) * d)) / a0,
    (a * (a + 1 - (a - 1) * d - root)) / a0,
    (turn * -2 * (a - 1 + (a + 1) * d)) / a0,
    (a + 1 + (a - 1) * d - root) / a0,
  ];
}

function logGain(sections: readonly Section[], hz: number, rateHz: number): number {
  const w = (2 * Math.PI * hz) / rateHz;
  const [c1, s1, c2, s2] = [cos(w), sin(w), cos(2 * w), sin(2 * w)];
  let sum = 0;
  for (const [b0, b1, b2, a1, a2] of sections) {
    const [br, bi] = [b0 + b1 * c1 + b2 * c2, b1 * s1 + b2 * s2];
    const [ar, ai] = [1 + a1 * c1 + a2 * c2, a1 * s1 + a2 * s2];
    sum += log((br * br + bi * bi) / (ar * ar + ai * ai)) / 2;
  }
  return sum;
}

/** Solves linear equations, each a row of coefficients and its right side, by elimination; the diagonal leads. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const share = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= share * rows[k]![j]!;
    }
  }
  return rows.map((row, k) => row[n]! / row[k]!);
}
