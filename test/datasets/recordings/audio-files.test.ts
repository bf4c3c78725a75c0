import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { audioFiles } from '../../../datasets/recordings/audio-files.js';
import { importRecordings, listRecordings } from '../../../datasets/recordings/import.js';
import { sonicpiStruck } from '../../../datasets/recordings/sonicpi-struck.js';
import { encodeWav } from '../../../sensors/audio/wav.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';

const recordings = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'sonicpi-struck');

interface Chunk {
  readonly id: string;
  readonly bytes: Uint8Array;
}

function riff(chunks: readonly Chunk[], { magic = 'RIFF', kind = 'WAVE', more = 0 } = {}): Buffer {
  const parts = chunks.flatMap(({ id, bytes }) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return [Buffer.from(id), size, bytes, Buffer.alloc(bytes.length % 2)];
  });
  const body = Buffer.concat([Buffer.from(kind), ...parts]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length + more);
  return Buffer.concat([Buffer.from(magic), size, body]);
}

interface FormOptions {
  readonly tag?: number;
  readonly channels?: number;
  readonly rateHz?: number;
  readonly bits?: number;
  readonly frameBytes?: number;
  /** The kind in the identifier, for an extensible file. */
  readonly extensible?: number;
  readonly suffix?: string;
}

function form(options: FormOptions = {}): Chunk {
  const { tag = 1, channels = 1, rateHz = 1000, bits = 16, extensible } = options;
  const bytes = Buffer.alloc(extensible === undefined ? 16 : 40);
  bytes.writeUInt16LE(extensible === undefined ? tag : 0xfffe, 0);
  bytes.writeUInt16LE(channels, 2);
  bytes.writeUInt32LE(rateHz, 4);
  bytes.writeUInt32LE((rateHz * channels * bits) / 8, 8);
  bytes.writeUInt16LE(options.frameBytes ?? (channels * bits) / 8, 12);
  bytes.writeUInt16LE(bits, 14);
  if (extensible !== undefined) {
    bytes.writeUInt16LE(22, 16);
    bytes.writeUInt16LE(bits, 18);
    bytes.writeUInt16LE(extensible, 24);
    bytes.write(options.suffix ?? '000000001000800000aa00389b71', 26, 'hex');
  }
  return { id: 'fmt ', bytes };
}

const data = (...bytes: number[]): Chunk => ({ id: 'data', bytes: Uint8Array.from(bytes) });
const float = (value: number) => [...new Uint8Array(Float32Array.of(value).buffer)];
const read = async (bytes: Uint8Array, name = 'x.wav') => (await readerOf(audioFiles))(bytes, name);

