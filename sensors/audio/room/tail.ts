import { exp, log, sin } from '../../../core/math/exact.js';
import { fourierTransform } from '../../../core/math/fourier.js';
import { createNoise, type NoiseSource } from '../../noise.js';
import { BANDS_HZ, bandShare } from './bands.js';
import { createReverberation, type Reverberation } from './reverberation.js';

/** Longer tails than this are cut off: a cathedral's 8 s and some. */
const LONGEST_S = 10;
/** The noise is made in frames of at least this long, which overlap by half. */
const FRAME_S = 0.02;

/** How a room's late sound begins and dies away. */
export interface TailStart {
  /** The sample at which it begins. */
  readonly join: number;
  /** [bands] Root mean square of the response then. */
  readonly levels: readonly number[];
  /** [bands] Reverberation times. */
  readonly timesS: readonly number[];
}

/**
 * Returns the late response of a room, from time 0: noise whose bands die away exponentially, by 60 dB in their times. It is made of
 * frames under sine windows, each the inverse transform of a random spectrum at the bands' levels in its middle.
 *
 * @param seed names of the stream of noise.
 */
export function tailResponse(
  { join, levels, timesS }: TailStart,
  rateHz: number,
  seed: readonly (string | number)[],
): Float64Array {
  const endS = Math.min(LONGEST_S, Math.max(...timesS));
  const response = new Float64Array(Math.max(join + 1, Math.ceil(endS * rateHz)));
  const noise = createNoise(Number(seed[0]), ...seed.slice(1));
  let size = 2;
  while (size < FRAME_S * rateHz) size *= 2;
  const hop = size / 2;
  const shares = BANDS_HZ.map((_, band) =>
    Float64Array.from({ length: hop + 1 }, (_, bin) => bandShare(band, (bin * rateHz) / size)),
  );
  const window = Float64Array.from({ length: size }, (_, n) => sin((Math.PI * (n + 0.5)) / size) / size);
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  // The first frame's middle is where the tail begins. Two frames travel as the parts of a complex one.
  for (let middle = join; middle - hop < response.length; middle += 2 * hop) {
    re.fill(0);
    im.fill(0);
    const levelsAt = (sample: number) =>
      levels.map((level, band) => level * exp((-3 * log(10) * (sample - join)) / (timesS[band]! * rateHz)));
    addSpectrum(re, im, noise, levelsAt(middle), shares, false);
    addSpectrum(re, im, noise, levelsAt(middle + hop), shares, true);
    fourierTransform(re, im);
    for (const [frame, samples] of [re, im].entries()) {
      const start = middle + (frame - 1) * hop;
      const end = Math.min(size, response.length - start);
      for (let n = Math.max(0, join - start); n < end; n++) response[start + n]! += window[n]! * samples[n]!;
    }
  }
  return response;
}

/** Adds the spectrum of a real frame of noise, or i times that of another one. */
function addSpectrum(
  re: Float64Array,
  im: Float64Array,
  noise: NoiseSource,
  levels: readonly number[],
  shares: readonly Float64Array[],
  isOther: boolean,
): void {
  const size = re.length;
  const half = size / 2;
  for (let bin = 0; bin <= half; bin++) {
    let level = 0;
    for (let band = 0; band < levels.length; band++) level += levels[band]! * shares[band]![bin]!;
    const isEnd = bin === 0 || bin === half;
    const scale = level * Math.sqrt(isEnd ? size : half);
    const a = scale * noise.next();
    const b = isEnd ? 0 : scale * noise.next();
    re[bin]! += isOther ? -b : a;
    im[bin]! += isOther ? a : b;
    if (isEnd) continue;
    re[size - bin]! += isOther ? b : a;
    im[size - bin]! += isOther ? a : -b;
  }
}

/** The late sound of a room, of all sources together, as each microphone hears it. */
export interface Tail {
  /** Says how it begins for each microphone; the first word counts, for late sound is the same wherever it came from. */
  begin(starts: readonly TailStart[]): void;
  /** Takes in what a source makes during the block in hand. */
  add(sound: Float64Array, count: number): void;
  /** Ends the block: adds what comes back to what each microphone hears. */
  render(heard: readonly Float64Array[], count: number): void;
}

/**
 * Makes the late sound of a room: one convolution for all sources, each microphone with noise of its own.
 *
 * @param seeds [microphones] names of the streams of noise.
 */
export function createTail(rateHz: number, seeds: readonly (readonly (string | number)[])[]): Tail {
  let reverberation: Reverberation | null = null;
  let mix = new Float64Array(0);
  return {
    begin(starts) {
      reverberation ??= createReverberation(starts.map((start, m) => tailResponse(start, rateHz, seeds[m]!)));
    },
    add(sound, count) {
      if (mix.length < count) {
        const longer = new Float64Array(count);
        longer.set(mix);
        mix = longer;
      }
      for (let n = 0; n < count; n++) mix[n]! += sound[n]!;
    },
    render(heard, count) {
      if (reverberation === null) return;
      if (mix.length < count) mix = new Float64Array(count);
      reverberation.process(mix, heard, count);
      mix.fill(0);
    },
  };
}
