import { expm1, log1p } from '../../core/math/exact.js';

/** sign(x) log(1 + |x|): keeps small values, compresses large ones. */
export function symlog(x: number): number {
  return x < 0 ? -log1p(-x) : log1p(x);
}

/** Inverse of symlog. */
export function symexp(x: number): number {
  return x < 0 ? -expm1(-x) : expm1(x);
}
