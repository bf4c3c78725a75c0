import type { SimSpec } from '../../scenarios/contract.js';
import type { NoiseSource } from '../noise.js';
import { readPose } from '../ticks.js';
import { createImage } from './image.js';
import { createPinhole } from './pinhole.js';
import { castRays } from './ray-caster.js';
import { createResponse, develop } from './response.js';
import { createScene, placeBody } from './scene.js';
import type { CameraSpecification } from './specification.js';
import { createFinishes, createSurfaces, isPlain } from './surfaces.js';

/** One picture. Row-major, top row first, left column first; owned by the receiver. */
export interface CameraFrame {
  /** [height, width, 3] red, green, blue; sRGB. */
  readonly colour: Uint8Array;
  /** [height, width] metres along the optical axis (not along the ray); +Infinity where there is nothing, never 0. */
  readonly depthM: Float32Array;
  /** [height, width] 0 where there is nothing, else 1 + index of the body. */
  readonly instance: Uint16Array;
}

/** Makes pictures of the same bodies at changing poses ([bodies, 7]: x y z, w x y z; world from body). */
export type Renderer = (poses: Float64Array, noise: NoiseSource | null) => CameraFrame;

/**
 * Sets a camera up before a scene; between calls only buffers are kept, never a result.
 *
 * @param name of the camera, for messages.
 * @param pattern of the sensor's fixed pattern; null for a sensor whose sites are alike.
 * @throws UmweltError `invalid-input` when the camera or, on a call, a pose or the sun is not what it must be.
 */
export function createRenderer(
  name: string,
  { bodies, lighting }: Pick<SimSpec, 'bodies' | 'lighting'>,
  specification: CameraSpecification,
  pattern: NoiseSource | null = null,
): Renderer {
  const camera = createPinhole(name, specification);
  const scene = createScene(bodies);
  const image = createImage(camera.width, camera.height);
  const response = createResponse(name, specification, pattern);
  const finishes = createFinishes(bodies);
  const surfaces = isPlain(finishes, lighting) ? null : createSurfaces(camera.width * camera.height);
  return (poses, noise) => {
    for (let body = 0; body < bodies.length; body++) placeBody(scene, body, readPose(poses, body));
    castRays(image, camera, scene, lighting, finishes, surfaces);
    const colour = new Uint8Array(image.radiance.length);
    develop(colour, image.radiance, response, noise);
    return { colour, depthM: new Float32Array(image.depthM), instance: image.instance.slice() };
  };
}

/**
 * Renders one picture of bodies, at their initial poses unless others are given, without noise unless a source is given.
 *
 * @param poses [bodies, 7]: x y z, w x y z; world from body, as in `SimFrame`.
 * @throws UmweltError `invalid-input` when the camera, a pose or the sun is not what it must be.
 */
export function renderFrame(
  scene: Pick<SimSpec, 'bodies' | 'lighting'>,
  specification: CameraSpecification,
  poses: Float64Array = initialPoses(scene),
  noise: NoiseSource | null = null,
): CameraFrame {
  return createRenderer('camera', scene, specification)(poses, noise);
}

function initialPoses({ bodies }: Pick<SimSpec, 'bodies'>): Float64Array {
  return Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
}
