import { describe, expect, it } from 'vitest';
import { fourierTransform } from '../../core/math/fourier.js';
import { MEL_BANDS, melFilters } from '../../core/mel.js';
import { tickTimeNs } from '../../core/time.js';
import type { Episode, StreamData, TypedArray } from '../../datasets/contract.js';
import { symexp, symlog } from '../../worldmodel/model/symlog.js';
import { channelTracks } from '../../worldmodel/observation/channels.js';
import { waveLayout } from '../../worldmodel/observation/sound.js';
import { readState, readStateTrack, stateArrays } from '../../worldmodel/observation/state-track.js';
import { readActionTrack } from '../../worldmodel/observation/task.js';

const TICK_HZ = 37;
const RESOLUTION = { tickHz: TICK_HZ, picture: 16, patch: 8 };

function stream(
  kind: string,
  rateHz: number,
  rows: number,
  fields: Record<string, { shape: number[]; values: TypedArray }>,
  samplesPerRow = 1,
): StreamData {
  return {
    description: {
      name: kind,
      kind,
      rateHz,
      samplesPerRow,
      fields: Object.entries(fields).map(([name, { shape }]) => ({
        name,
        dataType: 'float32',
        shape,
        unit: '1',
        description: '',
      })),
      metadata: {},
    },
    rows,
    timeNs: BigInt64Array.from({ length: rows }, (_, row) => tickTimeNs(row * samplesPerRow, rateHz)),
    values: Object.fromEntries(Object.entries(fields).map(([name, { values }]) => [name, values])),
  };
}

function episode(streams: Record<string, StreamData>, durationS: number): Episode {
  return { episode: 0, durationS, attributes: {}, streams };
}

describe('fourierTransform', () => {
  it('agrees with the sum that defines it', () => {
    const n = 32;
    const signal = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i) + 0.1 * i);
    const [real, imaginary] = [signal.slice(), new Float64Array(n)];
    fourierTransform(real, imaginary);
    for (let k = 0; k < n; k++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < n; i++) {
        re += signal[i]! * Math.cos((2 * Math.PI * k * i) / n);
        im -= signal[i]! * Math.sin((2 * Math.PI * k * i) / n);
      }
      expect(real[k]).toBeCloseTo(re, 10);
      expect(imaginary[k]).toBeCloseTo(im, 10);
    }
  });

  it('refuses a length that is no power of two', () => {
    expect(() => fourierTransform(new Float64Array(12), new Float64Array(12))).toThrow(/power of two/);
  });
});

describe('melFilters', () => {
  it('hears a higher sine in a higher band, alone', () => {
    const rateHz = 16000;
    const filters = melFilters(rateHz, 256);
    const loudest = [300, 1000, 3000, 6000].map((hz) => {
      const out = new Float32Array(MEL_BANDS);
      filters.apply(
        Float64Array.from({ length: 256 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz)),
        out,
        0,
      );
      const order = [...out.keys()].sort((a, b) => out[b]! - out[a]!);
      expect(out[order[0]!]! - out[order[5]!]!).toBeGreaterThan(1);
      return order[0]!;
    });
    expect([...loudest].sort((a, b) => a - b)).toEqual(loudest);
    expect(new Set(loudest).size).toBe(4);
  });
});

