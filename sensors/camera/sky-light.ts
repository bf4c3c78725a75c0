import type { Vec3 } from '../../core/math/vector.js';
import type { Image } from './image.js';
import { glossyAmbient, throughGloss } from './reflection.js';
import { skyBrightness } from './shading.js';
import type { Finishes, Surfaces } from './surfaces.js';

/**
 * Lights the textured and the glossy bodies by the sky, in place of what `shadeBySky` gave them as if they were plain.
 *
 * The matt colour gets the share of the sky that it sees, (1 + n_z) / 2, less what the gloss takes. The gloss shows the background
 * in the mirror's direction r, the smoother the clearer: from the background's brightness there to the mean (1 + r_z) / 2
 * with the roughness. Neighbouring bodies are not mirrored.
 */
export function lightFinishesBySky(
  { instance, radiance }: Image,
  { normals, viewers, albedos }: Surfaces,
  { textures, specular, roughness }: Finishes,
  skyRadiance: Vec3,
): void {
  for (let pixel = 0; pixel < instance.length; pixel++) {
    const body = instance[pixel]! - 1;
    if (body < 0) continue;
    const gloss = specular[body]!;
    if (gloss === 0 && textures[body] === null) continue;
    const at = pixel * 3;
    const nz = normals[at + 2]!;
    const nv = normals[at]! * viewers[at]! + normals[at + 1]! * viewers[at + 1]! + nz * viewers[at + 2]!;
    const sky = 0.5 + 0.5 * nz;
    let matt = sky;
    let shine = 0;
    if (gloss > 0 && nv > 0) {
      const rough = roughness[body]!;
      const mirrored = 2 * nv * nz - viewers[at + 2]!;
      const seen = (1 - rough) * skyBrightness(mirrored) + rough * (0.5 + 0.5 * mirrored);
      shine = seen * glossyAmbient(gloss, rough, nv);
      // Light from all around comes in at 60 degrees in the mean.
      matt *= throughGloss(gloss, 0.5, nv);
    }
    for (let channel = 0; channel < 3; channel++) {
      radiance[at + channel] = skyRadiance[channel]! * (albedos[at + channel]! * matt + shine);
    }
  }
}
