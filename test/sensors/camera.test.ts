import { describe, expect, it } from 'vitest';
import { fromRollPitchYaw } from '../../core/math/rotation.js';
import { type SimSpec, SUN_ONLY } from '../../scenarios/contract.js';
import { createCamera } from '../../sensors/camera/camera.js';
import {
  CAMERA_CHANNELS,
  type CameraSpecification,
  cameraSpecification,
} from '../../sensors/camera/specification.js';
import type { SensorSample } from '../../sensors/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { body, digest, scene, scripted } from './scene.js';

const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [0.8, 0.8, 0.02] }, 'wood', {
  pose: { positionM: [0, 0, -0.02], orientation: [1, 0, 0, 0] },
  albedo: [0.45, 0.33, 0.2],
});
const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.0524, 0.0524, 0.0524] }, 'plastic', {
  pose: { positionM: [0, 0, 0.0524], orientation: fromRollPitchYaw(0, 0, 0.6) },
  albedo: [0.7, 0.08, 0.08],
});
const ball = body('ball', 'dynamic', { kind: 'sphere', radiusM: 0.05 }, 'plastic', {
  pose: { positionM: [0.1, 0.25, 0.05], orientation: [1, 0, 0, 0] },
  albedo: [0.1, 0.2, 0.7],
});
const can = body('can', 'dynamic', { kind: 'cylinder', radiusM: 0.04, halfHeightM: 0.07 }, 'tin', {
  pose: { positionM: [0, -0.25, 0.07], orientation: fromRollPitchYaw(0.1, 0.2, 0) },
  albedo: [0.1, 0.6, 0.15],
});
const stillLife: SimSpec = {
  ...scene([table, cube, ball, can]),
  durationS: 0.1,
  lighting: {
    ...SUN_ONLY,
    sunDirection: [-0.48, 0.6, 0.64],
    sunRadiance: [0.8, 0.78, 0.7],
    skyRadiance: [0.2, 0.24, 0.32],
  },
};

function specification(overrides: Partial<CameraSpecification> = {}): CameraSpecification {
  const parsed = cameraSpecification.parse({
    kind: 'camera',
    positionM: [-0.9, 0, 0.6],
    targetM: [0.1, 0, 0.05],
  });
  return { ...(parsed as CameraSpecification), ...overrides };
}

function run(
  spec: SimSpec,
  camera = specification(),
  name = 'camera',
  frames = scripted(spec),
): SensorSample[] {
  const sensor = createCamera(name, camera, spec);
  return frames.flatMap((frame) => sensor.sense(frame));
}

