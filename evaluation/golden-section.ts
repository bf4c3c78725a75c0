/** Where an objective is lowest, and its value there. */
export interface Minimum {
  readonly x: number;
  readonly value: number;
}

const RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Searches an interval for the minimum of a function with one valley by golden section (Kiefer 1953): each evaluation after
 * the second shrinks the interval to 0.618 of its width.
 *
 * @param evaluations how often `objective` is called, at least 2.
 * @returns the lowest point that was evaluated.
 */
export async function goldenSection(
  objective: (x: number) => Promise<number>,
  lo: number,
  hi: number,
  evaluations: number,
): Promise<Minimum> {
  const at = async (x: number): Promise<Minimum> => ({ x, value: await objective(x) });
  let [left, right] = [lo, hi];
  let lower = await at(right - RATIO * (right - left));
  let upper = await at(left + RATIO * (right - left));
  for (let count = 2; count < evaluations; count++) {
    if (lower.value <= upper.value) {
      right = upper.x;
      upper = lower;
      lower = await at(right - RATIO * (right - left));
    } else {
      left = lower.x;
      lower = upper;
      upper = await at(left + RATIO * (right - left));
    }
  }
  return lower.value <= upper.value ? lower : upper;
}
