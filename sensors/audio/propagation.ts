import { subtract, type Vec3 } from '../../core/math/vector.js';
import { AIR_FILTER_REACH, type Air } from './air.js';
import { readBetween, TAPS } from './fractional-delay.js';
import type { Listener } from './microphone.js';
import type { Track } from './track.js';

/** Nearer than this a source sounds no louder. */
export const NEAREST_M = 0.05;
/** Farther sources than this are not heard: their sound would outlast the memory of the line. */
export const FARTHEST_M = 300;
/** The delay is worked out this often, in samples, and runs evenly in between. */
const SEGMENT = 16;
/** Rounds of the search for the moment of emission: each leaves v / c of the error. */
const ROUNDS = 8;
/** Samples around the one that is heard which its filters take in. */
const MARGIN = TAPS + AIR_FILTER_REACH;
/** Listeners' filters ring on for so many samples. */
const RINGING = 2048;

/** Delay in samples, gain, and what the air's filter is. */
type Arrival = readonly [number, number, ReturnType<Air['farFilter']>];

/** What a point source has sounded like, to be heard later and fainter elsewhere. */
export interface SourceLine {
  /** Takes in the next `count` samples, Pa m; `sounds` is false where all of them are zero. */
  write(samples: Float64Array, count: number, sounds: boolean): void;
  /** Whether anything is still under way. */
  readonly isSilent: boolean;
  /**
   * Adds to `out` what a listener hears over the last `count` samples: each sample left the source when
   * `t - t' = |listener(t) - source(t')| / c`, which gives the Doppler shift exactly; its pressure falls with the distance, by the
   * listener's directivity and by the air's absorption.
   *
   * @param earlySamples how far the written samples lag behind their true time.
   */
  hear(
    out: Float64Array,
    count: number,
    track: Pick<Track, 'at' | 'restsFrom'>,
    listener: Listener,
    earlySamples: number,
  ): void;
}

/**
 * Creates the delay line of one source.
 *
 * @param segment how many samples the delay runs evenly.
 */
export function createSourceLine(air: Air, segment = SEGMENT): SourceLine {
  const { samplesPerM, rateHz } = air;
  const reach = Math.ceil(FARTHEST_M * samplesPerM) + MARGIN;
  // A line is as long as it has to be: most sources are near.
  let memory = new Float64Array(4096);
  let filtered = new Float64Array(64);
  let written = 0;
  let lastSound = Number.NEGATIVE_INFINITY;
  /** Longest delay at which anybody heard, samples. */
  let furthest = 0;
  const last = new Map<Listener, { readonly sample: number; readonly arrival: Arrival }>();
  const grow = (least: number): void => {
    let size = memory.length;
    while (size < least) size *= 2;
    if (size === memory.length) return;
    const longer = new Float64Array(size);
    for (let back = 1; back <= Math.min(written, memory.length); back++)
      longer[(written - back) & (size - 1)] = memory[(written - back) & (memory.length - 1)]!;
    memory = longer;
  };
  return {
    get isSilent() {
      return lastSound < written - Math.min(reach, furthest + MARGIN) - RINGING;
    },
    write(samples, count, sounds) {
      const mask = memory.length - 1;
      if (sounds) lastSound = written + count;
      if (sounds || written - lastSound < memory.length)
        for (let index = 0; index < count; index++)
          memory[(written + index) & mask] = sounds ? samples[index]! : 0;
      written += count;
    },
    hear(out, count, track, listener, earlySamples) {
      const first = written - count;
      const nearest = Math.max(NEAREST_M, (TAPS / 2 + earlySamples) / samplesPerM);
      const known = last.get(listener);
      let [lastDelay, lastGain] = known?.sample === first - 1 ? known.arrival : hearAt(first - 1, 0, count);
      // Where nothing has moved since what is heard now was sent, nothing changes.
      const rests =
        known?.sample === first - 1 && listener.isStill && track.restsFrom() <= first - 1 - lastDelay;
      for (let begin = 0; begin < count; begin += segment) {
        const end = Math.min(begin + segment, count);
        const arrival = rests ? known.arrival : hearAt(first + end - 1, end, count);
        const [delay, gain, filter] = arrival;
        if (end === count) last.set(listener, { sample: written - 1, arrival });
        if (delay > furthest) furthest = delay;
        if (Math.max(delay, lastDelay) > reach) return;
        grow(Math.ceil(Math.max(delay, lastDelay)) + MARGIN + count + Math.ceil(rateHz / 1000));
        const passed = first + begin - Math.max(delay, lastDelay) - MARGIN > lastSound;
        // What has passed rings on in the listener's filters for a moment.
        if (!passed || !listener.isFlat) {
          const perSample = 1 / (end - begin);
          const lateStep = (delay - lastDelay) * perSample;
          const gainStep = (gain - lastGain) * perSample;
          let position = first + begin + earlySamples - lastDelay - lateStep;
          let loud = lastGain + gainStep;
          const ring =
            passed || filter === null
              ? memory
              : filterStretch(filter, position, position + (end - begin - 1) * (1 - lateStep));
          for (let index = begin; index < end; index++) {
            const heard = passed ? 0 : readBetween(ring, position) * loud;
            out[index]! += listener.isFlat ? heard : listener.absorb(heard);
            position += 1 - lateStep;
            loud += gainStep;
          }
        }
        lastDelay = delay;
        lastGain = gain;
      }

      /** Delay in samples, gain and the air's filter of what arrives at a sample, so far through the block. */
      function hearAt(sample: number, through: number, all: number): Arrival {
        const place = listener.at(through / all);
        let away = subtract(track.at(sample), place);
        let distance = lengthOf(away);
        for (let round = 0; round < ROUNDS; round++) {
          const before = distance;
          away = subtract(track.at(sample - distance * samplesPerM), place);
          distance = lengthOf(away);
          if (Math.abs(distance - before) * samplesPerM < 1e-9) break;
        }
        const heardFrom = Math.max(nearest, distance);
        const { gain, extraM } = listener.direct(away, distance, through / all);
        listener.setDistance(heardFrom, air);
        return [(heardFrom + extraM) * samplesPerM, gain / heardFrom, air.farFilter(heardFrom)];
      }
    },
  };

  /** Filters as much of the memory as readings between two places take, into a ring of its own. */
  function filterStretch(filter: Float64Array, from: number, to: number): Float64Array {
    const low = Math.floor(Math.min(from, to)) - TAPS / 2;
    const high = Math.floor(Math.max(from, to)) + TAPS / 2 + 1;
    while (filtered.length <= high - low) filtered = new Float64Array(filtered.length * 2);
    const mask = memory.length - 1;
    for (let at = low; at <= high; at++) {
      let sum = filter[AIR_FILTER_REACH]! * memory[at & mask]!;
      for (let k = 1; k <= AIR_FILTER_REACH; k++)
        sum += filter[AIR_FILTER_REACH + k]! * (memory[(at - k) & mask]! + memory[(at + k) & mask]!);
      filtered[at & (filtered.length - 1)] = sum;
    }
    return filtered;
  }
}

function lengthOf([x, y, z]: Vec3): number {
  return Math.sqrt(x * x + y * y + z * z);
}
