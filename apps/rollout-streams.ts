import { secondsFromNs, tickTimeNs } from '../core/time.js';
import type { FieldDescription, SensorSample, StreamDescription } from '../datasets/contract.js';
import type { ChannelPrediction, Rollout } from '../worldmodel/contract.js';
import type { ModelConfiguration } from '../worldmodel/model/configuration.js';
import { STATE_KIND } from '../worldmodel/observation/state-track.js';

/** What a field of standard deviations is called after the field of means. */
export const DEVIATION_SUFFIX = '_sd';

const STREAM = 'state';

const UNITS: Readonly<Record<keyof Rollout['state'], string>> = {
  positionM: 'm',
  orientation: '1',
  linearVelocityMps: 'm/s',
  angularVelocityRadps: 'rad/s',
};

/**
 * Describes the streams that a rollout becomes: the state of the bodies as simulated truth has it (float64, world frame),
 * each field beside one of standard deviations.
 */
export function rolloutStreams(_configuration: ModelConfiguration, rollout: Rollout): StreamDescription[] {
  const fields = stateFields(rollout).flatMap(([name, { shape }]): FieldDescription[] => {
    const unit = UNITS[name];
    return [
      { name, dataType: 'float64', shape, unit, description: `predicted mean of ${name}, world frame` },
      {
        name: `${name}${DEVIATION_SUFFIX}`,
        dataType: 'float64',
        shape,
        unit,
        description: `predicted standard deviation of ${name}`,
      },
    ];
  });
  return [{ name: STREAM, kind: STATE_KIND, rateHz: rollout.tickHz, samplesPerRow: 1, fields, metadata: {} }];
}

/** Turns a rollout into samples of `rolloutStreams`, in time order; the first is a tick after the context's end. */
export function rolloutSamples(_configuration: ModelConfiguration, rollout: Rollout): SensorSample[] {
  const { ticks, tickHz, contextEndNs } = rollout;
  const contextTicks = Math.round(secondsFromNs(contextEndNs) * tickHz);
  return Array.from({ length: ticks }, (_, tick) => ({
    stream: STREAM,
    timeNs: tickTimeNs(contextTicks + tick + 1, tickHz),
    values: Object.fromEntries(
      stateFields(rollout).flatMap(([name, { mean, standardDeviation }]) => [
        [name, rowOf(mean, tick, ticks)],
        [`${name}${DEVIATION_SUFFIX}`, rowOf(standardDeviation, tick, ticks)],
      ]),
    ),
  }));
}

function stateFields({ state }: Rollout): [keyof Rollout['state'], ChannelPrediction][] {
  return Object.entries(state) as [keyof Rollout['state'], ChannelPrediction][];
}

function rowOf(values: Float32Array, row: number, rows: number): Float64Array {
  const width = values.length / rows;
  return Float64Array.from(values.subarray(row * width, (row + 1) * width));
}
