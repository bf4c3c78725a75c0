import { multiply, type Quaternion } from '../../core/math/quaternion.js';

/** The 24 rotations that map a cube onto itself: products of quarter turns about its axes, the identity first. */
export const CUBE_ROTATIONS: readonly Quaternion[] = closeUnderQuarterTurns();

function closeUnderQuarterTurns(): Quaternion[] {
  const half = Math.SQRT1_2;
  const turns: readonly Quaternion[] = [
    [half, half, 0, 0],
    [half, 0, half, 0],
    [half, 0, 0, half],
  ];
  const found: Quaternion[] = [[1, 0, 0, 0]];
  for (let index = 0; index < found.length; index++) {
    for (const turn of turns) {
      const next = multiply(turn, found[index]!);
      if (!found.some((known) => Math.abs(overlap(known, next)) > 0.999)) found.push(next);
    }
  }
  return found;
}

function overlap(a: Quaternion, b: Quaternion): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}
