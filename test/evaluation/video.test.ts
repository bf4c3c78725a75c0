import { describe, expect, it } from 'vitest';
import { MEL_BANDS } from '../../core/mel.js';
import type { Episode } from '../../datasets/contract.js';
import { type Clip, cutClip, PICTURE, readClip, SIDE } from '../../evaluation/tasks/video/clip.js';
import type { VideoCase } from '../../evaluation/tasks/video/forecast.js';
import { findMotion, moveOn } from '../../evaluation/tasks/video/global-motion.js';
import { bandsOf } from '../../evaluation/tasks/video/heard.js';
import { fitLinear } from '../../evaluation/tasks/video/linear.js';
import {
  clockOf,
  modelEpisode,
  TICK_HZ,
  tickOf,
  timeOfTick,
} from '../../evaluation/tasks/video/model-clip.js';
import { scoreVideo } from '../../evaluation/tasks/video/score.js';
import { cutCase } from '../../evaluation/tasks/video/task.js';
import { dreamVideo } from '../../evaluation/tasks/video/world-model.js';
import type { ChannelPrediction, WorldModel } from '../../worldmodel/contract.js';

/** A smooth pattern, seen from (x, y) px beside where it was, grown by `zoom` about the middle. */
function pattern(x = 0, y = 0, zoom = 1): Float32Array {
  const middle = (SIDE - 1) / 2;
  return Float32Array.from({ length: PICTURE }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const u = ((pixel % SIDE) - middle) / zoom + x;
    const v = (Math.floor(pixel / SIDE) - middle) / zoom + y;
    return 128 + 60 * Math.sin(u / 5) * Math.cos(v / 7) + 40 * Math.sin((u + 2 * v) / 11);
  });
}

function clipOf(pictures: readonly Float32Array[], rateHz: number, extra: Partial<Clip> = {}): Clip {
  const all = new Float32Array(pictures.length * PICTURE);
  for (const [index, picture] of pictures.entries()) all.set(picture, index * PICTURE);
  return {
    rateHz,
    timesS: pictures.map((_, k) => k / rateHz),
    pictures: all,
    actions: null,
    sound: null,
    ...extra,
  };
}

const caseOf = (clip: Clip, contextFrames: number): VideoCase =>
  cutCase(clip, { firstFrame: 0, frames: clip.timesS.length }, contextFrames);

const meanError = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;

describe('clips', () => {
  it('averages pictures of any size, and sound of any number of microphones', () => {
    const [width, height] = [96, 80];
    const colour = Uint8Array.from(
      { length: width * height * 3 },
      (_, index) => ((Math.floor(index / 3) % width) * 255) / width,
    );
    const stream = (name: string, samplesPerRow: number, rateHz: number, shape: number[], field: string) => ({
      name,
      kind: name,
      rateHz,
      samplesPerRow,
      fields: [{ name: field, dataType: 'uint8' as const, shape, unit: '1', description: '' }],
      metadata: {},
    });
    const episode: Episode = {
      episode: 0,
      durationS: 1,
      attributes: {},
      streams: {
        camera: {
          description: stream('camera', 1, 10, [height, width, 3], 'colour'),
          rows: 1,
          timeNs: BigInt64Array.of(500_000_000n),
          values: { colour },
        },
        audio: {
          description: stream('audio', 4, 8, [2, 4], 'amplitude'),
          rows: 2,
          timeNs: BigInt64Array.of(0n, 500_000_000n),
          values: { amplitude: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 3, 4, 5, 6) },
        },
      },
    };
    const clip = readClip(episode, { camera: 'camera', sound: 'audio' });
    // Sound begins with the picture.
    expect([...clip.sound!.amplitude]).toEqual([2, 3, 4, 5]);
    const row = clip.pictures.subarray(30 * SIDE * 3, 31 * SIDE * 3);
    for (let x = 0; x < SIDE; x++)
      expect(Math.abs(row[x * 3]! - ((x + 0.5) * 1.5 - 0.5) * (255 / width))).toBeLessThan(1);
    expect(() => readClip(episode, { camera: 'camera', action: 'action' })).toThrow(
      /expected a stream "action"/,
    );
  });

  it('cuts the same moments out of pictures, commands and sound', () => {
    const clip = clipOf(
      Array.from({ length: 6 }, (_, k) => pattern(k)),
      10,
      {
        actions: { width: 1, values: Float32Array.of(0, 1, 2, 3, 4, 5) },
        sound: { rateHz: 100, amplitude: Float32Array.from({ length: 60 }, (_, k) => k) },
      },
    );
    const cut = cutClip(clip, 2, 3);
    expect(cut.timesS.map((timeS) => timeS.toFixed(3))).toEqual(['0.000', '0.100', '0.200']);
    expect(cut.pictures[0]).toBe(pattern(2)[0]);
    expect([cut.actions!.values[0], cut.sound!.amplitude[0]]).toEqual([2, 20]);
  });

  it('plays slow video a frame a tick, and fast video at its own pace', () => {
    const slow = clockOf(5);
    expect([0, 1, 7].map((step) => tickOf(step / 5, slow))).toEqual([0, 1, 7]);
    expect(timeOfTick(7, slow)).toBeCloseTo(1.4, 12);
    const fast = clockOf(29.97);
    expect(fast.pace).toBe(1);
    // No two frames fall into one tick.
    const ticks = Array.from({ length: 300 }, (_, k) => tickOf(k / 29.97, fast));
    expect(new Set(ticks).size).toBe(300);
  });

  it('shows a case nothing of what follows', () => {
    const sound = { rateHz: 48_000, amplitude: new Float32Array(48_000).fill(0.1) };
    const clip = clipOf(
      Array.from({ length: 23 }, (_, k) => pattern(k)),
      30,
      { sound },
    );
    const { context, truth } = caseOf(clip, 8);
    expect(context.seen.timesS).toHaveLength(8);
    expect(context.seen.pictures).toHaveLength(8 * PICTURE);
    expect(context.seen.sound!.amplitude.length / 48_000).toBeCloseTo(
      timeOfTick(context.lastTick, context.clock),
      4,
    );
    expect(truth.horizonsS[0]).toBeCloseTo(1 / 30, 9);
    expect(truth.bands).toHaveLength(context.soundTicks * MEL_BANDS);
    expect(truth.bandsS[0]).toBeGreaterThan(0);
  });
});

