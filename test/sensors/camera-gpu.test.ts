import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { IDENTITY, normaliseQuaternion, type Pose, type Quaternion } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import { randomStream } from '../../core/random.js';
import type { BodySpec, LightingSpec, SimSpec } from '../../scenarios/contract.js';
import { createCamera } from '../../sensors/camera/camera.js';
import type { Moment } from '../../sensors/camera/exposure.js';
import { requestDevice } from '../../sensors/camera/gpu/device.js';
import { renderEpisodeOnGpu } from '../../sensors/camera/gpu/episode.js';
import { createGpuRenderer } from '../../sensors/camera/gpu/renderer.js';
import { type CameraFrame, createRenderer } from '../../sensors/camera/render-frame.js';
import type { CameraSpecification } from '../../sensors/camera/specification.js';
import type { SensorSample } from '../../sensors/contract.js';
import { body, scene, scripted } from './scene.js';
import { cameraAt, pixels, sphere, table } from './view.js';

/** The adapter's name, or why there is none. */
async function findAdapter(): Promise<{ name: string } | { missing: string }> {
  try {
    const { adapter, close } = await requestDevice();
    close();
    return { name: adapter };
  } catch (error) {
    if (error instanceof UmweltError && error.code === 'unavailable') return { missing: error.message };
    throw error;
  }
}

const found = await findAdapter();
if ('missing' in found) console.log(`The GPU renderer is not tested here. ${found.missing}`);
const onGpu = describe.skipIf('missing' in found);

const still: Pose = { positionM: [0, 0, 0], orientation: IDENTITY };
const OUTPUTS = ['colour', 'depth', 'instance', 'normal'] as const;

function momentOf(bodies: readonly BodySpec[], overrides: Partial<Moment> = {}): Moment {
  const poses = Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
  return { poses, worldFromCarrier: still, ...overrides };
}

/** Renders moments on both renderers. */
async function renderBoth(
  spec: SimSpec,
  camera: CameraSpecification,
  moments: readonly ((lagS: number) => Moment)[],
): Promise<{ cpu: CameraFrame; gpu: CameraFrame }[]> {
  const onCpu = createRenderer('camera', spec, camera);
  const renderer = await createGpuRenderer('camera', spec, camera);
  try {
    const pairs = [];
    for (const at of moments) pairs.push({ cpu: onCpu(at, null), gpu: await renderer.render(at) });
    return pairs;
  } finally {
    await renderer.free();
  }
}

/** Shares of the pixels on which two pictures agree, and the mean difference of their colours in grey levels. */
function compare({ cpu, gpu }: { cpu: CameraFrame; gpu: CameraFrame }) {
  const count = cpu.instance.length;
  let depth = 0;
  let instance = 0;
  let normal = 0;
  let colour = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    const [a, b] = [cpu.depthM[pixel]!, gpu.depthM[pixel]!];
    if (a === b || Math.abs(a - b) <= 1e-3) depth += 1;
    if (cpu.instance[pixel] === gpu.instance[pixel]) instance += 1;
    let worst = 0;
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
      if (cpu.normal) worst = Math.max(worst, Math.abs(cpu.normal[at]! - gpu.normal![at]!));
      colour += Math.abs(cpu.colour[at]! - gpu.colour[at]!) / 3;
    }
    if (worst < 0.01) normal += 1;
  }
  return { depth: depth / count, instance: instance / count, normal: normal / count, colour: colour / count };
}

/** An octahedron that is longer upwards than downwards. */
const OCTAHEDRON: BodySpec['shape'] = {
  kind: 'mesh',
  file: 'octahedron.glb',
  verticesM: [0.3, 0, 0, -0.3, 0, 0, 0, 0.25, 0, 0, -0.25, 0, 0, 0, 0.4, 0, 0, -0.2],
  triangles: [0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5],
};

const KINDS = ['box', 'sphere', 'cylinder', 'capsule', 'cone', 'mesh'] as const;

