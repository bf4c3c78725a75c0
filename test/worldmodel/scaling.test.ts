import { describe, expect, it } from 'vitest';
import type { Dataset, Episode, StreamData } from '../../datasets/contract.js';
import { scaleDatasets } from '../../worldmodel/train/scaling.js';

const RESOLUTION = { tickHz: 37, picture: 32, patch: 4 };

/** A dataset of one body that rests, each episode somewhere else. */
function restingBodies(places: readonly (readonly [number, number, number])[]): Dataset {
  const description = {
    name: 'state',
    kind: 'truth',
    rateHz: 37,
    fields: [],
  } as unknown as StreamData['description'];
  const episode = (index: number): Episode =>
    ({
      episode: index,
      durationS: 1 / 37,
      streams: {
        state: {
          description,
          rows: 2,
          timeNs: BigInt64Array.of(0n, 27_027_027n),
          values: {
            positionM: Float64Array.of(...places[index]!, ...places[index]!),
            orientation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0),
            linearVelocityMps: new Float64Array(6),
            angularVelocityRadps: new Float64Array(6),
          },
        },
      },
    }) as unknown as Episode;
  return {
    directory: 'resting',
    manifest: { streams: [description] } as unknown as Dataset['manifest'],
    readEpisode: async (index) => episode(index),
    async *episodes() {
      for (const index of places.keys()) yield episode(index);
    },
  };
}

describe('the range of the states', () => {
  it('holds every episode that is learned from, and no other', async () => {
    const places = Array.from({ length: 100 }, (_, i): [number, number, number] => [
      i / 100,
      1 - i / 50,
      0.1,
    ]);
    const all = places.map((_, index) => index);
    const range = async (chosen: readonly number[]) =>
      (await scaleDatasets([restingBodies(places)], [chosen], RESOLUTION)).stateRange;
    expect(await range(all)).toMatchObject({ lowM: [0, -0.98, 0.1], highM: [0.99, 1, 0.1] });
    expect(await range(all.slice(0, 51))).toMatchObject({ lowM: [0, 0, 0.1], highM: [0.5, 1, 0.1] });
  });
});
