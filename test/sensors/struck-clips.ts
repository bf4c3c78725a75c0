import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fourierTransform } from '../../core/math/fourier.js';
import { decodeFlac } from '../../datasets/recordings/flac.js';
import { distinctModes, type FittedMode, fitModes } from '../../sensors/audio/modal-fit.js';
import { createResonators } from '../../sensors/audio/resonators.js';

/** Where the clips of sonicpi-struck are looked for. */
export const STRUCK_FOLDER = join(
  process.env.UMWELT_RECORDINGS || '../shared/recordings',
  'sonicpi-struck',
  'flac',
);

export function struckClips(): string[] {
  if (!existsSync(STRUCK_FOLDER)) return [];
  return readdirSync(STRUCK_FOLDER)
    .filter((name) => name.endsWith('.flac'))
    .map((name) => name.slice(0, -5))
    .sort();
}

/** One clip's first channel, full scale 1. */
export function readClip(name: string): { rateHz: number; samples: Float64Array } {
  const file = `${name}.flac`;
  const { rateHz, bitsPerSample, channels } = decodeFlac(readFileSync(join(STRUCK_FOLDER, file)), file);
  return { rateHz, samples: Float64Array.from(channels[0]!, (value) => value / 2 ** (bitsPerSample - 1)) };
}

/** From 10 ms after the loudest sample: what rings on after the blow. */
export function ringing(samples: Float64Array, rateHz: number): Float64Array {
  let loudest = 0;
  for (let i = 0; i < samples.length; i++)
    if (Math.abs(samples[i]!) > Math.abs(samples[loudest]!)) loudest = i;
  return samples.subarray(Math.min(loudest + Math.round(0.01 * rateHz), samples.length - 1024));
}

/** What the resonators make of fitted modes that one blow of a length sets off, by the amplitude of each. */
export function resynthesise(
  modes: readonly FittedMode[],
  rateHz: number,
  count: number,
  blowS: number,
): Float64Array {
  const bank = createResonators(
    // A fit gives the damped pitch, the resonators take the undamped one.
    Float64Array.from(modes, ({ frequencyHz, decayPerS }) =>
      Math.hypot(frequencyHz, decayPerS / (2 * Math.PI)),
    ),
    Float64Array.from(modes, ({ decayPerS }) => decayPerS),
    Float64Array.from(modes, ({ amplitude }) => amplitude),
    rateHz,
  );
  bank.push(new Float64Array(modes.length).fill(1), 0, blowS * rateHz);
  const out = new Float64Array(count);
  bank.render(out, count);
  return out;
}

export interface ClipReport {
  readonly modes: readonly FittedMode[];
  /** Share of the ringing's energy that the fitted modes account for, over the samples fitted. */
  readonly explained: number;
  /** Those of the modes that stand apart. */
  readonly distinct: readonly FittedMode[];
  /** Relative errors of the modes refitted to the resynthesis, by distinct mode. */
  readonly frequencyErrors: readonly number[];
  readonly decayErrors: readonly number[];
}

/** Fits modes to a clip, makes them sound through the resonators and fits them again. */
export function reportClip(name: string): ClipReport {
  const { rateHz, samples } = readClip(name);
  const rest = ringing(samples, rateHz);
  const modes = fitModes(rest, rateHz, { most: 12, rangeDb: 40, highestHz: 12000 });
  let size = 64;
  while (2 * size <= rest.length) size *= 2;
  let [energy, left] = [0, 0];
  for (let n = 0; n < size; n++) {
    const t = n / rateHz;
    let sum = 0;
    for (const { frequencyHz, decayPerS, amplitude, phaseRad } of modes)
      sum += amplitude * Math.exp(-decayPerS * t) * Math.cos(2 * Math.PI * frequencyHz * t + phaseRad);
    energy += rest[n]! ** 2;
    left += (rest[n]! - sum) ** 2;
  }
  const blow = 1e-5;
  const distinct = distinctModes(modes, (4 * size) / rateHz);
  const again = fitModes(resynthesise(distinct, rateHz, size + 64, blow).subarray(8), rateHz, {
    most: distinct.length,
    rangeDb: 90,
    highestHz: 12000,
  });
  const nearest = distinct.map(({ frequencyHz }) =>
    again.reduce((best, other) =>
      Math.abs(other.frequencyHz - frequencyHz) < Math.abs(best.frequencyHz - frequencyHz) ? other : best,
    ),
  );
  return {
    modes,
    distinct,
    explained: 1 - left / energy,
    frequencyErrors: distinct.map((mode, i) => Math.abs(nearest[i]!.frequencyHz / mode.frequencyHz - 1)),
    decayErrors: distinct.map((mode, i) => Math.abs(nearest[i]!.decayPerS / mode.decayPerS - 1)),
  };
}

/** Mean frequency of a sound, weighted by amplitude as SOURCE.md's figures are, Hz. */
export function spectralCentroid(samples: Float64Array, rateHz: number): number {
  let size = 64;
  while (size < samples.length) size *= 2;
  const real = new Float64Array(size);
  real.set(samples);
  const imaginary = new Float64Array(size);
  fourierTransform(real, imaginary);
  let [weight, moment] = [0, 0];
  for (let bin = 1; bin < size / 2; bin++) {
    const magnitude = Math.hypot(real[bin]!, imaginary[bin]!);
    weight += magnitude;
    moment += (magnitude * bin * rateHz) / size;
  }
  return moment / weight;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
