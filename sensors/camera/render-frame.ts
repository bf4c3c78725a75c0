import type { SimSpec } from '../../scenarios/contract.js';
import type { NoiseSource } from '../noise.js';
import { createCoverage, findBoxes } from './boxes.js';
import { bandsOf, createGatherer, type Moment, type MomentAt, place, STILL } from './exposure.js';
import { findFlow, remember, type Then } from './flow.js';
import { createImage } from './image.js';
import { findNormals } from './normals.js';
import { createPinhole, type Pinhole } from './pinhole.js';
import { lightUp } from './ray-caster.js';
import { createResponse, develop } from './response.js';
import { createScene, viewFromBodies } from './scene.js';
import type { CameraSpecification } from './specification.js';
import { createFinishes, createSurfaces, isPlain } from './surfaces.js';
import { findVisible } from './visibility.js';

/** One picture. Row-major, top row first, left column first; owned by the receiver. Fields of further channels that were not asked for are absent. */
export interface CameraFrame {
  /** [height, width, 3] red, green, blue; sRGB. Empty where the channel was not asked for: light is most of the work. */
  readonly colour: Uint8Array;
  /** [height, width] metres along the optical axis (not along the ray); +Infinity where there is nothing, never 0. */
  readonly depthM: Float32Array;
  /** [height, width] 0 where there is nothing, else 1 + index of the body. */
  readonly instance: Uint16Array;
  /** [height, width, 3] unit normal in the camera's frame; zeros where there is nothing. */
  readonly normal?: Float32Array;
  /** [height, width, 2] as `findFlow` tells; zeros in the first frame. */
  readonly flowPx?: Float32Array;
  /** As `findBoxes` tells. */
  readonly boxVisiblePx?: Float32Array;
  readonly boxAmodalPx?: Float32Array;
  readonly visibility?: Float32Array;
  readonly box3d?: Float32Array;
}

/** Makes pictures of the same bodies at changing poses. */
export type Renderer = (momentAt: MomentAt, noise: NoiseSource | null) => CameraFrame;

/**
 * Sets a camera up before a scene; between calls buffers are kept, and for the flow where everything was.
 *
 * Geometry is that of the ray through each pixel's centre in the middle of its exposure; colour gathers all rays and instants.
 *
 * @param name of the camera, for messages.
 * @param pattern of the sensor's fixed pattern; null for a sensor whose sites are alike.
 * @throws UmweltError `invalid-input` when the camera or, on a call, a pose or the sun is not what it must be.
 */
export function createRenderer(
  name: string,
  { bodies, lighting }: Pick<SimSpec, 'bodies' | 'lighting'>,
  specification: CameraSpecification,
  pattern: NoiseSource | null = null,
): Renderer {
  const { channels, exposureTimeS } = specification;
  const camera = createPinhole(name, specification);
  const scene = createScene(bodies);
  const image = createImage(camera.width, camera.height);
  const response = createResponse(name, specification, pattern);
  const finishes = createFinishes(bodies);
  const surfaces = isPlain(finishes, scene, camera, lighting)
    ? null
    : createSurfaces(camera.width * camera.height);
  const coloured = channels.includes('colour');
  const gatherer = coloured ? createGatherer(name, specification, scene, lighting, finishes, surfaces) : null;
  const bands = bandsOf(specification);
  const coverage = channels.includes('boxes') ? createCoverage(bodies.length) : null;
  let before: readonly Then[] | null = null;
  return (momentAt, noise) => {
    coverage?.pixels.fill(0);
    const normal = channels.includes('normal') ? new Float32Array(image.instance.length * 3) : undefined;
    const flowPx = channels.includes('flow') ? new Float32Array(image.instance.length * 2) : undefined;
    const now: Then[] = [];
    let view: Pinhole = camera;
    let moment: Moment | null = null;
    for (const [index, band] of bands.entries()) {
      moment = momentAt(band.lagS + exposureTimeS / 2);
      view = place(scene, camera, moment);
      const views = viewFromBodies(view, scene);
      image.top = band.top;
      image.bottom = band.bottom;
      findVisible(image, view, scene, views, coverage);
      // The gatherer's own rays bring the light where there is one.
      if (coloured && gatherer === null) lightUp(image, view, scene, views, lighting, finishes, surfaces);
      if (normal !== undefined) findNormals(normal, image, view, scene, views);
      if (flowPx === undefined) continue;
      if (before !== null) findFlow(flowPx, image, view, scene, before[index]!);
      now.push(remember(view, scene));
    }
    before = now;
    const boxes = coverage === null ? {} : findBoxes(image, coverage, view, scene, moment!.poses);
    // After the geometry has been read: the gatherer moves the scene.
    gatherer?.gather(momentAt);
    const colour = new Uint8Array(coloured ? image.radiance.length : 0);
    if (coloured) develop(colour, gatherer?.radiance ?? image.radiance, response, noise);
    return {
      colour,
      depthM: new Float32Array(image.depthM),
      instance: image.instance.slice(),
      ...(normal === undefined ? {} : { normal }),
      ...(flowPx === undefined ? {} : { flowPx }),
      ...boxes,
    };
  };
}

/**
 * Renders one picture of bodies, at their initial poses unless others are given, without noise unless a source is given.
 *
 * @param poses [bodies, 7]: x y z, w x y z; world from body, as in `SimFrame`.
 * @throws UmweltError `invalid-input` when the camera, a pose or the sun is not what it must be.
 */
export function renderFrame(
  scene: Pick<SimSpec, 'bodies' | 'lighting'>,
  specification: CameraSpecification,
  poses: Float64Array = initialPoses(scene),
  noise: NoiseSource | null = null,
): CameraFrame {
  return createRenderer('camera', scene, specification)(() => ({ poses, worldFromCarrier: STILL }), noise);
}

function initialPoses({ bodies }: Pick<SimSpec, 'bodies'>): Float64Array {
  return Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
}
