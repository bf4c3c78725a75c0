import type { Estimate } from '../contract.js';

/** From this on, digits before the point would only be counted. */
const LARGE = 1e6;

/** Writes a number with about three significant digits, with an exponent below 0.0001 and from a million on. */
export function formatNumber(value: number): string {
  return Number.isFinite(value) ? fixed(value, Math.abs(value)) : 'none';
}

/** Writes `mean [lo, hi]`, all with the digits that suit the greatest of them. */
export function formatEstimate({ mean, lo, hi }: Estimate): string {
  if (!Number.isFinite(mean)) return 'none';
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return formatNumber(mean);
  const scale = Math.max(Math.abs(mean), Math.abs(lo), Math.abs(hi));
  return `${fixed(mean, scale)} [${fixed(lo, scale)}, ${fixed(hi, scale)}]`;
}

/** Writes a share as a percentage: 0.934 is `93 %`. */
export function formatShare(value: number): string {
  return Number.isFinite(value) ? `${Math.round(100 * value)} %` : 'none';
}

/** Writes a title within a sentence: `position error`, but `CRPS of position`. */
export function withinSentence(title: string): string {
  return /^.[A-Z]/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

/** Writes a number with the digits that suit `magnitude`. */
function fixed(value: number, magnitude: number): string {
  if (magnitude >= LARGE || (magnitude > 0 && magnitude < 1e-4))
    return value === 0 ? '0' : value.toExponential(1);
  const text = value.toFixed(decimalsOf(magnitude));
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}

function decimalsOf(magnitude: number): number {
  if (magnitude >= 100) return 0;
  if (magnitude >= 10) return 1;
  if (magnitude >= 0.1 || magnitude === 0) return 2;
  return Math.ceil(-Math.log10(magnitude)) + 1;
}
