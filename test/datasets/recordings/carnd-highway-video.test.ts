import { existsSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { carndHighwayVideo } from '../../../datasets/recordings/carnd-highway-video.js';
import { loadWebcodecs } from '../../../datasets/recordings/video-codecs.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';
import { mp4File, soundTrack, videoTrack } from './mp4-file.js';

const REAL = '../shared/recordings/carnd-highway-video';
const FILE = 'solidWhiteRight.mp4';

describe('carnd-highway-video', () => {
  let read: Awaited<ReturnType<typeof readerOf>>;
  let valid: Buffer;
  beforeAll(async () => {
    read = await readerOf(carndHighwayVideo);
    valid = mp4File([await videoTrack(6), await soundTrack(8)]);
  });

  it('decodes every frame and the sound, each at its own rate', async () => {
    const [recording] = await read(valid, FILE);
    const frames = recording!.samples.filter(({ stream }) => stream === 'camera');
    expect(frames.map(({ timeNs }) => timeNs)).toEqual(
      [0, 1, 2, 3, 4, 5].map((k) => BigInt(k) * 100_000_000n),
    );
    for (const [index, { values }] of frames.entries()) {
      expect(values.colour).toHaveLength(32 * 16 * 3);
      // Luma from 16 to 235 stands for 0 to 255.
      const grey = ((60 + 10 * index - 16) * 255) / 219;
      for (const value of values.colour!) expect(Math.abs(value - grey)).toBeLessThan(6);
    }
    const sound = recording!.samples.filter(({ stream }) => stream === 'audio');
    expect(sound.length).toBeGreaterThanOrEqual(8);
    expect(sound[3]!.timeNs).toBe(64_000_000n);
    const { amplitude } = sound[3]!.values;
    const power = (values: Float32Array): number =>
      values.reduce((sum, value) => sum + value * value, 0) / 1024;
    expect(power(amplitude!.subarray(0, 1024) as Float32Array)).toBeCloseTo(0.125, 2);
    expect(power(amplitude!.subarray(1024) as Float32Array)).toBeLessThan(1e-6);
  });

  it('gives the same at every import', async () => {
    expect(await read(valid, FILE)).toEqual(await read(valid, FILE));
  });

  describe('without the optional decoders', () => {
    afterEach(() => {
      vi.doUnmock('@napi-rs/webcodecs');
    });

    it('says what to install', async () => {
      vi.doMock('@napi-rs/webcodecs', () => {
        throw new Error('Cannot find module');
      });
      await expect(loadWebcodecs('a.mp4')).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/^a\.mp4: .*npm install @napi-rs\/webcodecs/),
      });
    });
  });

  it('refuses what is no MP4 file, has no movie box, or lacks a track', async () => {
    await expect(read(Buffer.from('RIFF....AVI '), FILE)).rejects.toThrow(/byte 0: expected an MP4 file/);
    await expect(read(valid.subarray(0, valid.indexOf('moov') - 4), FILE)).rejects.toThrow(/no box "moov"/);
    await expect(read(mp4File([await videoTrack(2)]), FILE)).rejects.toThrow(/expected a track of audio/);
  });

  it('refuses a frame that cannot be decoded, and samples beyond the file', async () => {
    const track = await videoTrack(3);
    const broken = {
      ...track,
      samples: track.samples.map((sample) => ({ ...sample, data: new Uint8Array(40).fill(7) })),
    };
    await expect(read(mp4File([broken, await soundTrack(1)]), FILE)).rejects.toThrow(
      /frame 0: cannot be decoded/,
    );
    const far = Buffer.from(valid);
    far.writeUInt32BE(0x7fffffff, far.indexOf('stco') + 12);
    await expect(read(far, FILE)).rejects.toThrow(/sample 0: lies at byte 2147483647/);
  });

  it.each([
    ['more samples than the file has bytes', 'stsz', 8, 0xffffffff, /4294967295 samples of 1 bytes/],
    ['a table beyond its box', 'stts', 8, 0xffffffff, /"stts": 4294967295 entries do not fit/],
    [
      'a box beyond the one that holds it',
      'mdia',
      -4,
      0x7fffffff,
      /box "mdia" says that it has 2147483647 bytes/,
    ],
  ])('refuses %s', async (_, type, offset, value, message) => {
    const bytes = Buffer.from(valid);
    const at = bytes.indexOf(type);
    if (type === 'stsz') bytes.writeUInt32BE(1, at + 8);
    bytes.writeUInt32BE(value, at + (type === 'stsz' ? 12 : offset));
    await expect(read(bytes, FILE)).rejects.toThrow(message);
  });

  it('lets nothing but its own error out, whatever the bytes', async () => {
    const small = mp4File([await videoTrack(2), await soundTrack(2)]);
    await expectSafeFromHostileBytes(read, { fileName: FILE, valid: small, lengths: 10, runs: 12 });
  });
});

describe.skipIf(!existsSync(REAL))(
  'carnd-highway-video: the published clip (skipped without ../shared/recordings)',
  () => {
    it('has 221 frames at 25 Hz of a road under a brighter sky', async () => {
      const [recording] = await readAll(carndHighwayVideo, REAL);
      const frames = recording!.samples.filter(({ stream }) => stream === 'camera');
      expect(frames).toHaveLength(221);
      expect(frames.at(-1)!.timeNs).toBe(8_800_000_000n);
      const colour = frames[100]!.values.colour as Uint8Array;
      expect(colour).toHaveLength(240 * 135 * 3);
      const mean = (from: number, to: number): number =>
        colour.subarray(from * 720, to * 720).reduce((sum, value) => sum + value, 0) / ((to - from) * 720);
      expect(mean(0, 30)).toBeGreaterThan(mean(80, 120) + 30);
    });
  },
);
