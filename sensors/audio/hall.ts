import type { AcousticsSpec } from '../../scenarios/contract.js';
import type { Air } from './air.js';
import type { Placement } from './microphone.js';
import type { Echoes } from './room/echoes.js';
import type { Microphone } from './specification.js';

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
