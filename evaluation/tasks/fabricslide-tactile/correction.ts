import { addRow, noRows, type RegressionSums, solveRidge } from './ridge.js';
import { addDistance, fitMixture, noDistances, type ScaleMixture } from './scale-mixture.js';
import { type SlideContext, type SlideForecast, TAXELS } from './slide.js';
import { SPANS, spanOf } from './spans.js';

/** A first guess at how a slide goes on, and what a correction of it may look at. In units of the force level. */
export interface Sketch {
  /** [frames, 16], after the context. */
  readonly guess: Float64Array;
  /** Which coefficients a taxel's correction takes, and which residuals its uncertainty. */
  group(taxel: number): number;
  readonly situation: number;
  /** Writes the features of a frame and taxel into `row`. */
  describe(frame: number, taxel: number, row: Float64Array): void;
}

/** How sketches are made and what they need. */
export interface Sketcher {
  readonly features: number;
  readonly groups: number;
  readonly situations: number;
  readonly sketch: (context: SlideContext) => Sketch;
}

/** A slide to learn from: what is seen of it, a sketch that was made without it, and how it went on. */
export interface Example {
  readonly context: SlideContext;
  readonly sketch: Sketch;
  /** Counts, [frames, 16]. */
  readonly outcome: Float64Array;
}

/** A linear correction of sketches by span of horizons, with the residuals that it leaves. */
export interface Correction {
  /** [groups][spans][features] */
  readonly coefficients: readonly (readonly Float64Array[])[];
  /** Standard deviations in units of the force level: [situations][spans][taxels]. */
  readonly sigmas: readonly (readonly Float64Array[])[];
  /** How much larger the residuals on a fabric are than on all; 1 on others. */
  readonly fabrics: Readonly<Record<string, number>>;
  /** How residuals in units of their scale are distributed. */
  readonly shape: ScaleMixture;
}

const PENALTY = 0.01;
/** With fewer examples than this a group or a situation takes what all of them say. */
const FEWEST = 10;
/** A fabric's own factor is held to 1 as if by this many more slides. */
const FABRIC_PRIOR = 3;
const LEAST_SIGMA = 1e-4;

/** Fits a correction by ridge regression; every example weighs the same in each span that it reaches. */
export function fitCorrection(sketcher: Sketcher, examples: readonly Example[]): Correction {
  const coefficients = fitCoefficients(sketcher, examples);
  const residuals = examples.map((example) => residualsOf(sketcher, coefficients, example));
  const sigmas = measureSigmas(sketcher.situations, examples, residuals);
  const fabrics = measureFabrics(examples, residuals, sigmas);
  return { coefficients, sigmas, fabrics, shape: measureShape(examples, residuals, sigmas, fabrics) };
}

/** Continues a slide: the sketch and its correction, with a normal distribution around each taxel. */
export function correct(
  sketcher: Sketcher,
  { coefficients, sigmas, fabrics, shape }: Correction,
  context: SlideContext,
): SlideForecast {
  const { condition } = context.seen;
  const level = condition.forceLevelCount;
  const sketch = sketcher.sketch(context);
  const corrected = apply(sketcher, coefficients, sketch);
  const factor = level * (fabrics[condition.fabric] ?? 1);
  const sigma = corrected.map(
    (_, at) => factor * sigmas[sketch.situation]![spanOf(Math.floor(at / TAXELS) + 1)]![at % TAXELS]!,
  );
  return { mean: corrected.map((value) => level * value), sigma, shape, isRerun: false };
}

function fitCoefficients({ features, groups }: Sketcher, examples: readonly Example[]): Float64Array[][] {
  const make = () => Array.from({ length: SPANS }, () => noRows(features));
  const pooled = make();
  const own = Array.from({ length: groups }, make);
  const counts = Array.from({ length: groups }, () => new Set<number>());
  const row = new Float64Array(features);
  for (const [index, { context, sketch, outcome }] of examples.entries()) {
    const lengths = spanLengths(context.frames);
    for (let at = 0; at < sketch.guess.length; at++) {
      const [frame, taxel] = [Math.floor(at / TAXELS), at % TAXELS];
      const span = spanOf(frame + 1);
      const group = sketch.group(taxel);
      sketch.describe(frame, taxel, row);
      const target = outcome[at]! / context.seen.condition.forceLevelCount - sketch.guess[at]!;
      const weight = 1 / lengths[span]!;
      addRow(own[group]![span]!, row, target, weight);
      addRow(pooled[span]!, row, target, weight);
      counts[group]!.add(index);
    }
  }
  const solve = (sums: readonly RegressionSums[]) => sums.map((one) => solveRidge(one, PENALTY));
  const ofAll = solve(pooled);
  return own.map((sums, group) => (counts[group]!.size < FEWEST ? ofAll : solve(sums)));
}

