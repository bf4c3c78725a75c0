import type { SimSpec } from '../../scenarios/contract.js';
import { place } from '../camera/exposure.js';
import { createImage } from '../camera/image.js';
import { momentOf } from '../camera/moments.js';
import { createPinhole } from '../camera/pinhole.js';
import { castRays } from '../camera/ray-caster.js';
import { createScene } from '../camera/scene.js';
import { createFinishes, createSurfaces, isPlain } from '../camera/surfaces.js';
import { type Mount, mountPoseAt } from '../mount.js';
import type { Instant } from '../ticks.js';
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
  const luminance = new Float64Array(width * height);
  const optics = createPinhole(name, {
    width,
    height,
    horizontalFovRad,
    positionM: [0, 0, 0],
    targetM: [1, 0, 0],
  });
  const surfaces = isPlain(finishes, scene, optics, lighting) ? null : createSurfaces(width * height);
  return (instant) => {
    const worldFromCarrier = mountPoseAt(mount, instant);
    const camera = place(scene, optics, { ...momentOf(instant, -1), worldFromCarrier });
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
