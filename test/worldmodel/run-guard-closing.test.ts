import { beforeEach, describe, expect, it, vi } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { closingAll } from '../../worldmodel/closing.js';
import { createSession } from '../../worldmodel/engine/session.js';
import { drawBatch } from '../../worldmodel/train/batch.js';
import { readCheckpoint } from '../../worldmodel/train/checkpoint.js';
import type { Corpus } from '../../worldmodel/train/corpus.js';
import { runTraining } from '../../worldmodel/train/run.js';
import * as validation from '../../worldmodel/train/validation.js';
import { CONFIGURATIONS } from './export-models.js';

vi.mock('../../worldmodel/train/batch.js', { spy: true });
vi.mock('../../worldmodel/train/checkpoint.js', { spy: true });
vi.mock('../../worldmodel/engine/session.js', { spy: true });
vi.mock('../../worldmodel/train/validation.js', { spy: true });

const CORPUS = {
  configuration: CONFIGURATIONS.state,
  validation: [[0]],
  tracked: [0],
  withSenses: [],
} as unknown as Corpus;
const OPTIONS = { datasets: [], directory: '/nowhere', steps: 10, seed: 0, threads: 1 };
const damaged = new UmweltError('malformed-file', {}, 'checkpoint.safetensors is damaged');

beforeEach(() => void vi.resetAllMocks());

describe('runTraining', () => {
  it('frees the validator when the checkpoint cannot be read, and reports the checkpoint even if that fails too', async () => {
    for (const release of [vi.fn(async () => {}), vi.fn(() => Promise.reject(new Error('stuck')))]) {
      vi.mocked(validation.openValidator).mockResolvedValue({ measure: async () => ({}), release });
      vi.mocked(readCheckpoint).mockRejectedValue(damaged);
      await expect(runTraining(CORPUS, OPTIONS, null)).rejects.toBe(damaged);
      expect(release).toHaveBeenCalledTimes(1);
    }
  });
});

describe('openValidator', () => {
  it('opens no session when its batches cannot be drawn', async () => {
    vi.mocked(drawBatch).mockRejectedValue(damaged);
    const stage = { share: 1, ticks: 4, sequences: 2, sensedSequences: 2 };
    await expect(validation.openValidator(CORPUS, stage, OPTIONS)).rejects.toBe(damaged);
    expect(createSession).not.toHaveBeenCalled();
  });
});

describe('closingAll', () => {
  it('closes everything, the last first, and throws the first failure', async () => {
    const closed: string[] = [];
    const close =
      (name: string, fails = false) =>
      async () => {
        closed.push(name);
        if (fails) throw new Error(name);
      };
    const work = closingAll(async (closeLater) => {
      closeLater(close('a'));
      closeLater(close('b', true));
      closeLater(close('c', true));
      return 1;
    });
    await expect(work).rejects.toThrow('c');
    expect(closed).toEqual(['c', 'b', 'a']);
  });

  it('returns what the work returns', async () => {
    const close = vi.fn(async () => {});
    const work = closingAll(async (closeLater) => {
      closeLater(close);
      return 5;
    });
    expect(await work).toBe(5);
    expect(close).toHaveBeenCalledTimes(1);
  });
});
