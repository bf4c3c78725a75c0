import { describe, expect, it } from 'vitest';
import { paintBandPlot } from '../../apps/band-plot.js';
import { pairField } from '../../apps/rollout-pairs.js';
import { type DreamPair, paintRolloutSheet } from '../../apps/rollout-sheet.js';
import { pairSound } from '../../apps/rollout-sound.js';
import { compareBands, comparePictures } from '../../apps/rollout-strips.js';
import type { Episode, FieldDescription, StreamData, TypedArray } from '../../datasets/contract.js';

function field(name: string, shape: readonly number[], dataType: FieldDescription['dataType'] = 'float64') {
  return { name, dataType, shape, unit: '1', description: name };
}

/** A stream of one field whose row k is at k / rateHz, or from `firstS` on. */
function stream(
  name: string,
  kind: string,
  rateHz: number,
  fields: readonly FieldDescription[],
  values: Record<string, TypedArray>,
  firstS = 0,
): StreamData {
  const rows = values[fields[0]!.name]!.length / fields[0]!.shape.reduce((a, b) => a * b, 1);
  return {
    description: { name, kind, rateHz, samplesPerRow: 1, fields, metadata: {} },
    rows,
    timeNs: BigInt64Array.from({ length: rows }, (_, row) =>
      BigInt(Math.round((firstS + row / rateHz) * 1e9)),
    ),
    values,
  };
}

describe('pairField', () => {
  it('averages readings over the tick that a row ends, and knows nothing after the recording', () => {
    const force = field('forceN', [1]);
    // 10 readings a tick of 0.1 s: reading k is k, up to 1.14 s.
    const real = stream('touch', 'haptics', 100, [force], {
      forceN: Float64Array.from({ length: 115 }, (_, i) => i),
    });
    const dream = stream('touch', 'haptics', 10, [force], { forceN: new Float64Array(4) }, 0.9);
    const { timesS, real: sensed, deviation } = pairField(dream, real, force, 0.8, [0, 1, 3]);
    expect(Array.from(timesS, (timeS) => Math.round(timeS * 1e6) / 1e6)).toEqual([0.1, 0.2, 0.4]);
    expect(sensed[0]).toBeCloseTo(85.5, 9);
    expect(sensed[1]).toBeCloseTo(95.5, 9);
    expect(sensed[2]).toBe(Number.NaN);
    expect(deviation).toBeNull();
  });

  it('averages a picture to the size that was predicted, depth by its inverse', () => {
    const colour = Uint8Array.from([0, 0, 0, 100, 20, 40, 200, 40, 80, 100, 20, 40]);
    const real = stream(
      'camera',
      'camera',
      30,
      [field('colour', [2, 2, 3], 'uint8'), field('depthM', [2, 2])],
      {
        colour,
        depthM: Float64Array.from([1, 1, 1, Number.POSITIVE_INFINITY]),
      },
    );
    const [small, depth] = [field('colour', [1, 1, 3], 'uint8'), field('depthM', [1, 1])];
    const dream = stream('camera', 'camera', 37, [small, depth], {
      colour: new Uint8Array(3),
      depthM: new Float64Array(1),
    });
    expect(Array.from(pairField(dream, real, small, 0, [0]).real)).toEqual([100, 20, 40]);
    // Nearness 1 / (1 + d) is 1/2, 1/2, 1/2 and 0: 3/8 on average.
    expect(pairField(dream, real, depth, 0, [0]).real[0]).toBeCloseTo(8 / 3 - 1, 12);
  });

  it('turns a quaternion to the half that was predicted', () => {
    const orientation = field('orientation', [1, 4]);
    const real = stream('state', 'truth', 10, [orientation], { orientation: Float64Array.of(-1, 0, 0, 0) });
    const dream = stream('state', 'truth', 10, [orientation], {
      orientation: Float64Array.of(0.8, 0.6, 0, 0),
    });
    expect(Array.from(pairField(dream, real, orientation, 0, [0]).real)).toEqual([1, -0, -0, -0]);
  });

  it('has nothing real of a stream that was not sensed', () => {
    const force = field('forceN', [3]);
    const dream = stream('touch', 'haptics', 10, [force], { forceN: new Float64Array(6) });
    expect(pairField(dream, undefined, force, 0, [0, 1]).real.every(Number.isNaN)).toBe(true);
  });
});

