import type { SimSpec } from '../../scenarios/contract.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { createNoise } from '../noise.js';
import { createTicks, type Instant, poseAt } from '../ticks.js';
import { createPinhole, type Pinhole, worldFromCamera } from './pinhole.js';
import { createRenderer } from './render-frame.js';
import type { CameraSpecification } from './specification.js';

/** Bodies that a uint8 can tell apart, beside the background. */
const NARROW_LABELS = 255;

/**
 * Creates a pinhole camera that stands still in the world.
 *
 * Fields: `colour` uint8 [height, width, 3], sRGB; `depthM` float32 [height, width], along the optical axis, +Infinity
 * where there is nothing; `instance` uint8 (uint16 beyond 255 bodies) [height, width], 0 for nothing, 1 + index of the
 * body otherwise.
 *
 * @throws UmweltError `invalid-input` when the camera is empty or looks at itself, or when a pose that it must picture is not
 * finite.
 */
export const createCamera: CreateSensor<CameraSpecification> = (name, specification, spec) => {
  const stream = describe(name, specification, createPinhole(name, specification), spec);
  const ticksUntil = createTicks(specification.rateHz);
  const pattern = createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'fixed-pattern');
  const render = createRenderer(name, spec, specification, pattern);
  const narrow = spec.bodies.length <= NARROW_LABELS;
  return {
    stream,
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        const noise = specification.noise
          ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'shot', instant.tick)
          : null;
        const { colour, depthM, instance } = render(posesAt(instant, spec.bodies.length), noise);
        return {
          stream: name,
          timeNs: instant.timeNs,
          values: { colour, depthM, instance: narrow ? new Uint8Array(instance) : instance },
        };
      }),
  };
};

/** [bodies, 7] the poses at an instant between two frames. */
function posesAt(instant: Instant, bodies: number): Float64Array {
  const poses = new Float64Array(bodies * 7);
  for (let body = 0; body < bodies; body++) {
    const { positionM, orientation } = poseAt(instant, body);
    poses.set(positionM, body * 7);
    poses.set(orientation, body * 7 + 3);
  }
  return poses;
}

function describe(
  name: string,
  { width, height, rateHz }: CameraSpecification,
  camera: Pinhole,
  spec: SimSpec,
): StreamDescription {
  return {
    name,
    kind: 'camera',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'colour',
        dataType: 'uint8',
        shape: [height, width, 3],
        unit: 'sRGB',
        description: 'red, green, blue; top row first, left column first',
      },
      {
        name: 'depthM',
        dataType: 'float32',
        shape: [height, width],
        unit: 'm',
        description: 'along the optical axis, not along the ray; +Infinity where there is nothing, never 0',
      },
      {
        name: 'instance',
        dataType: spec.bodies.length <= NARROW_LABELS ? 'uint8' : 'uint16',
        shape: [height, width],
        unit: '1',
        description: '0 where there is nothing, else 1 + index of the body in `instances`',
      },
    ],
    metadata: {
      model: 'pinhole',
      /** A point (x, y, z) of the camera's frame is imaged at column cx - fx y / x, row cy - fy z / x; pixel (0, 0) has its centre at (0.5, 0.5). */
      intrinsicsPx: { fx: camera.focalPx, fy: camera.focalPx, cx: width / 2, cy: height / 2 },
      worldFromCamera: worldFromCamera(camera),
      instances: spec.bodies.map(({ name: body, semantic }) => ({ name: body, semantic })),
    },
  };
}
