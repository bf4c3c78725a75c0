import type { Estimate, Metric } from '../contract.js';
import { estimateMean, type Resamples } from '../statistics.js';

/** A model's distance from reality beside the two that it goes through. */
export interface GapEstimate {
  /** The model against reality. */
  readonly total: Estimate;
  /** The simulator that it learned from against reality. */
  readonly simulatorToReality: Estimate;
  /** The model against that simulator. */
  readonly modelToSimulator: Estimate;
  /**
   * What the two parts have in common: their sum less the total. At or above 0 for every distance (triangle inequality), near 0
   * when both errors point the same way, and as large as a part when they cancel.
   */
  readonly overlap: Estimate;
}

/**
 * Splits the gap between a model and reality in two, over the recordings where all three distances exist.
 *
 * @param total a distance (an error, not its square) a recording, as the others.
 * @throws UmweltError `shape-mismatch` when there are not as many values as recordings were resampled.
 */
export function decomposeGap(
  total: readonly Metric[],
  simulatorToReality: readonly Metric[],
  modelToSimulator: readonly Metric[],
  resamples: Resamples,
): GapEstimate {
  const parts = [total, simulatorToReality, modelToSimulator];
  const valid = total.map((_, i) => parts.every((part) => part[i]?.valid ?? false));
  const among = (value: (i: number) => number): Estimate =>
    estimateMean(
      total.map((_, i) => ({ value: valid[i]! ? value(i) : Number.NaN, valid: valid[i]! })),
      resamples,
    );
  return {
    total: among((i) => total[i]!.value),
    simulatorToReality: among((i) => simulatorToReality[i]!.value),
    modelToSimulator: among((i) => modelToSimulator[i]!.value),
    overlap: among((i) => simulatorToReality[i]!.value + modelToSimulator[i]!.value - total[i]!.value),
  };
}
