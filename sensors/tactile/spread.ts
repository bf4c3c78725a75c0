import { exp } from '../../core/math/exact.js';
import type { Skin } from './skin.js';

/**
 * Makes the gel's point-spread function: a Gaussian along rows and columns, cut off at the skin's edge and made whole there, so
 * that no load is lost.
 *
 * @returns a function that spreads [cells] pressure and, behind it, [cells, 2] shear, in place.
 */
export function createSpread({ rows, columns, pitchM }: Skin, spreadM: number): (felt: Float64Array) => void {
  const alongRows = kernel(rows, pitchM[0] / spreadM);
  const alongColumns = kernel(columns, pitchM[1] / spreadM);
  const cells = rows * columns;
  const half = new Float64Array(cells);
  const spread = (felt: Float64Array, offset: number, stride: number): void => {
    half.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let from = 0; from < rows; from++) {
        const share = alongRows[from * rows + row]!;
        if (share === 0) continue;
        for (let column = 0; column < columns; column++)
          half[row * columns + column]! += share * felt[offset + (from * columns + column) * stride]!;
      }
    }
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let from = 0; from < columns; from++)
          sum += alongColumns[from * columns + column]! * half[row * columns + from]!;
        felt[offset + (row * columns + column) * stride] = sum;
      }
    }
  };
  return (felt) => {
    spread(felt, 0, 1);
    spread(felt, cells, 2);
    spread(felt, cells + 1, 2);
  };
}

/** [count, count] where a load in a cell goes to; each line sums to one. */
function kernel(count: number, pitch: number): Float64Array {
  const weights = new Float64Array(count * count);
  for (let from = 0; from < count; from++) {
    let sum = 0;
    for (let to = 0; to < count; to++) {
      const u = (to - from) * pitch;
      const weight = Math.abs(u) > 5 ? 0 : exp((-u * u) / 2);
      weights[from * count + to] = weight;
      sum += weight;
    }
    for (let to = 0; to < count; to++) weights[from * count + to]! /= sum;
  }
  return weights;
}
