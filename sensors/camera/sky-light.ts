import type { Vec3 } from '../../core/math/vector.js';
import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import { glossyAmbient, throughGloss } from './reflection.js';
import { skyBrightness } from './shading.js';
import type { Finishes, Surfaces } from './surfaces.js';

/**
 * Lights what is visible by the sky, from its surfaces: writes `radiance`; `shadeBySky` does the same for plain bodies.
 *
 * The matt colour gets the share of the sky that it sees, (1 + n_z) / 2, less what the gloss takes. The gloss shows the background
 * in the mirror's direction r, the smoother the clearer: from the background's brightness there to the mean (1 + r_z) / 2
 * with the roughness. Neighbouring bodies are not mirrored. Where no ray falls the image is black.
 */
export function lightBySky(
  image: Image,
  camera: Pinhole,
  { normals, viewers, albedos }: Surfaces,
  { specular, roughness }: Finishes,
  skyRadiance: Vec3,
): void {
  const { instance, radiance, width } = image;
  for (let pixel = image.top * width; pixel < image.bottom * width; pixel++) {
    const body = instance[pixel]! - 1;
    const at = pixel * 3;
    if (body < 0) {
      const sky = backgroundAt(camera, pixel);
      for (let channel = 0; channel < 3; channel++) radiance[at + channel] = skyRadiance[channel]! * sky;
      continue;
    }
    const gloss = specular[body]!;
    const nz = normals[at + 2]!;
    let matt = 0.5 + 0.5 * nz;
    let shine = 0;
    if (gloss > 0) {
      const nv = normals[at]! * viewers[at]! + normals[at + 1]! * viewers[at + 1]! + nz * viewers[at + 2]!;
      if (nv > 0) {
        const rough = roughness[body]!;
        const mirrored = 2 * nv * nz - viewers[at + 2]!;
        const seen = (1 - rough) * skyBrightness(mirrored) + rough * (0.5 + 0.5 * mirrored);
        shine = seen * glossyAmbient(gloss, rough, nv);
        // Light from all around comes in at 60 degrees in the mean.
        matt *= throughGloss(gloss, 0.5, nv);
      }
    }
    for (let channel = 0; channel < 3; channel++) {
      radiance[at + channel] = skyRadiance[channel]! * (albedos[at + channel]! * matt + shine);
    }
  }
}

/** Brightness of the background where a pixel looks, over the sky's radiance; 0 where no ray falls. */
function backgroundAt(
  { forward, left, up, columnSlopes, rowSlopes, bent, width }: Pinhole,
  pixel: number,
): number {
  const row = Math.floor(pixel / width);
  const u = bent === null ? columnSlopes[pixel - row * width]! : bent.u[pixel]!;
  const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
  if (Number.isNaN(u)) return 0;
  return skyBrightness((forward[2] + u * left[2] + v * up[2]) / Math.sqrt(1 + u * u + v * v));
}
