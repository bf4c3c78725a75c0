import { PICTURE } from './clip.js';
import type { VideoContext } from './forecast.js';
import { bandsOf } from './heard.js';

/** The last picture that was seen, a view. */
export function lastPicture({ seen: { pictures } }: VideoContext): Float32Array {
  return pictures.subarray(pictures.length - PICTURE);
}

/** The last spectrum that was heard: [MEL_BANDS], empty without sound. */
export function lastBands({ seen: { sound }, clock, lastTick }: VideoContext): Float32Array {
  return sound === null ? new Float32Array(0) : bandsOf(sound, clock, lastTick, 1);
}
