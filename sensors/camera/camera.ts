import type { SimSpec } from '../../scenarios/contract.js';
import type { CreateSensor, SensorSample } from '../contract.js';
import { bodyIndex } from '../mount.js';
import { createNoise } from '../noise.js';
import { createTicks } from '../ticks.js';
import { describeCamera, NARROW_LABELS, semanticClasses } from './description.js';
import { createHistory } from './moments.js';
import { carry, createPinhole, worldFromCamera } from './pinhole.js';
import { type CameraFrame, createRenderer } from './render-frame.js';
import type { CameraSpecification } from './specification.js';

/**
 * Creates a camera in the world or on a body.
 *
 * Fields, as `channels` asks: `colour` uint8 [height, width, 3], sRGB; `depthM` float32 [height, width], along the optical axis,
 * +Infinity where there is nothing; `instance` uint8 (uint16 beyond 255 bodies) [height, width], 0 for nothing, 1 + index of the
 * body otherwise; `semantic` uint8 likewise, 1 + index of the class; `normal`, `flowPx` and the boxes as `CameraFrame` tells;
 * on a body also `worldFromCamera` float64 [7].
 *
 * @throws UmweltError `invalid-input` when the camera is empty or looks at itself, its lens has no inverse, or a pose that it must
 * picture is not finite.
 */
export const createCamera: CreateSensor<CameraSpecification> = (name, specification, spec) => {
  const { body, channels, rollingShutterS, exposureTimeS } = specification;
  const camera = createPinhole(name, specification);
  const carrier = body === undefined ? -1 : bodyIndex(`sensors.${name}.body`, body, spec);
  const ticksUntil = createTicks(specification.rateHz);
  const pattern = createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'fixed-pattern');
  const render = createRenderer(name, spec, specification, pattern);
  const history = createHistory(rollingShutterS + exposureTimeS, carrier);
  const classOf = labelClasses(spec);
  return {
    stream: describeCamera(name, specification, camera, spec),
    sense(frame) {
      history.push(frame);
      return ticksUntil(frame).map((instant): SensorSample => {
        const noise = specification.noise
          ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'shot', instant.tick)
          : null;
        const momentAt = history.before(instant);
        const picture = render(momentAt, noise);
        const values = selectFields(picture, channels, spec.bodies.length, classOf);
        if (carrier < 0) return { stream: name, timeNs: instant.timeNs, values };
        const { positionM, orientation } = worldFromCamera(carry(camera, momentAt(0).worldFromCarrier));
        const worldFrom = Float64Array.of(...positionM, ...orientation);
        return { stream: name, timeNs: instant.timeNs, values: { ...values, worldFromCamera: worldFrom } };
      });
    },
  };
};

/** [1 + bodies] the label of each body's class, 0 for nothing. */
function labelClasses(spec: SimSpec): Uint8Array {
  const classes = semanticClasses(spec);
  return Uint8Array.from([0, ...spec.bodies.map(({ semantic }) => 1 + classes.indexOf(semantic))]);
}

function selectFields(
  picture: CameraFrame,
  channels: CameraSpecification['channels'],
  bodies: number,
  classOf: Uint8Array,
): SensorSample['values'] {
  const { colour, depthM, instance, ...asked } = picture;
  return {
    ...(channels.includes('colour') ? { colour } : {}),
    ...(channels.includes('depth') ? { depthM } : {}),
    ...(channels.includes('instance')
      ? { instance: bodies <= NARROW_LABELS ? new Uint8Array(instance) : instance }
      : {}),
    ...(channels.includes('semantic') ? { semantic: relabel(instance, classOf) } : {}),
    ...asked,
  };
}

function relabel(instance: Uint16Array, classOf: Uint8Array): Uint8Array {
  const semantic = new Uint8Array(instance.length);
  for (let pixel = 0; pixel < semantic.length; pixel++) semantic[pixel] = classOf[instance[pixel]!]!;
  return semantic;
}
