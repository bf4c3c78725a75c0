import { UmweltError } from '../../core/errors.js';
import { atan2, cos, log, log10, sin } from '../../core/math/exact.js';
import { fourierTransform } from '../../core/math/fourier.js';
import { fitAmplitudes } from './modal-amplitudes.js';

/** One damped tone `amplitude exp(-decayPerS t) cos(2 pi frequencyHz t + phaseRad)`, t from the first sample fitted. */
export interface FittedMode {
  readonly frequencyHz: number;
  readonly decayPerS: number;
  readonly amplitude: number;
  readonly phaseRad: number;
}

export interface ModalFitOptions {
  /** Most modes to find, the loudest (by energy) first. */
  readonly most?: number;
  /** Tones further below the loudest peak of the spectrum than this are left, dB. */
  readonly rangeDb?: number;
  /** Tones outside are left. */
  readonly lowestHz?: number;
  readonly highestHz?: number;
}

/** Complex pole z = exp((-d + i w) / rate) and residue A / 2 exp(i phase) of one tone. */
interface Pole {
  zr: number;
  zi: number;
  ar: number;
  ai: number;
}

/** Bins to each side of a peak that a tone is fitted to, at least. */
const LEAST_SIDE = 3;
const MOST_SIDE = 24;
const ROUNDS = 12;
const RESCALINGS = 3;

/**
 * Fits damped tones to a sound that rings.
 *
 * A tone's discrete Fourier transform is `c / (1 - z exp(-i w_k))` exactly, c = a (1 - z^N), so the bins around a peak give
 * z and c by linear least squares (Sanathanan, Koerner 1963, for the weights), and a tone's share in every other bin is
 * known. Tones are found one by one, the highest peak of what is left first, and fitted again in turn, each to the
 * transform less all the others' (the RELAX of Li, Stoica 1996 for damped tones). Conjugate poles are counted among the
 * others. Amplitudes and phases are at last those that fit best together.
 *
 * @param samples from the beginning of the ringing; the first 2^n are used.
 * @returns in ascending order of frequency; tones that grow or are wider than they are high in pitch are not returned.
 * @throws UmweltError `invalid-input` for fewer than 64 samples, or samples or a rate that are not finite.
 */
export function fitModes(
  samples: ArrayLike<number>,
  rateHz: number,
  options: ModalFitOptions = {},
): FittedMode[] {
  const { most = 16, rangeDb = 50, lowestHz = 20, highestHz = 0.45 * rateHz } = options;
  requireSound(samples, rateHz);
  let size = 64;
  while (2 * size <= samples.length) size *= 2;
  const bounds = [
    Math.max(LEAST_SIDE + 1, Math.ceil((lowestHz * size) / rateHz)),
    Math.min(size / 2 - LEAST_SIDE - 1, Math.floor((highestHz * size) / rateHz)),
  ] as const;
  const poles: Pole[] = [];
  const residual = transform(samples, size);
  let loudest = 0;
  while (poles.length < most) {
    const peak = highestPeak(residual, bounds, poles, size);
    if (peak === null) break;
    loudest = Math.max(loudest, peak.height);
    if (20 * log10(peak.height / loudest) < -rangeDb) break;
    poles.push(guess(peak.bin, size));
    refine(poles, residual, size, [poles.length - 1]);
    const neighbours = Array.from(poles.keys()).filter(
      (index) => Math.abs(binOf(poles[index]!, size) - peak.bin) < 4 * MOST_SIDE,
    );
    for (let round = 0; round < 2; round++) refine(poles, residual, size, neighbours);
  }
  for (let round = 0; round < ROUNDS; round++) refine(poles, residual, size, Array.from(poles.keys()));
  const sound = poles.filter((pole) => {
    const { frequencyHz, decayPerS } = describe(pole, rateHz);
    const inside = frequencyHz >= lowestHz && frequencyHz <= highestHz;
    return inside && decayPerS > 0 && decayPerS < 2 * Math.PI * frequencyHz;
  });
  const amplitudes = fitAmplitudes(samples, size, sound);
  return sound
    .map((pole, index) =>
      describe({ ...pole, ar: amplitudes[2 * index]! / 2, ai: amplitudes[2 * index + 1]! / 2 }, rateHz),
    )
    .filter(({ amplitude }) => amplitude > 0)
    .sort((a, b) => a.frequencyHz - b.frequencyHz);
}

/**
 * Keeps the modes that stand apart: of tones that overlap (nearer than twice the sum of their half widths at half power)
 * the one of most energy, and none that ring longer than `longestS`. A sound whose pitch glides, or that is noise, comes
 * out of `fitModes` as clusters of tones that mean nothing one by one.
 */
