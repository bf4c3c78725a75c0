import type { Distribution } from '../core/distribution.js';

/** The least value that a number or its distribution can take. */
export function smallest(value: number | Distribution<number>): number {
  if (typeof value === 'number') return value;
  if ('uniform' in value) return value.uniform[0];
  if ('uniformInteger' in value) return value.uniformInteger[0];
  if ('logUniform' in value) return value.logUniform[0];
  if ('normal' in value) return value.normal.min;
  return Math.min(...value.choice);
}

/** The greatest value that a number or its distribution can take. */
export function largest(value: number | Distribution<number>): number {
  if (typeof value === 'number') return value;
  if ('uniform' in value) return value.uniform[1];
  if ('uniformInteger' in value) return value.uniformInteger[1];
  if ('logUniform' in value) return value.logUniform[1];
  if ('normal' in value) return value.normal.max;
  return Math.max(...value.choice);
}

/** Everything that a value or its distribution can be, whole: the value, or each choice. */
export function possibilities<T extends object>(
  value: T | Distribution<T>,
): readonly Exclude<T, Distribution<unknown>>[] {
  if ('choice' in value) return value.choice as readonly Exclude<T, Distribution<unknown>>[];
  return [value as Exclude<T, Distribution<unknown>>];
}
