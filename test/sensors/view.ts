import type { Vec3 } from '../../core/math/vector.js';
import { type CameraSpecification, cameraSpecification } from '../../sensors/camera/specification.js';
import { body } from './scene.js';

/** A noiseless camera of 64 x 64 pixels. */
export function cameraAt(
  positionM: Vec3,
  targetM: Vec3,
  overrides: Partial<CameraSpecification> = {},
): CameraSpecification {
  const parsed = cameraSpecification.parse({ kind: 'camera', positionM, targetM, noise: false });
  return { ...(parsed as CameraSpecification), ...overrides };
}

export const sphere = (name: string, radiusM: number, positionM: Vec3, albedo: Vec3 = [0.5, 0.5, 0.5]) =>
  body(name, 'fixed', { kind: 'sphere', radiusM }, 'wood', {
    pose: { positionM, orientation: [1, 0, 0, 0] },
    albedo,
  });
export const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [2, 2, 0.1] }, 'wood', {
  pose: { positionM: [0, 0, -0.1], orientation: [1, 0, 0, 0] },
  albedo: [0.5, 0.4, 0.3],
});

/** Slopes y / x and z / x of the ray through a pixel's centre, from the field of view alone. */
export function slopes(
  { width, height, horizontalFovRad }: CameraSpecification,
  row: number,
  column: number,
) {
  const perPixel = (2 * Math.tan(horizontalFovRad / 2)) / width;
  return [((width - 1) / 2 - column) * perPixel, ((height - 1) / 2 - row) * perPixel] as const;
}

/** Visits every pixel with the slopes of its ray. */
export function pixels(
  camera: CameraSpecification,
  visit: (pixel: number, u: number, v: number) => void,
): void {
  for (let row = 0; row < camera.height; row++) {
    for (let column = 0; column < camera.width; column++) {
      visit(row * camera.width + column, ...slopes(camera, row, column));
    }
  }
}

/** IEC 61966-2-1, from linear light to 8 bits. */
export const encode = (linear: number): number =>
  Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));
