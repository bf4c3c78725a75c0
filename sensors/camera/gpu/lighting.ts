import { dot, subtract, type Vec3 } from '../../../core/math/vector.js';
import type { LightingSpec } from '../../../scenarios/contract.js';
import { lightsOf } from '../lights.js';
import type { Pinhole } from '../pinhole.js';
import { LIGHT_VECTORS, LIGHTING_VECTORS } from './shading-shader.js';

/** Counts the float32 numbers that `packLighting` writes. */
export function lightingLength(lighting: LightingSpec): number {
  return (LIGHTING_VECTORS + lightsOf(lighting).length * LIGHT_VECTORS) * 4;
}

/**
 * Writes the lighting as seen from a camera. Layout: see shading-shader.ts.
 *
 * @param packed of `lightingLength`, overwritten.
 */
export function packLighting(
  packed: Float32Array,
  lighting: LightingSpec,
  camera: Pick<Pinhole, 'positionM' | 'forward' | 'left' | 'up'>,
  bodies: number,
): void {
  const lights = lightsOf(lighting);
  packed.set([...intoView([0, 0, 1], camera), lights.length, ...lighting.skyRadiance, bodies]);
  for (const [index, { place, distant, colour, radius }] of lights.entries()) {
    const seen = intoView(distant ? place : subtract(place, camera.positionM), camera);
    packed.set([...seen, distant ? 1 : 0, ...colour, radius], (LIGHTING_VECTORS + index * LIGHT_VECTORS) * 4);
  }
}

function intoView(world: Vec3, { forward, left, up }: Pick<Pinhole, 'forward' | 'left' | 'up'>): Vec3 {
  return [dot(world, forward), dot(world, left), dot(world, up)];
}
