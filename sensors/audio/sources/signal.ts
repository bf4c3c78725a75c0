import { cos, pow, sin } from '../../../core/math/exact.js';
import { createNoise, type NoiseSource } from '../../noise.js';
import type { SoundSourceSpecification } from './specification.js';

/** Makes the sound of a source, Pa at 1 m, block by block. */
export interface Signal {
  /**
   * Writes the next `count` samples.
   *
   * @param speedMps of the body that carries the source.
   * @returns whether any is not zero.
   */
  fill(out: Float64Array, count: number, speedMps: number): boolean;
}

/** Speed at which tyres and wind have their stated level. */
const REFERENCE_MPS = 10;
const ENGINE_HARMONICS = 16;
/** Relative deviation of an engine's speed from turn to turn. */
const ENGINE_JITTER = 0.004;
/** Middle and width of the band of tyre noise (Sandberg and Ejsmont 2002). */
const TYRE_HZ = 900;
const TYRE_Q = 0.7;
/** A siren's tones fade over the last tenth below half the sampling rate. */
const SIREN_FADE = 10;
/** Turbulence at a microphone falls off from about this many hertz a metre a second. */
const WIND_HZ_PER_MPS = 8;

/**
 * Makes the sound of a source at a sampling rate.
 *
 * @param seed names of the source's stream of noise.
 */
export function createSignal(
  source: SoundSourceSpecification,
  rateHz: number,
  seed: readonly [number, ...(string | number)[]],
): Signal {
  const noise = createNoise(...seed);
  const from = source.fromS * rateHz;
  const to = source.toS * rateHz;
  const voice = createVoice(source, rateHz, noise);
  let sample = 0;
  return {
    fill(out, count, speedMps) {
      const sounds = sample + count > from && sample < to;
      if (sounds) voice(out, count, speedMps);
      else out.fill(0, 0, count);
      for (let index = 0; index < count; index++)
        if (sample + index < from || sample + index >= to) out[index] = 0;
      sample += count;
      return sounds;
    },
  };
}

type Voice = (out: Float64Array, count: number, speedMps: number) => void;

function createVoice(source: SoundSourceSpecification, rateHz: number, noise: NoiseSource): Voice {
  switch (source.kind) {
    case 'engine':
      return engine(source, rateHz, noise);
    case 'tyre': {
      const band = bandNoise(TYRE_HZ, TYRE_Q, rateHz, noise);
      // 30 log10(v / v0) dB: the pressure grows with the speed to the power of 1.5.
      return (out, count, speedMps) =>
        band(out, count, source.levelPa * pow(Math.max(speedMps, 1e-9) / REFERENCE_MPS, 1.5));
    }
    case 'wind': {
      const speed = source.windSpeedMps;
      const rumble = turbulence(speed, rateHz, noise);
      const level = (source.levelPa * speed * speed) / (REFERENCE_MPS * REFERENCE_MPS);
      return (out, count) => rumble(out, count, level);
    }
    case 'siren':
      return siren(source, rateHz);
    case 'horn': {
      const tones = source.frequenciesHz.flatMap((hz) =>
        Array.from({ length: source.harmonics }, (_, k) => ({ hz: hz * (k + 1), share: 1 / (k + 1) })),
      );
      return chord(tones, source.levelPa, rateHz);
    }
  }
}

/** Tones of steady pitch. Those above half the sampling rate are left out. */
function chord(
  tones: readonly { readonly hz: number; readonly share: number }[],
  levelPa: number,
  rateHz: number,
): Voice {
  const heard = tones.filter(({ hz }) => hz < rateHz / 2);
  const power = heard.reduce((sum, { share }) => sum + (share * share) / 2, 0);
  const scale = power === 0 ? 0 : levelPa / Math.sqrt(power);
  let sample = 0;
  return (out, count) => {
    out.fill(0, 0, count);
    for (const { hz, share } of heard) {
      const step = (2 * Math.PI * hz) / rateHz;
      turn(out, count, step * sample, step, scale * share);
    }
    sample += count;
  };
}

/** Adds `amplitude sin(phase + n step)`, by turning a pointer. */
function turn(out: Float64Array, count: number, phase: number, step: number, amplitude: number): void {
  let s = amplitude * sin(phase);
  let c = amplitude * cos(phase);
  const [ds, dc] = [sin(step), cos(step)];
  for (let index = 0; index < count; index++) {
    out[index]! += s;
    const next = s * dc + c * ds;
    c = c * dc - s * ds;
    s = next;
  }
}

/**
 * Firing orders: `rpm cylinders / 120` Hz and its harmonics at 1 / k of the amplitude, and each cylinder's own order, quieter by
 * 12 dB, with a speed that trembles by 0.4 %.
 */
