import type { Vec3 } from '../../core/math/vector.js';
import type { AcousticsSpec } from '../../scenarios/contract.js';
import { type Air, speedOfSoundMps } from './air.js';
import { createListener, type Listener, type Placement } from './microphone.js';
import { createSourceLine, FARTHEST_M } from './propagation.js';
import { nearInside, roomResponse } from './room/response.js';
import { createReverberation, type Reverberation } from './room/reverberation.js';
import type { Microphone } from './specification.js';
import { createTrack } from './track.js';

/** What all sources of an array of microphones share. */
export interface Hall {
  readonly air: Air;
  readonly acoustics: AcousticsSpec;
  readonly microphones: readonly Microphone[];
  /** Where each microphone is during the block in hand. */
  readonly placements: readonly Placement[];
  /** Names of the stream of the room's noise. */
  readonly seed: readonly (string | number)[];
}

/** A point that sounds, as all microphones hear it: directly, and from the walls of a room. */
export interface LineSource {
  /**
   * Adds the next block to what each microphone hears.
   *
   * @param sound Pa m; `sounds` is false where all of it is zero.
   * @param begins and ends of the block, in samples from time 0, and where the source is then.
   * @param lag how many samples the sound is late.
   */
  render(
    heard: readonly Float64Array[],
    sound: Float64Array,
    count: number,
    sounds: boolean,
    begins: number,
    from: Vec3,
    ends: number,
    to: Vec3,
    lag: number,
  ): void;
}

/**
 * Makes a source. Its direct sound follows it; the walls answer as they would from where it first sounded.
 *
 * @param name of the source, for the noise of the room's tail.
 * @throws UmweltError `invalid-input`, when it first sounds, where it is not in the room.
 */
export function createLineSource(hall: Hall, name: string): LineSource {
  const { air, acoustics, microphones, placements } = hall;
  const line = createSourceLine(air);
  const track = createTrack(FARTHEST_M * air.samplesPerM);
  const speedMps = speedOfSoundMps(acoustics.airTemperatureC);
  const listeners: readonly Listener[] = microphones.map((microphone, m) =>
    createListener(microphone, () => placements[m]!, speedMps, air.rateHz),
  );
  let walls: readonly Reverberation[] | null = null;
  let started = false;
  return {
    render(heard, sound, count, sounds, begins, from, ends, to, lag) {
      if (!started) track.push(begins, from);
      started = true;
      track.push(ends, to);
      line.write(sound, count, sounds);
      if (!line.isSilent)
        for (const [m, listener] of listeners.entries()) line.hear(heard[m]!, count, track, listener, lag);
      const { room } = acoustics;
      if (room === undefined || (walls === null && !sounds)) return;
      walls ??= microphones.map((microphone, m) =>
        createReverberation(
          roomResponse(room, nearInside(room, from), placements[m]!.after.positionM, air.rateHz, speedMps, [
            ...hall.seed,
            name,
            microphone.name,
          ]),
        ),
      );
      for (const [m, wall] of walls.entries()) wall.process(sound, heard[m]!, count);
    },
  };
}