describe('baselines of video', () => {
  it.each([
    ['a shift', 'shift' as const, pattern(3, -2), [3, -2, 0, 0, 0, 0]],
    ['growth', 'affine' as const, pattern(0, 0, 1.05), [0, 0, -0.0476, 0, 0, -0.0476]],
  ])('find %s and go on with it', (_, kind, later, expected) => {
    const motion = findMotion(pattern(), later, kind);
    for (const [index, value] of expected.entries())
      expect(motion[index]).toBeCloseTo(value, index < 2 ? 1 : 2);
    const next = moveOn(later, motion, 1);
    const truth = kind === 'shift' ? pattern(6, -4) : pattern(0, 0, 1.1025);
    expect(meanError(next, truth)).toBeLessThan(meanError(later, truth) / 4);
  });

  it('find no motion in a plain picture', () => {
    expect(findMotion(new Float32Array(PICTURE), new Float32Array(PICTURE), 'affine')).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });

  it('learn linearly what a command does', () => {
    const change = pattern(9);
    const cases = Array.from({ length: 12 }, (_, k) => {
      const command = Math.sin(k * 2.3);
      const start = new Float32Array(PICTURE).fill(100);
      const end = start.map((value, index) => value + command * (change[index]! - 128) * 0.3);
      return caseOf(
        clipOf([start, start, end], 5, { actions: { width: 1, values: Float32Array.of(0, command, 0) } }),
        2,
      );
    });
    const model = fitLinear(cases.slice(0, 11));
    const { context, truth } = cases[11]!;
    const copied = meanError(context.seen.pictures.subarray(PICTURE), truth.pictures);
    expect(meanError(model.forecast(context).pictures, truth.pictures)).toBeLessThan(copied / 4);
    expect(() => fitLinear(cases.slice(0, 7))).toThrow(/at least 8 cases/);
  });
});

