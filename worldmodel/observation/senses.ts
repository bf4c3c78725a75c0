import { secondsFromNs, tickTimeNs } from '../../core/time.js';
import type {
  FieldDescription,
  SensorSample,
  StreamDescription,
  TypedArray,
} from '../../datasets/contract.js';
import type { Rollout } from '../contract.js';
import { type ChannelConfiguration, channelWidth, type ModelConfiguration } from '../model/configuration.js';
import { symexp } from '../model/symlog.js';

import { STATE_KIND } from './state-track.js';

/** What a field of standard deviations is called after the field of means. */
export const DEVIATION_SUFFIX = '_sd';

/** Name of the stream of the bodies' state. */
const STATE_STREAM = 'state';

/** One field of a dreamt stream. */
interface DreamtField {
  readonly description: FieldDescription;
  /** The field's values at a tick of the rollout. */
  readonly at: (tick: number) => TypedArray;
}

interface DreamtStream {
  readonly description: Omit<StreamDescription, 'fields'>;
  readonly fields: readonly DreamtField[];
}

/** Describes the streams that a rollout becomes: those that the model was trained on, a row a tick, at the model's resolution. */
export function rolloutStreams(configuration: ModelConfiguration, rollout: Rollout): StreamDescription[] {
  return dreamtStreams(configuration, rollout).map(({ description, fields }) => ({
    ...description,
    fields: fields.map((field) => field.description),
  }));
}

/** Turns a rollout into samples of `rolloutStreams`, in time order; the first is a tick after the context's end. */
export function rolloutSamples(configuration: ModelConfiguration, rollout: Rollout): SensorSample[] {
  const streams = dreamtStreams(configuration, rollout);
  const contextTicks = Math.round(secondsFromNs(rollout.contextEndNs) * rollout.tickHz);
  return Array.from({ length: rollout.ticks }, (_, tick) =>
    streams.map(({ description, fields }) => ({
      stream: description.name,
      // A wave's first sample lies a tick before the tick that it ends at.
      timeNs: tickTimeNs(contextTicks + tick + (description.samplesPerRow > 1 ? 0 : 1), rollout.tickHz),
      values: Object.fromEntries(fields.map((field) => [field.description.name, field.at(tick)])),
    })),
  ).flat();
}

function dreamtStreams(configuration: ModelConfiguration, rollout: Rollout): DreamtStream[] {
  const streams = new Map<string, ChannelConfiguration[]>();
  for (const channel of configuration.channels) {
    const known = streams.get(channel.stream.name);
    if (known === undefined) streams.set(channel.stream.name, [channel]);
    else known.push(channel);
  }
  return [
    ...(configuration.hasState ? [stateStream(rollout)] : []),
    ...[...streams.values()].map((channels) => channelStream(rollout, channels)),
  ];
}

const STATE_UNITS: Readonly<Record<keyof Rollout['state'], string>> = {
  positionM: 'm',
  orientation: '1',
  linearVelocityMps: 'm/s',
  angularVelocityRadps: 'rad/s',
};

/** As simulated truth has it: float64, world frame, each field beside one of standard deviations. */
function stateStream(rollout: Rollout): DreamtStream {
  const fields = (Object.keys(STATE_UNITS) as (keyof Rollout['state'])[]).flatMap((name) => {
    const { shape, mean, standardDeviation } = rollout.state[name];
    const field = (suffix: string, what: string, values: Float32Array): DreamtField => ({
      description: {
        name: `${name}${suffix}`,
        dataType: 'float64',
        shape,
        unit: STATE_UNITS[name],
        description: `predicted ${what}, world frame`,
      },
      at: (tick) => Float64Array.from(rowOf(values, tick, rollout.ticks)),
    });
    return [field('', 'mean', mean), field(DEVIATION_SUFFIX, 'standard deviation', standardDeviation)];
  });
  return {
    description: {
      name: STATE_STREAM,
      kind: STATE_KIND,
      rateHz: rollout.tickHz,
      samplesPerRow: 1,
      metadata: {},
    },
    fields,
  };
}

function channelStream(rollout: Rollout, channels: readonly ChannelConfiguration[]): DreamtStream {
  const { name, kind } = channels[0]!.stream;
  const wave = channels.find(({ form }) => form === 'wave');
  const samplesPerRow = wave === undefined ? 1 : wave.shape[1]!;
  return {
    description: {
      name,
      kind,
      rateHz: rollout.tickHz * samplesPerRow,
      samplesPerRow,
      metadata: { predicted: true },
    },
    fields: channels.flatMap((channel) => channelFields(rollout, channel)),
  };
}