function engine(
  { rpm, cylinders, levelPa }: Extract<SoundSourceSpecification, { kind: 'engine' }>,
  rateHz: number,
  noise: NoiseSource,
): Voice {
  const cycleHz = rpm / 120;
  const orders = [
    ...Array.from({ length: ENGINE_HARMONICS }, (_, k) => ({
      order: cylinders * (k + 1),
      share: 1 / (k + 1),
    })),
    ...Array.from({ length: 2 * cylinders }, (_, k) => ({ order: k + 1, share: 0.25 / (k + 1) })).filter(
      ({ order }) => order % cylinders !== 0,
    ),
  ].filter(({ order }) => order * cycleHz < rateHz / 2);
  const scale = levelPa / Math.sqrt(orders.reduce((sum, { share }) => sum + (share * share) / 2, 0));
  let cycles = 0;
  let tremble = 0;
  return (out, count) => {
    out.fill(0, 0, count);
    // A first-order process that forgets itself in about a cycle.
    const keep = 1 / (1 + (count * cycleHz) / rateHz);
    tremble = keep * tremble + Math.sqrt(1 - keep * keep) * ENGINE_JITTER * noise.next();
    const perSample = (cycleHz * (1 + tremble)) / rateHz;
    for (const { order, share } of orders) {
      const step = 2 * Math.PI * order * perSample;
      turn(out, count, 2 * Math.PI * order * cycles, step, scale * share);
    }
    cycles += perSample * count;
    cycles -= Math.floor(cycles);
  };
}

/** A tone with two harmonics whose pitch rises and falls evenly on a musical scale. What nears half the sampling rate fades out. */
function siren(
  { lowHz, highHz, periodS, levelPa }: Extract<SoundSourceSpecification, { kind: 'siren' }>,
  rateHz: number,
): Voice {
  const scale = levelPa / Math.sqrt((1 + 1 / 4 + 1 / 9) / 2);
  let sample = 0;
  let turns = 0;
  return (out, count) => {
    for (let index = 0; index < count; index++) {
      const place = sample / (periodS * rateHz);
      const rise = 2 * (place - Math.floor(place));
      const share = rise < 1 ? rise : 2 - rise;
      const hz = lowHz * pow(highHz / lowHz, share);
      const phase = 2 * Math.PI * turns;
      let sum = 0;
      for (let k = 1; k <= 3; k++) {
        const room = Math.min(1, SIREN_FADE * (1 - (2 * k * hz) / rateHz));
        if (room > 0) sum += (room * sin(k * phase)) / k;
      }
      out[index] = scale * sum;
      turns += hz / rateHz;
      turns -= Math.floor(turns);
      sample += 1;
    }
  };
}

/** White noise through a band pass, scaled to a level. */
function bandNoise(middleHz: number, q: number, rateHz: number, noise: NoiseSource) {
  const w = (2 * Math.PI * Math.min(middleHz, rateHz / 4)) / rateHz;
  const alpha = sin(w) / (2 * q);
  const [b, a1, a2] = [alpha / (1 + alpha), (-2 * cos(w)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
  // Power of this filter's output for white input of power one: b (Rabiner and Gold 1975, from its residues).
  const deviation = Math.sqrt(bandPower(b, a1, a2));
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return (out: Float64Array, count: number, levelPa: number): void => {
    for (let index = 0; index < count; index++) {
      const x = noise.next();
      const y = b * (x - x2) - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      out[index] = (levelPa / deviation) * y;
    }
  };
}

/** Sum of the squares of the impulse response of b (1 - z^-2) / (1 + a1 z^-1 + a2 z^-2). */
function bandPower(b: number, a1: number, a2: number): number {
  // Autocorrelation of 1 / A at lags 0 and 2, by the Yule-Walker equations.
  const r0 = (1 + a2) / ((1 - a2) * ((1 + a2) * (1 + a2) - a1 * a1));
  const r1 = (-a1 / (1 + a2)) * r0;
  const r2 = -a1 * r1 - a2 * r0;
  return 2 * b * b * (r0 - r2);
}

/** Noise that falls by 12 dB an octave above a corner that grows with the wind's speed. */
function turbulence(speedMps: number, rateHz: number, noise: NoiseSource) {
  const corner = Math.min(rateHz / 8, Math.max(5, WIND_HZ_PER_MPS * speedMps));
  const keep = 1 / (1 + (2 * Math.PI * corner) / rateHz);
  const gain = 1 - keep;
  // Two poles alike: the squares of their response (n + 1) keep^n sum to (1 + k^2) / (1 - k^2)^3.
  const k2 = keep * keep;
  const deviation = gain * gain * Math.sqrt((1 + k2) / ((1 - k2) * (1 - k2) * (1 - k2)));
  let [first, second] = [0, 0];
  return (out: Float64Array, count: number, levelPa: number): void => {
    for (let index = 0; index < count; index++) {
      first = keep * first + gain * noise.next();
      second = keep * second + gain * first;
      out[index] = (levelPa / deviation) * second;
    }
  };
}
