import { exp, log } from '../../../core/math/exact.js';
import { type Condition, conditionKey, type Slide, TAXELS } from './slide.js';

/** How alike two conditions must be for one slide to say something about the other. */
export interface Kernel {
  /** Standard deviation in the logarithm of the force level. */
  readonly levelWidth: number;
  /** What a doubling of the speed costs, in the exponent. */
  readonly speedCost: number;
}

/** Slides with less than this share of the largest weight are left out. */
const LEAST_SHARE = 1e-3;
/** Slower than this is this, m/s: a logarithm needs some speed. */
const LEAST_SPEED_MPS = 0.001;

/** How far a slide's command is from the one that is wanted: minus the logarithm of its weight, 0 for a re-run. */
export function distance(slide: Condition, wanted: Condition, { levelWidth, speedCost }: Kernel): number {
  const level = log(slide.forceLevelCount / wanted.forceLevelCount) / levelWidth;
  const speed = Math.abs(log(speedOf(slide) / speedOf(wanted)) / Math.LN2);
  return (level * level) / 2 + speedCost * speed;
}

/**
 * Returns the slides that say most about a condition: those on the same fabric in the same direction; where there are none, all on
 * the fabric; then all in the direction; then all.
 */
export function relevant(known: readonly Slide[], wanted: Condition): readonly Slide[] {
  const sameWay = ({ condition }: Slide) => condition.speedMps < 0 === wanted.speedMps < 0;
  const onFabric = known.filter(({ condition }) => condition.fabric === wanted.fabric);
  const tiers = [onFabric.filter(sameWay), onFabric, known.filter(sameWay)];
  return tiers.find((tier) => tier.length > 0) ?? known;
}

/**
 * Predicts a whole slide as the weighted mean of known ones (Nadaraya 1964, Watson 1964), each in units of its force level and
 * stretched in time so that the finger is at the same place.
 *
 * @param known at least one.
 * @returns in units of the level, [frames, 16], from the slide's first frame on.
 */
export function meanOfSlides(
  known: readonly Slide[],
  wanted: Condition,
  frames: number,
  kernel: Kernel,
): Float64Array {
  const slides = relevant(known, wanted);
  const distances = slides.map(({ condition }) => distance(condition, wanted, kernel));
  const least = Math.min(...distances);
  const sum = new Float64Array(frames * TAXELS);
  let total = 0;
  for (const [index, slide] of slides.entries()) {
    const weight = exp(least - distances[index]!);
    if (weight < LEAST_SHARE) continue;
    total += weight;
    addStretched(
      sum,
      slide,
      speedOf(wanted) / speedOf(slide.condition),
      weight / slide.condition.forceLevelCount,
    );
  }
  return sum.map((value) => value / total);
}

/** Adds a slide that goes `factor` times as fast; it stands still after its end. */
function addStretched(sum: Float64Array, { taxels, frames }: Slide, factor: number, weight: number): void {
  for (let frame = 0; frame < sum.length / TAXELS; frame++) {
    const exact = Math.min(frame * factor, frames - 1);
    const before = Math.floor(exact);
    const share = exact - before;
    const from = before * TAXELS;
    const to = Math.min(before + 1, frames - 1) * TAXELS;
    for (let taxel = 0; taxel < TAXELS; taxel++) {
      const value = taxels[from + taxel]! * (1 - share) + taxels[to + taxel]! * share;
      sum[frame * TAXELS + taxel]! += weight * value;
    }
  }
}

/** Returns the slides of other conditions than this. */
export function withoutReruns(known: readonly Slide[], wanted: Condition): readonly Slide[] {
  const key = conditionKey(wanted);
  return known.filter(({ condition }) => conditionKey(condition) !== key);
}

function speedOf({ speedMps }: Condition): number {
  return Math.max(Math.abs(speedMps), LEAST_SPEED_MPS);
}
