import { UmweltError } from '../../core/errors.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { createTicks, type Instant, poseAt } from '../ticks.js';
import type { TruthSpecification } from './specification.js';

/**
 * Creates the sense of an all-knowing observer: the state of every dynamic body, interpolated to the tick.
 *
 * Fields (float64, bodies in the order of the scenario): `positionM` [bodies, 3], `orientation` [bodies, 4] (w x y z,
 * world from body), `linearVelocityMps` [bodies, 3], `angularVelocityRadps` [bodies, 3]; all in the world's frame.
 *
 * @throws UmweltError `invalid-input` when no body of the scene is dynamic.
 */
export const createTruth: CreateSensor<TruthSpecification> = (name, specification, spec) => {
  const bodies = spec.bodies.flatMap((body, index) => (body.motion === 'dynamic' ? [index] : []));
  if (bodies.length === 0) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name },
      `sensors.${name}: expected a dynamic body to observe, got a scene of fixed ones; add one or remove the sensor`,
    );
  }
  const ticksUntil = createTicks(specification.rateHz);
  const stream: StreamDescription = {
    name,
    kind: 'truth',
    rateHz: specification.rateHz,
    samplesPerRow: 1,
    fields: truthFields(bodies.length),
    metadata: {
      bodies: bodies.map((index) => {
        const { name: bodyName, semantic, shape } = spec.bodies[index]!;
        return { name: bodyName, semantic, shape };
      }),
    },
  };
  return {
    stream,
    sense: (frame) =>
      ticksUntil(frame).map((instant) => ({
        stream: name,
        timeNs: instant.timeNs,
        values: readState(instant, bodies),
      })),
  };
};

function truthFields(bodies: number): StreamDescription['fields'] {
  const field = (name: string, width: number, unit: string, description: string) =>
    ({ name, dataType: 'float64', shape: [bodies, width], unit, description }) as const;
  return [
    field('positionM', 3, 'm', 'origin of the body in the world frame'),
    field('orientation', 4, '1', 'unit quaternion w x y z, world from body'),
    field('linearVelocityMps', 3, 'm/s', 'velocity of the origin in the world frame'),
    field('angularVelocityRadps', 3, 'rad/s', 'angular velocity in the world frame'),
  ];
}

function readState(instant: Instant, bodies: readonly number[]) {
  const positionM = new Float64Array(bodies.length * 3);
  const orientation = new Float64Array(bodies.length * 4);
  const linearVelocityMps = new Float64Array(bodies.length * 3);
  const angularVelocityRadps = new Float64Array(bodies.length * 3);
  for (const [row, body] of bodies.entries()) {
    const pose = poseAt(instant, body);
    positionM.set(pose.positionM, row * 3);
    orientation.set(pose.orientation, row * 4);
    for (let axis = 0; axis < 3; axis++) {
      linearVelocityMps[row * 3 + axis] = velocityAt(instant, body * 6 + axis);
      angularVelocityRadps[row * 3 + axis] = velocityAt(instant, body * 6 + 3 + axis);
    }
  }
  return { positionM, orientation, linearVelocityMps, angularVelocityRadps };
}

function velocityAt({ before, after, fraction }: Instant, index: number): number {
  const end = after.velocities[index]!;
  if (fraction === 1) return end;
  const start = before.velocities[index]!;
  return start + (end - start) * fraction;
}
