import { sum } from './broadcast.js';
import { add, divide, maximum, minimum, multiply, sqrt, square, subtract } from './elementwise.js';
import type { Tensor } from './graph.js';
import type { Operand } from './operand.js';

/** A tensor kept between steps, and its value after this step. */
export interface Update {
  readonly tensor: Tensor;
  readonly next: Tensor;
}

/**
 * What an optimiser keeps: the steps taken (float32, exact below 2^24), the moments by parameter, and the weights that
 * the moments' averages have gathered so far, 1 - beta^t (kept, because computing it in float32 loses four digits).
 */
export interface OptimiserState {
  readonly step: Tensor;
  readonly firstWeight: Tensor;
  readonly secondWeight: Tensor;
  readonly first: readonly Tensor[];
  readonly second: readonly Tensor[];
}

/** Constants of an optimiser. */
export interface OptimiserOptions {
  /** Adam: 0.9. */
  readonly beta1?: number;
  /** AdamW: 0.999; LaProp: 0.99. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled from the gradient: w is reduced by learningRate * weightDecay * w. Matrices only, not biases. */
  readonly weightDecay?: number;
}

/** Declares the state of `adamW` or `laprop`, all zeros. */
export function initOptimiser(parameters: readonly Tensor[]): OptimiserState {
  const graph = parameters[0]!.graph;
  const moments = (kind: string): readonly Tensor[] =>
    parameters.map(({ name, shape }) =>
      graph.state(
        `optimiser/${kind}/${name}`,
        shape,
        () => new Float32Array(shape.reduce((a, b) => a * b, 1)),
      ),
    );
  return {
    step: graph.state('optimiser/step', [], new Float32Array(1)),
    firstWeight: graph.state('optimiser/firstWeight', [], new Float32Array(1)),
    secondWeight: graph.state('optimiser/secondWeight', [], new Float32Array(1)),
    first: moments('first'),
    second: moments('second'),
  };
}

/** One step of an optimiser: the same signature for each. */
export type OptimiserUpdate = (
  state: OptimiserState,
  parameters: readonly Tensor[],
  gradients: readonly Tensor[],
  learningRate: Operand,
  options?: OptimiserOptions,
) => readonly Update[];

/**
 * Takes a step of AdamW (Loshchilov, Hutter: Decoupled weight decay regularization, 2019).
 *
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps) - lr decay w.
 */
export const adamW: OptimiserUpdate = (state, parameters, gradients, learningRate, options = {}) => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const { firstWeight, secondWeight, updates } = count(state, beta1, beta2);
  const correction2 = sqrt(secondWeight);
  const rate = divide(multiply(correction2, learningRate), firstWeight);
  const small = multiply(correction2, epsilon);
  for (const [i, parameter] of parameters.entries()) {
    const gradient = gradients[i]!;
    const first = average(state.first[i]!, gradient, beta1);
    const second = average(state.second[i]!, square(gradient), beta2);
    const change = divide(multiply(first, rate), add(sqrt(second), small));
    updates.push({ tensor: state.first[i]!, next: first }, { tensor: state.second[i]!, next: second });
    updates.push({
      tensor: parameter,
      next: decay(subtract(parameter, change), parameter, learningRate, weightDecay),
    });
  }
  return updates;
};

/**
 * Takes a step of LaProp (Ziyin, Wang, Ueda: Separating momentum and adaptivity in Adam, 2020), as DreamerV3 uses it.
 *
 * v = b2 v + (1 - b2) g^2; m = b1 m + (1 - b1) g / (sqrt(v / (1 - b2^t)) + eps); w = w - lr m / (1 - b1^t) - lr decay w.
 */
