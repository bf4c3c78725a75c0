import { exp, log } from '../../core/math/exact.js';

/** Points of a soft surface and how far above each the hard body is before anything yields. */
export interface GapField {
  readonly count: number;
  /** [count] m above the point that is met first; Infinity where there is nothing. */
  readonly gapM: Float64Array;
  readonly areaM2: Float64Array;
  /** [count, 2] place on the surface, m. */
  readonly chartM: Float64Array;
}

/** How a body sits in a soft surface. */
export interface Indentation {
  /** Gap of the rim of the contact, m: the pressure at gap h is proportional to sqrt(rimM - h). */
  readonly rimM: number;
  /** How far the body moves into the surface, m. */
  readonly depthM: number;
  /** How many points are in contact. */
  readonly touched: number;
}

const ROUNDS = 14;
const CLOSE = 1e-4;
/** Half the length of the contact over the standard deviation along it, weighted by pressure: a circle's sqrt 5. */
const ROUND_SHAPE = Math.sqrt(5);
/** For a narrow stripe: (3 pi / 16) sqrt 12, so that Hertz' line contact comes out. */
const STRIPE_SHAPE = ((3 * Math.PI) / 16) * Math.sqrt(12);

/**
 * Finds how deep a force presses a body of any form into a soft half-space.
 *
 * Hertz' pressure under a sphere, p0 sqrt(1 - r2 / a2), is proportional to sqrt(rim - h) for the gap h = r2 / 2 R and rim =
 * a2 / 2 R; and his F = 4 E* a3 / 3 R reads F = (8/3) E* rim a. Both are carried over to other forms with a the half length of
 * the contact, from its second moments: exact for a sphere on a plane and for a long cylinder, within a few percent for
 * ellipses in between; a flat punch gets even pressure (a rigid one would peak at its rim), and its depth within 1 %.
 * (Johnson, Contact Mechanics, 1985, chapters 3 and 4.)
 *
 * @param pressureWeight [count] overwritten: sqrt(rim - gap) in the contact, 0 outside.
 * @param modulusPa E*: 1 / E* = (1 - nu1^2) / E1 + (1 - nu2^2) / E2.
 * @param startM a rim to start from, as of the last instant; 0 where there is none.
 */
export function indent(
  field: GapField,
  forceN: number,
  modulusPa: number,
  pressureWeight: Float64Array,
  startM = 0,
): Indentation {
  const target = forceN / ((8 / 3) * modulusPa);
  let rim = startM > 0 ? startM : firstGuess(target);
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  let slope = 1.5;
  let shape = measure(field, rim);
  for (let round = 0; round < ROUNDS; round++) {
    const x = log(rim);
    const y = log((rim * Math.max(shape.halfLengthM, 1e-9)) / target);
    if (Math.abs(y) < CLOSE) break;
    // Force grows with the rim to a power between 1 (a flat face) and 2 (a cone).
    if (Math.abs(x - lastX) > 1e-9) slope = Math.min(4, Math.max(0.8, (y - lastY) / (x - lastX)));
    [lastX, lastY] = [x, y];
    rim = exp(x - Math.min(4, Math.max(-4, y / slope)));
    shape = measure(field, rim);
  }
  for (let index = 0; index < field.count; index++) {
    const below = rim - field.gapM[index]!;
    pressureWeight[index] = below > 0 ? Math.sqrt(below) : 0;
  }
  // A sphere moves in by twice its rim (mean gap 0.4 rim), a flat face by F / (2 E* a) = 1.5 rim.
  return { rimM: rim, depthM: rim * (1.5 + 1.25 * shape.meanGap), touched: shape.touched };
}

/** What a face of 10 mm would have: only a start. */
function firstGuess(target: number): number {
  return Math.max(1e-9, target / 0.005);
}

interface ContactShape {
  /** Effective half length in F = (8/3) E* rim a. */
  readonly halfLengthM: number;
  /** Mean gap, weighted by pressure, over the rim. */
  readonly meanGap: number;
  readonly touched: number;
}

/** Measures the contact by moments weighted by pressure and area. */
function measure({ count, gapM, areaM2, chartM }: GapField, rim: number): ContactShape {
  let touched = 0;
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXx = 0;
  let sumYy = 0;
  let sumXy = 0;
  let gaps = 0;
  let area = 0;
  for (let index = 0; index < count; index++) {
    const below = rim - gapM[index]!;
    if (below <= 0) continue;
    const cell = areaM2[index]!;
    const weight = Math.sqrt(below) * cell;
    const x = chartM[index * 2]!;
    const y = chartM[index * 2 + 1]!;
    touched += 1;
    area += cell;
    sum += weight;
    const weightX = weight * x;
    const weightY = weight * y;
    sumX += weightX;
    sumY += weightY;
    sumXx += weightX * x;
    sumYy += weightY * y;
    sumXy += weightX * y;
    gaps += weight * gapM[index]!;
  }
  if (sum === 0) return { halfLengthM: 0, meanGap: 0, touched };
  // A cell is not a point: its own spread.
  const own = area / touched / 12;
  const xx = sumXx / sum - (sumX / sum) * (sumX / sum) + own;
  const yy = sumYy / sum - (sumY / sum) * (sumY / sum) + own;
  const xy = sumXy / sum - (sumX / sum) * (sumY / sum);
  const middle = (xx + yy) / 2;
  const apart = Math.sqrt(((xx - yy) / 2) * ((xx - yy) / 2) + xy * xy);
  const long = Math.sqrt(middle + apart);
  const short = Math.sqrt(Math.max(0, middle - apart));
  const form = STRIPE_SHAPE + (ROUND_SHAPE - STRIPE_SHAPE) * (short / long);
  return { halfLengthM: long * form, meanGap: gaps / sum / rim, touched };
}

/** Returns E* of two bodies in series: 1 / E* = (1 - nu1^2) / E1 + (1 - nu2^2) / E2, Pa. */
export function contactModulusPa(
  a: { readonly youngPa: number; readonly poisson: number },
  b: { readonly youngPa: number; readonly poisson: number },
): number {
  return 1 / ((1 - a.poisson * a.poisson) / a.youngPa + (1 - b.poisson * b.poisson) / b.youngPa);
}
