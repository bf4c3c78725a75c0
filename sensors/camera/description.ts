import type { SimSpec } from '../../scenarios/contract.js';
import type { FieldDescription, StreamDescription } from '../contract.js';
import { type Pinhole, worldFromCamera } from './pinhole.js';
import type { CameraSpecification } from './specification.js';

/** Bodies that a uint8 can tell apart, beside the background. */
export const NARROW_LABELS = 255;

/** The classes of a scene's bodies, each once, in the order of the bodies. */
export function semanticClasses({ bodies }: SimSpec): string[] {
  return [...new Set(bodies.map(({ semantic }) => semantic))];
}

/** Describes the stream of a camera: its fields, its rays and the names of its labels. */
export function describeCamera(
  name: string,
  specification: CameraSpecification,
  camera: Pinhole,
  spec: SimSpec,
): StreamDescription {
  const { width, rateHz, channels, body, lens, rollingShutterS, exposureTimeS } = specification;
  const [cx, cy] = camera.principalPx;
  const bodies = spec.bodies.length;
  return {
    name,
    kind: 'camera',
    rateHz,
    samplesPerRow: 1,
    fields: [
      ...channels.flatMap((channel) => fieldsOf(channel, width, specification.height, bodies)),
      ...(body === undefined ? [] : [CAMERA_POSE]),
    ],
    metadata: {
      model: lens.kind,
      /**
       * A pinhole images a point (x, y, z) of the camera's frame at column cx - fx y / x, row cy - fy z / x; pixel (0, 0) has its
       * centre at (0.5, 0.5).
       */
      intrinsicsPx: { fx: camera.focalPx, fy: camera.focalPx, cx, cy },
      lens,
      rollingShutterS,
      exposureTimeS,
      carrier: body ?? null,
      ...(body === undefined
        ? { worldFromCamera: worldFromCamera(camera) }
        : { carrierFromCamera: worldFromCamera(camera) }),
      instances: spec.bodies.map(({ name: bodyName, semantic }) => ({ name: bodyName, semantic })),
      classes: semanticClasses(spec),
    },
  };
}

const CAMERA_POSE: FieldDescription = {
  name: 'worldFromCamera',
  dataType: 'float64',
  shape: [7],
  unit: 'm, 1',
  description:
    "pose of the camera at the frame's time, the end of its exposure: x y z, quaternion w x y z; " +
    'depth, labels, normals, flow and boxes are those of exposureTimeS / 2 before',
};

function fieldsOf(
  channel: CameraSpecification['channels'][number],
  width: number,
  height: number,
  bodies: number,
): FieldDescription[] {
  const field = (
    name: string,
    dataType: FieldDescription['dataType'],
    shape: readonly number[],
    unit: string,
    description: string,
  ): FieldDescription => ({ name, dataType, shape, unit, description });
  switch (channel) {
    case 'colour':
      return [
        field(
          'colour',
          'uint8',
          [height, width, 3],
          'sRGB',
          'red, green, blue; top row first, left column first',
        ),
      ];
    case 'depth':
      return [
        field(
          'depthM',
          'float32',
          [height, width],
          'm',
          'along the optical axis, not along the ray; +Infinity where there is nothing, never 0',
        ),
      ];
    case 'instance':
      return [
        field(
          'instance',
          bodies <= NARROW_LABELS ? 'uint8' : 'uint16',
          [height, width],
          '1',
          '0 where there is nothing, else 1 + index of the body in `instances`',
        ),
      ];
    case 'semantic':
      return [
        field(
          'semantic',
          'uint8',
          [height, width],
          '1',
          '0 where there is nothing, else 1 + index of the class in `classes`',
        ),
      ];
    case 'normal':
      return [
        field(
          'normal',
          'float32',
          [height, width, 3],
          '1',
          "unit normal in the camera's frame (x forward, y left, z up); zeros where there is nothing",
        ),
      ];
    case 'flow':
      return [
        field(
          'flowPx',
          'float32',
          [height, width, 2],
          'px',
          'how far what the pixel sees has moved to the right and down since the last frame; zeros in the first',
        ),
      ];
    case 'boxes':
      return [
        field(
          'boxVisiblePx',
          'float32',
          [bodies, 4],
          'px',
          'left, top, right, bottom edge of what shows; NaN for nothing',
        ),
        field('boxAmodalPx', 'float32', [bodies, 4], 'px', 'the same if nothing stood before the body'),
        field('visibility', 'float32', [bodies], '1', 'share of the body in the image that shows'),
        field(
          'box3d',
          'float32',
          [bodies, 10],
          'm, 1',
          'x y z and w x y z, camera from body; half extents about its origin; NaN for a body that is not there',
        ),
      ];
  }
}
