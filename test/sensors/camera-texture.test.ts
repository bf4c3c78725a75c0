import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { Texture } from '../../scenarios/contract.js';
import { prepareTexture, sampleTexture } from '../../sensors/camera/texture.js';

const BLACK: Vec3 = [0, 0, 0];
const WHITE: Vec3 = [1, 1, 1];
const UP: Vec3 = [0, 0, 1];

function sampler(texture: Texture, albedo: Vec3 = BLACK) {
  const prepared = prepareTexture(texture, albedo);
  return (point: Vec3, normal: Vec3 = UP, widthM = 0): number[] => {
    const out = new Float64Array(3);
    sampleTexture(prepared, ...point, ...normal, widthM, out);
    return [...out];
  };
}

/** Red top left, green top right, blue bottom left, white bottom right. */
const QUAD: Texture = {
  kind: 'image',
  file: 'quad.png',
  sizeM: 2,
  width: 2,
  height: 2,
  srgb: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255],
};

describe('textures', () => {
  it('lays squares that meet at the origin, on faces that lie on their boundaries too', () => {
    const at = sampler({ kind: 'checker', other: WHITE, sizeM: 0.5 });
    const red = (point: Vec3, normal?: Vec3): number => at(point, normal)[0]!;
    // The cell under the top z = 0 is the one of z in [-0.5, 0).
    expect(red([0.1, 0.1, 0])).toBe(1);
    expect(red([0.6, 0.1, 0])).toBe(0);
    expect(red([0.6, 0.6, 0])).toBe(1);
    expect(red([-0.1, 0.1, 0])).toBe(0);
    for (let i = 0; i < 100; i++) {
      const height = 0.5 + (i % 3) * 1e-16 - 1e-16;
      expect(red([0.1, 0.1, height])).toBe(0);
      expect(red([0.1, 0.1, -height], [0, 0, -1])).toBe(1);
    }
  });

  it('lays bands across x', () => {
    const at = sampler({ kind: 'stripes', other: [0.2, 0.4, 0.6], sizeM: 0.1 }, [0.8, 0.8, 0.8]);
    expect(at([0.05, 3, 7])).toEqual([0.8, 0.8, 0.8]);
    for (const [k, value] of at([0.15, -3, 7]).entries()) expect(value).toBeCloseTo([0.2, 0.4, 0.6][k]!, 12);
    expect(at([-0.05, 0, 0])[0]).toBeCloseTo(0.2, 12);
  });

  it('averages what one pixel covers: the closed form of a window over squares', () => {
    const stripes = sampler({ kind: 'stripes', other: WHITE, sizeM: 1 });
    // A window of width 0.4 about 0.9 holds 0.3 of black and 0.1 of white.
    expect(stripes([0.9, 0, 0], UP, 0.4)[0]).toBeCloseTo(0.25, 12);
    const checker = sampler({ kind: 'checker', other: WHITE, sizeM: 1 });
    for (const widthM of [2, 4, 1000]) expect(checker([0.3, 0.7, 0], UP, widthM)[0]).toBeCloseTo(0.5, 12);
    let sum = 0;
    for (let i = 0; i < 400; i++) {
      sum += checker([0.7 + ((i % 20) + 0.5) / 40, 0.4 + (Math.floor(i / 20) + 0.5) / 40, 0])[0]! / 400;
    }
    expect(checker([0.95, 0.65, 0], UP, 0.5)[0]).toBeCloseTo(sum, 2);
  });

  it('makes noise that is smooth, spans both colours, has features of its size, and depends on the seed', () => {
    const texture: Texture = { kind: 'noise', other: WHITE, sizeM: 0.2, seed: 5 };
    const at = sampler(texture);
    const values = Array.from({ length: 4000 }, (_, i) => at([i * 0.0505, 0.3, 0.1])[0]!);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(mean).toBeGreaterThan(0.42);
    expect(mean).toBeLessThan(0.58);
    expect(Math.min(...values)).toBeLessThan(0.05);
    expect(Math.max(...values)).toBeGreaterThan(0.95);
    const correlation = (lagM: number): number => {
      let [both, one] = [0, 0];
      for (let i = 0; i < 4000; i++) {
        const a = at([i * 0.053, 0.3, 0.1])[0]! - mean;
        both += a * (at([i * 0.053 + lagM, 0.3, 0.1])[0]! - mean);
        one += a * a;
      }
      return both / one;
    };
    expect(correlation(0.005)).toBeGreaterThan(0.95);
    expect(correlation(0.05)).toBeGreaterThan(0.5);
    expect(Math.abs(correlation(0.8))).toBeLessThan(0.1);
    expect(sampler({ ...texture, seed: 6 })([0.31, 0.3, 0.1])).not.toEqual(at([0.31, 0.3, 0.1]));
    expect(sampler(texture)([0.31, 0.3, 0.1])).toEqual(at([0.31, 0.3, 0.1]));
  });

  it('stretches wood along x', () => {
    const at = sampler({ kind: 'wood', other: WHITE, sizeM: 0.02, seed: 1 });
    const change = (step: Vec3): number => {
      let sum = 0;
      for (let i = 0; i < 500; i++) {
        const [x, y, z] = [i * 0.37, i * 0.011, 0.05];
        sum += Math.abs(at([x, y, z])[0]! - at([x + step[0], y + step[1], z + step[2]])[0]!);
      }
      return sum / 500;
    };
    expect(change([0, 0.002, 0])).toBeGreaterThan(5 * change([0.002, 0, 0]));
  });

  it('fades noise to its mean as pixels outgrow it', () => {
    const at = sampler({ kind: 'noise', other: WHITE, sizeM: 0.01, seed: 5 });
    expect(at([0.123, 0.4, 0], UP, 0.02)[0]).toBe(0.5);
    expect(at([0.123, 0.4, 0], UP, 0.0001)[0]).toBeCloseTo(at([0.123, 0.4, 0])[0]!, 6);
  });

  it('lays an image upright and unmirrored on each face, seen from outside', () => {
    const at = sampler(QUAD);
    const [red, green, blue, white] = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const faces: [normal: Vec3, right: Vec3, up: Vec3][] = [
      [[1, 0, 0], [0, 1, 0], UP],
      [[-1, 0, 0], [0, -1, 0], UP],
      [[0, 1, 0], [-1, 0, 0], UP],
      [[0, -1, 0], [1, 0, 0], UP],
      [UP, [1, 0, 0], [0, 1, 0]],
      [
        [0, 0, -1],
        [-1, 0, 0],
        [0, 1, 0],
      ],
    ];
    for (const [normal, right, up] of faces) {
      const corner = (a: number, b: number): number[] =>
        at([0, 1, 2].map((k) => normal[k]! + a * right[k]! + b * up[k]!) as unknown as Vec3, normal);
      expect(corner(-0.5, 0.5)).toEqual(red);
      expect(corner(0.5, 0.5)).toEqual(green);
      expect(corner(-0.5, -0.5)).toEqual(blue);
      expect(corner(0.5, -0.5)).toEqual(white);
      // It repeats every two metres.
      expect(corner(1.5, 2.5)).toEqual(red);
    }
  });

  it('decodes sRGB before it averages, and averages over the pixel', () => {
    const at = sampler({ ...QUAD, srgb: [188, 188, 188, 188, 188, 188, 188, 188, 188, 188, 188, 188] });
    for (const value of at([0.3, 0.2, 0])) expect(value).toBeCloseTo(((188 / 255 + 0.055) / 1.055) ** 2.4, 6);
    expect(sampler(QUAD)([0.3, 0.2, 0], UP, 100)).toEqual([0.5, 0.5, 0.5]);
    // Half-way between the texels, each of the four counts a quarter.
    expect(sampler(QUAD)([0, 0, 0])).toEqual([0.5, 0.5, 0.5]);
  });

  it('keeps the proportions of an image and takes sizes that are not powers of two', () => {
    const wide = sampler({
      ...QUAD,
      sizeM: 3,
      width: 3,
      height: 1,
      srgb: [255, 0, 0, 0, 255, 0, 0, 0, 255],
    });
    expect(wide([-1, 0, 0])).toEqual([1, 0, 0]);
    expect(wide([0, 0.4, 0])).toEqual([0, 1, 0]);
    expect(wide([1, 5, 0])).toEqual([0, 0, 1]);
    for (const value of wide([0, 0, 0], UP, 100)) expect(value).toBeGreaterThan(0.2);
  });

  it('asks for the pixels of an image that was not loaded', () => {
    for (const broken of [{ width: 0, height: 0, srgb: [] }, { srgb: [1, 2, 3] }]) {
      expect(() => prepareTexture({ ...QUAD, ...broken }, BLACK)).toThrow(/quad\.png.*load the scenario/);
    }
  });
});
