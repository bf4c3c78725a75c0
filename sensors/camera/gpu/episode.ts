import type { SimSpec } from '../../../scenarios/contract.js';
import type { SimFrame } from '../../../sim/contract.js';
import type { SensorSample, StreamDescription } from '../../contract.js';
import { bodyIndex } from '../../mount.js';
import { createNoise } from '../../noise.js';
import { createTicks } from '../../ticks.js';
import { describeCamera, semanticClasses } from '../description.js';
import { createHistory } from '../moments.js';
import { carry, createPinhole, worldFromCamera } from '../pinhole.js';
import type { CameraFrame } from '../render-frame.js';
import type { CameraSpecification } from '../specification.js';
import { createGpuRenderer } from './renderer.js';

/** A camera of one episode that a graphics card renders; `free` must be called once, else Node does not exit. */
export interface GpuCamera {
  /** As the CPU's camera describes it, with `renderer` (the adapter's name) in its metadata. */
  readonly stream: StreamDescription;
  /** Does what `Sensor.sense` does, later: frames come in order, each once, the next one after this one is done. */
  sense(frame: SimFrame): Promise<readonly SensorSample[]>;
  free(): Promise<void>;
}

/**
 * Creates a camera that a graphics card renders: the fields, times and noise streams of `createCamera`.
 *
 * Sensors of a rig answer at once, and a graphics card does not: this camera is for rendering episodes offline.
 *
 * @throws UmweltError as `createGpuRenderer` does, or `invalid-input` when the scene has no body that carries the camera.
 */
export async function createGpuCamera(
  name: string,
  specification: CameraSpecification,
  spec: SimSpec,
): Promise<GpuCamera> {
  const { body, exposureTimeS, rateHz } = specification;
  const camera = createPinhole(name, specification);
  const carrier = body === undefined ? -1 : bodyIndex(`sensors.${name}.body`, body, spec);
  const ticksUntil = createTicks(rateHz);
  const history = createHistory(exposureTimeS, carrier);
  const stream = describeCamera(name, specification, camera, spec);
  const pattern = createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'fixed-pattern');
  const renderer = await createGpuRenderer(name, spec, specification, pattern);
  return {
    stream: { ...stream, metadata: { ...stream.metadata, renderer: renderer.adapter } },
    async sense(frame) {
      history.push(frame);
      const samples: SensorSample[] = [];
      for (const instant of ticksUntil(frame)) {
        const noise = specification.noise
          ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'shot', instant.tick)
          : null;
        const momentAt = history.before(instant);
        const picture = await renderer.render(momentAt, noise);
        const { positionM, orientation } = worldFromCamera(carry(camera, momentAt(0).worldFromCarrier));
        const pose = Float64Array.of(...positionM, ...orientation);
        const values = selectFields(stream, { ...picture, worldFromCamera: pose }, spec);
        samples.push({ stream: name, timeNs: instant.timeNs, values });
      }
      return samples;
    },
    free: () => renderer.free(),
  };
}

/** Keeps the fields that a stream has, in its order and element types. */
function selectFields(
  { fields }: StreamDescription,
  picture: CameraFrame & { readonly worldFromCamera: Float64Array },
  spec: SimSpec,
): SensorSample['values'] {
  const found: Record<string, SensorSample['values'][string]> = {};
  for (const { name, dataType } of fields) {
    if (name === 'semantic') found[name] = relabel(picture.instance, spec);
    else if (name === 'instance' && dataType === 'uint8') found[name] = Uint8Array.from(picture.instance);
    else found[name] = picture[name as keyof typeof picture]!;
  }
  return found;
}

/** Turns instances into classes: 0 for nothing, else 1 + index of the body's class. */
function relabel(instance: Uint16Array, spec: SimSpec): Uint8Array {
  const classes = semanticClasses(spec);
  const labels = [0, ...spec.bodies.map(({ semantic }) => 1 + classes.indexOf(semantic))];
  return Uint8Array.from(instance, (label) => labels[label]!);
}

/**
 * Renders every camera of an episode on a graphics card: the samples that a rig's cameras give, frame by frame, camera by camera
 * in the order of their names, each at the time when it was taken (`latencyS` is left out). Other sensors are left to the rig.
 *
 * @throws UmweltError as `createGpuCamera` does.
 */
export async function* renderEpisodeOnGpu(
  frames: Iterable<SimFrame> | AsyncIterable<SimFrame>,
  spec: SimSpec,
): AsyncGenerator<SensorSample> {
  const cameras: GpuCamera[] = [];
  try {
    for (const name of Object.keys(spec.sensors).sort()) {
      const specification = spec.sensors[name]!;
      if (specification.kind === 'camera') cameras.push(await createGpuCamera(name, specification, spec));
    }
    for await (const frame of frames) {
      for (const camera of cameras) yield* await camera.sense(frame);
    }
  } finally {
    for (const camera of cameras) await camera.free();
  }
}
