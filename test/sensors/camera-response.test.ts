import { describe, expect, it } from 'vitest';
import { demosaic, mosaic } from '../../sensors/camera/bayer.js';
import { createResponse, develop } from '../../sensors/camera/response.js';
import { type CameraSpecification, cameraSpecification } from '../../sensors/camera/specification.js';
import { createNoise } from '../../sensors/noise.js';
import { encode } from './view.js';

const SIZE = 100;
const SITES = SIZE * SIZE * 3;

function specify(response: Partial<CameraSpecification['response']>, size = SIZE): CameraSpecification {
  return cameraSpecification.parse({
    kind: 'camera',
    width: size,
    height: size,
    positionM: [0, 0, 0],
    targetM: [1, 0, 0],
    response,
  }) as CameraSpecification;
}

const pattern = (episode = 0) => createNoise(3, 'test', 'episode', episode, 'eye', 'fixed-pattern');
const shot = (tick: number) => createNoise(3, 'test', 'episode', 0, 'eye', 'shot', tick);

/** What a flat field of light reads, in electrons: frames x sites, before the 8 bits. */
function flat(
  response: Partial<CameraSpecification['response']>,
  light: number,
  frames: number,
  episode = 0,
) {
  // A pattern too weak to see keeps what the sites read, before the 8 bits.
  const specification = specify({ prnu: 1e-12, ...response });
  const sensor = createResponse('eye', specification, pattern(episode));
  const colour = new Uint8Array(SITES);
  return Array.from({ length: frames }, (_, tick) => {
    develop(colour, new Float32Array(SITES).fill(light), sensor, shot(tick));
    return Float64Array.from(sensor.linear, (value) => value * sensor.fullWellElectrons);
  });
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: ArrayLike<number>): number => {
  const centre = mean(values);
  return mean(Array.from(values, (value) => (value - centre) ** 2));
};
/** Variance in time: half of that of a difference, in which fixed patterns cancel (EMVA 1288, 6.6). */
const temporalVariance = ([a, b]: Float64Array[]): number =>
  variance(a!.map((value, site) => value - b![site]!)) / 2;

