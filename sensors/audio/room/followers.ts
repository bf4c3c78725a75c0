import type { Vec3 } from '../../../core/math/vector.js';
import { speedOfSoundMps } from '../air.js';
import type { Hall } from '../hall.js';
import { createListener, type Listener } from '../microphone.js';
import { createSourceLine, type SourceLine } from '../propagation.js';
import type { Track } from '../track.js';
import type { Room } from './response.js';
import { createWallFilter, type WallFilter } from './wall-filter.js';

/** Delays of echoes are worked out this often, in samples. */
const SEGMENT = 64;
/** A wall's filter has died away after this long. */
const RINGING_S = 0.1;

/** One wall's reflection of the source, as the microphones that hear it move. */
interface Image {
  readonly line: SourceLine;
  readonly axis: 0 | 1 | 2;
  readonly planeM: number;
  readonly inwards: 1 | -1;
  /** [microphones] null where one does not follow. */
  readonly listeners: readonly (Listener | null)[];
}

/** Adds a block of the images of one reflection of a source to what each microphone hears. */
export type Followers = (
  heard: readonly Float64Array[],
  sound: Float64Array,
  count: number,
  sounds: boolean,
  track: Track,
  lag: number,
) => void;

/**
 * Makes the six images of one reflection, each with a delay line: they move as the source and the microphones do, with Doppler,
 * directivity and all.
 *
 * @param follow [microphones] which of them hear the images.
 */
export function createFollowers(
  hall: Pick<Hall, 'air' | 'acoustics' | 'microphones' | 'placements'>,
  room: Room,
  follow: readonly boolean[],
): Followers {
  const { air, acoustics, microphones, placements } = hall;
  const speedMps = speedOfSoundMps(acoustics.airTemperatureC);
  const lines = new Map<string, { line: SourceLine; filter: WallFilter }>();
  const images = room.absorption.map((absorption, wall): Image => {
    const key = absorption.join();
    const shared = lines.get(key) ?? {
      line: createSourceLine(air, SEGMENT),
      filter: createWallFilter(absorption, air.rateHz),
    };
    lines.set(key, shared);
    const axis = Math.floor(wall / 2) as 0 | 1 | 2;
    const isHigh = wall % 2 === 1;
    return {
      line: shared.line,
      axis,
      planeM: room.cornerM[axis] + (isHigh ? room.sizeM[axis] : 0),
      inwards: isHigh ? -1 : 1,
      listeners: microphones.map((microphone, m) =>
        follow[m] ? createListener(microphone, () => placements[m]!, speedMps, air.rateHz) : null,
      ),
    };
  });
  let ringing = 0;
  let reflected = new Float64Array(0);
  return (heard, sound, count, sounds, track, lag) => {
    if (reflected.length < count) reflected = new Float64Array(count);
    ringing = sounds ? RINGING_S * air.rateHz : Math.max(0, ringing - count);
    for (const { line, filter } of lines.values()) {
      if (ringing > 0) filter.process(sound, reflected, count);
      line.write(reflected, count, ringing > 0);
    }
    for (const image of images) {
      if (image.line.isSilent) continue;
      const path = {
        at: (sample: number) => mirror(image, track.at(sample)),
        restsFrom: () => track.restsFrom(),
      };
      for (const [m, listener] of image.listeners.entries())
        if (listener !== null) image.line.hear(heard[m]!, count, path, listener, lag);
    }
  };
}

/** Where the mirror image of a place is; of one behind the wall, as if it were on it. */
function mirror({ axis, planeM, inwards }: Image, placeM: Vec3): Vec3 {
  const before = Math.max(0, (placeM[axis] - planeM) * inwards);
  const image = [...placeM] as [number, number, number];
  image[axis] = planeM - before * inwards;
  return image;
}