/** How many frames of a slide lie in each span. */
function spanLengths(frames: number): number[] {
  const lengths = new Array<number>(SPANS).fill(0);
  for (let horizon = 1; horizon <= frames; horizon++) lengths[spanOf(horizon)]!++;
  return lengths;
}

function apply(
  { features }: Sketcher,
  coefficients: readonly (readonly Float64Array[])[],
  sketch: Sketch,
): Float64Array {
  const row = new Float64Array(features);
  return sketch.guess.map((value, at) => {
    const [frame, taxel] = [Math.floor(at / TAXELS), at % TAXELS];
    sketch.describe(frame, taxel, row);
    const factors = coefficients[sketch.group(taxel)]![spanOf(frame + 1)]!;
    let sum = value;
    for (let feature = 0; feature < features; feature++) sum += factors[feature]! * row[feature]!;
    return sum;
  });
}

function residualsOf(
  sketcher: Sketcher,
  coefficients: readonly (readonly Float64Array[])[],
  { context, sketch, outcome }: Example,
): Float64Array {
  const level = context.seen.condition.forceLevelCount;
  return apply(sketcher, coefficients, sketch).map((value, at) => outcome[at]! / level - value);
}

/** Root mean squares of residuals by situation, span and taxel; a span that too few reach has the one before it. */
function measureSigmas(
  situations: number,
  examples: readonly Example[],
  residuals: readonly Float64Array[],
): Float64Array[][] {
  const measure = (takes: (example: Example) => boolean): Float64Array[] | null => {
    const squares = Array.from({ length: SPANS }, () => new Float64Array(TAXELS));
    const weights = new Float64Array(SPANS);
    for (const [index, example] of examples.entries()) {
      if (!takes(example)) continue;
      const lengths = spanLengths(example.context.frames);
      for (const [span, length] of lengths.entries()) if (length > 0) weights[span]!++;
      for (const [at, residual] of residuals[index]!.entries()) {
        const span = spanOf(Math.floor(at / TAXELS) + 1);
        squares[span]![at % TAXELS]! += residual ** 2 / lengths[span]!;
      }
    }
    if (weights[0]! < FEWEST) return null;
    const sigmas: Float64Array[] = [];
    for (const [span, sums] of squares.entries()) {
      const weight = weights[span]!;
      const few = weight < FEWEST && span > 0;
      sigmas.push(
        few ? sigmas[span - 1]! : sums.map((sum) => Math.max(LEAST_SIGMA, Math.sqrt(sum / weight))),
      );
    }
    return sigmas;
  };
  const all = measure(() => true) ?? Array.from({ length: SPANS }, () => new Float64Array(TAXELS).fill(0.1));
  return Array.from(
    { length: situations },
    (_, situation) => measure(({ sketch }) => sketch.situation === situation) ?? all,
  );
}

function measureFabrics(
  examples: readonly Example[],
  residuals: readonly Float64Array[],
  sigmas: readonly (readonly Float64Array[])[],
): Record<string, number> {
  const sums = new Map<string, { squares: number; slides: number }>();
  for (const [index, { context, sketch }] of examples.entries()) {
    let squares = 0;
    for (const [at, residual] of residuals[index]!.entries()) {
      const sigma = sigmas[sketch.situation]![spanOf(Math.floor(at / TAXELS) + 1)]![at % TAXELS]!;
      squares += (residual / sigma) ** 2 / residuals[index]!.length;
    }
    const { fabric } = context.seen.condition;
    const sum = sums.get(fabric) ?? { squares: 0, slides: 0 };
    sums.set(fabric, { squares: sum.squares + squares, slides: sum.slides + 1 });
  }
  return Object.fromEntries(
    [...sums].map(([fabric, { squares, slides }]) => [
      fabric,
      Math.sqrt((squares + FABRIC_PRIOR) / (slides + FABRIC_PRIOR)),
    ]),
  );
}

function measureShape(
  examples: readonly Example[],
  residuals: readonly Float64Array[],
  sigmas: readonly (readonly Float64Array[])[],
  fabrics: Readonly<Record<string, number>>,
): ScaleMixture {
  const distances = noDistances();
  for (const [index, { context, sketch }] of examples.entries()) {
    const factor = fabrics[context.seen.condition.fabric]!;
    for (const [at, residual] of residuals[index]!.entries()) {
      const sigma = sigmas[sketch.situation]![spanOf(Math.floor(at / TAXELS) + 1)]![at % TAXELS]!;
      addDistance(distances, residual / (factor * sigma));
    }
  }
  return fitMixture(distances);
}