/** Bodies of all kinds and random sizes and colours; a few of them are there in each scene. */
function randomBodies(count: number): BodySpec[] {
  const random = randomStream(3, 'gpu', 'bodies');
  const size = () => 0.08 + 0.25 * random.uniform();
  return Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length]!;
    const shape: BodySpec['shape'] =
      kind === 'box'
        ? { kind, halfExtentsM: [size(), size(), size()] }
        : kind === 'sphere'
          ? { kind, radiusM: size() }
          : kind === 'mesh'
            ? OCTAHEDRON
            : { kind, radiusM: size(), halfHeightM: size() };
    const albedo: Vec3 = [random.uniform(), random.uniform(), random.uniform()];
    return body(`${kind}-${index}`, 'fixed', shape, 'wood', { albedo });
  });
}

function randomPose(random: { uniform(): number }, centre: Vec3, reachM: number): Pose {
  const [x, y, z] = centre.map((value) => value + reachM * (2 * random.uniform() - 1)) as [
    number,
    number,
    number,
  ];
  const turn = Array.from({ length: 4 }, () => 2 * random.uniform() - 1) as unknown as Quaternion;
  return { positionM: [x, y, z], orientation: normaliseQuaternion(turn) };
}

/** A ground and about 14 bodies in it, on it and in the air, seen from somewhere around. */
function randomMoment(index: number, bodies: number): Moment {
  const random = randomStream(5, 'gpu', 'scene', String(index));
  const poses = new Float64Array((1 + bodies) * 7);
  const present = new Uint8Array(1 + bodies).fill(1);
  poses.set([0, 0, -0.1, 1, 0, 0, 0]);
  for (let k = 1; k <= bodies; k++) {
    const { positionM, orientation } = randomPose(random, [0, 0, 0.5], 1);
    poses.set([...positionM.slice(0, 2), Math.abs(positionM[2]), ...orientation], k * 7);
    present[k] = random.uniform() < 0.35 ? 1 : 0;
  }
  const angle = 2 * Math.PI * random.uniform();
  const orientation: Quaternion = [Math.cos(angle / 2), 0, 0, Math.sin(angle / 2)];
  return { poses, present, worldFromCarrier: { positionM: [0, 0, 0.4 * random.uniform()], orientation } };
}

describe('what only the CPU renders', () => {
  const spec = scene([table]);
  const camera = cameraAt([-2, 0, 1], [0, 0, 0]);

  it.each([
    ['lens kannala-brandt', { lens: { kind: 'kannala-brandt', k1: 0.1, k2: 0, k3: 0, k4: 0 } }],
    ['rollingShutterS', { rollingShutterS: 0.01 }],
    ['flow', { channels: ['colour', 'flow'] }],
    ['boxes', { channels: ['boxes'] }],
  ])('refuses %s before it looks for an adapter', async (what, overrides) => {
    const asked = { ...camera, ...(overrides as Partial<CameraSpecification>) };
    await expect(createGpuRenderer('front', spec, asked)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(`got ${what}, which only the CPU renders`),
    });
  });

  it('refuses a sun whose direction is no unit vector', async () => {
    const lighting: LightingSpec = { ...spec.lighting, sunDirection: [0, 0, 2] };
    await expect(createGpuRenderer('front', { ...spec, lighting }, camera)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('lighting.sunDirection'),
    });
  });
});

