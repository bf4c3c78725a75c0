import { UmweltError } from '../../core/errors.js';
import { log, tanh } from '../../core/math/exact.js';
import { normalQuantile } from '../../core/math/normal.js';
import type { Estimate, Metric } from '../contract.js';
import { INVALID, metricOf } from '../metrics/metric.js';

/**
 * Estimates Pearson's correlation with its interval by Fisher's transform: tanh(artanh r +- z / sqrt(n - 3)).
 *
 * Over 6 policies r = 0.77 spans [-0.11, 0.97]: print the interval with it.
 *
 * @returns NaN for fewer than 2 pairs or where either is constant; no interval for fewer than 4.
 * @throws UmweltError `shape-mismatch` when the lists differ in length.
 */
export function estimatePearson(a: readonly number[], b: readonly number[], confidence = 0.95): Estimate {
  requirePairs('Pearson', a, b);
  const n = a.length;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [together, alone, other] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    together += (a[i]! - meanA) * (b[i]! - meanB);
    alone += (a[i]! - meanA) ** 2;
    other += (b[i]! - meanB) ** 2;
  }
  const r = together / Math.sqrt(alone * other);
  return { mean: Math.min(1, Math.max(-1, r)), ...fisherInterval(r, n, confidence), n };
}

/** Returns Fisher's interval of a correlation over n pairs; NaN for fewer than 4. */
export function fisherInterval(
  r: number,
  n: number,
  confidence = 0.95,
): { readonly lo: number; readonly hi: number } {
  if (n < 4 || Number.isNaN(r)) return { lo: Number.NaN, hi: Number.NaN };
  if (Math.abs(r) >= 1) return { lo: Math.sign(r), hi: Math.sign(r) };
  const centre = log((1 + r) / (1 - r)) / 2;
  const reach = normalQuantile((1 + confidence) / 2) / Math.sqrt(n - 3);
  return { lo: tanh(centre - reach), hi: tanh(centre + reach) };
}

/**
 * Computes the mean maximum rank violation of policies' success in a simulator and in reality; 0 where the simulator ranks
 * as reality does, lower is better, in the unit of `real`.
 *
 * (1 / N) sum_i max_j |R_i - R_j| [(S_i > S_j) != (R_i > R_j)] (Li et al., Evaluating real-world robot manipulation policies in
 * simulation, CoRL 2024). The weights are differences in reality: simulator first, reality second. SIMPLER's README calls its own
 * function the other way round, which gives other numbers. Ties are as in its code; its paper has < for >.
 *
 * @param sim success in simulation, one a policy; `real` in reality, in the same order.
 * @throws UmweltError `shape-mismatch` when the lists differ in length.
 */
export function meanMaximumRankViolation(sim: readonly number[], real: readonly number[]): Metric {
  requirePairs('MMRV', sim, real);
  if (sim.length < 2) return INVALID;
  const worst = sim.map((own, i) =>
    sim.reduce((most, other, j) => {
      const violated = own > other !== real[i]! > real[j]!;
      return violated ? Math.max(most, Math.abs(real[i]! - real[j]!)) : most;
    }, 0),
  );
  return metricOf([...sim, ...real].every(Number.isFinite) ? meanOf(worst) : Number.NaN);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function requirePairs(what: string, a: readonly number[], b: readonly number[]): void {
  if (a.length === b.length) return;
  throw new UmweltError(
    'shape-mismatch',
    { first: a.length, second: b.length },
    `${what}: expected one value of each list for every policy, got ${a.length} and ${b.length}`,
  );
}
