import { secondsFromNs, tickTimeNs } from '../core/time.js';
import type { Episode, SensorSample, StreamData, StreamDescription } from '../datasets/contract.js';
import type { Rollout } from '../worldmodel/contract.js';
import type { ModelConfiguration } from '../worldmodel/model/configuration.js';
import { rolloutSamples, rolloutStreams } from '../worldmodel/observation/senses.js';

/** Name and kind of the stream that says how far the drawn futures lie apart. */
const DISAGREEMENT = 'disagreement';

/**
 * Describes the streams of a dream: those of the rollout, what was commanded, and, where several futures were drawn, how far they
 * lie apart.
 */
export function dreamStreams(
  configuration: ModelConfiguration,
  rollout: Rollout,
  context: Episode,
): StreamDescription[] {
  const commands = commandsOf(configuration, context);
  const streams = [
    ...rolloutStreams(configuration, rollout),
    ...(commands === null ? [] : [commands.description]),
  ];
  if (rollout.samples === 1) return streams;
  return [
    ...streams,
    {
      name: DISAGREEMENT,
      kind: DISAGREEMENT,
      rateHz: rollout.tickHz,
      samplesPerRow: 1,
      fields: [
        {
          name: 'disagreementM',
          dataType: 'float32',
          shape: [],
          unit: 'm',
          description: "standard deviation of the bodies' positions between the drawn futures",
        },
      ],
      metadata: {},
    },
  ];
}

/** Turns a rollout into samples of `dreamStreams`; those of one stream are in time order. */
export function dreamSamples(
  configuration: ModelConfiguration,
  rollout: Rollout,
  context: Episode,
): SensorSample[] {
  const commands = commandsOf(configuration, context);
  const samples = [
    ...rolloutSamples(configuration, rollout),
    ...(commands === null ? [] : commandSamples(commands, rollout)),
  ];
  if (rollout.samples === 1) return samples;
  const { ticks, tickHz, contextEndNs, disagreement } = rollout;
  const contextTicks = Math.round(secondsFromNs(contextEndNs) * tickHz);
  return [
    ...samples,
    ...Array.from({ length: ticks }, (_, tick) => ({
      stream: DISAGREEMENT,
      timeNs: tickTimeNs(contextTicks + tick + 1, tickHz),
      values: { disagreementM: disagreement.slice(tick, tick + 1) },
    })),
  ];
}

/** What the episode's bodies were commanded to do; null where the model takes no actions. */
function commandsOf({ action }: ModelConfiguration, { streams }: Episode): StreamData | null {
  return (action && streams[action.name]) ?? null;
}

/** The commands as they were recorded, from the last one of the context on, to the end of the rollout. */
function commandSamples(
  { description, rows, timeNs, values }: StreamData,
  { contextEndNs, ticks, tickHz }: Rollout,
): SensorSample[] {
  const endNs = contextEndNs + tickTimeNs(ticks, tickHz);
  const after = timeNs.findIndex((time) => time > contextEndNs);
  const first = Math.max(0, (after === -1 ? rows : after) - 1);
  const samples: SensorSample[] = [];
  for (let row = first; row < rows && timeNs[row]! < endNs; row++) {
    const valuesOfRow = Object.entries(values).map(([field, all]) => {
      const width = all.length / rows;
      return [field, all.slice(row * width, (row + 1) * width)] as const;
    });
    samples.push({
      stream: description.name,
      timeNs: timeNs[row]!,
      values: Object.fromEntries(valuesOfRow),
    });
  }
  return samples;
}
