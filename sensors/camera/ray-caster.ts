import { UmweltError } from '../../core/errors.js';
import { length } from '../../core/math/vector.js';
import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import { type Scene, viewFromBodies } from './scene.js';
import { shadeBySky } from './shading.js';
import { addSunlight } from './sunlight.js';
import { findVisible } from './visibility.js';

/**
 * Casts one ray through each pixel's centre: what it meets, lit by sky and sun with hard shadows. The same scene gives the
 * same bytes on every machine.
 *
 * @param image overwritten; must have the camera's size.
 * @throws UmweltError `invalid-input` when the sun's direction is not a unit vector.
 */
export function castRays(image: Image, camera: Pinhole, scene: Scene, lighting: LightingSpec): void {
  const norm = length(lighting.sunDirection);
  if (!(Math.abs(norm - 1) < 1e-6)) {
    throw new UmweltError(
      'invalid-input',
      { sunDirection: lighting.sunDirection },
      `lighting.sunDirection: expected a unit vector towards the sun, got [${lighting.sunDirection.join(', ')}] of length ${norm}`,
    );
  }
  const views = viewFromBodies(camera, scene);
  findVisible(image, camera, scene, views);
  shadeBySky(image, camera, scene, views, lighting);
  addSunlight(image, camera, scene, lighting);
}
