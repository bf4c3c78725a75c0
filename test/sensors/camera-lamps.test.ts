import { describe, expect, it } from 'vitest';
import { normalise, type Vec3 } from '../../core/math/vector.js';
import { type BodySpec, type LightingSpec, SUN_ONLY } from '../../scenarios/contract.js';
import { DISC, LIGHT_SAMPLES, ROTATIONS, rotationOf } from '../../sensors/camera/light-samples.js';
import { renderFrame } from '../../sensors/camera/render-frame.js';
import { body, scene } from './scene.js';
import { cameraAt, encode, pixels, sphere, table } from './view.js';

const DARK: LightingSpec = {
  ...SUN_ONLY,
  sunDirection: [0, 0, 1],
  sunRadiance: [0, 0, 0],
  skyRadiance: [0, 0, 0],
};
const lamp = (positionM: Vec3, intensity: Vec3 = [1, 1, 1], radiusM = 0) => ({
  name: 'lamp',
  positionM,
  radiusM,
  intensity,
});
const white = { ...table, albedo: [1, 1, 1] as Vec3 };
/** Looks straight down from 3 m: the image's left is the world's y and its top the world's x. */
const above = cameraAt([0, 0, 3], [0, 0, 0], { horizontalFovRad: 0.6 });
const box = (name: string, halfExtentsM: Vec3, positionM: Vec3, overrides: Partial<BodySpec> = {}) =>
  body(name, 'fixed', { kind: 'box', halfExtentsM }, 'wood', {
    pose: { positionM, orientation: [1, 0, 0, 0] },
    ...overrides,
  });

