import { UmweltError } from '../../core/errors.js';
import type { Metric } from '../contract.js';

/** What a metric says that does not exist for this recording. */
export const INVALID: Metric = { value: Number.NaN, valid: false };

/** Makes a metric of a number; one that is not finite is invalid. */
export function metricOf(value: number): Metric {
  return Number.isFinite(value) ? { value, valid: true } : INVALID;
}

/** @throws UmweltError `shape-mismatch` unless the two are equally long. */
export function requireSameLength(
  what: string,
  predicted: { readonly length: number },
  actual: { readonly length: number },
): void {
  if (predicted.length === actual.length) return;
  throw new UmweltError(
    'shape-mismatch',
    { predicted: predicted.length, actual: actual.length },
    `${what}: expected as many predicted values as there are actual ones (${actual.length}), got ${predicted.length}; cut both to the same time`,
  );
}

/** @throws UmweltError `invalid-input` unless the number is finite and above 0. */
export function requirePositive(where: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new UmweltError(
      'invalid-input',
      { [name]: value },
      `${where}: expected ${name} above 0, got ${value}`,
    );
  }
}