describe('response of the image sensor', () => {
  it('has the photon transfer curve of its full well: variance rises one electron per electron', () => {
    const response = { fullWellElectrons: 5000, readNoiseElectrons: 10, prnu: 0.02, dsnuElectrons: 8 };
    const points = [0.1, 0.2, 0.4, 0.6, 0.8].map((light) => {
      const frames = flat(response, light, 2);
      return [mean(frames[0]!), temporalVariance(frames)] as const;
    });
    const [first, last] = [points[0]!, points.at(-1)!];
    const slope = (last[1] - first[1]) / (last[0] - first[0]);
    expect(slope).toBeGreaterThan(0.97);
    expect(slope).toBeLessThan(1.03);
    for (const [signal, noise] of points) expect(noise / (signal + 100)).toBeCloseTo(1, 1.4);
  });

  it('reads its read noise in the dark', () => {
    expect(Math.sqrt(temporalVariance(flat({ readNoiseElectrons: 12 }, 0, 2)))).toBeCloseTo(12, 0.7);
  });

  it('keeps its fixed pattern over frames, of the asked deviations, and draws another for each episode', () => {
    const average = (light: number, episode = 0): Float64Array => {
      const frames = flat({ prnu: 0.03, dsnuElectrons: 20, readNoiseElectrons: 5 }, light, 16, episode);
      return frames[0]!.map((_, site) => mean(frames.map((frame) => frame[site]!)));
    };
    const [dark, bright] = [average(0), average(0.5)];
    // What is left of the temporal noise after 16 frames is taken off.
    expect(Math.sqrt(variance(dark) - 25 / 16)).toBeCloseTo(20, 0.3);
    const gain = bright.map((value, site) => (value - dark[site]!) / 5000);
    const left = (5025 + 25) / 16 / 5000 ** 2;
    expect(Math.sqrt(variance(gain) - left)).toBeCloseTo(0.03, 3);
    const other = average(0, 1);
    const correlation = mean(dark.map((value, site) => value * other[site]!)) / variance(dark);
    expect(Math.abs(correlation)).toBeLessThan(0.03);
    expect(average(0)).toEqual(dark);
  });

  it('balances white after the sensor has clipped', () => {
    const specification = specify({ whiteBalance: [2, 1, 0.5] }, 1);
    const sensor = createResponse('eye', specification, null);
    const colour = new Uint8Array(3);
    develop(colour, Float32Array.of(0.2, 0.4, 0.8), sensor, null);
    expect([...colour]).toEqual([encode(0.4), encode(0.4), encode(0.4)]);
    develop(colour, Float32Array.of(5, 5, 5), sensor, null);
    expect([...colour]).toEqual([255, 255, encode(0.5)]);
  });

  it('has no noise and no pattern when noise is off', () => {
    const sensor = createResponse('eye', specify({ prnu: 0.3, dsnuElectrons: 500 }), pattern());
    const colour = new Uint8Array(SITES);
    develop(colour, new Float32Array(SITES).fill(0.3), sensor, null);
    expect(new Set(colour)).toEqual(new Set([encode(0.3)]));
  });

  it('gives a flat field and a gradient back through a Bayer filter', () => {
    const [width, height] = [23, 16];
    const colour = Float32Array.from({ length: width * height * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      const [row, column, channel] = [Math.floor(pixel / width), pixel % width, index % 3];
      return 0.1 + 0.02 * row + 0.01 * column + 0.15 * channel;
    });
    const raw = new Float32Array(width * height);
    mosaic(raw, colour, width, height);
    expect(raw[0]).toBe(colour[0]);
    expect(raw[1]).toBe(colour[4]);
    expect(raw[width]).toBe(colour[width * 3 + 1]);
    expect(raw[width + 1]).toBe(colour[(width + 1) * 3 + 2]);
    const back = new Float32Array(colour.length);
    demosaic(back, raw, width, height);
    for (const [index, value] of back.entries()) {
      const pixel = Math.floor(index / 3);
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      const edge = row === 0 || column === 0 || row === height - 1 || column === width - 1;
      // Bilinear interpolation is exact for a gradient; at an edge the mirror image bends it by one step.
      expect(Math.abs(value - colour[index]!)).toBeLessThan(edge ? 0.0301 : 1e-6);
    }
  });

  it('develops through a Bayer filter, with a third of the sites', () => {
    const sensor = createResponse('eye', specify({ bayer: true }), pattern());
    const colour = new Uint8Array(SITES);
    const light = Float32Array.from({ length: SITES }, (_, index) => [0.2, 0.4, 0.6][index % 3]!);
    develop(colour, light, sensor, null);
    for (let index = 0; index < SITES; index++)
      expect(colour[index]).toBe(encode([0.2, 0.4, 0.6][index % 3]!));
    develop(colour, light, sensor, shot(0));
    // A quarter of the sites measures red: 1, 2 or 4 of them are averaged, so the mean variance is that times 9/16.
    const red = sensor.linear.filter((_, index) => index % 3 === 0);
    expect(variance(red) / ((0.2 * 10_000 + 36) / 10_000 ** 2)).toBeCloseTo(9 / 16, 1);
  });

  it('asks for an image that holds its Bayer pattern, and for sensible settings', () => {
    expect(() => createResponse('eye', specify({ bayer: true }, 1), null)).toThrow(
      /sensors\.eye\.response\.bayer: expected an image of 2 x 2 pixels or more, got 1 x 1/,
    );
    for (const wrong of [{ prnu: -1 }, { whiteBalance: [1, 1] }, { fullWellElectrons: 0 }, { gain: 2 }]) {
      expect(() => specify(wrong as object)).toThrow();
    }
  });
});