describe('channelTracks', () => {
  it('shows a camera frame on the tick that covers it, and nothing on the others', () => {
    const rows = 4;
    const colour = new Float32Array(rows * 32 * 32 * 3).map(
      (_, i) => (Math.floor(i / (32 * 32 * 3)) + 1) * 51,
    );
    const depthM = new Float32Array(rows * 32 * 32).fill(Number.POSITIVE_INFINITY);
    const camera = stream('camera', 30, rows, {
      colour: { shape: [32, 32, 3], values: colour },
      depthM: { shape: [32, 32], values: depthM },
    });
    const [track] = channelTracks(episode({ camera }, 0.1), RESOLUTION);
    expect(track!.shape).toEqual([16, 16, 4]);
    // Frames at 0, 1.23, 2.47 and 3.7 ticks are seen on ticks 0, 2, 3 and 4; the track ends at 3.
    expect([...track!.sensed]).toEqual([1, 0, 1, 1]);
    expect(track!.values[0]).toBeCloseTo(0.2, 5);
    expect(track!.values[2 * 1024]).toBeCloseTo(0.4, 5);
    expect(track!.values[3]).toBe(0);
  });

  it('averages touch over the tick and compresses it', () => {
    const rows = 51;
    const forceN = new Float32Array(rows * 3).map((_, i) => (i % 3 === 2 ? -4 : 0));
    const touch = stream('haptics', 500, rows, {
      forceN: { shape: [3], values: forceN },
      torqueNm: { shape: [3], values: new Float32Array(rows * 3) },
      pressurePa: { shape: [2, 2], values: new Float32Array(rows * 4).fill(1000) },
    });
    const [track] = channelTracks(episode({ touch }, 0.1), RESOLUTION);
    expect([...track!.sensed]).toEqual([1, 1, 1, 1]);
    const tick = track!.values.subarray(10, 20);
    expect(tick[2]).toBeCloseTo(-Math.log1p(4), 5);
    expect(tick[6]).toBeCloseTo(Math.log1p(1), 5);
  });

  it('hears on a tick what came before it', () => {
    const samples = new Float32Array(1600).map((_, i) => (i >= 800 ? Math.sin(i) : 0));
    const audio = stream('audio', 16000, 5, { pressurePa: { shape: [1, 320], values: samples } }, 320);
    const [track] = channelTracks(episode({ audio }, 0.1), RESOLUTION);
    expect(track!.shape).toEqual([1, MEL_BANDS]);
    const loudness = [1, 2, 3].map((tick) =>
      Math.max(...track!.values.subarray(tick * MEL_BANDS, (tick + 1) * MEL_BANDS)),
    );
    expect(loudness[0]).toBeCloseTo(-10, 3);
    expect(loudness[2]).toBeGreaterThan(-6);
  });

  it('leaves out sound that is not calibrated to a pressure', () => {
    const amplitude = { shape: [1, 320], values: new Float32Array(1600) };
    const audio = stream('audio', 16000, 5, { amplitude }, 320);
    expect(channelTracks(episode({ audio }, 0.1), RESOLUTION)).toEqual([]);
  });
});

