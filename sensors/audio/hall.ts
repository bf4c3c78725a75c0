import type { Vec3 } from '../../core/math/vector.js';
import type { AcousticsSpec } from '../../scenarios/contract.js';
import type { Air } from './air.js';
import type { Placement } from './microphone.js';
import type { Microphone } from './specification.js';
import type { Track } from './track.js';

/** What all sources of an array of microphones share. */
export interface Hall {
  readonly air: Air;
  readonly acoustics: AcousticsSpec;
  readonly microphones: readonly Microphone[];
  /** Where each microphone is during the block in hand. */
  readonly placements: readonly Placement[];
  /** What the walls of the room send back; null outdoors. */
  readonly echoes: Echoes | null;
}

/** What the walls of a room send back of all sources, as all microphones hear it. */
export interface Echoes {
  /**
   * Makes the echoes of one source, to be given each block.
   *
   * @param moves whether it may move far while it sounds: its first reflections then follow it.
   */
  of(moves: boolean): (sounding: Sounding) => void;
  /** Ends the block: adds what comes back to what each microphone hears. */
  render(heard: readonly Float64Array[], count: number): void;
}

/** What a source does during a block. */
export interface Sounding {
  readonly heard: readonly Float64Array[];
  /** Pa m; `sounds` is false where all of it is zero. */
  readonly sound: Float64Array;
  readonly count: number;
  readonly sounds: boolean;
  /** Where the source is, and where it has been. */
  readonly placeM: Vec3;
  readonly track: Track;
  /** How many samples the sound is late; whole. */
  readonly lag: number;
}
