import { randomStream } from '../../core/random.js';
import { sum } from '../../worldmodel/engine/broadcast.js';
import { cast, multiply } from '../../worldmodel/engine/elementwise.js';
import { gradients } from '../../worldmodel/engine/gradient.js';
import { createGraph, sizeOf, type Tensor, type TensorData } from '../../worldmodel/engine/graph.js';
import { GRADIENT_CASES, VALUE_CASES } from './engine-cases.js';

/** Draws row-major values from a range. */
export function drawValues(
  name: string,
  shape: readonly number[],
  [low, high]: readonly [number, number] = [-0.5, 0.5],
): Float32Array {
  const random = randomStream(11, name);
  return Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform());
}

/** Values and gradients of every case in one graph, to be run where it starts once. */
export function buildEveryCase(): {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Float32Array>>;
} {
  const graph = createGraph();
  const outputs: Record<string, Tensor> = {};
  const inputs: Record<string, Float32Array> = {};
  const feed = (name: string, shape: readonly number[], range: readonly [number, number]): Tensor => {
    inputs[name] = drawValues(name, shape, range);
    return graph.input(name, shape);
  };
  for (const [index, { operation, shapes, range, build }] of GRADIENT_CASES.entries()) {
    const name = `${operation}/${index}`;
    const xs = shapes.map((shape, i) => feed(`${name}/x${i}`, shape, range ?? [-1.5, 1.5]));
    const y = build(...xs);
    const slopes = gradients(sum(multiply(y, y)), xs);
    for (const [i, tensor] of [y, ...slopes, ...xs.map((x) => sum(x))].entries())
      outputs[`${name}/${i}`] = tensor;
  }
  const x = feed('values', [2, 3], [-1.5, 1.5]);
  for (const [index, { operation, build }] of VALUE_CASES.entries()) {
    outputs[`${operation}/value/${index}`] = cast(build(x), 'float32');
  }
  return { outputs, inputs };
}

/** Finds the element that differs most between two runs, relative to 1 + |value|. */
export function worstDifference(
  actual: Readonly<Record<string, TensorData>>,
  expected: Readonly<Record<string, TensorData>>,
): { readonly where: string; readonly difference: number } {
  let worst = { where: 'nowhere', difference: 0 };
  for (const [name, values] of Object.entries(expected)) {
    if (actual[name]?.length !== values.length) return { where: `${name}: its length`, difference: Infinity };
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(Number(actual[name]![i]) - Number(value)) / (1 + Math.abs(Number(value)));
      if (!(difference <= worst.difference)) {
        worst = { where: `${name} ${i}: ${actual[name]![i]} against ${value}`, difference };
      }
    }
  }
  return worst;
}