describe('other senses', () => {
  it('take inertia and skins as vectors of their fields, in order, in symlog of each unit', () => {
    const rows = 4;
    const imu = stream('imu', 37, rows, {
      angularRateRadps: { shape: [3], values: new Float32Array(rows * 3).fill(-2) },
      specificForceMps2: { shape: [3], values: new Float32Array(rows * 3).fill(9.81) },
    });
    const skin = stream('tactile', 37, rows, {
      pressurePa: { shape: [2, 1], values: new Float32Array(rows * 2).fill(3000) },
      shearPa: { shape: [2, 1, 2], values: new Float32Array(rows * 4) },
    });
    const [inertia, touch] = channelTracks(episode({ imu, skin }, 0.1), RESOLUTION);
    expect([...inertia!.values.subarray(0, 6)].map((x) => x.toFixed(4))).toEqual([
      ...Array(3).fill(Math.log1p(9.81).toFixed(4)),
      ...Array(3).fill((-Math.log1p(2)).toFixed(4)),
    ]);
    expect(inertia!.parts.map(({ field }) => field)).toEqual(['specificForceMps2', 'angularRateRadps']);
    expect([...touch!.values.subarray(0, 6)].map((x) => x.toFixed(4))).toEqual(
      [Math.log1p(3), Math.log1p(3), 0, 0, 0, 0].map((x) => x.toFixed(4)),
    );
  });

  it('put a wave on its ticks, averaged down where it is fast, and begin where the stream does', () => {
    const late = stream(
      'audio',
      48000,
      10,
      { pressurePa: { shape: [1, 480], values: Float32Array.from({ length: 4800 }, (_, i) => i) } },
      480,
    );
    const timeNs = late.timeNs.map((time) => time + 100_000_000n);
    const tracks = channelTracks(episode({ late: { ...late, timeNs } }, 0.2), RESOLUTION);
    const wave = tracks.find(({ form }) => form === 'wave')!;
    expect(waveLayout(48000, TICK_HZ)).toEqual({ factor: 3, samples: 432 });
    // The first sample is heard at 0.1 s, 3.7 ticks in.
    expect([...wave.sensed]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    const end = Math.floor((5 * 48000) / TICK_HZ) - 4800;
    expect(wave.values[6 * 432 - 1]).toBeCloseTo(end - 2, 3);
    const levels = tracks.find(({ form }) => form === 'vector')!;
    expect(levels.sensed).toEqual(wave.sensed);
  });

  it('command at each tick the mean of what is said until the next, and hold the last word', () => {
    const action = stream('action', 50, 4, {
      value: { shape: [2], values: Float32Array.of(0, 10, 1, 11, 2, 12, 3, 13) },
    });
    const track = readActionTrack(episode({ action }, 0.1), TICK_HZ, 4)!;
    // Ticks at 0, 27, 54 and 81 ms; commands at 0, 20, 40 and 60 ms.
    expect([...track.values]).toEqual([0.5, 10.5, 2, 12, 3, 13, 3, 13]);
    expect(track.firstTick).toBe(0);
    expect(readActionTrack(episode({}, 0.1), TICK_HZ, 4)).toBeNull();
  });

  it('lose no command that changes within a tick', () => {
    // Four rows a tick, 0.1 in each but the third of tick 1 and the last of tick 40.
    const values = new Float32Array(4 * 60).fill(0.1);
    values[4 + 2] = 8;
    values[4 * 40 + 3] = -4;
    const action = stream('action', 4 * TICK_HZ, values.length, { value: { shape: [1], values } });
    const track = readActionTrack(episode({ action }, 60 / TICK_HZ), TICK_HZ, 60)!;
    const expected = new Float32Array(60).fill(0.1);
    expected[1] = (3 * Math.fround(0.1) + 8) / 4;
    expected[40] = (3 * Math.fround(0.1) - 4) / 4;
    expect(track.values).toEqual(expected);
  });

  it('say from which tick on a command is known', () => {
    const values = Float32Array.of(5, 6, 7);
    const action = stream('action', TICK_HZ, 3, { value: { shape: [1], values } });
    const shifted = (byNs: bigint) =>
      readActionTrack(
        episode({ action: { ...action, timeNs: action.timeNs.map((time) => time + byNs) } }, 0.2),
        TICK_HZ,
        5,
      )!;
    const late = shifted(60_000_000n);
    expect([...late.values]).toEqual([0, 0, 5, 6, 7]);
    expect(late.firstTick).toBe(2);
    const early = shifted(-40_000_000n);
    expect([...early.values]).toEqual([7, 7, 7, 7, 7]);
    expect(early.firstTick).toBe(0);
    const never = shifted(1_000_000_000n);
    expect([...never.values]).toEqual([0, 0, 0, 0, 0]);
    expect(never.firstTick).toBe(5);
  });

  it('mean a reward over its tick, and end at any sign of it', () => {
    const reward = stream('reward', 74, 5, {
      reward: { shape: [], values: Float32Array.of(-5, -4, -2, -1, -1) },
      end: { shape: [], values: Uint8Array.of(0, 0, 0, 1, 0) },
    });
    const [value, end] = channelTracks(episode({ reward }, 0.06), RESOLUTION);
    expect([...value!.values]).toEqual([-5, -3, -1]);
    expect([...end!.values]).toEqual([0, 0, 1]);
    expect([...value!.sensed]).toEqual([1, 1, 1]);
  });
});

describe('symexp', () => {
  it('undoes symlog', () => {
    for (const x of [0, 1e-6, -0.3, 12, -4e5])
      expect(symexp(symlog(x)) / (x || 1)).toBeCloseTo(x === 0 ? 0 : 1, 9);
  });
});

describe('readStateTrack', () => {
  const state = (positionM: Float64Array): StreamData =>
    stream('truth', 100, 3, {
      positionM: { shape: [1, 3], values: positionM },
      orientation: { shape: [1, 4], values: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0) },
      linearVelocityMps: { shape: [1, 3], values: new Float64Array(9) },
      angularVelocityRadps: { shape: [1, 3], values: new Float64Array(9) },
    });

  it('interpolates between rows and holds the ends', () => {
    const track = readStateTrack(
      episode({ state: state(Float64Array.of(0, 0, 0, 1, 0, 0, 3, 0, 0)) }, 0.02),
    )!;
    const at = (timeS: number): number => {
      const out = stateArrays(1);
      readState(track, timeS, out, 0);
      return out.position[0]!;
    };
    expect([at(-1), at(0), at(0.005), at(0.01), at(0.015), at(0.02), at(9)]).toEqual(
      [0, 0, 0.5, 1, 2, 3, 3].map(Math.fround),
    );
  });

  it('is null without a state, and names what is not finite', () => {
    expect(readStateTrack(episode({}, 1))).toBeNull();
    const broken = episode({ state: state(Float64Array.of(0, 0, 0, 1, Number.NaN, 0, 3, 0, 0)) }, 0.02);
    expect(() => readStateTrack(broken)).toThrow(/positionM\[4\] is NaN/);
  });
});
