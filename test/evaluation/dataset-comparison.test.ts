import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../core/math/normal.js';
import { type RandomStream, randomStream } from '../../core/random.js';
import type { Dataset, DatasetManifest, Episode, StreamData } from '../../datasets/contract.js';
import { compareDatasets } from '../../evaluation/two-sample/compare.js';
import { describeWindow } from '../../evaluation/two-sample/features.js';
import { frechetDistance } from '../../evaluation/two-sample/frechet.js';
import { CODE_WIDTH, encodePicture } from '../../evaluation/two-sample/picture-encoder.js';
import { samplesOf } from '../../evaluation/two-sample/samples.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const RATE = 4000;
const CHUNK = 400;
const [WIDTH, HEIGHT] = [16, 12];
const SECONDS = 2;

/** What a dataset's camera and touch do to the world. */
interface World {
  readonly brightness: number;
  readonly cameraNoise: number;
  readonly softness: number;
}

function camera(random: RandomStream, { brightness, cameraNoise }: World): StreamData {
  const rows = 10 * SECONDS;
  const scene = Array.from({ length: 8 }, () => 60 * random.uniform());
  const colour = Uint8Array.from({ length: rows * WIDTH * HEIGHT * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % WIDTH;
    return Math.max(0, Math.min(255, brightness + scene[x % 8]! + cameraNoise * random.normal()));
  });
  return {
    description: {
      name: 'camera',
      kind: 'camera',
      rateHz: 10,
      samplesPerRow: 1,
      fields: [
        { name: 'colour', dataType: 'uint8', shape: [HEIGHT, WIDTH, 3], unit: 'sRGB', description: '' },
      ],
      metadata: {},
    },
    rows,
    timeNs: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 100_000_000n),
    values: { colour },
  };
}

function audio(random: RandomStream): StreamData {
  const rows = (RATE * SECONDS) / CHUNK;
  const hz = 300 + 200 * random.uniform();
  const pressurePa = Float32Array.from(
    { length: rows * CHUNK },
    (_, i) => 0.1 * Math.sin((2 * Math.PI * hz * i) / RATE) + 0.02 * random.normal(),
  );
  return {
    description: {
      name: 'audio',
      kind: 'audio',
      rateHz: RATE,
      samplesPerRow: CHUNK,
      fields: [{ name: 'pressurePa', dataType: 'float32', shape: [1, CHUNK], unit: 'Pa', description: '' }],
      metadata: {},
    },
    rows,
    timeNs: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 100_000_000n),
    values: { pressurePa },
  };
}

function touch(random: RandomStream, { softness }: World): StreamData {
  const rows = 200 * SECONDS;
  const force = 2 + random.uniform();
  const forceN = Float32Array.from({ length: rows * 3 }, (_, i) =>
    i % 3 === 2 ? force * (1 + 0.2 * Math.sin(((i / 3) * 0.5) / softness)) : 0.05 * random.normal(),
  );
  const field = { name: 'forceN', dataType: 'float32', shape: [3], unit: 'N', description: '' } as const;
  return {
    description: {
      name: 'haptics',
      kind: 'haptics',
      rateHz: 200,
      samplesPerRow: 1,
      fields: [field],
      metadata: {},
    },
    rows,
    timeNs: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * 5_000_000n),
    values: { forceN },
  };
}

function dataset(name: string, episodes: number, world: World, without: readonly string[] = []): Dataset {
  const episode = (index: number): Episode => {
    const random = randomStream(1, 'test', name, index);
    const all = { camera: camera(random, world), audio: audio(random), haptics: touch(random, world) };
    const streams = Object.fromEntries(Object.entries(all).filter(([stream]) => !without.includes(stream)));
    return { episode: index, durationS: SECONDS, attributes: {}, streams };
  };
  const manifest = {
    name,
    dataSha256: name,
    episodes: Array.from({ length: episodes }, (_, index) => ({
      episode: index,
      durationS: SECONDS,
      attributes: {},
    })),
    streams: Object.values(episode(0).streams).map(({ description, rows }) => ({
      ...description,
      rows,
      samples: rows,
      bytes: 0,
    })),
  } as unknown as DatasetManifest;
  return {
    directory: name,
    manifest,
    readEpisode: async (index) => episode(index),
    async *episodes() {
      for (let index = 0; index < episodes; index++) yield episode(index);
    },
  };
}

