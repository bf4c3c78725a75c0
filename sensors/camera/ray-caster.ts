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
import { findVisible } from './visibility.js';

/**
 * Casts one ray through each pixel's centre: what it meets, lit by sky, sun and lamps with shadows. The same scene gives the
 * same bytes on every machine.
 *
 * Two passes with a contract between them: `findVisible` knows lens and shutter and writes `depthM` and `instance`; `lightUp`
 * reads those and the camera's rays, whatever bends them, and writes `radiance`.
 *
 * @param image overwritten; must have the camera's size.
 * @param surfaces overwritten; null where `isPlain` says so.
 * @throws UmweltError `invalid-input` when the sun's direction is not a unit vector.
 */
export function castRays(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  lighting: LightingSpec,
  finishes: Finishes,
  surfaces: Surfaces | null,
): void {
  const views = viewFromBodies(camera, scene);
  findVisible(image, camera, scene, views);
  lightUp(image, camera, scene, views, lighting, finishes, surfaces);
}

/**
 * Lights what an image's rows show: writes `radiance`.
 *
 * @param image whose `depthM` and `instance` `findVisible` has written.
 * @param views [bodies, VIEW] of `viewFromBodies`.
 * @param surfaces overwritten; null where `isPlain` says so.
 * @throws UmweltError `invalid-input` when the sun's direction is not a unit vector.
 */
export function lightUp(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  lighting: LightingSpec,
  finishes: Finishes,
  surfaces: Surfaces | null,
): void {
  const norm = length(lighting.sunDirection);
  if (!(Math.abs(norm - 1) < 1e-6)) {
    throw new UmweltError(
      'invalid-input',
      { sunDirection: lighting.sunDirection },
      `lighting.sunDirection: expected a unit vector towards the sun, got [${lighting.sunDirection.join(', ')}] of length ${norm}`,
    );
  }
  if (surfaces === null) {
    shadeBySky(image, camera, scene, views, lighting);
    addSunlight(image, camera, scene, lighting);
    return;
  }
  findSurfaces(surfaces, image, camera, scene, finishes);
  lightBySky(image, camera, surfaces, finishes, lighting.skyRadiance);
  for (const light of lightsOf(lighting)) addLight(image, surfaces, scene, finishes, light);
}