describe('comparePictures', () => {
  const pressure = { ...field('pressurePa', [1, 4]), unit: 'Pa' };
  const pair = {
    field: pressure,
    timesS: Float64Array.of(0),
    real: Float64Array.of(0, 10, 20, Number.NaN),
    predicted: Float64Array.of(0, 10, 400, 5),
    deviation: null,
  };

  it('paints both on the scale of what happened, the error on its own', () => {
    const { real, predicted, error, scale, errorScale } = comparePictures(pair);
    const pixel = (pictures: typeof real, x: number) =>
      Array.from(pictures[0]!.rgb.subarray(x * 3, x * 3 + 3));
    expect(scale).toBe('0 to 20 Pa');
    expect(errorScale).toBe('0 to 380 Pa');
    // Far above the scale is as yellow as its end; not sensed is grey.
    expect(pixel(predicted, 2)).toEqual(pixel(real, 2));
    expect(pixel(real, 2)).toEqual([253, 231, 37]);
    expect(pixel(real, 3)).toEqual([40, 40, 40]);
    expect(pixel(error, 0)).toEqual([68, 1, 84]);
    expect(pixel(error, 2)).toEqual([253, 231, 37]);
    expect(pixel(error, 3)).toEqual([40, 40, 40]);
  });

  it('does not make much of an error that is hardly one', () => {
    const { errorScale } = comparePictures({ ...pair, predicted: Float64Array.of(0.001, 10, 20, 5) });
    expect(errorScale).toBe('0 to 1 Pa');
  });

  it('measures colour by its mean error of red, green and blue', () => {
    const { errorScale, scale } = comparePictures({
      ...pair,
      field: field('colour', [1, 1, 3], 'uint8'),
      real: Float64Array.of(0, 100, 200),
      predicted: Float64Array.of(30, 100, 140),
    });
    expect(scale).toBe('');
    expect(errorScale).toBe('0 to 30 of 255');
  });
});

describe('compareBands', () => {
  it('lets time run to the right and bands upwards', () => {
    const levels = Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0);
    const pair = {
      field: field('levels', [2, 2]),
      timesS: Float64Array.of(0, 1),
      real: levels,
      predicted: new Float64Array(8),
      deviation: null,
    };
    const { real, scale } = compareBands(pair, 1, 2);
    expect(scale).toBe('0 to 1');
    const picture = real[0]!;
    expect(picture.height).toBe(2);
    // The second microphone's first band at the first time: bottom left.
    const at = (x: number, y: number) => picture.rgb[(y * picture.width + x) * 3];
    expect([at(0, 1), at(0, 0), at(picture.width - 1, 1)]).toEqual([253, 68, 68]);
  });
});

describe('pairSound', () => {
  const TICK_HZ = 37;
  /** A tone that is silent from 0.3 s on, in rows of so many samples, from a time on. */
  const tone = (
    loudPa: number,
    rateHz: number,
    samplesPerRow: number,
    rows: number,
    firstS: number,
  ): StreamData => {
    const pressurePa = Float32Array.from({ length: rows * samplesPerRow }, (_, sample) => {
      const timeS = firstS + sample / rateHz;
      return timeS < 0.3 ? loudPa * Math.sin(2 * Math.PI * 1000 * timeS) : 0;
    });
    const fields = [field('pressurePa', [1, samplesPerRow])];
    const sound = stream('audio', 'audio', rateHz / samplesPerRow, fields, { pressurePa }, firstS);
    return { ...sound, description: { ...sound.description, rateHz, samplesPerRow } };
  };
  const CONTEXT_S = 7 / TICK_HZ;
  const dream = tone(0.1, 432 * TICK_HZ, 432, 20, CONTEXT_S);
  const loudest = (levels: Float64Array, row: number): number =>
    Math.max(...levels.subarray(row * 24, (row + 1) * 24));

  it.each([1, 3])('levels waves in the same bands, recorded at %i times the rate', (factor) => {
    const { wave, spectrum } = pairSound(dream, tone(1, 16000 * factor, 320, 60 * factor, 0), CONTEXT_S);
    expect(spectrum).toBeNull();
    expect(wave!.timesS[1]).toBeCloseTo(2 / TICK_HZ, 9);
    expect(loudest(wave!.real, 1) - loudest(wave!.predicted, 1)).toBeCloseTo(20, 0);
    expect(loudest(wave!.predicted, 10)).toBeCloseTo(-100, 6);
    // The tone ends between the fourth tick and the fifth.
    expect(loudest(wave!.real, 3)).toBeGreaterThan(-30);
    expect(loudest(wave!.real, 5)).toBeCloseTo(-100, 6);
  });

  it('sets a predicted spectrum beside that of what was heard at the same ticks', () => {
    const fields = [field('logMelPower', [1, 24], 'float32')];
    const logMelPower = new Float32Array(20 * 24).fill(-3);
    const predicted = stream('audio', 'audio', TICK_HZ, fields, { logMelPower }, 8 / TICK_HZ);
    const { wave, spectrum } = pairSound(predicted, tone(1, 16000, 320, 60, 0), CONTEXT_S);
    expect(wave).toBeNull();
    expect(spectrum!.predicted.every((level) => Math.abs(level + 30) < 1e-4)).toBe(true);
    expect(loudest(spectrum!.real, 3)).toBeGreaterThan(-30);
    expect(loudest(spectrum!.real, 5)).toBeCloseTo(-100, 4);
  });

  it('hears nothing after the recording, or of other microphones', () => {
    const { real } = pairSound(dream, tone(1, 16000, 320, 15, 0), CONTEXT_S).wave!;
    expect(Number.isFinite(real[0])).toBe(true);
    expect(real.at(-1)).toBe(Number.NaN);
    expect(pairSound(dream, undefined, CONTEXT_S).wave!.real.every(Number.isNaN)).toBe(true);
  });
});

