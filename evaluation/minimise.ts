/** One coordinate of a search: its range and how far the first simplex reaches. */
export interface SearchAxis {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
}

/**
 * Searches for the minimum of a function that has no derivative, within bounds, by the simplex method (Nelder, Mead 1965)
 * with the usual coefficients 1, 2, 1/2, 1/2. Points outside are moved to the nearest inside; a point that was seen before
 * costs no evaluation.
 *
 * @param start where the first simplex has its first corner.
 * @param evaluations how often `objective` may be called, at least one more than there are axes.
 */
export async function minimise(
  objective: (point: readonly number[]) => Promise<number>,
  start: readonly number[],
  axes: readonly SearchAxis[],
  evaluations: number,
): Promise<Minimum> {
  const seen = new Map<string, number>();
  const evaluate = async (wanted: readonly number[]): Promise<Corner | null> => {
    const point = wanted.map((value, i) => Math.min(axes[i]!.max, Math.max(axes[i]!.min, value)));
    const key = point.join(' ');
    const known = seen.get(key);
    if (known !== undefined) return { point, value: known };
    if (seen.size >= evaluations) return null;
    const value = await objective(point);
    seen.set(key, value);
    return { point, value };
  };
  const simplex: Corner[] = [];
  for (let corner = -1; corner < axes.length; corner++) {
    const found = await evaluate(
      start.map((value, i) => (i === corner ? insideStep(value, axes[i]!) : value)),
    );
    if (found !== null) simplex.push(found);
  }
  // Shrinking past what float64 resolves would only find points that were seen: rounds are bounded too.
  for (let round = 0; round < 10 * evaluations && (await moveWorst(simplex, evaluate)); round++);
  simplex.sort(byValue);
  return { ...simplex[0]!, evaluations: seen.size };
}

interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

type Evaluate = (point: readonly number[]) => Promise<Corner | null>;

/** Improves the simplex in place by one move; false when the budget is used up. */
async function moveWorst(simplex: Corner[], evaluate: Evaluate): Promise<boolean> {
  simplex.sort(byValue);
  const last = simplex.length - 1;
  const worst = simplex[last]!;
  const others = simplex.slice(0, last);
  const centre = worst.point.map((_, i) => others.reduce((sum, { point }) => sum + point[i]!, 0) / last);
  const along = (factor: number) => evaluate(centre.map((c, i) => c + factor * (worst.point[i]! - c)));
  const reflected = await along(-1);
  if (reflected === null) return false;
  if (reflected.value < simplex[0]!.value) {
    const expanded = await along(-2);
    simplex[last] = expanded !== null && expanded.value < reflected.value ? expanded : reflected;
    return expanded !== null;
  }
  if (reflected.value < simplex[last - 1]!.value) {
    simplex[last] = reflected;
    return true;
  }
  const contracted = await along(reflected.value < worst.value ? -0.5 : 0.5);
  if (contracted === null) return false;
  if (contracted.value < Math.min(worst.value, reflected.value)) {
    simplex[last] = contracted;
    return true;
  }
  const best = simplex[0]!;
  for (let corner = 1; corner <= last; corner++) {
    const shrunk = await evaluate(simplex[corner]!.point.map((value, i) => (value + best.point[i]!) / 2));
    if (shrunk === null) return false;
    simplex[corner] = shrunk;
  }
  return true;
}

function byValue(a: Corner, b: Corner): number {
  return a.value - b.value;
}

function insideStep(value: number, { step, max }: SearchAxis): number {
  return value + step <= max ? value + step : value - step;
}
