import { describe, expect, it } from 'vitest';
import type { BodySpec } from '../../scenarios/contract.js';
import type { SensorSample } from '../../sensors/contract.js';
import {
  type TactileImageSpecification,
  tactileImageSpecification,
} from '../../sensors/tactile-image/specification.js';
import { createTactileImage } from '../../sensors/tactile-image/tactile-image.js';
import type { Contact } from '../../sim/contract.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const plate = body('plate', 'fixed', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] }, 'steel');
const GEL = { youngPa: 2e5, poisson: 0.48 };
const E = 1 / ((1 - 0.48 ** 2) / 2e5 + (1 - 0.29 ** 2) / 2e11);

function specification(document: object = {}): TactileImageSpecification {
  return tactileImageSpecification.parse({
    kind: 'tactile-image',
    body: 'plate',
    positionM: [0, 0, 0.02],
    noise: false,
    rateHz: 100,
    patch: { kind: 'flat', sizeM: [0.02, 0.02] },
    gel: GEL,
    ...document,
  }) as TactileImageSpecification;
}

const ball = (radiusM: number): BodySpec =>
  body('ball', 'dynamic', { kind: 'sphere', radiusM }, 'steel', {
    pose: { positionM: [0, 0, 0.02 + radiusM], orientation: [1, 0, 0, 0] },
  });

function look(
  other: BodySpec,
  forceN: number,
  document: object = {},
  push: Partial<Contact> = {},
): SensorSample[] {
  const spec = scene([plate, other], {}, 0.05);
  const sensor = createTactileImage('gel', specification(document), spec);
  const contacts = forceN > 0 ? [{ ...contact([0, 0, 0.02], forceN / 1000), ...push }] : [];
  return scripted(spec, (step) => ({ contacts: step > 0 ? contacts : [] })).flatMap((frame) =>
    sensor.sense(frame),
  );
}

const last = (samples: readonly SensorSample[]) => samples.at(-1)!.values;
/** Colour of the pixel at patch coordinates in m, of an image of 64 x 64 over 20 mm. */
const at = (values: ArrayLike<number>, x: number, y: number, n = 64) => {
  const index = Math.floor((x / 0.02 + 0.5) * n) * n + Math.floor((y / 0.02 + 0.5) * n);
  return [0, 1, 2].map((channel) => values[index * 3 + channel]!);
};

describe('a layer that nothing touches', () => {
  it('is evenly grey and flat', () => {
    const { colour, heightM } = last(look(ball(0.01), 0));
    expect(new Set(colour).size).toBe(1);
    expect(new Set(heightM)).toEqual(new Set([0]));
  });

  it('has the noise of the specification', () => {
    const colour = last(look(ball(0.01), 0, { noise: true })).colour as Uint8Array;
    const mean = colour.reduce((sum, level) => sum + level, 0) / colour.length;
    const variance = colour.reduce((sum, level) => sum + (level - mean) ** 2, 0) / colour.length;
    expect(Math.sqrt(variance) / 7).toBeCloseTo(1, 1);
  });
});

