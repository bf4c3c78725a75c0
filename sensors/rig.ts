import type { SimSpec } from '../scenarios/contract.js';
import type { SimFrame } from '../sim/contract.js';
import { createAction } from './action/action.js';
import { createAudio } from './audio/audio.js';
import { createCamera } from './camera/camera.js';
import { createContactEvents } from './contact-events/contact-events.js';
import type { Sensor, SensorSample, StreamDescription } from './contract.js';
import { createEncoder } from './encoder/encoder.js';
import { createEventCamera } from './event-camera/event-camera.js';
import { createGnss } from './gnss/gnss.js';
import { createHaptics } from './haptics/haptics.js';
import { createImu } from './imu/imu.js';
import { withLatency } from './latency.js';
import { createLidar } from './lidar/lidar.js';
import { createReward } from './reward/reward.js';
import type { SensorSpecification } from './specification.js';
import { createTactile } from './tactile/tactile.js';
import { createTactileImage } from './tactile-image/tactile-image.js';
import { createTemperature } from './temperature/temperature.js';
import { createTruth } from './truth/truth.js';
import { createVibration } from './vibration/vibration.js';
import { createWrist } from './wrist/wrist.js';

/** All senses of one episode on one clock. */
export interface Rig {
  /** In the order of their names. */
  readonly streams: readonly StreamDescription[];
  /** Takes in the next simulation frame and returns every sample up to it, stream by stream in the order of `streams`. */
  sense(frame: SimFrame): readonly SensorSample[];
}

/**
 * Builds the sensors of an episode. Each depends on its own specification and name alone: adding one changes no other.
 *
 * @throws UmweltError `invalid-input` when a sensor does not fit the scene.
 */
export function createRig(spec: SimSpec): Rig {
  const names = Object.keys(spec.sensors).sort();
  const sensors = names.map((name) => {
    const specification = spec.sensors[name]!;
    return withLatency(createSensor(name, specification, spec), specification.latencyS);
  });
  return {
    streams: sensors.map(({ stream }) => stream),
    sense(frame) {
      const samples: SensorSample[] = [];
      for (const sensor of sensors) samples.push(...sensor.sense(frame));
      return samples;
    },
  };
}

function createSensor(name: string, specification: SensorSpecification, spec: SimSpec): Sensor {
  switch (specification.kind) {
    case 'camera':
      return createCamera(name, specification, spec);
    case 'audio':
      return createAudio(name, specification, spec);
    case 'event-camera':
      return createEventCamera(name, specification, spec);
    case 'haptics':
      return createHaptics(name, specification, spec);
    case 'truth':
      return createTruth(name, specification, spec);
    case 'encoder':
      return createEncoder(name, specification, spec);
    case 'tactile':
      return createTactile(name, specification, spec);
    case 'contact-events':
      return createContactEvents(name, specification, spec);
    case 'wrist':
      return createWrist(name, specification, spec);
    case 'tactile-image':
      return createTactileImage(name, specification, spec);
    case 'vibration':
      return createVibration(name, specification, spec);
    case 'temperature':
      return createTemperature(name, specification, spec);
    case 'imu':
      return createImu(name, specification, spec);
    case 'gnss':
      return createGnss(name, specification, spec);
    case 'lidar':
      return createLidar(name, specification, spec);
    case 'action':
      return createAction(name, specification, spec);
    case 'reward':
      return createReward(name, specification, spec);
  }
}

/** Senses a whole run: every sample of every sensor, frame by frame in the order of `createRig(spec).sense`. */
export function* senseAll(frames: Iterable<SimFrame>, spec: SimSpec): Generator<SensorSample> {
  const rig = createRig(spec);
  for (const frame of frames) yield* rig.sense(frame);
}
