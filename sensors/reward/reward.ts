import { length, subtract } from '../../core/math/vector.js';
import type { CreateSensor } from '../contract.js';
import { requireFinite } from '../finite.js';
import { bodyIndex } from '../mount.js';
import { createTicks, poseAt } from '../ticks.js';
import type { RewardSpecification } from './specification.js';

/**
 * Creates the sense of how well a body does: near its goal or far from it, and whether it has arrived.
 *
 * Fields: `reward` float32 [], m: minus the distance from the body's origin to the goal's centre, at most 0; `end` uint8 []:
 * 1 from the first sample on whose distance is at most the goal's radius, 0 before.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body, or when its position is not finite.
 */
export const createReward: CreateSensor<RewardSpecification> = (name, specification, spec) => {
  const { rateHz, body, goal } = specification;
  const index = bodyIndex(`sensors.${name}.body`, body, spec);
  const ticksUntil = createTicks(rateHz);
  let hasArrived = false;
  return {
    stream: {
      name,
      kind: 'reward',
      rateHz,
      samplesPerRow: 1,
      fields: [
        {
          name: 'reward',
          dataType: 'float32',
          shape: [],
          unit: 'm',
          description: "minus the distance from the body's origin to the goal",
        },
        {
          name: 'end',
          dataType: 'uint8',
          shape: [],
          unit: '1',
          description: 'whether the body has been within the radius of the goal',
        },
      ],
      metadata: { body, goal },
    },
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        const { positionM } = poseAt(instant, index);
        requireFinite(name, `position of ${body}`, instant.timeNs, positionM);
        const distanceM = length(subtract(positionM, goal.positionM));
        hasArrived ||= distanceM <= goal.radiusM;
        const values = { reward: Float32Array.of(-distanceM), end: Uint8Array.of(hasArrived ? 1 : 0) };
        return { stream: name, timeNs: instant.timeNs, values };
      }),
  };
};
