/** Modes as two-pole, one-zero filters: coefficients and the last two states, one entry a mode; the states are written. */
export interface Filters {
  readonly feedback1: Float64Array;
  readonly feedback2: Float64Array;
  readonly feedforward: Float64Array;
  readonly gains: Float64Array;
  readonly last: Float64Array;
  readonly beforeLast: Float64Array;
}

/**
 * Rings the modes `which` for some samples and adds them to `out`.
 *
 * Four modes at a time: each waits for its own last sample, and four that wait side by side take hardly longer than one.
 */
export function ringModes(
  filters: Filters,
  which: Int32Array,
  count: number,
  out: Float64Array,
  samples: number,
): void {
  let index = 0;
  for (; index + 4 <= count; index += 4) ringFour(filters, which, index, out, samples);
  for (; index < count; index++) driveOne(filters, which[index]!, SILENT, 0, out, samples);
}

/** As `ringModes`, driven by `values` [samples] times each mode's factor. */
export function driveModes(
  filters: Filters,
  which: Int32Array,
  count: number,
  values: Float64Array,
  factors: Float64Array,
  out: Float64Array,
  samples: number,
): void {
  let index = 0;
  for (; index + 4 <= count; index += 4) driveFour(filters, which, index, values, factors, out, samples);
  for (; index < count; index++) {
    const mode = which[index]!;
    driveOne(filters, mode, values, factors[mode]!, out, samples);
  }
}

const SILENT = new Float64Array(0);

/** One mode, driven by `values` times a factor, or by nothing where the factor is 0. */
export function driveOne(
  { feedback1, feedback2, feedforward, gains, last, beforeLast }: Filters,
  mode: number,
  values: Float64Array,
  factor: number,
  out: Float64Array,
  samples: number,
): void {
  const [a, b, c, gain] = [feedback1[mode]!, feedback2[mode]!, feedforward[mode]!, gains[mode]!];
  let [s1, s2] = [last[mode]!, beforeLast[mode]!];
  for (let n = 0; n < samples; n++) {
    const s = (factor === 0 ? 0 : factor * values[n]!) + a * s1 + b * s2;
    out[n]! += gain * (s + c * s1);
    s2 = s1;
    s1 = s;
  }
  last[mode] = s1;
  beforeLast[mode] = s2;
}

function ringFour(filters: Filters, which: Int32Array, at: number, out: Float64Array, samples: number): void {
  const { feedback1, feedback2, feedforward, gains, last, beforeLast } = filters;
  const [i, j, k, l] = [which[at]!, which[at + 1]!, which[at + 2]!, which[at + 3]!];
  const [ai, bi, ci, gi] = [feedback1[i]!, feedback2[i]!, feedforward[i]!, gains[i]!];
  const [aj, bj, cj, gj] = [feedback1[j]!, feedback2[j]!, feedforward[j]!, gains[j]!];
  const [ak, bk, ck, gk] = [feedback1[k]!, feedback2[k]!, feedforward[k]!, gains[k]!];
  const [al, bl, cl, gl] = [feedback1[l]!, feedback2[l]!, feedforward[l]!, gains[l]!];
  let [i1, j1, k1, l1] = [last[i]!, last[j]!, last[k]!, last[l]!];
  let [i2, j2, k2, l2] = [beforeLast[i]!, beforeLast[j]!, beforeLast[k]!, beforeLast[l]!];
  for (let n = 0; n < samples; n++) {
    const i0 = ai * i1 + bi * i2;
    const j0 = aj * j1 + bj * j2;
    const k0 = ak * k1 + bk * k2;
    const l0 = al * l1 + bl * l2;
    out[n]! += gi * (i0 + ci * i1) + gj * (j0 + cj * j1) + (gk * (k0 + ck * k1) + gl * (l0 + cl * l1));
    i2 = i1;
    i1 = i0;
    j2 = j1;
    j1 = j0;
    k2 = k1;
    k1 = k0;
    l2 = l1;
    l1 = l0;
  }
  last[i] = i1;
  last[j] = j1;
  last[k] = k1;
  last[l] = l1;
  beforeLast[i] = i2;
  beforeLast[j] = j2;
  beforeLast[k] = k2;
  beforeLast[l] = l2;
}

function driveFour(
  filters: Filters,
  which: Int32Array,
  at: number,
  values: Float64Array,
  factors: Float64Array,
  out: Float64Array,
  samples: number,
): void {
  const { feedback1, feedback2, feedforward, gains, last, beforeLast } = filters;
  const [i, j, k, l] = [which[at]!, which[at + 1]!, which[at + 2]!, which[at + 3]!];
  const [ai, bi, ci, gi, fi] = [feedback1[i]!, feedback2[i]!, feedforward[i]!, gains[i]!, factors[i]!];
  const [aj, bj, cj, gj, fj] = [feedback1[j]!, feedback2[j]!, feedforward[j]!, gains[j]!, factors[j]!];
  const [ak, bk, ck, gk, fk] = [feedback1[k]!, feedback2[k]!, feedforward[k]!, gains[k]!, factors[k]!];
  const [al, bl, cl, gl, fl] = [feedback1[l]!, feedback2[l]!, feedforward[l]!, gains[l]!, factors[l]!];
  let [i1, j1, k1, l1] = [last[i]!, last[j]!, last[k]!, last[l]!];
  let [i2, j2, k2, l2] = [beforeLast[i]!, beforeLast[j]!, beforeLast[k]!, beforeLast[l]!];
  for (let n = 0; n < samples; n++) {
    const value = values[n]!;
    const i0 = fi * value + ai * i1 + bi * i2;
    const j0 = fj * value + aj * j1 + bj * j2;
    const k0 = fk * value + ak * k1 + bk * k2;
    const l0 = fl * value + al * l1 + bl * l2;
    out[n]! += gi * (i0 + ci * i1) + gj * (j0 + cj * j1) + (gk * (k0 + ck * k1) + gl * (l0 + cl * l1));
    i2 = i1;
    i1 = i0;
    j2 = j1;
    j1 = j0;
    k2 = k1;
    k1 = k0;
    l2 = l1;
    l1 = l0;
  }
  last[i] = i1;
  last[j] = j1;
  last[k] = k1;
  last[l] = l1;
  beforeLast[i] = i2;
  beforeLast[j] = j2;
  beforeLast[k] = k2;
  beforeLast[l] = l2;
}
