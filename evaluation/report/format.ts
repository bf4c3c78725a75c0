import type { Estimate } from '../contract.js';

/** Writes a number with three significant digits, and without an exponent below a million. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (value !== 0 && Math.abs(value) < 0.005) return value < 0 ? '-0.00' : '0.00';
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Writes `mean [lo, hi]`. */
export function formatEstimate({ mean, lo, hi }: Estimate): string {
  if (!Number.isFinite(mean)) return 'none';
  const interval = Number.isFinite(lo) ? ` [${formatNumber(lo)}, ${formatNumber(hi)}]` : '';
  return `${formatNumber(mean)}${interval}`;
}
