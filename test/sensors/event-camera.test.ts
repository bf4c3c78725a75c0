import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { parseScenario } from '../../scenarios/schema.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createEventCamera } from '../../sensors/event-camera/event-camera.js';
import { EVENT } from '../../sensors/event-camera/rows.js';
import {
  type EventCameraSpecification,
  eventCameraSpecification,
} from '../../sensors/event-camera/specification.js';
import { senseAll } from '../../sensors/rig.js';
import { body, scene, scripted } from './scene.js';

const specify = (overrides: object): EventCameraSpecification =>
  eventCameraSpecification.parse({
    kind: 'event-camera',
    noise: false,
    refractoryS: 0,
    ...overrides,
  }) as EventCameraSpecification;

/** Lit by the sky alone: a wall reflects half of its albedo. */
const SKY = { sunRadiance: [0, 0, 0] as Vec3, skyRadiance: [1, 1, 1] as Vec3 };

/** A wall 2 m ahead with two bands that meet in a vertical edge, dark to the left of it and bright to the right. */
function wall(edgeM: number): SimSpec['bodies'][number] {
  return body('wall', 'kinematic', { kind: 'box', halfExtentsM: [1, 0.05, 1] }, 'wood', {
    albedo: [0.1, 0.1, 0.1],
    texture: { kind: 'stripes', other: [0.8, 0.8, 0.8], sizeM: 1 },
    // The body's x is the world's y.
    pose: { positionM: [2.05, edgeM, 0], orientation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] },
  });
}

function run(specification: EventCameraSpecification, speedMps: number, durationS = 0.5, fromM = 0) {
  const base = scene([wall(fromM)], { dvs: specification }, durationS);
  const spec = { ...base, lighting: { ...base.lighting, ...SKY } };
  const pose = spec.bodies[0]!.pose;
  const frames = scripted(spec, (step) => ({
    poses: [2.05, fromM + (speedMps * step) / 1000, 0, ...pose.orientation],
  }));
  return [...senseAll(frames, spec)];
}

interface Told {
  readonly x: number;
  readonly y: number;
  readonly timeS: number;
  readonly polarity: number;
}

const list = (samples: readonly SensorSample[]): Told[] =>
  samples.flatMap(({ timeNs, values }) =>
    Array.from({ length: values.count![0]! }, (_, i) => ({
      x: values.events![i * EVENT]!,
      y: values.events![i * EVENT + 1]!,
      timeS: (Number(timeNs) + values.events![i * EVENT + 2]!) / 1e9,
      polarity: values.events![i * EVENT + 3]!,
    })),
  );