export function distinctModes(modes: readonly FittedMode[], longestS: number): FittedMode[] {
  const energy = ({ amplitude, decayPerS }: FittedMode): number => (amplitude * amplitude) / decayPerS;
  const kept: FittedMode[] = [];
  for (const mode of modes.toSorted((a, b) => energy(b) - energy(a))) {
    if (mode.decayPerS * longestS < 1) continue;
    const apart = kept.every(
      (other) =>
        Math.abs(other.frequencyHz - mode.frequencyHz) > (other.decayPerS + mode.decayPerS) / Math.PI,
    );
    if (apart) kept.push(mode);
  }
  return kept.sort((a, b) => a.frequencyHz - b.frequencyHz);
}

/** The lower half of a discrete Fourier transform, and the cosine and sine of each bin's angle. */
interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

function requireSound(samples: ArrayLike<number>, rateHz: number): void {
  if (!(rateHz > 0) || !Number.isFinite(rateHz))
    throw new UmweltError('invalid-input', { rateHz }, `modal fit: expected a rate above 0, got ${rateHz}`);
  if (samples.length < 64)
    throw new UmweltError(
      'invalid-input',
      { samples: samples.length },
      `modal fit: expected at least 64 samples, got ${samples.length}`,
    );
  for (let index = 0; index < samples.length; index++) {
    if (Number.isFinite(samples[index])) continue;
    throw new UmweltError(
      'invalid-input',
      { index },
      `modal fit: expected finite samples, got ${samples[index]} at ${index}`,
    );
  }
}

function transform(samples: ArrayLike<number>, size: number): Spectrum {
  const real = Float64Array.from({ length: size }, (_, index) => samples[index]!);
  const imaginary = new Float64Array(size);
  fourierTransform(real, imaginary);
  const angles = Float64Array.from({ length: size / 2 }, (_, bin) => (2 * Math.PI * bin) / size);
  return {
    real: real.slice(0, size / 2),
    imaginary: imaginary.slice(0, size / 2),
    cosines: angles.map(cos),
    sines: angles.map(sin),
  };
}

/** The highest local maximum that is not right on a tone already found. */
function highestPeak(
  { real, imaginary }: Spectrum,
  [from, to]: readonly [number, number],
  poles: readonly Pole[],
  size: number,
) {
  const found = poles.map((pole) => binOf(pole, size));
  let best: { bin: number; height: number } | null = null;
  const height = (bin: number): number => real[bin]! * real[bin]! + imaginary[bin]! * imaginary[bin]!;
  for (let bin = from; bin <= to; bin++) {
    const here = height(bin);
    if (here === 0 || here < height(bin - 1) || here < height(bin + 1)) continue;
    if (best !== null && here <= best.height) continue;
    if (found.some((other) => Math.abs(other - bin) < 1.5)) continue;
    best = { bin, height: here };
  }
  return best === null ? null : { bin: best.bin, height: Math.sqrt(best.height) };
}

function guess(bin: number, size: number): Pole {
  const r = 1 - 1 / size;
  const angle = (2 * Math.PI * bin) / size;
  return { zr: r * cos(angle), zi: r * sin(angle), ar: 0, ai: 0 };
}

/** Fits each of the tones `which` anew, keeping `residual` what all tones leave of the spectrum. */
function refine(poles: Pole[], residual: Spectrum, size: number, which: readonly number[]): void {
  for (const index of which) {
    const pole = poles[index]!;
    const before = { ...pole };
    addTone(residual, before, size, 1, false);
    fitOne(pole, residual, size);
    addTone(residual, pole, size, -1, false);
    addTone(residual, before, size, 1, true);
    addTone(residual, pole, size, -1, true);
  }
}

/** Adds a tone, or the conjugate that makes it real, to a spectrum. */
function addTone(spectrum: Spectrum, pole: Pole, size: number, sign: 1 | -1, conjugate: boolean): void {
  if (pole.ar === 0 && pole.ai === 0) return;
  const { real, imaginary, cosines, sines } = spectrum;
  const [cr, ci] = residueTimesEnd(pole, size);
  const flip = conjugate ? -1 : 1;
  const zi = flip * pole.zi;
  for (let bin = 0; bin < size / 2; bin++) {
    const [c, s] = [cosines[bin]!, sines[bin]!];
    const dr = 1 - pole.zr * c - zi * s;
    const di = pole.zr * s - zi * c;
    addQuotient(real, imaginary, bin, sign * cr, sign * flip * ci, dr, di);
  }
}

