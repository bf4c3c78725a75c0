import type { TrainModelOptions } from '../../apps/train.js';

/** What a variant of the training leaves out. */
export type Variant = Pick<TrainModelOptions, 'without' | 'recipe' | 'ensemble' | 'core'>;

const FULL = { contextNoise: true, multiStep: true };

/** The whole model, those that sense one thing alone, and those that lack one part of the recipe. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  all: {},
  'state alone': { without: ['camera', 'audio', 'touch'] },
  'camera alone': { without: ['state', 'audio', 'touch'] },
  'audio alone': { without: ['state', 'camera', 'touch'] },
  'touch alone': { without: ['state', 'camera', 'audio'] },
  'no context noise': { recipe: { ...FULL, contextNoise: false } },
  'no multi-step loss': { recipe: { ...FULL, multiStep: false } },
  'no ensemble': { ensemble: 1 },
  'no touch': { without: ['touch'] },
  'no audio': { without: ['audio'] },
  transformer: { core: 'transformer' },
};

/** The stream that a variant senses alone, and the measure by which it is compared with the whole model. */
export const ALONE: Readonly<Record<string, string>> = {
  'state alone': 'position',
  'camera alone': 'camera',
  'audio alone': 'audio',
  'touch alone': 'touch',
};
