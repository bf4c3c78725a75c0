import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { bodyIndex } from '../mount.js';
import { createTicks } from '../ticks.js';
import { type ContactEvent, createPairBook, EVENT_KINDS } from './pairs.js';
import type { ContactEventsSpecification } from './specification.js';

/**
 * Creates a reporter of contacts: when two bodies begin and cease to touch, and begin and cease to slip.
 *
 * A row holds the events since the last row, in order of detection: `count` int32 [] of them are listed, `dropped` int32 []
 * found no room. `event` int32 [maxEvents, 3] is kind (1 begin, 2 end, 3 slip, 4 stick), bodyA and bodyB (indices as in the
 * stream's metadata); `offsetS` float64 [maxEvents] the event's time less the row's (never positive); `forceN` float32
 * [maxEvents] the mean normal force of its step, `impulseNs` float32 [maxEvents] the normal impulse since the contact
 * began, `ratio` float32 [maxEvents] tangential over normal force, `pointM` float32 [maxEvents, 3] the centre of pressure
 * in the world's frame. Unused places are 0.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body.
 */
export const createContactEvents: CreateSensor<ContactEventsSpecification> = (name, specification, spec) => {
  const { body, maxEvents } = specification;
  const index = body === undefined ? -1 : bodyIndex(`sensors.${name}.body`, body, spec);
  const happenings = createPairBook(spec, { ...specification, body: index });
  const ticksUntil = createTicks(specification.rateHz);
  let waiting: ContactEvent[] = [];
  let before: SimFrame | null = null;
  const sense = (frame: SimFrame): SensorSample[] => {
    if (before !== null) waiting.push(...happenings(before, frame));
    before = frame;
    return ticksUntil(frame).map(({ timeNs }) => {
      const values = layOut(waiting, timeNs, maxEvents);
      waiting = [];
      return { stream: name, timeNs, values };
    });
  };
  return { stream: describe(name, specification, spec), sense };
};

function layOut(events: readonly ContactEvent[], timeNs: bigint, maxEvents: number): SensorSample['values'] {
  const listed = Math.min(events.length, maxEvents);
  const event = new Int32Array(maxEvents * 3);
  const offsetS = new Float64Array(maxEvents);
  const forceN = new Float32Array(maxEvents);
  const impulseNs = new Float32Array(maxEvents);
  const ratio = new Float32Array(maxEvents);
  const pointM = new Float32Array(maxEvents * 3);
  for (let at = 0; at < listed; at++) {
    const happened = events[at]!;
    event.set([happened.kind, happened.bodyA, happened.bodyB], at * 3);
    offsetS[at] = Number(happened.timeNs - timeNs) / 1e9;
    forceN[at] = happened.forceN;
    impulseNs[at] = happened.impulseNs;
    ratio[at] = happened.ratio;
    pointM.set(happened.pointM, at * 3);
  }
  const count = Int32Array.of(listed);
  const dropped = Int32Array.of(events.length - listed);
  return { count, dropped, event, offsetS, forceN, impulseNs, ratio, pointM };
}

function describe(
  name: string,
  { rateHz, maxEvents }: ContactEventsSpecification,
  { bodies }: SimSpec,
): StreamDescription {
  const field = (
    title: string,
    dataType: 'int32' | 'float32' | 'float64',
    shape: readonly number[],
    unit: string,
    description: string,
  ) => ({ name: title, dataType, shape, unit, description });
  return {
    name,
    kind: 'contact-events',
    rateHz,
    samplesPerRow: 1,
    fields: [
      field('count', 'int32', [], '1', 'events listed'),
      field('dropped', 'int32', [], '1', 'events without room'),
      field('event', 'int32', [maxEvents, 3], '1', 'kind, bodyA, bodyB'),
      field('offsetS', 'float64', [maxEvents], 's', "the event's time less the row's"),
      field('forceN', 'float32', [maxEvents], 'N', 'mean normal force during the step'),
      field('impulseNs', 'float32', [maxEvents], 'N s', 'normal impulse since the contact began'),
      field('ratio', 'float32', [maxEvents], '1', 'tangential over normal force'),
      field('pointM', 'float32', [maxEvents, 3], 'm', 'centre of pressure, world frame'),
    ],
    metadata: { bodies: bodies.map((body) => body.name), kinds: EVENT_KINDS },
  };
}
