import { conjugate, multiply, rotate } from '../../core/math/quaternion.js';
import { toRotationVector } from '../../core/math/rotation.js';
import { scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { createSlab } from '../../core/slab.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { requireFinite } from '../finite.js';
import { createMount, mountPoseAt, mountVelocityAt } from '../mount.js';
import { createTicks } from '../ticks.js';
import { createAxisErrors } from './errors.js';
import type { ImuSpecification } from './specification.js';

/** Rows whose arrays share an allocation. */
const ROWS_PER_BLOCK = 256;

/**
 * Creates an inertial measurement unit at its mount.
 *
 * Each reading is a mean since the last tick, as an integrating unit gives it: `specificForceMps2` float32 [3], the change of the
 * mount's velocity over the time, less gravity, turned into the sensor's frame; `angularRateRadps` float32 [3], the rotation
 * vector from the last orientation to this one over the time. At rest it reads 9.81 m/s2 upwards, in free fall nothing; the
 * lever arm's tangential and centripetal parts are in the mount's velocity. The first reading is of a steady motion.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body or its motion is not finite.
 */
export const createImu: CreateSensor<ImuSpecification> = (name, specification, spec) => {
  const { rateHz } = specification;
  const mount = createMount(name, specification, spec);
  const ticksUntil = createTicks(rateHz);
  const temperatureC = spec.bodies[mount.body]?.temperatureC;
  const disturbForce = createAxisErrors(
    name,
    'accelerometer',
    specification.accelerometer,
    specification,
    spec,
    temperatureC,
  );
  const disturbRate = createAxisErrors(
    name,
    'gyroscope',
    specification.gyroscope,
    specification,
    spec,
    temperatureC,
  );
  const allocate = createSlab(Float32Array, 6 * ROWS_PER_BLOCK);
  const gravity = spec.physics.gravityMps2;
  const force = new Float64Array(3);
  const rate = new Float64Array(3);
  let last: {
    velocity: Vec3;
    orientation: ReturnType<typeof mountPoseAt>['orientation'];
    timeNs: bigint;
  } | null = null;
  return {
    stream: describe(name, specification),
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        const { orientation } = mountPoseAt(mount, instant);
        const { linearMps, angularRadps } = mountVelocityAt(mount, instant);
        requireFinite(name, 'orientation of its mount', instant.timeNs, orientation);
        requireFinite(name, 'velocity of its mount', instant.timeNs, linearMps);
        requireFinite(name, 'angular velocity of its mount', instant.timeNs, angularRadps);
        const sensorFromWorld = conjugate(orientation);
        if (last === null) {
          force.set(rotate(sensorFromWorld, scale(gravity, -1)));
          rate.set(rotate(sensorFromWorld, angularRadps));
        } else {
          const perS = 1e9 / Number(instant.timeNs - last.timeNs);
          const turn = toRotationVector(multiply(conjugate(last.orientation), orientation));
          const acceleration = scale(subtract(linearMps, last.velocity), perS);
          // In the frame half way through the turn, the mean of a turning sensor to second order.
          const inWorld = subtract(acceleration, gravity);
          const now = rotate(sensorFromWorld, inWorld);
          const before = rotate(conjugate(last.orientation), inWorld);
          for (let axis = 0; axis < 3; axis++) {
            force[axis] = (now[axis]! + before[axis]!) / 2;
            rate[axis] = turn[axis]! * perS;
          }
        }
        last = { velocity: linearMps, orientation, timeNs: instant.timeNs };
        disturbForce(force);
        disturbRate(rate);
        const specificForceMps2 = allocate(3);
        const angularRateRadps = allocate(3);
        specificForceMps2.set(force);
        angularRateRadps.set(rate);
        return { stream: name, timeNs: instant.timeNs, values: { specificForceMps2, angularRateRadps } };
      }),
  };
};

function describe(
  name: string,
  { rateHz, body, positionM, orientation }: ImuSpecification,
): StreamDescription {
  return {
    name,
    kind: 'imu',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'specificForceMps2',
        dataType: 'float32',
        shape: [3],
        unit: 'm/s2',
        description:
          "mean since the last reading of acceleration less gravity, sensor's frame (x forward, y left, z up)",
      },
      {
        name: 'angularRateRadps',
        dataType: 'float32',
        shape: [3],
        unit: 'rad/s',
        description: "mean angular velocity since the last reading, sensor's frame",
      },
    ],
    metadata: { body: body ?? null, positionM, orientation },
  };
}