const REAL: World = { brightness: 90, cameraNoise: 4, softness: 1 };

describe('a dataset beside recordings', () => {
  it('shows which sense looks unreal and by what, and which does not', async () => {
    const simulated = dataset('simulated', 16, { ...REAL, cameraNoise: 0, softness: 4 });
    const found = await compareDatasets(simulated, dataset('recorded', 16, REAL));
    const [vision, hearing, feeling] = ['vision', 'audio', 'touch'].map(
      (sense) => found.senses.find(({ name }) => name === sense)!,
    );
    expect(vision!.c2st.lo).toBeGreaterThan(0.8);
    expect(vision!.features.slice(0, 3).map(({ name }) => name)).toContain('camera: colour noise');
    const noise = vision!.features.find(({ name }) => name === 'camera: colour noise')!;
    expect(noise.recorded).toBeGreaterThan(noise.simulated);
    expect([noise.ks, noise.auc]).toEqual([1, 1]);
    expect(feeling!.c2st.lo).toBeGreaterThan(0.8);
    expect(feeling!.features[0]!.name).toMatch(/haptics: forceN 2 (change per s|spectral centroid Hz)/);
    expect(hearing!.c2st.lo).toBeLessThan(0.5);
    expect(hearing!.mmd.pValue).toBeGreaterThan(0.05);
    expect(vision!.mmd.pValue).toBeLessThan(0.01);
    expect(vision!.energyDistance.lo).toBeGreaterThan(0);
    expect(found.senses.at(-1)!.name).toBe('audio');
    expect(vision!.unit).toBe('episode');
    expect(vision!.windows).toEqual({ simulated: 32, recorded: 32 });
  });

  it('drawn from the same world is told apart in no sense', async () => {
    const found = await compareDatasets(dataset('one', 14, REAL), dataset('other', 14, REAL));
    for (const { c2st, mmd } of found.streams) {
      expect(c2st.lo).toBeLessThanOrEqual(0.5);
      expect(c2st.hi).toBeGreaterThanOrEqual(0.5);
      expect(mmd.pValue).toBeGreaterThan(0.02);
    }
    expect(found.streams).toHaveLength(3);
    expect(found.windowS).toBe(1);
  });

  it('of one recording takes its windows for units, and names what has no counterpart', async () => {
    const found = await compareDatasets(
      dataset('simulated', 6, REAL, ['haptics']),
      dataset('recorded', 1, REAL, ['camera']),
      { windowS: 0.25 },
    );
    expect(found.streams.map(({ name }) => name)).toEqual(['audio']);
    expect(found.streams[0]!.unit).toBe('window');
    expect(found.streams[0]!.windows).toEqual({ simulated: 48, recorded: 8 });
    const cut = await compareDatasets(
      dataset('simulated', 6, REAL, ['haptics']),
      dataset('recorded', 1, REAL, ['camera']),
      { windowS: 0.25, untilS: 1 },
    );
    expect(cut.streams[0]!.windows).toEqual({ simulated: 24, recorded: 4 });
    expect(found.unmatched).toEqual({ simulated: ['camera'], recorded: ['haptics'] });
  });

  it('is refused where nothing is shared', async () => {
    const eyes = dataset('eyes', 1, REAL, ['audio', 'haptics']);
    const ears = dataset('ears', 1, REAL, ['camera', 'haptics']);
    await expect(compareDatasets(eyes, ears)).rejects.toThrow(/camera and recorded audio/);
    await expect(compareDatasets(eyes, ears, { pairs: { camera: 'film' } })).rejects.toThrow(/'film'/);
  });
});

