import { secondsFromNs, tickTimeNs } from '../core/time.js';
import type { SensorSample, StreamDescription } from '../datasets/contract.js';
import type { Rollout } from '../worldmodel/contract.js';
import type { ModelConfiguration } from '../worldmodel/model/configuration.js';
import { rolloutSamples, rolloutStreams } from '../worldmodel/observation/senses.js';

/** Name and kind of the stream that says how far the drawn futures lie apart. */
const DISAGREEMENT = 'disagreement';

/** Describes the streams of a dream: those of the rollout and, where several futures were drawn, how far they lie apart. */
export function dreamStreams(configuration: ModelConfiguration, rollout: Rollout): StreamDescription[] {
  const streams = rolloutStreams(configuration, rollout);
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
export function dreamSamples(configuration: ModelConfiguration, rollout: Rollout): SensorSample[] {
  const samples = rolloutSamples(configuration, rollout);
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