export const laprop: OptimiserUpdate = (state, parameters, gradients, learningRate, options = {}) => {
  const { beta1 = 0.9, beta2 = 0.99, epsilon = 1e-20, weightDecay = 0 } = options;
  const { firstWeight, secondWeight, updates } = count(state, beta1, beta2);
  const correction2 = sqrt(secondWeight);
  const rate = divide(learningRate, firstWeight);
  const small = multiply(correction2, epsilon);
  const scale = multiply(correction2, 1 - beta1);
  for (const [i, parameter] of parameters.entries()) {
    const gradient = gradients[i]!;
    const second = average(state.second[i]!, square(gradient), beta2);
    const scaled = divide(multiply(gradient, scale), add(sqrt(second), small));
    const first = add(multiply(state.first[i]!, beta1), scaled);
    const change = multiply(first, rate);
    updates.push({ tensor: state.first[i]!, next: first }, { tensor: state.second[i]!, next: second });
    updates.push({
      tensor: parameter,
      next: decay(subtract(parameter, change), parameter, learningRate, weightDecay),
    });
  }
  return updates;
};

/** Returns the Euclidean norm of all gradients together. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map((gradient) => sum(square(gradient))).reduce((total, part) => add(total, part)));
}

/** Scales all gradients by one factor so that their common norm is at most `limit`. */
export function clipByGlobalNorm(gradients: readonly Tensor[], limit: number): readonly Tensor[] {
  const factor = minimum(divide(limit, maximum(globalNorm(gradients), SMALLEST_NORM)), 1);
  return gradients.map((gradient) => multiply(gradient, factor));
}

/**
 * Scales each gradient so that its norm is at most `limit` times its parameter's norm (Brock et al. 2021, with norms
 * over whole tensors as DreamerV3 takes them).
 *
 * @param floor stands in for a parameter's norm that is smaller, so that zeros can be left.
 */
export function clipAdaptively(
  gradients: readonly Tensor[],
  parameters: readonly Tensor[],
  limit = 0.3,
  floor = 1e-3,
): readonly Tensor[] {
  return gradients.map((gradient, i) => {
    const bound = multiply(maximum(globalNorm([parameters[i]!]), floor), limit);
    const factor = minimum(divide(bound, maximum(globalNorm([gradient]), SMALLEST_NORM)), 1);
    return multiply(gradient, factor);
  });
}

/**
 * Returns the learning rate of a step: a linear rise from 0 over `warmupSteps`, then a half cosine down to `final` at
 * `totalSteps`, constant afterwards.
 *
 * @param step 1 for the first step.
 */
export function warmupCosine(
  step: number,
  schedule: {
    readonly peak: number;
    readonly warmupSteps: number;
    readonly totalSteps: number;
    readonly final?: number;
  },
): number {
  const { peak, warmupSteps, totalSteps, final = 0 } = schedule;
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return final + (peak - final) * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** Keeps a division by a norm of zero finite. */
const SMALLEST_NORM = 1e-30;

function count(
  state: OptimiserState,
  beta1: number,
  beta2: number,
): { readonly firstWeight: Tensor; readonly secondWeight: Tensor; readonly updates: Update[] } {
  const firstWeight = add(multiply(state.firstWeight, beta1), 1 - beta1);
  const secondWeight = add(multiply(state.secondWeight, beta2), 1 - beta2);
  const updates = [
    { tensor: state.step, next: add(state.step, 1) },
    { tensor: state.firstWeight, next: firstWeight },
    { tensor: state.secondWeight, next: secondWeight },
  ];
  return { firstWeight, secondWeight, updates };
}

/** beta old + (1 - beta) fresh */
function average(old: Tensor, fresh: Tensor, beta: number): Tensor {
  return add(multiply(old, beta), multiply(fresh, 1 - beta));
}

function decay(next: Tensor, parameter: Tensor, learningRate: Operand, weightDecay: number): Tensor {
  if (weightDecay === 0 || parameter.shape.length < 2) return next;
  const factor = multiply(parameter.graph.constant(weightDecay), learningRate);
  return subtract(next, multiply(parameter, factor));
}
