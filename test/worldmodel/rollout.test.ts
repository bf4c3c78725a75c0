import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Episode, StreamData } from '../../datasets/contract.js';
import type { WorldModel } from '../../worldmodel/contract.js';
import { createDream } from '../../worldmodel/dream.js';
import { loadSession, type Session } from '../../worldmodel/engine/session.js';
import type { ModelConfiguration } from '../../worldmodel/model/configuration.js';
import { openWorldModel } from '../../worldmodel/rollout.js';
import { CONFIGURATIONS } from './export-models.js';

vi.mock('../../worldmodel/networks.js', () => ({ tickNetwork: () => new Uint8Array() }));
vi.mock('../../worldmodel/engine/session.js', () => ({ loadSession: vi.fn() }));
vi.mock('../../worldmodel/dream.js', () => ({ createDream: vi.fn(() => ({})) }));

const open = (configuration: ModelConfiguration): WorldModel =>
  openWorldModel(
    {
      weights: {},
      manifest: { configuration, provenance: {} as never, calibration: { one: null, samples: null } },
    } as never,
    'model',
  );

function session(release: () => Promise<void> = async () => {}): Session & { release: () => Promise<void> } {
  return { inputs: [], outputs: [], run: async () => ({}), release: vi.fn(release) };
}

beforeEach(() => void vi.mocked(loadSession).mockReset());

describe('openWorldModel', () => {
  it('tries again to open what could not be opened, and has nothing of it to release', async () => {
    const good = session();
    vi.mocked(loadSession).mockRejectedValueOnce(new Error('no memory')).mockResolvedValueOnce(good);
    const model = open(CONFIGURATIONS.state);
    await expect(model.start()).rejects.toThrow('no memory');
    await model.start();
    await model.start();
    expect(loadSession).toHaveBeenCalledTimes(2);
    await model.release();
    expect(good.release).toHaveBeenCalledTimes(1);
    vi.mocked(loadSession).mockRejectedValueOnce(new Error('no memory'));
    await expect(model.start({ samples: 2 })).rejects.toThrow('no memory');
    await model.release();
  });

  it('releases every session even where one fails, and tells', async () => {
    const first = session(() => Promise.reject(new Error('stuck')));
    const second = session();
    const third = session();
    vi.mocked(loadSession)
      .mockResolvedValueOnce(first)
      .mockResolvedValueOnce(second)
      .mockResolvedValueOnce(third);
    const model = open(CONFIGURATIONS.state);
    for (const samples of [1, 2, 4]) await model.start({ samples });
    await expect(model.release()).rejects.toThrow('stuck');
    for (const one of [first, second, third]) expect(one.release).toHaveBeenCalledTimes(1);
    await model.release();
    expect(first.release).toHaveBeenCalledTimes(1);
  });

  it('tells a dream nothing of commands before the first is known', async () => {
    const given: unknown[] = [];
    vi.mocked(loadSession).mockResolvedValue(session());
    const stop = new Error('enough');
    vi.mocked(createDream).mockReturnValue({
      async step(_, action) {
        given.push(action);
        if (given.length === 5) throw stop;
        return { state: {} } as never;
      },
    });
    const action = {
      description: { name: 'push', kind: 'action', rateHz: 37, samplesPerRow: 1, fields: [], metadata: {} },
      rows: 2,
      timeNs: BigInt64Array.of(60_000_000n, 90_000_000n),
      values: { value: Float32Array.of(1, 2, 3, 4) },
    } satisfies StreamData;
    const episode: Episode = { episode: 0, durationS: 1, attributes: {}, streams: { push: action } };
    const model = open({
      ...CONFIGURATIONS.state,
      hasState: false,
      action: { name: 'push', width: 2, mean: [1, 1], deviation: [2, 2] },
    });
    await expect(model.rollout(episode, 0.1, 0.1)).rejects.toBe(stop);
    expect(given).toEqual([null, null, Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(3, 4)]);
  });
});
