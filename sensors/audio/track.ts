import { lerp, type Vec3 } from '../../core/math/vector.js';

/** Where a source has been, to be asked for the moment at which it sent what is heard now. */
export interface Track {
  /** Says where the source is at an instant, in samples from time 0; instants rise. */
  push(sample: number, positionM: Vec3): void;
  /** Where it was at an instant: along straight lines between the known places, at rest before and after them. */
  at(sample: number): Vec3;
  /** The instant since when it has been where it is now; infinity where it moves. */
  restsFrom(): number;
}

/**
 * Makes a track.
 *
 * @param reachSamples how far back it is asked.
 */
export function createTrack(reachSamples: number): Track {
  let samples: number[] = [];
  let places: Vec3[] = [];
  return {
    push(sample, positionM) {
      const last = samples.length - 1;
      const still = last > 0 && same(places[last]!, positionM) && same(places[last - 1]!, positionM);
      if (still) {
        // At rest the last place stays the last one, only later.
        samples[last] = sample;
        return;
      }
      samples.push(sample);
      places.push(positionM);
      let old = 0;
      while (old + 1 < samples.length && samples[old + 1]! < sample - reachSamples) old += 1;
      if (old > 256) {
        samples = samples.slice(old);
        places = places.slice(old);
      }
    },
    restsFrom() {
      const last = samples.length - 1;
      if (last < 1) return Number.NEGATIVE_INFINITY;
      return same(places[last]!, places[last - 1]!) ? samples[last - 1]! : Number.POSITIVE_INFINITY;
    },
    at(sample) {
      let index = samples.length - 1;
      while (index > 0 && samples[index]! > sample) index -= 1;
      const next = samples[index + 1];
      if (next === undefined || sample <= samples[index]!) return places[index]!;
      return lerp(places[index]!, places[index + 1]!, (sample - samples[index]!) / (next - samples[index]!));
    },
  };
}

function same(a: Vec3, b: Vec3): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}