describe('createCamera', () => {
  it('describes what it yields', () => {
    const { stream } = createCamera('eye', specification({ width: 40, height: 30 }), stillLife);
    expect(stream).toMatchObject({ name: 'eye', kind: 'camera', rateHz: 30, samplesPerRow: 1 });
    const [sample] = run(stillLife, specification({ width: 40, height: 30 }), 'eye');
    expect(Object.keys(sample!.values)).toEqual(stream.fields.map(({ name }) => name));
    for (const { name, shape, dataType } of stream.fields) {
      const values = sample!.values[name]!;
      expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
      expect(values.constructor.name.toLowerCase()).toBe(`${dataType}array`);
    }
    const focalPx = expect.closeTo(20 / Math.tan(0.5), 10);
    expect(stream.metadata).toMatchObject({
      intrinsicsPx: { fx: focalPx, fy: focalPx, cx: 20, cy: 15 },
      worldFromCamera: { positionM: [-0.9, 0, 0.6] },
      instances: [
        { name: 'table', semantic: 'table' },
        { name: 'cube', semantic: 'cube' },
        { name: 'ball', semantic: 'ball' },
        { name: 'can', semantic: 'can' },
      ],
    });
    expect(JSON.parse(JSON.stringify(stream.metadata))).toEqual(stream.metadata);
  });

  it('takes a picture on each tick of its own clock, from time 0 on', () => {
    const samples = run({ ...stillLife, durationS: 0.2 }, specification({ rateHz: 30, width: 4, height: 4 }));
    expect(samples.map(({ timeNs }) => timeNs)).toEqual([
      0n,
      33333333n,
      66666666n,
      100000000n,
      133333333n,
      166666666n,
      200000000n,
    ]);
  });

  it('interpolates between the frames around a tick', () => {
    const wall = body('wall', 'dynamic', { kind: 'box', halfExtentsM: [1, 9, 9] }, 'wood');
    const spec = { ...scene([wall], {}, 0.3, 10) };
    // The wall comes at 1 m/s; the simulation's frames are 100 ms apart, the camera's 33.
    const frames = scripted(spec, (step) => ({ poses: [4 - step * 0.1, 0, 0, 1, 0, 0, 0] }));
    const camera = specification({ positionM: [0, 0, 0], targetM: [1, 0, 0], width: 1, height: 1 });
    for (const { timeNs, values } of run(spec, camera, 'camera', frames)) {
      expect(values.depthM![0]).toBe(Math.fround(3 - Number(timeNs) * 1e-9));
    }
  });

  it('gives arrays away and never writes to them again', () => {
    const sensor = createCamera('camera', specification(), stillLife);
    const frames = scripted(stillLife, (step) =>
      step === 50 ? { poses: stillLife.bodies.flatMap(() => [0, 0, 5, 1, 0, 0, 0]) } : {},
    );
    const first = sensor.sense(frames[0]!);
    const before = digest(first);
    for (const frame of frames.slice(1)) sensor.sense(frame);
    expect(digest(first)).toBe(before);
  });

  it.each([{}, { exposureTimeS: 0.01, blurSamples: 2, rollingShutterS: 0.02 }])(
    'yields the same of a channel whatever else is asked for %o',
    (shutter) => {
      const small = { width: 12, height: 9, ...shutter };
      const moving = scripted(stillLife, (step) => ({
        poses: stillLife.bodies.flatMap(({ pose: { positionM, orientation } }, body) => [
          ...[positionM[0] + 1e-4 * step * body, positionM[1], positionM[2]],
          ...orientation,
        ]),
      }));
      const asked = (channels: CameraSpecification['channels']): SensorSample[] =>
        run(stillLife, specification({ ...small, channels }), 'camera', moving);
      const all = asked([...CAMERA_CHANNELS]);
      for (const channel of CAMERA_CHANNELS) {
        for (const [index, { values }] of asked([channel]).entries()) {
          expect(Object.keys(values).length).toBeGreaterThan(0);
          for (const field of Object.keys(values)) expect(values[field]).toEqual(all[index]!.values[field]);
        }
      }
    },
  );

  it('counts more than 255 bodies', () => {
    const bodies = Array.from({ length: 300 }, (_, k) => ({
      ...ball,
      name: `b${k}`,
      pose: { ...ball.pose, positionM: [0, 0, -k] as const },
    }));
    const camera = specification({ positionM: [2, 0, -299], targetM: [0, 0, -299], width: 1, height: 1 });
    const sensor = createCamera('camera', camera, scene(bodies));
    expect(sensor.stream.fields.find(({ name }) => name === 'instance')?.dataType).toBe('uint16');
    const [sample] = run(scene(bodies), camera);
    expect(sample!.values.instance).toEqual(Uint16Array.of(300));
  });
});

describe('determinism', () => {
  it('gives the same bytes twice, and the committed ones', () => {
    const samples = run(stillLife);
    expect(samples).toHaveLength(4);
    expect(digest(run(stillLife))).toBe(digest(samples));
    expect(digest(samples)).toBe('aacb20b44eeed9216f1e21716cfc7915ea46e31edeea8f6db231bd707c485de2');
  });

  it('draws noise from its own name, episode and tick alone', () => {
    const alone = run(stillLife);
    const spec: SimSpec = { ...stillLife, sensors: { other: specification(), camera: specification() } };
    const camera = createCamera('camera', specification(), spec);
    const other = createCamera('other', specification(), spec);
    const together = scripted(spec).flatMap((frame) => {
      other.sense(frame);
      return camera.sense(frame);
    });
    expect(digest(together)).toBe(digest(alone));
    const colours = [
      alone,
      run(stillLife, specification(), 'other'),
      run({ ...stillLife, episode: 1 }),
      run({ ...stillLife, seed: 8 }),
    ].flatMap((samples) => samples.map(({ values }) => `${values.colour}`));
    expect(new Set(colours).size, 'every frame differs from every other').toBe(colours.length);
  });

  it('switches noise off, and leaves depth and instances free of it', () => {
    const clean = run(stillLife, specification({ noise: false }));
    const noisy = run(stillLife);
    expect(clean[1]!.values.colour).toEqual(clean[0]!.values.colour);
    expect(noisy[1]!.values.colour).not.toEqual(noisy[0]!.values.colour);
    expect(noisy.map(({ values }) => values.depthM)).toEqual(clean.map(({ values }) => values.depthM));
    expect(noisy.map(({ values }) => values.instance)).toEqual(clean.map(({ values }) => values.instance));
  });
});

describe('hostile input', () => {
  it('refuses a camera that looks at itself, by its name', () => {
    expect(() => createCamera('eye', specification({ targetM: [-0.9, 0, 0.6] }), stillLife)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('sensors.eye') }),
    );
  });

  it('refuses a pose that is not finite, by the name of its body', () => {
    const frame: SimFrame = {
      ...scripted(stillLife)[0]!,
      poses: new Float64Array(28).fill(Number.NaN, 7, 8),
    };
    expect(() => createCamera('eye', specification(), stillLife).sense(frame)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('body cube') }),
    );
  });
});
