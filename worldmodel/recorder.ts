import type { ChannelPrediction, Rollout, TickExpectation } from './contract.js';
import { channelWidth, type ModelConfiguration } from './model/configuration.js';
import { STATE_INPUTS } from './model/sequence.js';
import { type SpreadFactors, spreadFactor } from './spread.js';

/** The network's names of the fields of a Rollout's state, in the order of its variances. */
export const STATE_FIELDS = {
  positionM: 'position',
  orientation: 'orientation',
  linearVelocityMps: 'linearVelocity',
  angularVelocityRadps: 'angularVelocity',
} as const;

type StateField = keyof typeof STATE_FIELDS;

/** Joins the ticks of a rollout: the mean over its samples, and how far reality may lie from it. */
export function recordRollout(
  configuration: ModelConfiguration,
  samples: number,
  factors: SpreadFactors | null,
  { contextTicks, ticks }: { readonly contextTicks: number; readonly ticks: number },
  expected: readonly TickExpectation[],
): Rollout {
  const { bodies, channels, tickHz } = configuration;
  const state = Object.fromEntries(
    (Object.keys(STATE_FIELDS) as StateField[]).map((field) => [
      field,
      emptyPrediction([bodies, STATE_INPUTS[STATE_FIELDS[field]]], ticks),
    ]),
  ) as Record<StateField, ChannelPrediction>;
  const sensed = Object.fromEntries(channels.map(({ name, shape }) => [name, emptyPrediction(shape, ticks)]));
  const disagreement = new Float32Array(ticks);
  for (const [tick, expectation] of expected.entries()) {
    disagreement[tick] = recordState(state, expectation, tick, samples, bodies, factors);
    for (const channel of channels) {
      const { mean, variance } = expectation.channels[channel.name]!;
      const into = sensed[channel.name]!;
      const width = channelWidth(channel);
      const factor = spreadFactor(factors, channel.name, tick + 1);
      for (let component = 0; component < width; component++) {
        const { centre, spread } = momentsOf(samples, (sample) => mean[sample * width + component]!);
        const own = momentsOf(samples, (sample) => variance[sample * width + component]!).centre;
        into.mean[tick * width + component] = centre;
        into.standardDeviation[tick * width + component] = factor * Math.sqrt(own + spread);
      }
    }
  }
  const contextEndNs = (BigInt(contextTicks) * 1_000_000_000n) / BigInt(tickHz);
  return { tickHz, ticks, contextEndNs, state, channels: sensed, samples, disagreement };
}

function emptyPrediction(shape: readonly number[], ticks: number): ChannelPrediction {
  const width = shape.reduce((product, extent) => product * extent, 1);
  return {
    shape,
    mean: new Float32Array(ticks * width),
    standardDeviation: new Float32Array(ticks * width),
  };
}

/** Writes the bodies' states of a tick; returns the deviation between the samples' positions, m, mean over bodies. */
function recordState(
  state: Record<StateField, ChannelPrediction>,
  { state: values, stateVariances }: TickExpectation,
  tick: number,
  samples: number,
  bodies: number,
  factors: SpreadFactors | null,
): number {
  let apart = 0;
  for (const [index, field] of (Object.keys(STATE_FIELDS) as StateField[]).entries()) {
    const from = values[STATE_FIELDS[field]];
    const width = from.length / samples / bodies;
    const into = state[field];
    const factor = spreadFactor(factors, field, tick + 1);
    // Half a rotation's angle is what its quaternion's components see.
    const share = field === 'orientation' ? 0.25 : 1;
    for (let body = 0; body < bodies; body++) {
      const turned = (sample: number, component: number): number =>
        signOf(from, sample, body, bodies, width) * from[(sample * bodies + body) * width + component]!;
      const own = momentsOf(
        samples,
        (sample) => stateVariances[(sample * bodies + body) * 4 + index]!,
      ).centre;
      const at = (tick * bodies + body) * width;
      for (let component = 0; component < width; component++) {
        const { centre, spread } = momentsOf(samples, (sample) => turned(sample, component));
        into.mean[at + component] = centre;
        into.standardDeviation[at + component] = factor * Math.sqrt(share * own + spread);
        if (field === 'positionM') apart += spread / bodies;
      }
      if (field === 'orientation') normalise(into.mean, at);
    }
  }
  return Math.sqrt(apart);
}

/** q and -q are the same orientation: samples are turned to the side of the first. */
function signOf(values: Float32Array, sample: number, body: number, bodies: number, width: number): number {
  if (width !== 4) return 1;
  let dot = 0;
  for (let component = 0; component < 4; component++) {
    dot += values[body * 4 + component]! * values[(sample * bodies + body) * 4 + component]!;
  }
  return dot < 0 ? -1 : 1;
}

function normalise(values: Float32Array, at: number): void {
  let total = 0;
  for (let index = at; index < at + 4; index++) total += values[index]! * values[index]!;
  for (let index = at; index < at + 4; index++) values[index]! /= Math.sqrt(total);
}

/** Mean and variance over the samples. */
function momentsOf(samples: number, value: (sample: number) => number) {
  let centre = 0;
  for (let sample = 0; sample < samples; sample++) centre += value(sample) / samples;
  let spread = 0;
  for (let sample = 0; sample < samples; sample++) spread += (value(sample) - centre) ** 2 / samples;
  return { centre, spread };
}