/** IEC 61966-2-1, from 8 bits to linear light. */
function decode(value: number): number {
  const encoded = value / 255;
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

describe('lamps', () => {
  it('light by the inverse square of the distance and the cosine of the angle', () => {
    const lighting = { ...DARK, lamps: [lamp([0.3, -0.2, 0.8], [0.6, 0.5, 0.4])] };
    const { colour } = renderFrame({ ...scene([white]), lighting }, above);
    pixels(above, (pixel, u, v) => {
      const [x, y] = [3 * v - 0.3, 3 * u + 0.2];
      const squared = x * x + y * y + 0.64;
      const light = 0.8 / Math.sqrt(squared) / squared;
      for (const [k, intensity] of [0.6, 0.5, 0.4].entries()) {
        expect(Math.abs(colour[pixel * 3 + k]! - encode(Math.min(1, intensity * light)))).toBeLessThanOrEqual(
          1,
        );
      }
    });
  });

  it('add up, and leave dark what is turned away from them', () => {
    const one = lamp([0, 0.5, 1], [0.2, 0, 0]);
    const other = lamp([0, 0.5, 1], [0, 0.3, 0]);
    const below = lamp([0, 0, -1], [5, 5, 5]);
    const picture = (lamps: LightingSpec['lamps']) =>
      renderFrame({ ...scene([white]), lighting: { ...DARK, lamps } }, above).colour;
    const [both, red, green] = [picture([one, other, below]), picture([one]), picture([other])];
    for (let i = 0; i < both.length; i++) expect(both[i]).toBe(red[i]! + green[i]!);
    expect(Math.max(...picture([below]))).toBe(0);
  });

  it('cast shadows of any shape, of the size that projection gives', () => {
    // A ball of 0.1 m half-way to a lamp at 1 m: its shadow's edge is the tangent cone's on the ground.
    const lighting = { ...DARK, lamps: [lamp([0, 0, 1])] };
    const { colour, instance } = renderFrame(
      { ...scene([white, sphere('ball', 0.1, [0, 0, 0.5])]), lighting },
      cameraAt([-2.5, 0, 1.2], [0, 0, 0], { horizontalFovRad: 0.5, width: 128, height: 128 }),
    );
    const radius = 0.1 / Math.sqrt(0.25 - 0.01);
    let shaded = 0;
    const camera = cameraAt([-2.5, 0, 1.2], [0, 0, 0], { horizontalFovRad: 0.5, width: 128, height: 128 });
    const forward = normalise([2.5, 0, -1.2]);
    pixels(camera, (pixel, u, v) => {
      if (instance[pixel] !== 1) return;
      const d = [forward[0] - v * forward[2], u, forward[2] + v * forward[0]] as const;
      const t = -1.2 / d[2];
      const from = Math.hypot(-2.5 + t * d[0], t * d[1]);
      if (Math.abs(from - radius) < 1e-6) return;
      expect(colour[pixel * 3] === 0).toBe(from < radius);
      if (from < radius) shaded += 1;
    });
    expect(shaded).toBeGreaterThan(100);
    // What lies behind the lamp casts nothing.
    const behind = renderFrame({ ...scene([white, sphere('ball', 0.1, [0, 0, 1.5])]), lighting }, above);
    expect(behind.colour[(10 * 64 + 32) * 3]).toBeGreaterThan(0);
  });

  it('light as the sun does, where both ways of lighting apply', () => {
    const bodies = [
      table,
      sphere('ball', 0.2, [0.2, 0.1, 0.3]),
      box('cube', [0.1, 0.2, 0.15], [-0.3, -0.2, 0.15]),
      body('can', 'fixed', { kind: 'cylinder', radiusM: 0.1, halfHeightM: 0.2 }, 'wood', {
        pose: { positionM: [0.1, -0.4, 0.2], orientation: [1, 0, 0, 0] },
      }),
    ];
    const lighting: LightingSpec = {
      ...SUN_ONLY,
      sunDirection: normalise([0.3, 0.5, 0.6]),
      sunRadiance: [0.8, 0.7, 0.6],
      skyRadiance: [0.1, 0.15, 0.2],
    };
    const camera = cameraAt([-1.5, 0.4, 1], [0, 0, 0.1]);
    const fast = renderFrame({ ...scene(bodies), lighting }, camera).colour;
    // A lamp that does not shine asks for the general way.
    const unlit = { ...lighting, lamps: [lamp([0, 0, 1], [0, 0, 0])] };
    const general = renderFrame({ ...scene(bodies), lighting: unlit }, camera).colour;
    let differing = 0;
    for (let i = 0; i < fast.length; i++) if (Math.abs(fast[i]! - general[i]!) > 1) differing += 1;
    expect(differing).toBe(0);
  });
});

describe('light of some size', () => {
  it('is looked at evenly: samples balance about its centre and fill the disc', () => {
    let [x, y, square] = [0, 0, 0];
    for (let k = 0; k < LIGHT_SAMPLES; k++) {
      x += DISC[k * 2]! / LIGHT_SAMPLES;
      y += DISC[k * 2 + 1]! / LIGHT_SAMPLES;
      square += (DISC[k * 2]! ** 2 + DISC[k * 2 + 1]! ** 2) / LIGHT_SAMPLES;
    }
    expect(Math.hypot(x, y)).toBeLessThan(0.15);
    expect(square).toBeCloseTo(0.5, 10);
    const turns = new Int32Array(ROTATIONS.length / 2);
    for (let i = 0; i < 64 * 64; i++) turns[rotationOf(i >> 6, i & 63)]! += 1;
    expect(Math.max(...turns)).toBeLessThan(40);
    expect(Math.min(...turns)).toBeGreaterThan(4);
  });

  /** The share of a disc of radius 1 beyond a straight line at distance d from its centre. */
  const segment = (d: number): number =>
    d <= -1 ? 1 : d >= 1 ? 0 : (Math.acos(d) - d * Math.sqrt(1 - d * d)) / Math.PI;

  it.each(['sun', 'lamp'])('draws the penumbra of a straight edge as geometry gives it: %s', (kind) => {
    // A plate whose edge is above x = 0, at half a metre (the lamp: at one metre above the ground).
    const plate = box('plate', [0.5, 2, 0.001], [0.5, 0, 0.5]);
    const radius = 0.1;
    const lighting: LightingSpec =
      kind === 'sun'
        ? { ...DARK, sunRadiance: [0.8, 0.8, 0.8], sunAngularRadiusRad: Math.atan(radius) }
        : { ...DARK, lamps: [lamp([0, 0, 1], [0.8, 0.8, 0.8], radius)] };
    // From the side, under the plate: the ground from x = -0.12 to 0.12.
    const camera = cameraAt([0, -1.2, 0.3], [0, 0, 0], { horizontalFovRad: 0.25, width: 96, height: 96 });
    const { colour, instance, depthM } = renderFrame({ ...scene([white, plate]), lighting }, camera);
    const axis = normalise([0, 1.2, -0.3]);
    let [sum, worst] = [0, 0];
    const columns = new Map<number, { seen: number; expected: number; count: number }>();
    pixels(camera, (pixel, u, v) => {
      if (instance[pixel] !== 1) return;
      // The image's left is the world's -x.
      const x = -u * depthM[pixel]!;
      const y = -1.2 + depthM[pixel]! * (axis[1] - v * axis[2]);
      if (Math.abs(y) > 0.15) return;
      const expected =
        kind === 'sun'
          ? 0.8 * segment(x / 0.5 / radius)
          : (0.8 / (1 + x * x + y * y) ** 1.5) * segment(x / radius);
      const actual = decode(colour[pixel * 3]!);
      const column = Math.round(x / 0.004);
      const entry = columns.get(column) ?? { seen: 0, expected: 0, count: 0 };
      columns.set(column, {
        seen: entry.seen + actual,
        expected: entry.expected + expected,
        count: entry.count + 1,
      });
      sum += (actual - expected) ** 2;
    });
    for (const { seen, expected, count } of columns.values()) {
      if (count >= 30) worst = Math.max(worst, Math.abs(seen - expected) / count);
    }
    // Eight samples of a light of 0.8: a tenth of it in a pixel, and a fiftieth in the mean along the edge.
    expect(worst).toBeLessThan(0.03);
    expect(Math.sqrt(sum / (96 * 96))).toBeLessThan(0.08);
  });
});

describe('finishes', () => {
  it('lay a checker where it belongs, lit as a plain surface is', () => {
    const lighting = { ...DARK, sunRadiance: [0.5, 0.5, 0.5] as Vec3, skyRadiance: [0.2, 0.2, 0.2] as Vec3 };
    const board = {
      ...table,
      albedo: [0.8, 0.1, 0.1] as Vec3,
      texture: { kind: 'checker', other: [0.1, 0.1, 0.8], sizeM: 0.25 } as const,
    };
    const { colour } = renderFrame({ ...scene([board]), lighting }, above);
    let checked = 0;
    pixels(above, (pixel, u, v) => {
      const [x, y] = [(3 * v) / 0.25, (3 * u) / 0.25];
      if (Math.min(Math.abs(x - Math.round(x)), Math.abs(y - Math.round(y))) < 0.1) return;
      // The table's origin is 0.1 m under its top: the cell of the top is the one at z in [0, 0.25).
      const even = (Math.floor(x) + Math.floor(y)) % 2 === 0;
      const expected = (even ? [0.8, 0.1, 0.1] : [0.1, 0.1, 0.8]).map((albedo) => encode(albedo * 0.7));
      expect([...colour.subarray(pixel * 3, pixel * 3 + 3)]).toEqual(expected);
      checked += 1;
    });
    expect(checked).toBeGreaterThan(2000);
  });

  it('show a highlight where the normal halves the angle between sun and viewer', () => {
    const shiny = { ...sphere('ball', 0.5, [0, 0, 0], [0, 0, 0]), specular: 0.5, roughness: 0.15 };
    const sunDirection = normalise([-0.5, 0.6, 0.7]);
    const lighting = { ...DARK, sunDirection, sunRadiance: [0.01, 0.01, 0.01] as Vec3 };
    const camera = cameraAt([-20, 0, 0], [0, 0, 0], { horizontalFovRad: 0.055, width: 129, height: 129 });
    const { colour } = renderFrame({ ...scene([shiny]), lighting }, { ...camera, exposure: 0.3 });
    let [x, y, weight] = [0, 0, 0];
    pixels(camera, (pixel, u, v) => {
      const value = decode(colour[pixel * 3]!);
      x += value * u * 20;
      y += value * v * 20;
      weight += value;
    });
    const half = normalise([sunDirection[0] - 1, sunDirection[1], sunDirection[2]]);
    expect(weight).toBeGreaterThan(0);
    expect(x / weight).toBeCloseTo(0.5 * half[1], 1.6);
    expect(y / weight).toBeCloseTo(0.5 * half[2], 1.6);
  });

  it('mirror the sky, the smoother the clearer, and never more of it than there is', () => {
    const ball = (overrides: Partial<BodySpec>) => ({ ...sphere('ball', 0.5, [0, 0, 0]), ...overrides });
    const lighting = { ...DARK, skyRadiance: [0.3, 0.3, 0.3] as Vec3 };
    const camera = cameraAt([-3, 0, 0], [0, 0, 0], { width: 65, height: 65, horizontalFovRad: 0.4 });
    const picture = (overrides: Partial<BodySpec>) =>
      renderFrame({ ...scene([ball(overrides)]), lighting }, camera).colour;
    const mirror = picture({ specular: 1, roughness: 0.05, albedo: [0, 0, 0] });
    // In the middle the mirror shows the horizon behind the camera: 1.6 times the sky.
    expect(decode(mirror[(32 * 65 + 32) * 3]!)).toBeCloseTo(0.3 * (0.95 * 1.6 + 0.05 * 0.5), 2);
    expect(Math.max(...mirror)).toBeLessThanOrEqual(encode(0.3 * 1.6));
    expect(picture({ specular: 0.04, albedo: [0.5, 0.5, 0.5] })).not.toEqual(picture({}));
  });
});
