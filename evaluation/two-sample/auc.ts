/**
 * Computes the area under the ROC curve: the probability that a score of the second list is above one of the first, ties half.
 *
 * Mann and Whitney's U over the number of pairs.
 *
 * @returns 0 to 1, 0.5 for equal distributions; NaN when a list is empty.
 */
export function areaUnderCurve(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const sorted = Float64Array.from(first).sort();
  let wins = 0;
  for (let i = 0; i < second.length; i++) wins += shareBelow(sorted, second[i]!);
  return wins / second.length;
}

/** Share of the sorted values below x, ties half; NaN for none. */
export function shareBelow(sorted: ArrayLike<number>, x: number): number {
  const below = firstFrom(sorted, x, false);
  const notAbove = firstFrom(sorted, x, true);
  return (below + notAbove) / (2 * sorted.length);
}

/** Computes the largest difference of two distribution functions (Kolmogorov, Smirnov), 0 to 1; NaN when a list is empty. */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const a = Float64Array.from(first).sort();
  const b = Float64Array.from(second).sort();
  if (a.length === 0 || b.length === 0) return Number.NaN;
  let most = 0;
  for (const x of [...a, ...b])
    most = Math.max(most, Math.abs(firstFrom(a, x, true) / a.length - firstFrom(b, x, true) / b.length));
  return most;
}

/** Index of the first value at or above x (above it, where `after` is true). */
function firstFrom(sorted: ArrayLike<number>, x: number, after: boolean): number {
  let lo = 0;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (after ? sorted[middle]! <= x : sorted[middle]! < x) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
