import { describe, expect, it } from 'vitest';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import type { CreateWorld } from '../../sim/contract.js';
import { videoRecordings } from './sample-video.js';

describe('tasks of video', () => {
  const createWorld: CreateWorld = () => {
    throw new Error('video needs no physics');
  };

  it('judge clips of an arm on recordings that nothing was learned from, and drop cameras that saw nothing', async () => {
    const recordings = await videoRecordings('bridge-robot', { episodes: 12, frames: 4, rateHz: 5 });
    const result = await evaluateRecordings({ recordings, createWorld });
    expect(result.heldout.map(({ name }) => name.split('@')[1])).toEqual([
      'camera',
      'camera',
      'camera',
      'camera',
    ]);
    const mean = (name: string): number =>
      result.methods.find((method) => method.name === name)!.overall.psnr_db!.mean;
    // The pattern shifts by two pixels from frame to frame.
    expect(mean('global-shift')).toBeGreaterThan(mean('copy-last') + 3);
    expect(result.methods.map(({ name }) => name)).toEqual([
      'copy-last',
      'global-shift',
      'global-affine',
      'train-mean',
      'linear',
    ]);
    expect(result.gallery[0]!.panels[0]).toHaveProperty('png');
  });

  it('divide a walk by time, its sides apart', async () => {
    const recordings = await videoRecordings('gopro-walk', { episodes: 1, frames: 60, rateHz: 25 });
    const baselines = ['copy-last', 'train-mean'];
    const result = await evaluateRecordings({ recordings, createWorld, baselines, gallery: false });
    expect(result.protocol.heldOut).toBe('task');
    expect(Math.min(...result.heldout.map(({ startS }) => startS))).toBeGreaterThanOrEqual(0.6 * 2.4);
    const [copied] = result.methods;
    expect(copied!.overall.log_spectral_db!.mean).toBeGreaterThanOrEqual(0);
    expect(copied!.byHorizon.ssim).toHaveLength(result.horizonsS.length);
  });
});
