import { describe, expect, it } from 'vitest';
import { createResponse, develop, type Response } from '../../sensors/camera/response.js';
import { createNoise } from '../../sensors/noise.js';
import { cameraAt } from './view.js';

const PIXELS = 60_000;
const FULL_WELL_ELECTRONS = 10_000;
const READ_NOISE_ELECTRONS = 6;

/** The default sensor, one row high. */
function sensor(width: number, exposure = 1): Response {
  return createResponse('eye', cameraAt([0, 0, 0], [1, 0, 0], { width, height: 1, exposure }), null);
}

/** IEC 61966-2-1, from 8 bits to linear light. */
function decode(value: number): number {
  const encoded = value / 255;
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

function grey(radiance: number, exposure = 1, ...name: (string | number)[]): Float64Array {
  const colour = new Uint8Array(PIXELS * 3);
  develop(
    colour,
    new Float32Array(PIXELS * 3).fill(radiance),
    sensor(PIXELS, exposure),
    createNoise(3, 'camera', ...name),
  );
  return Float64Array.from(colour, decode);
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function covariance(a: Float64Array, b: Float64Array, lag = 0): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = lag; i < a.length; i++) sum += (a[i]! - meanA) * (b[i - lag]! - meanB);
  return sum / (a.length - lag);
}

describe('noise of the camera', () => {
  it.each([0.05, 0.2, 0.45, 0.8])(
    'is unbiased, with variance signal + read^2, at %f of full exposure',
    (signal) => {
      const values = grey(signal);
      const variance = (signal * FULL_WELL_ELECTRONS + READ_NOISE_ELECTRONS ** 2) / FULL_WELL_ELECTRONS ** 2;
      // Eight bits add the variance of rounding, a twelfth of a squared step (Sheppard).
      const level = Math.round(255 * (1.055 * signal ** (1 / 2.4) - 0.055));
      const step = (decode(level + 1) - decode(level - 1)) / 2;
      expect(covariance(values, values) / (variance + step ** 2 / 12)).toBeCloseTo(1, 1.3);
      expect(Math.abs(mean(values) - signal)).toBeLessThan(
        5 * Math.sqrt(variance / values.length) + step / 50,
      );
    },
  );

  it('counts electrons after the exposure', () => {
    expect(grey(0.1, 4)).toEqual(grey(0.4, 1));
  });

  it('is white: no pixel, channel or row tells of another', () => {
    const values = grey(0.4);
    const variance = covariance(values, values);
    for (const lag of [1, 2, 3, 4, 64, 128, 192, 256, 4096]) {
      expect(Math.abs(covariance(values, values, lag) / variance), `lag ${lag}`).toBeLessThan(
        5 / Math.sqrt(values.length),
      );
    }
  });

  it('is independent between frames, cameras and episodes', () => {
    const names: (string | number)[][] = [
      ['a', 0],
      ['a', 1],
      ['a', 2],
      ['b', 0],
      ['b', 1],
    ];
    const fields = names.map((name) => grey(0.4, 1, ...name));
    for (const [i, a] of fields.entries()) {
      for (const b of fields.slice(i + 1)) {
        for (const lag of [0, 1, 3]) {
          const correlation = covariance(a, b, lag) / covariance(a, a);
          expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(a.length));
        }
      }
    }
  });

  it('is off without a source: each level is the nearest that the transfer curve gives', () => {
    const levels = Float32Array.from({ length: 3003 }, (_, index) => index / 3002);
    const colour = new Uint8Array(levels.length);
    develop(colour, levels, sensor(1001), null);
    for (const [index, linear] of levels.entries()) {
      const encoded = 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
      expect(Math.abs(colour[index]! - encoded)).toBeLessThan(0.53);
    }
    expect([colour[0], colour.at(-1)]).toEqual([0, 255]);
  });

  it('clips at black and at white', () => {
    const colour = new Uint8Array(6);
    develop(colour, Float32Array.of(0, 0, 0, 5, 1e30, 1e38), sensor(2, 1e3), null);
    expect([...colour]).toEqual([0, 0, 0, 255, 255, 255]);
    const dark = grey(0);
    expect(dark.reduce((a, b) => Math.max(a, b))).toBeLessThan(
      6 * (READ_NOISE_ELECTRONS / FULL_WELL_ELECTRONS),
    );
    expect(dark.reduce((a, b) => Math.min(a, b))).toBe(0);
  });
});
