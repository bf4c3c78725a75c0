import type { ModelConfiguration } from '../../worldmodel/model/configuration.js';

/** A tiny model of one body above a floor, without senses. */
export const TINY_MODEL: ModelConfiguration = {
  size: 'tiny',
  core: 'recurrent',
  ensemble: 2,
  tickHz: 37,
  hasState: true,
  bodies: 1,
  symmetry: 'plane',
  channels: [],
  action: null,
  stateRange: { lowM: [0, 0, 0], highM: [1, 1, 1], speedMps: 1, spinRadps: 1 },
};