function channelFields(rollout: Rollout, channel: ChannelConfiguration): DreamtField[] {
  const { mean, standardDeviation } = rollout.channels[channel.name]!;
  const meanAt = (tick: number): Float32Array => rowOf(mean, tick, rollout.ticks);
  const deviationAt = (tick: number): Float32Array => rowOf(standardDeviation, tick, rollout.ticks);
  /** A field as the model has it, beside its deviation. */
  const plain = (name: string, unit: string, shape = channel.shape): DreamtField[] => [
    field(name, shape, unit, (tick) => meanAt(tick).slice()),
    field(`${name}${DEVIATION_SUFFIX}`, shape, unit, (tick) => deviationAt(tick).slice()),
  ];
  switch (channel.form) {
    case 'picture':
      return pictureFields(channel.shape[0]!, meanAt, deviationAt);
    case 'wave':
      return plain('pressurePa', 'Pa');
    case 'reward':
      return plain('reward', '1', []);
    case 'end':
      return [
        field('end', [], '1', (tick) => Uint8Array.of(meanAt(tick)[0]! >= 0.5 ? 1 : 0), 'uint8'),
        field('endProbability', [], '1', (tick) => meanAt(tick).slice()),
      ];
    case 'vector':
      return channel.parts.length === 0
        ? plain('logMelPower', 'log10 Pa2')
        : readingFields(channel, meanAt, deviationAt);
  }
}

/** The fields that a vector of readings was made of, out of symlog again, with the deviation that it has there. */
function readingFields(
  { parts }: ChannelConfiguration,
  meanAt: (tick: number) => Float32Array,
  deviationAt: (tick: number) => Float32Array,
): DreamtField[] {
  let at = 0;
  return parts.flatMap(({ field: name, shape, unit, siUnit }) => {
    const first = at;
    const width = channelWidth({ shape });
    at += width;
    const part = (values: Float32Array): Float32Array => values.subarray(first, first + width);
    return [
      field(name, shape, siUnit, (tick) => part(meanAt(tick)).map((value) => unit * symexp(value))),
      field(`${name}${DEVIATION_SUFFIX}`, shape, siUnit, (tick) => {
        const means = part(meanAt(tick));
        // d symexp(y) / dy = 1 + |symexp(y)|
        return part(deviationAt(tick)).map(
          (value, index) => unit * value * (1 + Math.abs(symexp(means[index]!))),
        );
      }),
    ];
  });
}

/** Colour as sRGB bytes and depth in m of a square picture, each beside its deviation in the same unit. */
function pictureFields(
  side: number,
  meanAt: (tick: number) => Float32Array,
  deviationAt: (tick: number) => Float32Array,
): DreamtField[] {
  const colours = (values: Float32Array): Float32Array =>
    Float32Array.from(
      { length: side * side * 3 },
      (_, index) => 255 * values[Math.floor(index / 3) * 4 + (index % 3)]!,
    );
  const colour = field(
    'colour',
    [side, side, 3],
    'sRGB',
    (tick) =>
      Uint8Array.from(colours(meanAt(tick)), (value) => Math.round(Math.min(Math.max(value, 0), 255))),
    'uint8',
  );
  const depth = field('depthM', [side, side], 'm', (tick) =>
    Float32Array.from({ length: side * side }, (_, pixel) => depthOf(meanAt(tick)[pixel * 4 + 3]!)),
  );
  return [
    colour,
    field(`colour${DEVIATION_SUFFIX}`, [side, side, 3], 'sRGB', (tick) => colours(deviationAt(tick))),
    depth,
    // d (1 / n - 1) / dn = -1 / n^2 = -(1 + depth)^2
    field(`depthM${DEVIATION_SUFFIX}`, [side, side], 'm', (tick) =>
      Float32Array.from({ length: side * side }, (_, pixel) => {
        const scale = 1 + depthOf(meanAt(tick)[pixel * 4 + 3]!);
        return deviationAt(tick)[pixel * 4 + 3]! * scale * scale;
      }),
    ),
  ];
}

function depthOf(nearness: number): number {
  return nearness < FARTHEST ? Number.POSITIVE_INFINITY : 1 / nearness - 1;
}

/** Nearness of 100 m: what is farther is nowhere. */
const FARTHEST = 1 / 101;

function field(
  name: string,
  shape: readonly number[],
  unit: string,
  at: (tick: number) => TypedArray,
  dataType: FieldDescription['dataType'] = 'float32',
): DreamtField {
  return { description: { name, dataType, shape, unit, description: 'predicted' }, at };
}

function rowOf(values: Float32Array, row: number, rows: number): Float32Array {
  const width = values.length / rows;
  return values.subarray(row * width, (row + 1) * width);
}