function addQuotient(
  real: Float64Array,
  imaginary: Float64Array,
  bin: number,
  cr: number,
  ci: number,
  dr: number,
  di: number,
): void {
  const square = dr * dr + di * di;
  real[bin]! += (cr * dr + ci * di) / square;
  imaginary[bin]! += (ci * dr - cr * di) / square;
}

/** c = a (1 - z^N). */
function residueTimesEnd({ zr, zi, ar, ai }: Pole, size: number): readonly [number, number] {
  let [pr, pi] = [zr, zi];
  for (let n = 1; n < size; n *= 2) [pr, pi] = [pr * pr - pi * pi, 2 * pr * pi];
  const [er, ei] = [1 - pr, -pi];
  return [ar * er - ai * ei, ar * ei + ai * er];
}

/** Solves X_k (1 - z e_k) = c around the pole's bin for z and c, weighted by the last 1 / |1 - z e_k|. */
function fitOne(pole: Pole, residual: Spectrum, size: number): void {
  const { cosines, sines } = residual;
  for (let pass = 0; pass < RESCALINGS; pass++) {
    const middle = Math.round(binOf(pole, size));
    const side = Math.min(MOST_SIDE, Math.max(LEAST_SIDE, Math.ceil(2 * halfWidth(pole, size))));
    const from = Math.max(1, middle - side);
    const to = Math.min(size / 2 - 1, middle + side);
    // Unknowns z and c of X = z (X e) + c: normal equations of a 2 x 2 complex system.
    let [uu, u_r, u_i, n, ux_r, ux_i, x_r, x_i] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let bin = from; bin <= to; bin++) {
      const [c, s] = [cosines[bin]!, -sines[bin]!];
      const [xr, xi] = [residual.real[bin]!, residual.imaginary[bin]!];
      const [ur, ui] = [xr * c - xi * s, xr * s + xi * c];
      const dr = 1 - (pole.zr * c - pole.zi * s);
      const di = -(pole.zr * s + pole.zi * c);
      const weight = 1 / (dr * dr + di * di);
      uu += weight * (ur * ur + ui * ui);
      u_r += weight * ur;
      u_i += weight * ui;
      n += weight;
      ux_r += weight * (ur * xr + ui * xi);
      ux_i += weight * (ur * xi - ui * xr);
      x_r += weight * xr;
      x_i += weight * xi;
    }
    // [uu, conj(u)...]: conj(u) u z + conj(u) c = conj(u) x; u z + n c = x.
    const determinant = uu * n - (u_r * u_r + u_i * u_i);
    if (!(determinant > 1e-12 * uu * n)) return;
    const zr = (ux_r * n - (u_r * x_r + u_i * x_i)) / determinant;
    const zi = (ux_i * n - (u_r * x_i - u_i * x_r)) / determinant;
    const cr = (x_r - (u_r * zr - u_i * zi)) / n;
    const ci = (x_i - (u_r * zi + u_i * zr)) / n;
    const found = Math.sqrt(zr * zr + zi * zi);
    // What grows is taken for a tone that does not decay over the whole sound.
    const most = 1 - 1e-3 / size;
    const shrink = found > most ? most / found : 1;
    if (!(found > 0.2) || !Number.isFinite(cr + ci)) return;
    pole.zr = zr * shrink;
    pole.zi = zi * shrink;
    const [er, ei] = residueTimesEnd({ ...pole, ar: 1, ai: 0 }, size);
    const square = er * er + ei * ei;
    pole.ar = (cr * er + ci * ei) / square;
    pole.ai = (ci * er - cr * ei) / square;
  }
}

function binOf({ zr, zi }: Pole, size: number): number {
  return (atan2(zi, zr) * size) / (2 * Math.PI);
}

/** Bins from the middle of a tone's peak to half of its power. */
function halfWidth({ zr, zi }: Pole, size: number): number {
  return (-log(Math.max(Math.sqrt(zr * zr + zi * zi), 1e-9)) * size) / (2 * Math.PI);
}

function describe({ zr, zi, ar, ai }: Pole, rateHz: number): FittedMode {
  return {
    frequencyHz: (atan2(zi, zr) * rateHz) / (2 * Math.PI),
    decayPerS: -log(Math.sqrt(zr * zr + zi * zi)) * rateHz,
    amplitude: 2 * Math.sqrt(ar * ar + ai * ai),
    phaseRad: atan2(ai, ar),
  };
}
