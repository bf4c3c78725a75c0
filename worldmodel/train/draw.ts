import type { SequenceExtent } from '../model/sequence.js';
import type { Recipe } from './options.js';

/** Shape of a training batch. */
export interface BatchShape extends SequenceExtent {
  readonly sequences: number;
}

/** What a batch is drawn by; the same draw gives the same batch. */
export interface Draw {
  readonly seed: number;
  readonly step: number;
  readonly recipe: Recipe;
  /** Which episodes: those to learn from, or those held back (without noise, and with every sense shown). */
  readonly side: 'training' | 'validation';
}

/** Which sequence of the batch, and what of its episode. */
export interface Place {
  readonly sequence: number;
  readonly startS: number;
  /** Ticks that the model is shown. */
  readonly context: number;
  /** The state is kept from the model. */
  readonly isGuessed: boolean;
}