describe('scores of video', () => {
  it('judge each horizon by the frame that is there, and sound by its bands', () => {
    const clip = clipOf([pattern(), pattern(), pattern(4), pattern(8)], 10, {
      sound: { rateHz: 48_000, amplitude: Float32Array.from({ length: 24_000 }, (_, k) => Math.sin(k / 5)) },
    });
    const { truth } = caseOf(clip, 2);
    const still = new Float32Array(2 * PICTURE);
    still.set(pattern(4));
    still.set(pattern(4), PICTURE);
    const bands = truth.bands!.map((value) => value + 1);
    const scores = scoreVideo({ pictures: still, bands }, truth, [0.1, 0.2, 0.3]);
    expect(scores.byHorizon.psnr_db!.map(({ valid }) => valid)).toEqual([true, true, false]);
    expect(scores.byHorizon.psnr_db![0]!.value).toBe(60);
    expect(scores.byHorizon.psnr_db![1]!.value).toBeLessThan(25);
    expect(scores.byHorizon.ssim![0]!.value).toBeCloseTo(1, 9);
    // Ten times the power in every band.
    expect(scores.overall.log_spectral_db!.value).toBeCloseTo(10, 4);
    expect(scoreVideo({ pictures: still.fill(Number.NaN), bands: null }, truth, [0.1]).finite).toBe(false);
  });

  it('hear a tone in its band', () => {
    const tone = {
      rateHz: 48_000,
      amplitude: Float32Array.from(
        { length: 4800 },
        (_, k) => 0.5 * Math.sin((2 * Math.PI * 1000 * k) / 48_000),
      ),
    };
    const bands = bandsOf(tone, clockOf(30), 2, 99);
    // Those ticks alone that the sound reaches.
    expect(bands.length / MEL_BANDS).toBe(Math.floor(0.1 * TICK_HZ) - 1);
    const loudest = bands.indexOf(Math.max(...bands.subarray(0, MEL_BANDS)));
    expect(loudest).toBe(5);
  });
});

describe('a world model as a method of video', () => {
  /** A model of 32 x 32 pixels that expects red to rise by 0.1 with every tick. */
  function risingModel(channel = 'camera'): WorldModel {
    const shape = [32, 32, 4];
    const size = 32 * 32 * 4;
    return {
      name: 'rising',
      tickHz: TICK_HZ,
      configuration: { channels: [{ name: channel, form: 'picture', shape }] },
      async rollout(_: Episode, contextS: number, horizonS: number) {
        const [context, ticks] = [Math.round(contextS * TICK_HZ), Math.round(horizonS * TICK_HZ)];
        const mean = Float32Array.from(
          { length: ticks * size },
          (_value, index) => 0.1 * (context + 1 + Math.floor(index / size)) * (index % 4 === 0 ? 1 : 0),
        );
        const camera: ChannelPrediction = { shape, mean, standardDeviation: mean };
        return { ticks, channels: { camera } };
      },
      view(episode: Episode) {
        const ticks = Math.round(episode.durationS * TICK_HZ) + 1;
        const values = Float32Array.from(
          { length: ticks * size },
          (_value, index) => 0.1 * Math.floor(index / size) * (index % 4 === 0 ? 1 : 0),
        );
        return { channels: { camera: { values } } };
      },
    } as unknown as WorldModel;
  }

  it('adds the change that it expects to the last picture, whose detail stays', async () => {
    const { context } = caseOf(clipOf([pattern(), pattern(1), pattern(2), pattern(3)], 5), 2);
    const { pictures, bands } = await dreamVideo(risingModel(), context);
    const last = pattern(1);
    for (const at of [0, 3000, PICTURE - 3]) {
      expect(pictures[at]).toBeCloseTo(Math.min(255, last[at]! + 25.5), 2);
      expect(pictures[PICTURE + at]).toBeCloseTo(Math.min(255, last[at]! + 51), 2);
      expect(pictures[at + 1]).toBeCloseTo(last[at + 1]!, 3);
    }
    expect(bands).toBeNull();
  });

  it('must know a camera', async () => {
    const { context } = caseOf(clipOf([pattern(), pattern(1), pattern(2)], 5), 2);
    await expect(dreamVideo(risingModel('touch'), context)).rejects.toThrow(
      /expected one with a channel "camera"/,
    );
  });

  it('is shown the pictures as bytes and all commands, and nothing that is seen later', () => {
    const clip = clipOf([pattern(), pattern(1), pattern(2)], 5, {
      actions: { width: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    });
    const { context } = caseOf(clip, 2);
    const { streams, durationS } = modelEpisode(context.seen, 0.4);
    expect(durationS * TICK_HZ).toBeCloseTo(2, 9);
    expect(streams.camera!.rows).toBe(2);
    expect([...streams.camera!.timeNs].map(Number)[1]).toBeCloseTo(1e9 / TICK_HZ, -1);
    expect(streams.camera!.values.colour![0]).toBe(Math.round(pattern()[0]!));
    expect([...streams.action!.values.value!]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
