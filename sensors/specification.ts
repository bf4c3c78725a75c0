import { z } from 'zod';
import type { Resolved } from '../core/distribution.js';
import { actionSpecification } from './action/specification.js';
import { audioSpecification } from './audio/specification.js';
import { cameraSpecification } from './camera/specification.js';
import { contactEventsSpecification } from './contact-events/specification.js';
import { encoderSpecification } from './encoder/specification.js';
import { eventCameraSpecification } from './event-camera/specification.js';
import { gnssSpecification } from './gnss/specification.js';
import { hapticsSpecification } from './haptics/specification.js';
import { imuSpecification } from './imu/specification.js';
import { lidarSpecification } from './lidar/specification.js';
import { rewardSpecification } from './reward/specification.js';
import { tactileSpecification } from './tactile/specification.js';
import { tactileImageSpecification } from './tactile-image/specification.js';
import { temperatureSpecification } from './temperature/specification.js';
import { truthSpecification } from './truth/specification.js';
import { vibrationSpecification } from './vibration/specification.js';
import { wristSpecification } from './wrist/specification.js';

/** Any sensor, told apart by its `kind`. */
export const sensorSpecification = z.discriminatedUnion('kind', [
  cameraSpecification,
  audioSpecification,
  eventCameraSpecification,
  hapticsSpecification,
  truthSpecification,
  encoderSpecification,
  gnssSpecification,
  imuSpecification,
  tactileSpecification,
  contactEventsSpecification,
  wristSpecification,
  tactileImageSpecification,
  vibrationSpecification,
  temperatureSpecification,
  lidarSpecification,
  actionSpecification,
  rewardSpecification,
]);

export type SensorSpecification = Resolved<z.output<typeof sensorSpecification>>;
