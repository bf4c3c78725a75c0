import { UmweltError } from '../../../core/errors.js';
import { length } from '../../../core/math/vector.js';
import type { SimSpec } from '../../../scenarios/contract.js';
import type { NoiseSource } from '../../noise.js';
import type { MomentAt } from '../exposure.js';
import { createPinhole } from '../pinhole.js';
import type { CameraFrame } from '../render-frame.js';
import { createResponse, develop } from '../response.js';
import type { CameraSpecification } from '../specification.js';
import { packBodies } from './bodies.js';
import { openThree } from './open-three.js';
import { createPipeline, type Drawn, type Pipeline } from './pipeline.js';

/** A camera on a graphics card; `free` must be called once, else Node does not exit. */
export interface GpuRenderer {
  /** What the pictures are computed on. */
  readonly adapter: string;
  /**
   * Renders one picture: the contract of the CPU's `Renderer`, asynchronously. Calls take turns.
   *
   * @param noise of this frame; null for a noiseless sensor.
   * @throws UmweltError `invalid-input` when a pose is not finite; `internal` when the driver refuses the work.
   */
  render(momentAt: MomentAt, noise?: NoiseSource | null): Promise<CameraFrame>;
  free(): Promise<void>;
}

/**
 * Sets a camera up before a scene on a graphics card: what `createRenderer` does on the CPU, asynchronously.
 *
 * Primitives are drawn as boxes whose fragments meet the shapes in closed form, meshes as triangles, so that depth and instance
 * agree with the CPU's to float32. Sky, sun, lamps, shadows, gloss and textures follow the CPU's equations; the image sensor is
 * the CPU's. Pixels are not bit-identical across machines and drivers: datasets that must be keep to the CPU.
 *
 * @param name of the camera, for messages.
 * @param pattern of the sensor's fixed pattern; null for a sensor whose sites are alike.
 * @throws UmweltError `unavailable` when the package `webgpu` or an adapter is missing; `invalid-input` when the camera or the
 * scene is not what it must be, or the camera asks for what only the CPU renders: a lens, a rolling shutter, flow or boxes.
 */
export async function createGpuRenderer(
  name: string,
  spec: Pick<SimSpec, 'bodies' | 'lighting'>,
  specification: CameraSpecification,
  pattern: NoiseSource | null = null,
): Promise<GpuRenderer> {
  refuseCpuOnly(name, specification);
  checkSun(spec.lighting.sunDirection);
  const camera = createPinhole(name, specification);
  const response = createResponse(name, specification, pattern);
  const packed = packBodies(spec.bodies);
  const open = await openThree();
  let pipeline: Pipeline;
  try {
    pipeline = createPipeline(open, spec, packed, camera);
  } catch (error) {
    await open.close();
    throw error;
  }
  const gather = createGatherer(name, specification, pipeline);
  const render = async (momentAt: MomentAt, noise: NoiseSource | null): Promise<CameraFrame> => {
    const drawn = await pipeline.draw(camera, momentAt(specification.exposureTimeS / 2));
    const light = gather === null ? dropFourth(drawn.radiance) : await gather(momentAt);
    open.check();
    const colour = new Uint8Array(light.length);
    develop(colour, light, response, noise);
    return { colour, ...unpack(drawn, specification.channels.includes('normal')) };
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    adapter: open.adapter,
    render: (momentAt, noise = null) => {
      const next = turn.then(() => render(momentAt, noise));
      turn = next.catch(() => {});
      return next;
    },
    free: async () => {
      await turn;
      pipeline.dispose();
      await open.close();
    },
  };
}

function refuseCpuOnly(name: string, specification: CameraSpecification): void {
  const { lens, rollingShutterS, channels } = specification;
  const refused =
    lens.kind !== 'pinhole'
      ? `lens ${lens.kind}`
      : rollingShutterS > 0
        ? 'rollingShutterS'
        : channels.find((channel) => channel === 'flow' || channel === 'boxes');
  if (refused === undefined) return;
  throw new UmweltError(
    'invalid-input',
    { sensor: name, lens, rollingShutterS, channels },
    `sensors.${name}: expected a pinhole with a global shutter and the channels colour, depth, instance, semantic and normal, ` +
      `got ${refused}, which only the CPU renders; leave it out, or render on the CPU`,
  );
}

function checkSun(sunDirection: SimSpec['lighting']['sunDirection']): void {
  const norm = length(sunDirection);
  if (Math.abs(norm - 1) < 1e-6) return;
  throw new UmweltError(
    'invalid-input',
    { sunDirection },
    `lighting.sunDirection: expected a unit vector towards the sun, got [${sunDirection.join(', ')}] of length ${norm}`,
  );
}

/** Where in a pixel four rays pass, as on the CPU: a grid turned by 27 degrees, no two in one row or column. */
const TURNED_GRID = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [0.125, 0.375],
  [-0.375, 0.125],
] as const;

/** Gathers the mean light of many rays a pixel and many instants, one drawing each; null where one is all. */
function createGatherer(
  name: string,
  specification: CameraSpecification,
  pipeline: Pipeline,
): ((momentAt: MomentAt) => Promise<Float32Array>) | null {
  const { width, height, samplesPerPixel, exposureTimeS, blurSamples } = specification;
  if (samplesPerPixel === 1 && exposureTimeS === 0) return null;
  const offsets = samplesPerPixel === 1 ? ([[0, 0]] as const) : TURNED_GRID;
  const cameras = offsets.map((offset) => createPinhole(name, specification, offset));
  const instants = exposureTimeS === 0 ? 1 : blurSamples;
  const share = 1 / (instants * cameras.length);
  return async (momentAt) => {
    const sum = new Float32Array(width * height * 3);
    for (let instant = 0; instant < instants; instant++) {
      const moment = momentAt(exposureTimeS * (1 - (instant + 0.5) / instants));
      for (const camera of cameras) {
        const { radiance } = await pipeline.draw(camera, moment);
        const light = dropFourth(radiance);
        for (let index = 0; index < sum.length; index++) sum[index] = sum[index]! + light[index]! * share;
      }
    }
    return sum;
  };
}

/** [pixels, 4] to [pixels, 3]. */
function dropFourth(values: Float32Array): Float32Array {
  const kept = new Float32Array((values.length / 4) * 3);
  for (let pixel = 0; pixel * 4 < values.length; pixel++) {
    kept[pixel * 3] = values[pixel * 4]!;
    kept[pixel * 3 + 1] = values[pixel * 4 + 1]!;
    kept[pixel * 3 + 2] = values[pixel * 4 + 2]!;
  }
  return kept;
}

function unpack({ radiance, surface }: Drawn, withNormal: boolean): Omit<CameraFrame, 'colour'> {
  const pixels = radiance.length / 4;
  const depthM = new Float32Array(pixels);
  const instance = new Uint16Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    instance[pixel] = radiance[pixel * 4 + 3]!;
    depthM[pixel] = instance[pixel] === 0 ? Number.POSITIVE_INFINITY : surface[pixel * 4 + 3]!;
  }
  return { depthM, instance, ...(withNormal ? { normal: dropFourth(surface) } : {}) };
}
