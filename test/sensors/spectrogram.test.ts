import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { spectrogram } from '../../sensors/audio/spectrogram.js';
import { joinRows } from '../../sensors/audio/tracks.js';
import { encodeWav } from '../../sensors/audio/wav.js';
import { paintSpectrogram, writeSpectrogram } from '../../sensors/picture/spectrogram.js';

const RATE_HZ = 16000;
const tone = (hz: number, amplitude: number, count: number, from = 0) =>
  Float32Array.from({ length: count }, (_, i) =>
    i < from ? 0 : amplitude * Math.sin((2 * Math.PI * hz * i) / RATE_HZ),
  );

describe('spectrogram', () => {
  it('reads the level of a sine at its frequency: 1 Pa effective is 93.98 dB', () => {
    const { levelsDb, bins, frames, binHz } = spectrogram(tone(1000, Math.SQRT2, 4096), RATE_HZ);
    expect([frames, bins, binHz]).toEqual([29, 257, 31.25]);
    for (let frame = 0; frame < frames; frame++) {
      const row = levelsDb.subarray(frame * bins, (frame + 1) * bins);
      expect(row.indexOf(Math.max(...row))).toBe(32);
      expect(row[32]!).toBeCloseTo(93.98, 2);
      // A Hann window leaves nothing beyond the neighbouring bins of a tone at a bin's centre.
      expect(row[40]!).toBeLessThan(0);
    }
  });

  it('agrees with the defining sum at every bin', () => {
    const signal = Float32Array.from({ length: 32 }, (_, i) => ((i * 7919) % 31) / 31 - 0.5);
    const { levelsDb } = spectrogram(signal, RATE_HZ, { windowSamples: 32, hopSamples: 1 });
    for (let bin = 1; bin < 16; bin++) {
      let real = 0;
      let imaginary = 0;
      for (let i = 0; i < 32; i++) {
        const windowed = signal[i]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 32));
        real += windowed * Math.cos((2 * Math.PI * bin * i) / 32);
        imaginary -= windowed * Math.sin((2 * Math.PI * bin * i) / 32);
      }
      const effective = ((4 / 32) * Math.hypot(real, imaginary)) / Math.SQRT2;
      expect(levelsDb[bin]!).toBeCloseTo(20 * Math.log10(effective / 20e-6), 3);
    }
  });

  it('puts an onset where it is', () => {
    const { levelsDb, bins, frames, firstS, hopS } = spectrogram(tone(1000, 1, 8000, 4000), RATE_HZ);
    const loud = Array.from({ length: frames }, (_, frame) => frame).find(
      (frame) => levelsDb[frame * bins + 32]! > 80,
    )!;
    expect(Math.abs(firstS + loud * hopS - 0.25)).toBeLessThan(0.016);
  });

  it('reads silence as a floor, and refuses windows that do not fit', () => {
    expect(new Set(spectrogram(new Float32Array(1024), RATE_HZ).levelsDb)).toEqual(new Set([-120]));
    for (const options of [
      { windowSamples: 500 },
      { windowSamples: 2048 },
      { hopSamples: 0 },
      { hopSamples: 1.5 },
    ]) {
      expect(() => spectrogram(new Float32Array(1024), RATE_HZ, options)).toThrow(/spectrogram: expected/);
    }
  });
});

describe('the picture of a spectrogram', () => {
  const spectrum = spectrogram(tone(2000, 1, 16000, 8000), RATE_HZ);

  it('shows a tone as a bright line at its height, from its onset on', () => {
    const { rgb, width } = paintSpectrogram(spectrum);
    const brightness = (x: number, y: number) => rgb[(y * width + x) * 3 + 1]!;
    const y = 14 + 320 - Math.round(320 / 4) - 1;
    expect(brightness(76 + 600, y)).toBeGreaterThan(200);
    expect(brightness(76 + 100, y)).toBeLessThan(20);
    expect(brightness(76 + 600, 14 + 60)).toBeLessThan(60);
  });

  it('is written as a PNG that others can read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'umwelt-spectrogram-'));
    try {
      const path = join(directory, 'sound', 'left.png');
      await writeSpectrogram(tone(2000, 1, 16000), RATE_HZ, path);
      const { width, height, format } = await sharp(await readFile(path)).metadata();
      expect([format, width, height]).toEqual(['png', 892, 364]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('joinRows', () => {
  it('puts each microphone in a track of its own', () => {
    const rows = [Float32Array.of(1, 2, 10, 20), Float32Array.of(3, 4, 30, 40)];
    const tracks = [Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20, 30, 40)];
    expect(joinRows(rows, 2, 2)).toEqual(tracks);
    expect(joinRows(Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40), 2, 2)).toEqual(tracks);
    expect(() => joinRows(rows, 3, 2)).toThrow(/rows of 3 x 2/);
  });
});

describe('encodeWav', () => {
  it('writes floats, which do not clip, under a header of their own', () => {
    const bytes = encodeWav([Float32Array.of(0, 1, -5), Float32Array.of(2, -2, 0.5)], 48000, 2, 'float32');
    const view = new DataView(bytes.buffer);
    const text = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
    expect(bytes.length).toBe(58 + 24);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect([view.getUint32(16, true), view.getUint16(20, true), view.getUint16(22, true)]).toEqual([
      18, 3, 2,
    ]);
    expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([48000, 48000 * 8]);
    expect([view.getUint16(32, true), view.getUint16(34, true)]).toEqual([8, 32]);
    expect([text(38), view.getUint32(46, true), text(50), view.getUint32(54, true)]).toEqual([
      'fact',
      3,
      'data',
      24,
    ]);
    const values = Array.from({ length: 6 }, (_, index) => view.getFloat32(58 + 4 * index, true));
    expect(values).toEqual([0, 1, 0.5, -1, -2.5, 0.25]);
  });

  it('writes a header that says what follows, and samples that clip at full scale', () => {
    const bytes = encodeWav([Float32Array.of(0, 1, -1, 5), Float32Array.of(2, -2, 0.5, -9)], 16000, 2);
    const view = new DataView(bytes.buffer);
    const text = (at: number) => new TextDecoder().decode(bytes.subarray(at, at + 4));
    expect([text(0), text(8), text(12), text(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect([view.getUint16(22, true), view.getUint32(24, true), view.getUint16(34, true)]).toEqual([
      2, 16000, 16,
    ]);
    expect(view.getUint32(40, true)).toBe(16);
    expect([...new Int16Array(bytes.buffer, 44)]).toEqual([
      0, 32767, 16384, -32767, -16383, 8192, 32767, -32767,
    ]);
    expect(() => encodeWav([], 16000, 1)).toThrow(/one or more tracks/);
    expect(() => encodeWav([new Float32Array(2), new Float32Array(3)], 16000, 1)).toThrow(/2, 3/);
  });
});
