import type { IKernelFunctionThis } from 'gpu.js';
import type { KernelRunner } from './gpu.js';

/** Sums the next samples of modes that ring freely, from two amplitudes a mode. */
export type RingModes = (amplitudes: Float32Array) => Promise<Float32Array>;

type Constants = Readonly<Record<'rows' | 'samples', number>>;

/**
 * Makes a block of a modal bank's free ringing as a kernel: sample n is the sum over modes of
 * `amplitude_k table[k, n]`, where a mode has two rows, its answers to its last state and to the one before.
 *
 * @param table [2 modes, samples] of `tabulateRinging`.
 */
export function ringOn({ gpu }: KernelRunner, table: Float32Array, samples: number): RingModes {
  const constants: Constants = { rows: table.length / samples, samples };
  const kernel = gpu.createKernel(
    function (this: IKernelFunctionThis<Constants>, answers: number[], amplitudes: number[]): number {
      let sum = 0;
      for (let row = 0; row < this.constants.rows; row++) {
        sum += amplitudes[row]! * answers[row * this.constants.samples + this.thread.x]!;
      }
      return sum;
    },
    { output: [samples], constants: { ...constants }, precision: 'single' },
  );
  return async (amplitudes) => (await kernel(table as never, amplitudes as never)) as Float32Array;
}

/**
 * Tabulates how resonators `s(n) = a1 s(n-1) + a2 s(n-2)`, heard as `s(n) + b1 s(n-1)`, go on from unit states.
 *
 * @param a1 [modes]; `a2`, `b1` likewise (see sensors/audio/resonators.ts).
 * @returns [2 modes, samples]: of each mode the answer to s(-1) = 1, then to s(-2) = 1.
 */
export function tabulateRinging(
  a1: Float64Array,
  a2: Float64Array,
  b1: Float64Array,
  samples: number,
): Float32Array {
  const table = new Float32Array(2 * a1.length * samples);
  for (let mode = 0; mode < a1.length; mode++) {
    for (const [state, from] of [
      [1, 0],
      [0, 1],
    ].entries()) {
      let [last, beforeLast] = from as [number, number];
      for (let sample = 0; sample < samples; sample++) {
        const next = a1[mode]! * last + a2[mode]! * beforeLast;
        table[(2 * mode + state) * samples + sample] = next + b1[mode]! * last;
        beforeLast = last;
        last = next;
      }
    }
  }
  return table;
}
