import { symexp, symlog } from './symlog.js';

/** Bins of a reward, in symlog: two of them share a value between them (DreamerV3's two-hot encoding). */
export const REWARD_BINS: readonly number[] = Array.from({ length: 41 }, (_, index) => (index - 20) / 2);

/** Writes the shares of a reward in the two bins around it into `out` at `at`; beyond the last bin it counts as that. */
export function writeTwoHot(reward: number, out: Float32Array, at: number): void {
  const last = REWARD_BINS.length - 1;
  const place = Math.min(Math.max((symlog(reward) - REWARD_BINS[0]!) * 2, 0), last);
  const below = Math.min(Math.floor(place), last - 1);
  out[at + below] = 1 - (place - below);
  out[at + below + 1] = place - below;
}

/** Mean and standard deviation of a reward whose bins have the given logits. */
export function rewardOf(logits: Float32Array): { readonly mean: number; readonly deviation: number } {
  const peak = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - peak));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const expect = (value: (bin: number) => number): number =>
    weights.reduce((sum, weight, index) => sum + (weight / total) * value(symexp(REWARD_BINS[index]!)), 0);
  const mean = expect((bin) => bin);
  return {
    mean,
    deviation: Math.sqrt(
      Math.max(
        0,
        expect((bin) => (bin - mean) ** 2),
      ),
    ),
  };
}
