import { createGraph } from '../engine/graph.js';
import { clipAdaptively, laprop, warmupCosine } from '../engine/optimiser.js';
import type { Provider } from '../engine/provider.js';
import type { TrainingStep } from '../engine/training.js';
import type { ModelConfiguration, ModelSizeName } from '../model/configuration.js';
import { createNetwork } from '../model/layers.js';
import { sequenceLoss } from '../model/sequence.js';
import type { BatchShape } from './draw.js';

/** A part of the training with sequences of one length. */
export interface Stage extends BatchShape {
  /** Of all steps. */
  readonly share: number;
}

/**
 * Short sequences first: what one blow does is learned from many of them, and then how errors grow over long ones. Half of the steps see
 * long ones: with three tenths, 1,500 steps gave worse positions after 0.5 s than 600 did.
 */
export const STAGES: Readonly<Record<ModelSizeName, readonly Stage[]>> = {
  tiny: [
    { share: 0.5, ticks: 4, sequences: 16, sensedSequences: 8 },
    { share: 0.5, ticks: 8, sequences: 16, sensedSequences: 8 },
  ],
  small: [
    { share: 0.25, ticks: 4, sequences: 512, sensedSequences: 96 },
    { share: 0.25, ticks: 8, sequences: 256, sensedSequences: 64 },
    { share: 0.5, ticks: 24, sequences: 96, sensedSequences: 32 },
  ],
  base: [
    { share: 0.3, ticks: 4, sequences: 512, sensedSequences: 128 },
    { share: 0.3, ticks: 8, sequences: 256, sensedSequences: 96 },
    { share: 0.4, ticks: 32, sequences: 96, sensedSequences: 48 },
  ],
  large: [
    { share: 0.3, ticks: 4, sequences: 512, sensedSequences: 256 },
    { share: 0.3, ticks: 8, sequences: 256, sensedSequences: 192 },
    { share: 0.4, ticks: 48, sequences: 96, sensedSequences: 64 },
  ],
};

const PEAK_LEARNING_RATE = 2e-3;
/** A model that is tuned further keeps most of what it knows. */
const TUNING_SHARE = 0.25;
const WARMUP_SHARE = 0.03;
const CLIP = 0.3;

/** What a training step is built from, beside configuration and shape. */
export interface StepOptions {
  readonly seed: number;
  readonly steps: number;
  readonly threads?: number;
  readonly provider?: Provider;
  readonly isTuning?: boolean;
}

/** The graph of one training step, with its optimiser: what `umwelt train` runs and `bench` measures. */
export function trainingStep(
  configuration: ModelConfiguration,
  shape: BatchShape,
  { seed, steps, threads, provider, isTuning = false }: StepOptions,
): TrainingStep {
  const network = createNetwork(createGraph(), configuration, shape.sequences, seed);
  const { loss, metrics } = sequenceLoss(network, shape);
  const warmupSteps = Math.max(1, Math.round(WARMUP_SHARE * steps));
  const peak = PEAK_LEARNING_RATE * (isTuning ? TUNING_SHARE : 1);
  return {
    loss,
    metrics,
    optimiser: laprop,
    clip: (gradients, parameters) => clipAdaptively(gradients, parameters, CLIP),
    learningRate: (step) => warmupCosine(step, { peak, warmupSteps, totalSteps: steps }),
    ...(threads === undefined ? {} : { threads }),
    ...(provider === undefined ? {} : { provider }),
  };
}
