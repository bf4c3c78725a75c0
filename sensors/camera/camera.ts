import type { SimSpec } from '../../scenarios/contract.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { createNoise } from '../noise.js';
import { createTicks, poseAt } from '../ticks.js';
import { createPinhole, type Pinhole, worldFromCamera } from './pinhole.js';
import { castRays, type RenderedImage } from './ray-caster.js';
import { develop } from './response.js';
import { createScene, placeObject } from './scene.js';
import type { CameraSpecification } from './specification.js';

/**
 * Creates a pinhole camera that stands still in the world.
 *
 * Fields: `colour` uint8 [height, width, 3], sRGB; `depthM` float32 [height, width], along the optical axis, +Infinity
 * where there is nothing; `instance` uint8 or uint16 [height, width], 0 for nothing, 1 + index of the body otherwise.
 *
 * @throws UmweltError `invalid-input` when the camera looks at itself.
 */
export const createCamera: CreateSensor<CameraSpecification> = (name, specification, spec) => {
  const camera = createPinhole(name, specification);
  const stream = describe(name, specification, camera, spec);
  const ticksUntil = createTicks(specification.rateHz);
  const scene = createScene(spec);
  const image = createImage(camera);
  const wide = spec.bodies.length > 255;
  return {
    stream,
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        for (const [index, object] of scene.entries()) placeObject(object, poseAt(instant, index));
        castRays(image, camera, scene, spec.lighting);
        const noise = specification.noise
          ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'pixels', instant.tick)
          : null;
        const colour = new Uint8Array(image.radiance.length);
        develop(colour, image.radiance, specification.exposure, noise);
        const instance = wide ? image.instance.slice() : Uint8Array.from(image.instance);
        return {
          stream: name,
          timeNs: instant.timeNs,
          values: { colour, depthM: image.depthM.slice(), instance },
        };
      }),
  };
};

/** Allocates the buffers that `castRays` fills. */
export function createImage({ width, height }: Pinhole): RenderedImage {
  const pixels = width * height;
  return {
    radiance: new Float32Array(pixels * 3),
    depthM: new Float32Array(pixels),
    instance: new Uint16Array(pixels),
  };
}

function describe(
  name: string,
  specification: CameraSpecification,
  camera: Pinhole,
  spec: SimSpec,
): StreamDescription {
  const { width, height, rateHz } = specification;
  return {
    name,
    kind: 'camera',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'colour',
        dataType: 'uint8',
        shape: [height, width, 3],
        unit: 'sRGB',
        description: 'red, green, blue; top row first',
      },
      {
        name: 'depthM',
        dataType: 'float32',
        shape: [height, width],
        unit: 'm',
        description: 'along the optical axis; +Infinity where there is nothing',
      },
      {
        name: 'instance',
        dataType: spec.bodies.length > 255 ? 'uint16' : 'uint8',
        shape: [height, width],
        unit: '1',
        description: '0 where there is nothing, else 1 + index of the body in `instances`',
      },
    ],
    metadata: {
      model: 'pinhole',
      focalPx: camera.focalPx,
      principalPointPx: [width / 2, height / 2],
      worldFromCamera: worldFromCamera(camera),
      instances: spec.bodies.map(({ name: body, semantic }) => ({ name: body, semantic })),
    },
  };
}
