import { UmweltError } from '../../core/errors.js';
import { log } from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { createMount } from '../mount.js';
import { createTicks, type Instant } from '../ticks.js';
import { createLuminance } from './luminance.js';
import { addNoiseEvents, createEventPixels } from './pixels.js';
import { createEventRow, EVENT } from './rows.js';
import type { EventCameraSpecification } from './specification.js';

/** Light of the darkest that a pixel tells from black, as a share of full exposure: its own dark current. */
const DARK_LIGHT = 1e-3;
const LONGEST_ROW_S = 2;

/**
 * Creates an event camera on a body or in the world. A row holds what happened in (timeNs, timeNs + picturesPerRow / rateHz].
 *
 * Fields: `count` and `dropped` int32; `events` int32 [maxEventsPerRow, 4], x, y, ns since timeNs, polarity +1 or -1, in order
 * of time, zeros after `count`; `polaritySum` int32 [height, width], of the dropped events too.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body or a row would be longer than two seconds.
 */
export const createEventCamera: CreateSensor<EventCameraSpecification> = (name, specification, spec) => {
  const { width, height, rateHz, picturesPerRow, noise } = specification;
  checkRow(name, specification);
  const luminance = createLuminance(name, specification, createMount(name, specification, spec), spec);
  const ticksUntil = createTicks(rateHz);
  const stream = (...purpose: (string | number)[]) =>
    randomStream(spec.seed, spec.scenario, 'episode', spec.episode, name, ...purpose);
  const pixels = createEventPixels(
    width * height,
    noise ? specification : { ...specification, thresholdMismatch: 0, leakRateHz: 0 },
    noise ? stream('pixels') : null,
  );
  const row = createEventRow(width, height, specification.maxEventsPerRow);
  const logLight = new Float64Array(width * height);
  let rowStartNs = 0n;
  let beforeNs = 0n;

  const look = (instant: Instant): SensorSample | null => {
    const light = luminance(instant);
    for (let pixel = 0; pixel < light.length; pixel++) logLight[pixel] = log(light[pixel]! + DARK_LIGHT);
    const durationS = Number(instant.timeNs - beforeNs) / 1e9;
    const fromNs = Number(beforeNs - rowStartNs);
    const take = (pixel: number, offsetS: number, brighter: 0 | 1): void =>
      row.add(pixel, fromNs + Math.round(offsetS * 1e9), brighter);
    pixels.step(logLight, durationS, take);
    if (noise && instant.tick > 0) {
      const random = stream('noise', instant.tick);
      addNoiseEvents(width * height, specification.noiseRateHz, durationS, random, take);
    }
    beforeNs = instant.timeNs;
    if (instant.tick === 0 || instant.tick % picturesPerRow !== 0) return null;
    const sample = { stream: name, timeNs: rowStartNs, values: row.finish() };
    rowStartNs = instant.timeNs;
    return sample;
  };

  return {
    stream: describe(name, specification, spec),
    sense: (frame) =>
      ticksUntil(frame)
        .map(look)
        .filter((sample) => sample !== null),
  };
};

function checkRow(name: string, { rateHz, picturesPerRow }: EventCameraSpecification): void {
  if (picturesPerRow / rateHz <= LONGEST_ROW_S) return;
  throw new UmweltError(
    'invalid-input',
    { sensor: name, rateHz, picturesPerRow },
    `sensors.${name}.picturesPerRow: expected at most ${LONGEST_ROW_S} s of pictures (${LONGEST_ROW_S * rateHz}), got ${picturesPerRow}; ` +
      'lower it, or raise rateHz',
  );
}

function describe(
  name: string,
  specification: EventCameraSpecification,
  { bodies }: SimSpec,
): StreamDescription {
  const { width, height, rateHz, picturesPerRow, maxEventsPerRow } = specification;
  const field = (field: string, shape: readonly number[], unit: string, description: string) =>
    ({ name: field, dataType: 'int32', shape, unit, description }) as const;
  return {
    name,
    kind: 'event-camera',
    rateHz,
    samplesPerRow: picturesPerRow,
    fields: [
      field('count', [], '1', 'events listed in this row'),
      field('dropped', [], '1', 'events after the row was full'),
      field(
        'events',
        [maxEventsPerRow, EVENT],
        'px px ns 1',
        'x (column), y (row), nanoseconds since the row, polarity (+1 brighter, -1 darker); in order of time, zeros after `count`',
      ),
      field(
        'polaritySum',
        [height, width],
        '1',
        'brighter less darker events of each pixel, dropped ones too',
      ),
    ],
    metadata: {
      thresholdOn: specification.thresholdOn,
      thresholdOff: specification.thresholdOff,
      refractoryS: specification.refractoryS,
      /** Frame of the carrier from frame of the camera (x forward, y left, z up). */
      carrier: specification.body ?? null,
      carrierFromSensor: {
        positionM: specification.positionM,
        orientation: specification.orientation,
      },
      horizontalFovRad: specification.horizontalFovRad,
      instances: bodies.map(({ name: body, semantic }) => ({ name: body, semantic })),
    },
  };
}