describe('a ball that presses', () => {
  it('has the height of Hertz: the ball itself in contact, his surface at the rim, nothing that sinks outside', () => {
    for (const [radiusM, forceN] of [
      [0.01, 1],
      [0.02, 3],
    ] as const) {
      const n = 96;
      const { heightM } = last(look(ball(radiusM), forceN, { width: n, height: n }));
      const a = Math.cbrt((3 * forceN * radiusM) / (4 * E));
      const depthM = (a * a) / radiusM;
      expect(Math.abs(-Math.min(...heightM!) / depthM - 1)).toBeLessThan(0.03);
      let lastDepth = Number.POSITIVE_INFINITY;
      for (let column = n / 2; column < n; column++) {
        const [x, y] = [0.5 * (0.02 / n), (column + 0.5 - n / 2) * (0.02 / n)];
        const r = Math.hypot(x, y);
        const depth = -heightM![(n / 2) * n + column]!;
        if (r < 0.97 * a)
          expect(Math.abs(depth - (depthM - radiusM + Math.sqrt(radiusM ** 2 - r * r)))).toBeLessThan(
            0.03 * depthM,
          );
        expect(depth).toBeLessThanOrEqual(lastDepth);
        expect(depth).toBeGreaterThanOrEqual(0);
        lastDepth = depth;
      }
    }
  });

  it('sinks with the force to the power 2/3, never through the layer', () => {
    const depth = (forceN: number) => -Math.min(...last(look(ball(0.01), forceN)).heightM!);
    expect(depth(2) / depth(1)).toBeCloseTo(2 ** (2 / 3), 1);
    expect(depth(100)).toBeLessThanOrEqual(0.005 * (1 + 1e-6));
    expect(depth(100)).toBeGreaterThan(0.0045);
  });

  it('is lit from 30, 150 and 270 degrees: each side in its colour, the others darker', () => {
    const { colour } = last(look(ball(0.01), 1));
    const flat = last(look(ball(0.01), 0)).colour![0]!;
    for (const [channel, degrees] of [30, 150, 270].entries()) {
      const [x, y] = [
        0.002 * Math.cos((degrees * Math.PI) / 180),
        0.002 * Math.sin((degrees * Math.PI) / 180),
      ];
      const towards = at(colour!, x, y);
      const away = at(colour!, -x, -y);
      expect(towards[channel]!).toBe(Math.max(...towards));
      expect(towards[channel]!).toBeGreaterThan(flat + 15);
      expect(away[channel]!).toBeLessThan(flat - 15);
    }
    // Red and green are mirror images about the plane x = 0.
    for (const [x, y] of [
      [0.0021, 0.0011],
      [0.0011, -0.0021],
    ] as const) {
      const [red, green, blue] = at(colour!, x, y);
      const mirrored = at(colour!, -x, y);
      expect(Math.abs(red! - mirrored[1]!)).toBeLessThanOrEqual(1);
      expect(Math.abs(green! - mirrored[0]!)).toBeLessThanOrEqual(1);
      expect(Math.abs(blue! - mirrored[2]!)).toBeLessThanOrEqual(1);
    }
  });
});

describe('markers', () => {
  it('stand in a grid, and move with the shear where it is', () => {
    const markers = { markers: [5, 5] };
    const still = last(look(ball(0.01), 1, markers)).markerPx!;
    expect([...still.subarray(0, 2)]).toEqual([5.900000095367432, 5.900000095367432]);
    const pushed = last(look(ball(0.01), 1, markers, { tangentImpulseNs: [-0.4e-3, 0, 0] })).markerPx!;
    const moved = (index: number) => [
      pushed[index * 2]! - still[index * 2]!,
      pushed[index * 2 + 1]! - still[index * 2 + 1]!,
    ];
    // Friction on the ball is to -x, so the layer is dragged to +x: down the rows.
    const [columns, rows] = moved(12);
    expect(rows!).toBeGreaterThan(1);
    expect(Math.abs(columns!)).toBeLessThan(1e-3);
    expect(Math.abs(moved(0)[1]!)).toBeLessThan(0.1 * rows!);
  });

  it('are dark dots', () => {
    const { colour } = last(look(ball(0.01), 0, { markers: [4, 4] }));
    expect(Math.min(...colour!)).toBeLessThan(0.6 * Math.max(...colour!));
  });
});

it('a box leaves a flat print with an edge around it', () => {
  const box = body('box', 'dynamic', { kind: 'box', halfExtentsM: [0.004, 0.004, 0.004] }, 'steel', {
    pose: { positionM: [0, 0, 0.024], orientation: [1, 0, 0, 0] },
  });
  const { heightM } = last(look(box, 2));
  const depth = (x: number) => -heightM![Math.floor((x / 0.02 + 0.5) * 64) * 64 + 32]!;
  expect(depth(0.003) / depth(0)).toBeCloseTo(1, 3);
  expect(depth(0.006)).toBeLessThan(0.5 * depth(0));
  expect(depth(0.009)).toBeLessThan(0.05 * depth(0));
});

it('repeats bit for bit', () => {
  const run = () =>
    digest(look(ball(0.01), 1, { noise: true, markers: [3, 3] }, { tangentImpulseNs: [1e-4, 0, 0] }));
  expect(run()).toBe(run());
});

it('refuses a rate above the solver', () => {
  expect(() => createTactileImage('gel', specification(), scene([plate], {}, 1, 50))).toThrow(
    /sensors\.gel\.rateHz: expected at most physics\.stepHz \(50\).*got 100/,
  );
});
