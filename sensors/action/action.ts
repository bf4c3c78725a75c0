import { secondsFromNs, tickTimeNs } from '../../core/time.js';
import type { CreateSensor } from '../contract.js';
import { createTicks } from '../ticks.js';
import { findCommands } from './commands.js';
import type { ActionSpecification } from './specification.js';

/**
 * Creates the sense of what is commanded over the interval that begins at each sample's time and ends at the next one's.
 *
 * Field: `value` float32 [components]; `metadata.components` gives each one's label and unit. World frame. Of each kinematic
 * body: where it is to be at the sample's time (3), its mean velocity (3) and angular velocity (3) over the interval. Of each
 * body with forces: the mean force (3) and torque (3) over the interval. Of each motor: target and target velocity.
 *
 * @throws UmweltError `invalid-input` when a named body or joint is not there or not commanded, or when nothing is.
 */
export const createAction: CreateSensor<ActionSpecification> = (name, specification, spec) => {
  const { rateHz } = specification;
  const commands = findCommands(name, specification, spec);
  const components = commands.flatMap((command) => command.components);
  const ticksUntil = createTicks(rateHz);
  return {
    stream: {
      name,
      kind: 'action',
      rateHz,
      samplesPerRow: 1,
      fields: [
        {
          name: 'value',
          dataType: 'float32',
          shape: [components.length],
          // Each component has its own, in the metadata.
          unit: '1',
          description: 'what is commanded from this sample to the next, by metadata.components; world frame',
        },
      ],
      metadata: { components },
    },
    sense: (frame) =>
      ticksUntil(frame).map(({ tick, timeNs }) => {
        const fromS = secondsFromNs(timeNs);
        const toS = secondsFromNs(tickTimeNs(tick + 1, rateHz));
        const value = Float32Array.from(commands.flatMap(({ during }) => during(fromS, toS)));
        return { stream: name, timeNs, values: { value } };
      }),
  };
};