onGpu('the GPU renderer', () => {
  it('agrees with the CPU on depth, instance, normal and colour over 20 random scenes', async () => {
    const bodies = randomBodies(42);
    const spec = scene([table, ...bodies]);
    const camera = cameraAt([-3, 0, 1.5], [0, 0, 0.4], { width: 96, height: 72, channels: [...OUTPUTS] });
    const moments = Array.from({ length: 20 }, (_, index) => () => randomMoment(index, bodies.length));
    const pairs = await renderBoth(spec, camera, moments);
    const kinds = new Set(pairs.flatMap(({ cpu }) => [...cpu.instance]));
    expect(kinds.size).toBeGreaterThan(40);
    for (const pair of pairs) {
      const agreement = compare(pair);
      expect(agreement.depth).toBeGreaterThanOrEqual(0.99);
      expect(agreement.instance).toBeGreaterThanOrEqual(0.99);
      expect(agreement.normal).toBeGreaterThanOrEqual(0.99);
      expect(agreement.colour).toBeLessThan(0.2);
    }
  });

  it('gives the depth of a sphere in closed form', async () => {
    const camera = cameraAt([-3, 0, 0.2], [0, 0, 0.2], { width: 48, height: 48, horizontalFovRad: 0.5 });
    const spec = scene([sphere('ball', 0.5, [0, 0, 0.2])]);
    const renderer = await createGpuRenderer('camera', spec, camera);
    const { depthM, instance } = await renderer.render(() => momentOf(spec.bodies)).finally(renderer.free);
    let seen = 0;
    pixels(camera, (pixel, u, v) => {
      // |t (1, u, v) - (3, 0, 0)| = 0.5
      const squared = 1 + u * u + v * v;
      const discriminant = 9 - squared * (9 - 0.25);
      if (Math.abs(discriminant) < 1e-3) return;
      seen += discriminant > 0 ? 1 : 0;
      expect(instance[pixel]).toBe(discriminant > 0 ? 1 : 0);
      const depth = discriminant > 0 ? (3 - Math.sqrt(discriminant)) / squared : Number.POSITIVE_INFINITY;
      if (discriminant > 0) expect(Math.abs(depthM[pixel]! - depth)).toBeLessThan(1e-5);
      else expect(depthM[pixel]).toBe(depth);
    });
    expect(seen).toBeGreaterThan(300);
  });

  it('lights textures, gloss, soft shadows and lamps as the CPU does, antialiased and blurred', async () => {
    const texel = (value: number) => [value, 255 - value, 128];
    const srgb = Array.from({ length: 36 }, (_, index) => texel(index * 7)).flat();
    const bodies: BodySpec[] = [
      { ...table, texture: { kind: 'wood', other: [0.2, 0.1, 0.05], sizeM: 0.15, seed: 0xfedcba98 } },
      { ...sphere('glossy', 0.3, [0, 0.5, 0.3], [0.7, 0.2, 0.1]), specular: 0.08, roughness: 0.3 },
      ...(['checker', 'stripes'] as const).map((kind, index) =>
        body(kind, 'fixed', { kind: 'box', halfExtentsM: [0.2, 0.2, 0.2] }, 'wood', {
          pose: { positionM: [0.2 * index, -0.6 * index, 0.2], orientation: [0.9, 0, 0, 0.3] },
          texture: { kind, other: [0.1, 0.2, 0.6], sizeM: 0.13 },
        }),
      ),
      body('noisy', 'fixed', { kind: 'cylinder', radiusM: 0.2, halfHeightM: 0.3 }, 'wood', {
        pose: { positionM: [0.8, 0, 0.3], orientation: IDENTITY },
        texture: { kind: 'noise', other: [0.9, 0.9, 0.2], sizeM: 0.1, seed: 12 },
      }),
      body('picture', 'fixed', { kind: 'box', halfExtentsM: [0.1, 0.3, 0.2] }, 'wood', {
        pose: { positionM: [-0.6, -0.3, 0.2], orientation: [0.95, 0, 0, -0.2] },
        texture: { kind: 'image', file: 'six.png', sizeM: 0.3, width: 6, height: 6, srgb },
      }),
    ];
    const spec = scene(bodies);
    const lighting: LightingSpec = {
      sunDirection: [-0.48, 0.36, 0.8],
      sunRadiance: [0.6, 0.6, 0.5],
      skyRadiance: [0.15, 0.2, 0.3],
      sunAngularRadiusRad: 0.03,
      lamps: [{ name: 'lamp', positionM: [-0.5, -1, 1.2], radiusM: 0.1, intensity: [0.5, 0.3, 0.1] }],
    };
    const camera = cameraAt([-2.2, 0.3, 1.3], [0, 0, 0.1], {
      width: 64,
      height: 48,
      samplesPerPixel: 4,
      exposureTimeS: 0.02,
      blurSamples: 2,
    });
    const moving = (lagS: number) => {
      const moment = momentOf(bodies);
      moment.poses[7]! += 20 * lagS;
      return moment;
    };
    const [pair] = await renderBoth({ ...spec, lighting }, camera, [moving]);
    expect(compare(pair!).colour).toBeLessThan(0.2);
    expect(new Set(pair!.gpu.instance).size).toBe(bodies.length + 1);
  });

  it('sees the inside of what holds the camera, black, and nothing of what is not there', async () => {
    const spec = scene([sphere('shell', 1, [0, 0, 0]), sphere('gone', 0.2, [0.5, 0, 0])]);
    const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 8, height: 8, channels: [...OUTPUTS] });
    const moment = momentOf(spec.bodies, { present: Uint8Array.of(1, 0) });
    moment.poses.fill(Number.NaN, 7);
    const [pair] = await renderBoth(spec, camera, [() => moment]);
    expect(pair!.gpu.instance).toEqual(new Uint16Array(64).fill(1));
    expect(pair!.gpu.colour).toEqual(new Uint8Array(192));
    expect(compare(pair!)).toEqual({ depth: 1, instance: 1, normal: 1, colour: 0 });
  });

  it('refuses a pose that is not finite, and renders on', async () => {
    const spec = scene([table, sphere('ball', 0.3, [0, 0, 0.3])]);
    const renderer = await createGpuRenderer('camera', spec, cameraAt([-2, 0, 1], [0, 0, 0]));
    const broken = momentOf(spec.bodies);
    broken.poses[7] = Number.NaN;
    const refused = renderer.render(() => broken);
    const [first, second] = [0, 0].map(() => renderer.render(() => momentOf(spec.bodies)));
    await expect(refused).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('pose of body ball'),
    });
    expect(await first).toEqual(await second);
    await renderer.free();
  });

  it('renders the cameras of an episode: fields, times and noise of the CPU', async () => {
    const ball = sphere('ball', 0.3, [0, 0, 0.3]);
    const camera = cameraAt([-2, 0, 0.5], [0, 0, 0], {
      width: 24,
      height: 16,
      rateHz: 25,
      noise: true,
      body: 'ball',
      channels: ['colour', 'depth', 'instance', 'semantic'],
    });
    const spec = scene(
      [table, ball],
      { front: camera, state: { kind: 'truth', rateHz: 10, latencyS: 0 } },
      0.1,
    );
    const frames = scripted(spec, (step) => ({
      poses: [...table.pose.positionM, 1, 0, 0, 0, 0, 0.002 * step, 0.3, 1, 0, 0, 0],
    }));
    const onCpu = createCamera('front', camera, spec);
    const expected = frames.flatMap((frame) => [...onCpu.sense(frame)]);
    const samples: SensorSample[] = [];
    for await (const sample of renderEpisodeOnGpu(frames, spec)) samples.push(sample);
    expect(samples.map(({ stream, timeNs }) => [stream, timeNs])).toEqual(
      expected.map(({ stream, timeNs }) => [stream, timeNs]),
    );
    for (const [index, { values }] of samples.entries()) {
      const wanted = expected[index]!.values;
      expect(Object.keys(values).sort()).toEqual(Object.keys(wanted).sort());
      for (const [field, array] of Object.entries(values)) {
        expect(array.constructor).toBe(wanted[field]!.constructor);
        const allowed = { colour: 1, depthM: 1e-3 }[field] ?? 0;
        // An infinity less itself is NaN, which is no difference.
        const off = [...array].filter((value, at) => Math.abs(value - wanted[field]![at]!) > allowed).length;
        expect(off).toBeLessThanOrEqual(0.01 * array.length);
      }
    }
  });
});
