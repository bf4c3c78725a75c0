import { add, square } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { matmul } from '../engine/matrix.js';

/**
 * Power of every spectral line under a Hann window, by two products with the cosines and sines of the discrete Fourier transform.
 *
 * @param x [rows, samples] -> [rows, floor(samples / 2) + 1]; white noise of variance 1 gives 1 on average.
 */
export function powerSpectrum(x: Tensor): Tensor {
  const samples = x.shape[1]!;
  const lines = Math.floor(samples / 2) + 1;
  const window = Float64Array.from(
    { length: samples },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / samples),
  );
  const energy = window.reduce((total, weight) => total + weight * weight, 0);
  const table = (wave: (phase: number) => number): Tensor => {
    const matrix = new Float32Array(samples * lines);
    for (let at = 0; at < samples; at++) {
      for (let line = 0; line < lines; line++) {
        const phase = (2 * Math.PI * ((at * line) % samples)) / samples;
        matrix[at * lines + line] = (window[at]! * wave(phase)) / Math.sqrt(energy);
      }
    }
    return x.graph.constant(matrix, [samples, lines]);
  };
  return add(square(matmul(x, table(Math.cos))), square(matmul(x, table(Math.sin))));
}