describe('paintBandPlot', () => {
  const panel = {
    name: 'x',
    timesS: Float64Array.from({ length: 11 }, (_, i) => i / 10),
    real: new Float64Array(11).fill(1),
    predicted: new Float64Array(11).fill(-1),
    deviation: new Float64Array(11).fill(0.5),
  };
  const coloured = (width: number, rgb: Uint8Array, colour: readonly number[], x: number): number[] =>
    Array.from({ length: rgb.length / width / 3 }, (_, y) => y).filter((y) =>
      colour.every((value, channel) => rgb[(y * width + x) * 3 + channel] === value),
    );

  it('draws what happened above what was predicted where it was greater, and a band of 1.645 deviations', () => {
    const { width, rgb } = paintBandPlot(panel, 1, 200, 120);
    const real = coloured(width, rgb, [60, 60, 60], 100);
    const predicted = coloured(width, rgb, [40, 100, 230], 100);
    const band = coloured(width, rgb, [196, 216, 250], 100);
    expect(real[0]!).toBeLessThan(predicted[0]!);
    const pixelsAUnit = (predicted[0]! - real[0]!) / 2;
    expect(band.at(-1)! - band[0]! + 1).toBeCloseTo(2 * 1.645 * 0.5 * pixelsAUnit, -0.5);
  });

  it('draws nothing real after the recording', () => {
    const real = panel.real.map((value, row) => (row > 5 ? Number.NaN : value));
    const { width, rgb } = paintBandPlot({ ...panel, real }, 1, 200, 120);
    expect(coloured(width, rgb, [60, 60, 60], 90).length).toBeGreaterThan(1);
    // The axis below the panel is all that is dark.
    expect(coloured(width, rgb, [60, 60, 60], 130)).toEqual([119]);
  });
});

describe('paintRolloutSheet', () => {
  const fields = [field('positionM', [1, 3]), field('positionM_sd', [1, 3])];
  const zeros = (rows: number) => ({
    positionM: new Float64Array(rows * 3),
    positionM_sd: new Float64Array(rows * 3),
  });
  const episode = (streams: Record<string, StreamData>, attributes = {}): Episode => ({
    episode: 0,
    durationS: 1,
    attributes,
    streams,
  });
  const pair: DreamPair = {
    real: episode({ state: stream('state', 'truth', 100, fields.slice(0, 1), zeros(100)) }),
    dream: episode(
      { state: stream('state', 'truth', 37, fields, zeros(20), 0.45) },
      { contextEndS: 0.4, sourceEpisode: 3 },
    ),
  };

  it('gives every episode a heading and a row a field', () => {
    const one = paintRolloutSheet([pair], 'title');
    const two = paintRolloutSheet([pair, pair], 'title');
    expect(one.width).toBe(1308);
    // A heading of 28 and a row of 96, 6 apart; deviations are bands, not rows.
    expect(two.height - one.height).toBe(28 + 6 + 96 + 6);
    expect(one.rgb.length).toBe(one.width * one.height * 3);
  });

  it('refuses no episode and too many columns', () => {
    expect(() => paintRolloutSheet([], 'title')).toThrow(/at least one episode.* got 0/);
    expect(() => paintRolloutSheet([pair], 'title', 65)).toThrow(/1 to 64 columns.* 65/);
  });
});