describe('audio-files', () => {
  it.each([
    ['8-bit', form({ bits: 8 }), data(0, 128, 192), [-1, 0, 0.5]],
    ['16-bit', form(), data(0, 0x80, 0, 0, 0, 0x40), [-1, 0, 0.5]],
    ['24-bit', form({ bits: 24 }), data(0, 0, 0x80, 1, 0, 0, 0, 0, 0x40), [-1, 2 ** -23, 0.5]],
    ['32-bit', form({ bits: 32 }), data(0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40), [-1, 0, 0.5]],
    ['float', form({ tag: 3, bits: 32 }), data(...float(-1.5), ...float(0.25), ...float(0)), [-1.5, 0.25, 0]],
    ['extensible', form({ extensible: 1 }), data(0, 0x80, 0, 0, 0, 0x40), [-1, 0, 0.5]],
  ])('reads %s samples as shares of full scale', async (_, fmt, samples, expected) => {
    // An odd chunk that is not known, with its filling byte.
    const [recording] = await read(riff([{ id: 'LIST', bytes: Buffer.from('abc') }, fmt, samples]));
    const { amplitude } = recording!.samples[0]!.values;
    expect([...amplitude!]).toEqual([...expected, 0, 0, 0, 0, 0, 0, 0]);
    expect(recording!.durationS).toBe(0.003);
    expect(recording!.attributes).toEqual({ streams: { audio: { samples: 3 } } });
  });

  it('reads what the simulated microphones write, in rows on their own clock, however long', async () => {
    const rateHz = 8000;
    const tracks = [0, 1].map((channel) =>
      Float32Array.from({ length: 90_001 }, (_, i) => ((i * (channel + 1)) % 200) / 256),
    );
    const [recording] = await read(encodeWav(tracks, rateHz, 1, 'float32'));
    const rows = recording!.samples;
    expect(rows).toHaveLength(Math.ceil(90_001 / 80));
    expect(rows[1]!.timeNs).toBe(10_000_000n);
    for (const row of [0, 499, 500, 1124])
      for (const [channel, track] of tracks.entries())
        expect(rows[row]!.values.amplitude!.subarray(channel * 80, channel * 80 + 80)).toEqual(
          track.subarray(row * 80, row * 80 + 80),
        );
    expect([...rows[1125]!.values.amplitude!.subarray(0, 3)]).toEqual([tracks[0]![90_000], 0, 0]);
  });

  it('gives each rate and number of channels a stream, and resamples nothing', async () => {
    const folder = join(await temporaryFolder(), 'sounds');
    await mkdir(folder);
    const sound = (rateHz: number, channels: number) =>
      encodeWav(
        Array.from({ length: channels }, () => new Float32Array(20)),
        rateHz,
        1,
      );
    await writeFile(join(folder, 'a2.WAV'), sound(48_000, 2));
    await writeFile(join(folder, 'a10.wav'), sound(8000, 1));
    const set = await audioFiles.open(folder);
    expect(set.streams.map(({ name, rateHz, fields }) => [name, rateHz, fields[0]!.shape])).toEqual([
      ['audio-8000hz-1ch', 8000, [1, 80]],
      ['audio-48000hz-2ch', 48_000, [2, 480]],
    ]);
    expect(set.entries.map(({ name }) => name)).toEqual(['a2.WAV', 'a10.wav']);
    expect((await readAll(audioFiles, folder)).map(({ samples }) => samples[0]!.stream)).toEqual([
      'audio-48000hz-2ch',
      'audio-8000hz-1ch',
    ]);
  });

  it.each([
    [riff([form(), data(0, 0)], { magic: 'RIFX' }), 'x.wav, byte 0: expected "RIFF", got "RIFX"'],
    [riff([form(), data(0, 0)], { kind: 'AVI ' }), 'byte 8: expected "WAVE", got "AVI "'],
    [riff([form(), data(0, 0)], { more: 5 }), 'byte 4: the file says 51 bytes and has 46: it is cut off'],
    [riff([data(0, 0), form()]), 'byte 12: the samples come before their format'],
    [riff([form(), form(), data(0, 0)]), 'byte 36: there are two chunks "fmt "'],
    [riff([form(), data(0, 0, 0)]), 'byte 36: 3 bytes are no whole number of frames'],
    [riff([form(), data()]), 'byte 36: there are no samples'],
    [riff([form({ tag: 2 }), data(0, 0)]), 'got kind 2; convert the file'],
    [riff([form({ bits: 20 }), data(0, 0)]), 'got 20'],
    [riff([form({ channels: 0 }), data(0, 0)]), 'expected 1 to 255 channels, got 0'],
    [riff([form({ rateHz: 0 }), data(0, 0)]), 'got 0'],
    [riff([form({ frameBytes: 4 }), data(0, 0)]), '1 channels of 16 bits are not 4 bytes'],
    [
      riff([form({ extensible: 1, suffix: 'ff'.repeat(14) }), data(0, 0)]),
      'expected samples of a standard kind',
    ],
    [
      riff([form({ tag: 3, bits: 32 }), data(...float(1), ...float(Number.NaN))]),
      'byte 48: expected a finite sample',
    ],
    [riff([form()]), 'byte 36: expected 4 more bytes, there are 0'],
  ])('names the place that is wrong (%#)', async (bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'malformed-file' });
  });

  it('does not believe an absurd length', async () => {
    const bytes = riff([form(), data(0, 0)]);
    bytes.writeUInt32LE(0xfffffff0, 40);
    await expect(read(bytes)).rejects.toThrow('chunk "data" of 4294967280 bytes reaches beyond');
  });

  it('is safe from hostile bytes', async () => {
    const valid = riff([form({ channels: 2, bits: 24 }), data(...Array.from({ length: 60 }, (_, i) => i))]);
    await expectSafeFromHostileBytes(await readerOf(audioFiles), { fileName: 'x.wav', valid, runs: 60 });
    const flac = Buffer.from(FLAC, 'base64');
    await expectSafeFromHostileBytes(await readerOf(audioFiles), {
      fileName: 'x.flac',
      valid: flac,
      runs: 60,
    });
  });
});

/** One constant frame of 16 samples of -7, mono, 44.1 kHz, written by hand. */
const FLAC = 'ZkxhQ4AAACIAEAAQAAAAAAAACsRA8AAAABAAAAAAAAAAAAAAAAAAAAAA//h5CAAAD0wA//k1tw==';

describe.skipIf(!existsSync(recordings))(
  `the real struck things (skipped where ${recordings} is absent)`,
  () => {
    it('are all there with the published digests, mono and stereo apart', async () => {
      const found = await listRecordings(recordings);
      expect(Object.fromEntries(found.map(({ name, sha256 }) => [name, sha256]))).toEqual(
        sonicpiStruck.publication!.sha256,
      );
      const select = (name: string) => name.startsWith('drum_tom_lo') || name === 'perc_bell.flac';
      const directory = join(await temporaryFolder(), 'data');
      const manifest = await importRecordings(recordings, directory, { select });
      expect(manifest.dataSha256).toBe('92aa90e4fb6f02b6f917b68e6fffaadc005ca5708884d1f40fab4ccebd847ef8');
      expect(manifest.streams.map(({ name, rows }) => [name, rows > 0])).toEqual([
        ['audio-44100hz-1ch', true],
        ['audio-44100hz-2ch', true],
      ]);
      // SOURCE.md: the level is not normalised, the hard stroke peaks at 1.00 and the soft one at 0.54.
      const peaks = new Map<unknown, number>();
      for await (const { streams, attributes } of (await openDataset(directory)).episodes()) {
        const amplitude = streams['audio-44100hz-1ch']?.values.amplitude ?? [];
        let peak = 0;
        for (const value of amplitude) peak = Math.max(peak, Math.abs(value));
        peaks.set(attributes.stroke, peak);
      }
      expect(peaks.get('hard')).toBeCloseTo(1, 2);
      expect(peaks.get('soft')).toBeCloseTo(0.54, 2);
    });

    it('are sound files to anyone who copies them elsewhere', async () => {
      const folder = join(await temporaryFolder(), 'mine');
      await mkdir(folder);
      await writeFile(join(folder, 'a.flac'), readFileSync(join(recordings, 'flac/drum_cowbell.flac')));
      const [recording] = await readAll(audioFiles, folder);
      expect(recording!.samples[0]!.stream).toBe('audio');
    });
  },
);
