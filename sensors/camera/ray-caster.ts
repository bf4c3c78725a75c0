import { UmweltError } from '../../core/errors.js';
import { length } from '../../core/math/vector.js';
import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import { addLight, lightsOf } from './lights.js';
import type { Pinhole } from './pinhole.js';
import { type Scene, viewFromBodies } from './scene.js';
import { shadeBySky } from './shading.js';
import { lightBySky } from './sky-light.js';
import { addSunlight } from './sunlight.js';
import { type Finishes, findSurfaces, type Surfaces } from './surfaces.js';
import { type Coverage, findVisible } from './visibility.js';

/**
 * Casts one ray through each pixel's centre: what it meets, lit by sky, sun and lamps with shadows. The same scene gives the
 * same bytes on every machine.
 *
 * @param image overwritten; must have the camera's size.
 * @param surfaces overwritten; null where `isPlain` says so.
 * @param coverage added to, as in `findVisible`.
 * @throws UmweltError `invalid-input` when the sun's direction is not a unit vector.
 */
export function castRays(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  lighting: LightingSpec,
  finishes: Finishes,
  surfaces: Surfaces | null,
  coverage: Coverage | null = null,
): void {
  const norm = length(lighting.sunDirection);
  if (!(Math.abs(norm - 1) < 1e-6)) {
    throw new UmweltError(
      'invalid-input',
      { sunDirection: lighting.sunDirection },
      `lighting.sunDirection: expected a unit vector towards the sun, got [${lighting.sunDirection.join(', ')}] of length ${norm}`,
    );
  }
  const views = viewFromBodies(camera, scene);
  findVisible(image, camera, scene, views, coverage);
  if (surfaces === null) {
    shadeBySky(image, camera, scene, views, lighting);
    addSunlight(image, camera, scene, lighting);
    return;
  }
  findSurfaces(surfaces, image, camera, scene, finishes);
  lightBySky(image, camera, surfaces, finishes, lighting.skyRadiance);
  for (const light of lightsOf(lighting)) addLight(image, surfaces, scene, finishes, light);
}
