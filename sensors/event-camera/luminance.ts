import { rotate } from '../../core/math/quaternion.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createImage } from '../camera/image.js';
import { createPinhole, type Pinhole } from '../camera/pinhole.js';
import { castRays } from '../camera/ray-caster.js';
import { createScene, placeBody } from '../camera/scene.js';
import { createFinishes, createSurfaces, isPlain } from '../camera/surfaces.js';
import { type Mount, mountPoseAt } from '../mount.js';
import { type Instant, poseAt } from '../ticks.js';
import type { EventCameraSpecification } from './specification.js';

/** Luminance of linear sRGB (Rec. 709). */
const WEIGHTS = [0.2126, 0.7152, 0.0722] as const;

/**
 * Makes pictures of what an event camera sees, as luminance: 1 is a white surface in full light.
 *
 * @returns [height, width] of an instant, valid until the next call.
 */
export function createLuminance(
  name: string,
  { width, height, horizontalFovRad }: EventCameraSpecification,
  mount: Mount,
  { bodies, lighting }: SimSpec,
): (instant: Instant) => Float64Array {
  const scene = createScene(bodies);
  const image = createImage(width, height);
  const finishes = createFinishes(bodies);
  const surfaces = isPlain(finishes, lighting) ? null : createSurfaces(width * height);
  const luminance = new Float64Array(width * height);
  const optics = createPinhole(name, {
    width,
    height,
    horizontalFovRad,
    positionM: [0, 0, 0],
    targetM: [1, 0, 0],
  });
  return (instant) => {
    for (let body = 0; body < bodies.length; body++) placeBody(scene, body, poseAt(instant, body));
    const { positionM, orientation } = mountPoseAt(mount, instant);
    const camera: Pinhole = {
      ...optics,
      positionM,
      forward: rotate(orientation, [1, 0, 0]),
      left: rotate(orientation, [0, 1, 0]),
      up: rotate(orientation, [0, 0, 1]),
    };
    castRays(image, camera, scene, lighting, finishes, surfaces);
    for (let pixel = 0; pixel < luminance.length; pixel++) {
      luminance[pixel] =
        WEIGHTS[0] * image.radiance[pixel * 3]! +
        WEIGHTS[1] * image.radiance[pixel * 3 + 1]! +
        WEIGHTS[2] * image.radiance[pixel * 3 + 2]!;
    }
    return luminance;
  };
}
