import { exp, log } from '../../core/math/exact.js';
import type { RandomStream } from '../../core/random.js';

/** How the pixels of an event camera turn changes of light into events. */
export interface EventPixelSettings {
  /** Rise and fall of the natural logarithm of the light that make an event. */
  readonly thresholdOn: number;
  readonly thresholdOff: number;
  /** Standard deviation of each pixel's thresholds, as a share of them. */
  readonly thresholdMismatch: number;
  /** A pixel is blind for this long after each event. */
  readonly refractoryS: number;
  /** Cut-off of the first-order low-pass of the photoreceptor; absent: as fast as the light. */
  readonly bandwidthHz?: number | undefined;
  /** ON events a second of a pixel in constant light, from the leak of its memory. */
  readonly leakRateHz: number;
}

/** Takes in one event: its pixel, seconds since the last picture, 1 for brighter or 0 for darker. */
export type TakeEvent = (pixel: number, offsetS: number, brighter: 0 | 1) => void;

/** The pixels of an event camera, with what each remembers. */
export interface EventPixels {
  /**
   * Takes in the next picture and tells each pixel's events since the last one, pixel by pixel, each in order of time. The first
   * picture sets what is remembered and tells none.
   *
   * @param logLight [pixels] natural logarithm of the light; copied.
   * @param durationS since the last picture.
   */
  step(logLight: Float64Array, durationS: number, take: TakeEvent): void;
}

/** No pixel's threshold is less than this share of the mean one. */
const LEAST_THRESHOLD = 0.1;

/**
 * Makes pixels that follow the model of the dynamic vision sensor (Lichtsteiner, Posch, Delbruck 2008): an event whenever the
 * low-passed logarithm of the light has moved by the threshold since the pixel's last event, which sets its memory anew.
 *
 * Between pictures the logarithm is taken as linear, which gives each event its time (ESIM: Rebecq, Gehrig, Scaramuzza 2018). During
 * the refractory period the memory follows the light. The leak raises the logarithm over the memory at a constant rate
 * (Nozaki, Delbruck 2017); pixels start at random phases of it.
 *
 * @param random of the mismatch and of the phases; null for pixels that are alike.
 */
export function createEventPixels(
  pixels: number,
  settings: EventPixelSettings,
  random: RandomStream | null,
): EventPixels {
  const { refractoryS, bandwidthHz, leakRateHz, thresholdMismatch } = settings;
  const draw = (mean: number): Float64Array =>
    Float64Array.from({ length: pixels }, () =>
      random === null ? mean : mean * Math.max(LEAST_THRESHOLD, 1 + thresholdMismatch * random.normal()),
    );
  const on = draw(settings.thresholdOn);
  const off = draw(settings.thresholdOff);
  const light = new Float64Array(pixels);
  const filtered = new Float64Array(pixels);
  const memory = new Float64Array(pixels);
  /** Seconds since the last picture until each pixel sees again. */
  const blindS = new Float64Array(pixels);
  let first = true;

  const start = (logLight: Float64Array): void => {
    light.set(logLight);
    filtered.set(logLight);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const spread = random === null || leakRateHz === 0 ? 0 : random.uniform();
      memory[pixel] = logLight[pixel]! - spread * on[pixel]!;
    }
    first = false;
  };

  return {
    step(logLight, durationS, take) {
      if (first) {
        start(logLight);
        return;
      }
      const decay = bandwidthHz === undefined ? 0 : exp(-2 * Math.PI * bandwidthHz * durationS);
      const timeS = bandwidthHz === undefined ? 0 : 1 / (2 * Math.PI * bandwidthHz);
      for (let pixel = 0; pixel < pixels; pixel++) {
        const now = logLight[pixel]!;
        const before = filtered[pixel]!;
        // Exact for light whose logarithm is linear in between.
        const lag = ((now - light[pixel]!) / durationS) * timeS;
        const after = now - lag + (before - light[pixel]! + lag) * decay;
        light[pixel] = now;
        filtered[pixel] = after;
        const leaked = leakRateHz * durationS * on[pixel]!;
        const rise = after + leaked - before;
        const up = on[pixel]!;
        const down = off[pixel]!;
        let reference = memory[pixel]!;
        let clear = blindS[pixel]!;
        if (clear > 0 && clear <= durationS) reference = before + (rise * clear) / durationS;
        while (clear <= durationS) {
          const brighter = rise > 0;
          const level = brighter ? reference + up : reference - down;
          if (rise === 0 || (brighter ? level > before + rise : level < before + rise)) break;
          const offsetS = Math.max(clear, ((level - before) / rise) * durationS);
          take(pixel, offsetS, brighter ? 1 : 0);
          reference = level;
          if (refractoryS === 0) continue;
          clear = offsetS + refractoryS;
          if (clear <= durationS) reference = before + (rise * clear) / durationS;
        }
        blindS[pixel] = clear > durationS ? clear - durationS : 0;
        memory[pixel] = reference - leaked;
      }
    },
  };
}

/**
 * Adds events that no light caused: a Poisson process of the given rate in every pixel, brighter and darker with equal chance
 * (the shot noise of v2e: Hu, Liu, Delbruck 2021). They do not touch the pixels' memory.
 */
export function addNoiseEvents(
  pixels: number,
  rateHz: number,
  durationS: number,
  random: RandomStream,
  take: TakeEvent,
): void {
  if (rateHz === 0) return;
  const gap = (): number => -log(1 - random.uniform()) / rateHz;
  // All pixels' time is laid end to end; the gaps between events are exponential.
  const totalS = pixels * durationS;
  for (let at = gap(); at < totalS; at += gap()) {
    const pixel = Math.min(pixels - 1, Math.floor(at / durationS));
    take(pixel, at - pixel * durationS, random.uniform() < 0.5 ? 0 : 1);
  }
}