describe('features', () => {
  it('of sound name its level and pitch', () => {
    const stream = audio(randomStream(3));
    const features = describeWindow(stream, 0, stream.rows);
    expect(features['pressurePa level dB']).toBeCloseTo(10 * Math.log10(0.005 + 0.0004), 0);
    expect(features['pressurePa centroid Hz']).toBeGreaterThan(250);
    expect(features['pressurePa octave 63 Hz dB of all']).toBeLessThan(-15);
  });

  it('of pictures find the noise that was put in', () => {
    const stream = camera(randomStream(4), { ...REAL, cameraNoise: 6 });
    const flat = { ...stream, values: { colour: stream.values.colour!.map((_, i) => 100 + (i % 2)) } };
    const noise = describeWindow(stream, 0, 10)['colour noise']!;
    expect(describeWindow(flat, 0, 10)['colour brightness']).toBeCloseTo(100.5, 0);
    // Luma averages three independent colours: sqrt(0.299^2 + 0.587^2 + 0.114^2) = 0.67 of 6, above the scene's stripes.
    expect(noise).toBeGreaterThan(0.67 * 6 * 0.9);
  });

  it('of orientations do not see the sign of a quaternion', () => {
    const orientation = Float64Array.from({ length: 40 }, (_, i) => [Math.cos(0.01 * (i >> 2)), 0, 0, Math.sin(0.01 * (i >> 2))][i % 4]!); // biome-ignore format: one line
    const stream = (values: Float64Array): StreamData => ({
      ...touch(randomStream(5), REAL),
      description: {
        name: 'truth',
        kind: 'truth',
        rateHz: 100,
        samplesPerRow: 1,
        metadata: {},
        fields: [{ name: 'orientation', dataType: 'float64', shape: [1, 4], unit: '1', description: '' }],
      },
      rows: 10,
      values: { orientation: values },
    });
    const features = describeWindow(stream(orientation), 0, 10);
    expect(features['orientation 0 turning mean']).toBeCloseTo(2, 2);
    const flipped = orientation.map((value, i) => ((i >> 2) % 2 === 0 ? value : -value));
    expect(describeWindow(stream(flipped), 0, 10)).toEqual(features);
  });
});

describe('the Frechet distance', () => {
  it('is that of scipy’s matrix square root', () => {
    const rows = (seed: number, count: number, scale: number, shift: number) => {
      const numbers = uniformNumbers(seed, count * 3);
      return Array.from({ length: count }, (_, row) =>
        Array.from({ length: 3 }, (__, i) => normalQuantile(numbers[row * 3 + i]!) * scale + shift),
      );
    };
    const [a, b] = [samplesOf(rows(12, 30, 1, 0)), samplesOf(rows(13, 25, 1.2, 0.5))];
    expect(frechetDistance(a, b).value).toBeCloseTo(REFERENCE.two_sample.frechet, 9);
    expect(frechetDistance(a, a).value).toBeLessThan(1e-9);
    expect(frechetDistance(samplesOf([[1, 2]]), a.width === 3 ? samplesOf([[1, 2]]) : a).valid).toBe(false);
  });

  it('of encoded pictures grows with blur and noise', () => {
    const pictures = (seed: number, noise: number) =>
      samplesOf(
        Array.from({ length: 60 }, (_, index) => {
          const numbers = uniformNumbers(seed * 100 + index + 1, 3 + 40 * 30 * 3);
          const values = Float64Array.from({ length: 40 * 30 * 3 }, (__, i) => {
            const x = Math.floor(i / 3) % 40;
            return (
              127 +
              80 * Math.sin(numbers[0]! * 6 + (x * (1 + numbers[1]!)) / 4) +
              noise * (numbers[i + 3]! - 0.5)
            );
          });
          return encodePicture({ width: 40, height: 30, channels: 3, values });
        }),
      );
    const clean = pictures(1, 5);
    expect(clean.width).toBe(CODE_WIDTH);
    const same = frechetDistance(pictures(2, 5), clean).value;
    const noisy = frechetDistance(pictures(3, 120), clean).value;
    const noisier = frechetDistance(pictures(4, 240), clean).value;
    expect(noisy).toBeGreaterThan(2 * same);
    expect(noisier).toBeGreaterThan(noisy);
  });
});
