import { IDENTITY, type Pose } from '../../core/math/quaternion.js';
import type { LightingSpec } from '../../scenarios/contract.js';
import { readPose } from '../ticks.js';
import { createImage, type Image } from './image.js';
import { carry, createPinhole, type Pinhole } from './pinhole.js';
import { castRays } from './ray-caster.js';
import { placeBody, type Scene } from './scene.js';
import type { CameraSpecification } from './specification.js';
import type { Finishes, Surfaces } from './surfaces.js';

/** The scene at one instant. */
export interface Moment {
  /** [bodies, 7]: x y z, w x y z; world from body. */
  readonly poses: Float64Array;
  /** [bodies] 0 where a body is not there; all are where absent. */
  readonly present?: Uint8Array;
  /** The body that carries the camera, or the identity. */
  readonly worldFromCarrier: Pose;
}

/** The scene so many seconds before a frame's time. */
export type MomentAt = (lagS: number) => Moment;

export const STILL: Pose = { positionM: [0, 0, 0], orientation: IDENTITY };

/** Rows that are exposed together. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
  /** How long before the frame's time their exposure ends. */
  readonly lagS: number;
}

/** Where in a pixel four rays pass: a grid turned by 27 degrees, no two in one row or column. */
const TURNED_GRID = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [0.125, 0.375],
  [-0.375, 0.125],
] as const;

/** Lists the bands of an image: one, or a row each where the shutter rolls. */
export function bandsOf({ height, rollingShutterS }: CameraSpecification): Band[] {
  if (rollingShutterS === 0) return [{ top: 0, bottom: height, lagS: 0 }];
  return Array.from({ length: height }, (_, row) => ({
    top: row,
    bottom: row + 1,
    lagS: rollingShutterS * (1 - (row + 1) / height),
  }));
}

/** Places bodies and camera as they are at a moment. @returns the camera in the world. */
export function place(scene: Scene, camera: Pinhole, { poses, present, worldFromCarrier }: Moment): Pinhole {
  for (let body = 0; body < scene.kinds.length; body++) {
    scene.present[body] = present?.[body] ?? 1;
    if (scene.present[body] === 1) placeBody(scene, body, readPose(poses, body));
  }
  return worldFromCarrier === STILL ? camera : carry(camera, worldFromCarrier);
}

/** Gathers the light of many rays a pixel, and of many instants. */
export interface Gatherer {
  /** [height, width, 3] mean radiance. */
  readonly radiance: Float32Array;
  gather(momentAt: MomentAt): void;
}

/** Makes a gatherer; null where one ray through each pixel's centre at one instant is all. */
export function createGatherer(
  name: string,
  specification: CameraSpecification,
  scene: Scene,
  lighting: LightingSpec,
  finishes: Finishes,
  surfaces: Surfaces | null,
): Gatherer | null {
  const { width, height, samplesPerPixel, exposureTimeS, blurSamples } = specification;
  if (samplesPerPixel === 1 && exposureTimeS === 0) return null;
  const offsets = samplesPerPixel === 1 ? ([[0, 0]] as const) : TURNED_GRID;
  const cameras = offsets.map((offset) => createPinhole(name, specification, offset));
  const bands = bandsOf(specification);
  const instants = exposureTimeS === 0 ? 1 : blurSamples;
  const image = createImage(width, height);
  const radiance = new Float32Array(width * height * 3);
  const share = 1 / (instants * cameras.length);
  return {
    radiance,
    gather(momentAt) {
      radiance.fill(0);
      for (const band of bands) {
        image.top = band.top;
        image.bottom = band.bottom;
        for (let instant = 0; instant < instants; instant++) {
          const lagS = band.lagS + exposureTimeS * (1 - (instant + 0.5) / instants);
          const moment = momentAt(exposureTimeS === 0 ? band.lagS : lagS);
          for (const camera of cameras) {
            castRays(image, place(scene, camera, moment), scene, lighting, finishes, surfaces);
            addRows(radiance, image, share);
          }
        }
      }
    },
  };
}

function addRows(sum: Float32Array, { radiance, width, top, bottom }: Image, share: number): void {
  for (let index = top * width * 3; index < bottom * width * 3; index++)
    sum[index] = sum[index]! + radiance[index]! * share;
}