describe('event camera', () => {
  it('tells when an edge passes each pixel: the closed form of the light that a pixel gathers', () => {
    const [width, fov, speed] = [16, 0.2, 0.2];
    const specification = specify({ width, height: 2, horizontalFovRad: fov, thresholdOn: 0.15 });
    const events = list(run(specification, speed, 0.5, -0.05));
    // The dark band gives way to the bright one: from 0.05 to 0.4, plus the dark light of a thousandth.
    const [dark, bright] = [0.05, 0.4];
    const perPixel = (2 * Math.tan(fov / 2)) / width;
    const levels = Math.floor(Math.log((bright + 1e-3) / (dark + 1e-3)) / 0.15);
    let checked = 0;
    for (let column = 0; column < width; column++) {
      const slope = ((width - 1) / 2 - column) * perPixel;
      // A pixel of a slanted ray covers a little more.
      const pixelM = 2 * perPixel * Math.sqrt(1 + slope * slope + (perPixel / 2) ** 2);
      const mine = events.filter(({ x, y }) => x === column && y === 0);
      const passS = (0.05 + 2 * slope) / speed;
      if (passS < 0.1 || passS > 0.4) continue;
      expect(mine.length).toBe(levels);
      for (const [k, { timeS, polarity }] of mine.entries()) {
        const light = (dark + 1e-3) * Math.exp(0.15 * (k + 1)) - 1e-3;
        const share = (light - dark) / (bright - dark);
        const expected = passS + ((share - 0.5) * pixelM) / speed;
        expect(polarity).toBe(1);
        expect(Math.abs(timeS - expected)).toBeLessThan(5e-5);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(20);
  });

  it('tells darker when the edge comes back', () => {
    const events = list(run(specify({ width: 16, height: 2, horizontalFovRad: 0.2 }), -0.2));
    expect(events.length).toBeGreaterThan(20);
    expect(events.every(({ polarity }) => polarity === -1)).toBe(true);
  });

  it('tells nothing of a still scene, but noise at its rate', () => {
    const quiet = specify({ width: 32, height: 32 });
    expect(list(run(quiet, 0))).toEqual([]);
    const noisy = specify({ width: 32, height: 32, noise: true, leakRateHz: 3, noiseRateHz: 5 });
    const events = list(run(noisy, 0, 1.001));
    expect(events.length / (32 * 32)).toBeCloseTo(8, 0);
    const darker = events.filter(({ polarity }) => polarity === -1).length;
    expect(darker / (32 * 32)).toBeCloseTo(2.5, 0);
    expect(list(run(noisy, 0, 1.001))).toEqual(events);
  });

  it('makes rows of constant shape that cover all of time, each event once', () => {
    const specification = specify({ width: 16, height: 2, horizontalFovRad: 0.2, picturesPerRow: 7 });
    const rows = run(specification, -0.2, 0.5, 0.05);
    expect(rows.length).toBe(Math.floor(500 / 7));
    for (const [k, { timeNs, values }] of rows.entries()) {
      expect(timeNs).toBe(BigInt(k) * 7_000_000n);
      expect(values.events!.length).toBe(2048 * EVENT);
      const sums = new Int32Array(32);
      for (const { x, y, timeS, polarity } of list([{ stream: 'dvs', timeNs, values }])) {
        expect(timeS > Number(timeNs) / 1e9 && timeS <= Number(timeNs) / 1e9 + 0.007 + 1e-12).toBe(true);
        sums[y * 16 + x]! += polarity;
      }
      expect(values.polaritySum).toEqual(sums);
    }
    const shorter = list(run(specify({ ...specification, picturesPerRow: 1 }), -0.2, 0.497, 0.05));
    expect(list(rows)).toEqual(shorter);
  });

  it('drops what a row cannot hold', () => {
    const specification = specify({ width: 16, height: 2, horizontalFovRad: 0.2, maxEventsPerRow: 3 });
    const rows = run(specification, -2);
    expect(rows.some(({ values }) => values.dropped![0]! > 0 && values.count![0] === 3)).toBe(true);
  });

  it('rides on a body', () => {
    const still = body('wall', 'fixed', wall(0).shape, 'wood', { ...wall(0) });
    const cart = body('cart', 'kinematic', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'wood', {
      pose: { positionM: [-0.2, 0, 0], orientation: [1, 0, 0, 0] },
    });
    const specification = specify({
      width: 16,
      height: 2,
      horizontalFovRad: 0.2,
      body: 'cart',
      positionM: [0.2, 0, 0],
    });
    const base = scene([still, cart], { dvs: specification }, 0.5);
    const spec = { ...base, lighting: { ...base.lighting, ...SKY } };
    const frames = scripted(spec, (step) => ({
      poses: [2.05, 0, 0, ...still.pose.orientation, -0.2, (-0.2 * step) / 1000, 0, 1, 0, 0, 0],
    }));
    // A camera that moves to the right sees what a wall that moves to the left shows.
    expect(list([...senseAll(frames, spec)])).toEqual(
      list(run(specify({ ...specification, body: undefined, positionM: [0, 0, 0] }), 0.2)).map((event) => ({
        ...event,
        timeS: expect.closeTo(event.timeS, 7),
      })),
    );
  });

  it('refuses rows that are too long, bodies that are not there and wrong keys', () => {
    const spec = scene([wall(0)]);
    expect(() => createEventCamera('dvs', specify({ rateHz: 10, picturesPerRow: 21 }), spec)).toThrow(
      /sensors\.dvs\.picturesPerRow: expected at most 2 s of pictures \(20\), got 21/,
    );
    expect(() => createEventCamera('dvs', specify({ body: 'cart' }), spec)).toThrow(
      /sensors\.dvs\.body.*wall.*"cart"/,
    );
    for (const wrong of [{ width: 0 }, { thresholdOn: 0 }, { rateHz: -1 }, { lens: 'fisheye' }]) {
      expect(() => specify(wrong)).toThrow();
    }
  });

  it('refuses rows that no episode fills', () => {
    const document = {
      name: 'short',
      description: 'Too short for a row.',
      durationS: 0.005,
      bodies: {
        cube: {
          semantic: 'cube',
          shape: { kind: 'sphere', radiusM: 0.1 },
          material: 'wood',
          positionM: [0, 0, 0],
        },
      },
      sensors: { dvs: { kind: 'event-camera' } },
    };
    expect(() => parseScenario(document)).toThrow(
      /sensors\.dvs\.picturesPerRow: expected rows no longer than the shortest episode \(0\.005 s\), got 10 pictures/,
    );
    expect(() => parseScenario({ ...document, durationS: 0.01 })).not.toThrow();
  });
});
