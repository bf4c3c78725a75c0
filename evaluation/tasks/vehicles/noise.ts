import type { RandomStream } from '../../../core/random.js';

/**
 * What a control does that was not foreseen: a constant error of what is moved (speed or heading), and an Ornstein-Uhlenbeck
 * process that begins at 0.
 */
export interface Noise {
  /** Standard deviation of the constant error, m/s or rad. */
  readonly offset: number;
  /** Of the process, in its unit over the root of a second. */
  readonly diffusion: number;
  /** How long the process remembers, s. */
  readonly memoryS: number;
}

/** No noise. */
export const NO_NOISE: Noise = { offset: 0, diffusion: 0, memoryS: 1 };

const MEMORIES_S = [0.5, 1, 2, 4, 8, 16];
const STEP_S = 0.1;

/**
 * Fits noise to how errors grow: variance(t) = offset^2 t^2 + diffusion^2 D(t), with D the variance of the process integrated `order`
 * times. Least squares of the variances' ratios to 1 over a grid of memories, both parts not negative.
 *
 * @param timesS rising.
 * @param meanSquares of the errors at those times; those that are not above 0 are left out.
 * @param order 1 where the process moves the position as a speed does, 2 as an acceleration.
 */
export function fitNoise(timesS: readonly number[], meanSquares: readonly number[], order: 1 | 2): Noise {
  const kept = timesS
    .map((time, i) => ({ time, square: meanSquares[i]! }))
    .filter(({ square }) => square > 0);
  if (kept.length === 0) return NO_NOISE;
  let best = { noise: NO_NOISE, misfit: Number.POSITIVE_INFINITY };
  for (const memoryS of MEMORIES_S) {
    const grown = grownVariances(
      kept.map(({ time }) => time),
      memoryS,
      order,
    );
    const rows = kept.map(({ time, square }, i) => [(time * time) / square, grown[i]! / square] as const);
    const [offset, diffusion] = fitShares(rows);
    const misfit = rows.reduce((sum, [a, b]) => sum + (offset * a + diffusion * b - 1) ** 2, 0);
    if (misfit < best.misfit)
      best = { noise: { offset: Math.sqrt(offset), diffusion: Math.sqrt(diffusion), memoryS }, misfit };
  }
  return best.noise;
}

/** Non-negative x, y with x a + y b nearest to 1 over the rows. */
function fitShares(rows: readonly (readonly [number, number])[]): readonly [number, number] {
  let [aa, ab, bb, a1, b1] = [0, 0, 0, 0, 0];
  for (const [a, b] of rows) {
    aa += a * a;
    ab += a * b;
    bb += b * b;
    a1 += a;
    b1 += b;
  }
  const determinant = aa * bb - ab * ab;
  const [x, y] = [(a1 * bb - b1 * ab) / determinant, (b1 * aa - a1 * ab) / determinant];
  if (x >= 0 && y >= 0) return [x, y];
  // One of them alone: the one that is nearer to 1 everywhere.
  const left = (p: number, q: number) => rows.reduce((sum, [a, b]) => sum + (p * a + q * b - 1) ** 2, 0);
  return left(a1 / aa, 0) < left(0, b1 / bb) ? [a1 / aa, 0] : [0, b1 / bb];
}

/** Variance of the process with unit diffusion, integrated, at rising times: the moments' differential equations in small steps. */
export function grownVariances(timesS: readonly number[], memoryS: number, order: 1 | 2): readonly number[] {
  // Moments of the process a, its integral v and, of order 2, that one's integral p.
  let [aa, av, vv, ap, vp, pp] = [0, 0, 0, 0, 0, 0];
  let timeS = 0;
  return timesS.map((untilS) => {
    const steps = Math.max(1, Math.ceil((untilS - timeS) / 0.005));
    const h = (untilS - timeS) / steps;
    for (let step = 0; step < steps; step++) {
      [aa, av, vv, ap, vp, pp] = [
        aa + h * (1 - (2 * aa) / memoryS),
        av + h * (aa - av / memoryS),
        vv + h * 2 * av,
        ap + h * (av - ap / memoryS),
        vp + h * (ap + vv),
        pp + h * 2 * vp,
      ];
    }
    timeS = untilS;
    return order === 1 ? vv : pp;
  });
}

/** Draws a path of the process, linear between tenths of a second, beyond `untilS` constant. */
export function drawPath(
  { diffusion, memoryS }: Noise,
  untilS: number,
  random: RandomStream,
): (timeS: number) => number {
  const keep = Math.exp(-STEP_S / memoryS);
  const kick = diffusion * Math.sqrt((memoryS / 2) * (1 - keep * keep));
  const path = new Float64Array(Math.ceil(untilS / STEP_S) + 2);
  for (let i = 1; i < path.length; i++) path[i] = keep * path[i - 1]! + kick * random.normal();
  return (timeS) => {
    const at = Math.min(path.length - 1, Math.max(0, timeS / STEP_S));
    const before = Math.floor(at);
    const after = Math.min(path.length - 1, before + 1);
    return path[before]! + (at - before) * (path[after]! - path[before]!);
  };
}
