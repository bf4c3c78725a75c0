/** Decaying tone without a size: z = exp((-d + i w) / rate). */
export interface Tone {
  readonly zr: number;
  readonly zi: number;
}

/** Share of the basis' own energy that is added to keep tones that are nearly the same from cancelling each other. */
const RIDGE = 1e-9;

/**
 * Finds the complex amplitudes of damped tones that together come nearest to a sound, least squares over time.
 *
 * @returns [tones x 2] real and imaginary part of a in `sum of Re(a z^n)`.
 */
export function fitAmplitudes(
  samples: ArrayLike<number>,
  size: number,
  tones: readonly Tone[],
): Float64Array {
  const count = 2 * tones.length;
  const gram = new Float64Array(count * count);
  const right = new Float64Array(count);
  const state = new Float64Array(count);
  for (let tone = 0; tone < tones.length; tone++) state[2 * tone] = 1;
  for (let n = 0; n < size; n++) {
    const sample = samples[n]!;
    for (let i = 0; i < count; i++) {
      const value = state[i]!;
      right[i]! += value * sample;
      for (let j = 0; j <= i; j++) gram[i * count + j]! += value * state[j]!;
    }
    // Re(a z^n) = ar Re(z^n) - ai Im(z^n): the second basis function is -Im.
    for (const [tone, { zr, zi }] of tones.entries()) {
      const [re, im] = [state[2 * tone]!, -state[2 * tone + 1]!];
      state[2 * tone] = re * zr - im * zi;
      state[2 * tone + 1] = -(re * zi + im * zr);
    }
  }
  for (let i = 0; i < count; i++) gram[i * count + i]! *= 1 + RIDGE;
  return solveLower(gram, right, count);
}

/** Solves a positive definite system, given its lower half, by Cholesky's factors; both arguments are overwritten. */
function solveLower(a: Float64Array, x: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / a[j * n + j]!;
    }
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  return x;
}
