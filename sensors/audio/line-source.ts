import type { Vec3 } from '../../core/math/vector.js';
import { speedOfSoundMps } from './air.js';
import type { Hall } from './hall.js';
import { createListener, type Listener } from './microphone.js';
import { createSourceLine, FARTHEST_M } from './propagation.js';
import { createTrack } from './track.js';

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
 * Makes a source.
 *
 * @param moves whether it may move far, for what the walls of a room make of it (`createEchoes`).
 * @throws UmweltError `invalid-input`, when it first sounds, where it is not in the room.
 */
export function createLineSource(hall: Hall, moves: boolean): LineSource {
  const { air, acoustics, microphones, placements } = hall;
  const line = createSourceLine(air);
  const track = createTrack(FARTHEST_M * air.samplesPerM);
  const speedMps = speedOfSoundMps(acoustics.airTemperatureC);
  const listeners: readonly Listener[] = microphones.map((microphone, m) =>
    createListener(microphone, () => placements[m]!, speedMps, air.rateHz),
  );
  const echo = hall.echoes?.of(moves);
  let started = false;
  return {
    render(heard, sound, count, sounds, begins, from, ends, to, lag) {
      if (!started) track.push(begins, from);
      started = true;
      track.push(ends, to);
      line.write(sound, count, sounds);
      if (!line.isSilent)
        for (const [m, listener] of listeners.entries()) line.hear(heard[m]!, count, track, listener, lag);
      echo?.({ heard, sound, count, sounds, placeM: from, track, lag });
    },
  };
}
