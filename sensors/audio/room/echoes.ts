import type { Vec3 } from '../../../core/math/vector.js';
import { airAbsorptionNpPerM, speedOfSoundMps } from '../air.js';
import type { Hall } from '../hall.js';
import { createDirectivity, createListener, type Listener, shadowGain } from '../microphone.js';
import { createSourceLine, type SourceLine } from '../propagation.js';
import type { Track } from '../track.js';
import { BANDS_HZ } from './bands.js';
import { earlyResponse, nearInside, type Room } from './response.js';
import { createReverberation, type Reverberation } from './reverberation.js';
import type { Tail } from './tail.js';
import { createWallFilter, type WallFilter } from './wall-filter.js';

/** What the walls of a room send back of one source, as all microphones hear it. */
export interface Echoes {
  /**
   * Adds the next block to what each microphone hears.
   *
   * @param sound Pa m; `sounds` is false where all of it is zero.
   * @param fromM where the source is as the block begins, and `track` where it has been.
   * @param lag how many samples the sound is late; whole, and always the same.
   */
  render(
    heard: readonly Float64Array[],
    sound: Float64Array,
    count: number,
    sounds: boolean,
    fromM: Vec3,
    track: Track,
    lag: number,
  ): void;
}

/** A wall's filter has died away after this long. */
const RINGING_S = 0.1;

/**
 * Makes the echoes of one source in a room: what comes back from its walls one by one; what comes later goes to the room's tail.
 *
 * Where neither source nor microphone moves, all early echoes are a convolution. Where one does, the six images of one reflection
 * have delay lines of their own and follow it, with Doppler, directivity and all; the later ones stay as they were where the
 * source first sounded, for there the ear tells no directions, and a response anew each step would cost hundreds of times as much.
 *
 * @param moves whether the source may.
 * @throws UmweltError `invalid-input`, when it first sounds, where it is not in the room.
 */
export function createEchoes(hall: Hall, room: Room, tail: Tail, moves: boolean): Echoes {
  const follow = hall.microphones.map(({ body }) => moves || body !== undefined);
  const followers = follow.includes(true) ? createFollowers(hall, room, follow) : null;
  let early: Reverberation | null = null;
  return {
    render(heard, sound, count, sounds, fromM, track, lag) {
      followers?.(heard, sound, count, sounds, track, lag);
      if (early === null) {
        if (!sounds) return;
        const responses = createResponses(hall, room, fromM, follow);
        tail.begin(responses);
        // What is late already starts that much further into the response.
        for (const { response } of responses) response.fill(0, 0, lag + 1);
        early = createReverberation(responses.map(({ response }) => response.subarray(lag)));
      }
      early.process(sound, heard, count);
      if (sounds) tail.add(sound, count);
    },
  };
}

function createResponses(hall: Hall, room: Room, fromM: Vec3, follow: readonly boolean[]) {
  const { airTemperatureC, relativeHumidity } = hall.acoustics;
  const speedMps = speedOfSoundMps(airTemperatureC);
  return hall.microphones.map((microphone, m) => {
    const { positionM, orientation } = hall.placements[m]!.after;
    const directivity = createDirectivity(microphone);
    return earlyResponse({
      room,
      sourceM: nearInside(room, fromM),
      microphoneM: positionM,
      rateHz: hall.air.rateHz,
      speedMps,
      airNpPerM: BANDS_HZ.map((hz) => airAbsorptionNpPerM(hz, airTemperatureC, relativeHumidity)),
      hear(awayM, distance) {
        const { gain, extraM, shade } = directivity(orientation, awayM, distance);
        const gains = BANDS_HZ.map((hz) => gain * shadowGain(shade, hz, microphone.headRadiusM, speedMps));
        return { gains, extraM };
      },
      fromOrder: follow[m] ? 2 : 1,
    });
  });
}

/** One wall's reflection of the source, as the microphones that hear it move. */
interface Image {
  readonly line: SourceLine;
  readonly axis: 0 | 1 | 2;
  readonly planeM: number;
  readonly inwards: 1 | -1;
  /** [microphones] null where one does not follow. */
  readonly listeners: readonly (Listener | null)[];
}

type Followers = (
  heard: readonly Float64Array[],
  sound: Float64Array,
  count: number,
  sounds: boolean,
  track: Track,
  lag: number,
) => void;

function createFollowers(hall: Hall, room: Room, follow: readonly boolean[]): Followers {
  const { air, acoustics, microphones, placements } = hall;
  const speedMps = speedOfSoundMps(acoustics.airTemperatureC);
  const lines = new Map<string, { line: SourceLine; filter: WallFilter }>();
  const images = room.absorption.map((absorption, wall): Image => {
    const key = absorption.join();
    const shared = lines.get(key) ?? {
      line: createSourceLine(air),
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
      const path = { at: (sample: number) => mirror(image, track.at(sample)) };
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
