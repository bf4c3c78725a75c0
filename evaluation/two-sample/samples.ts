import { UmweltError } from '../../core/errors.js';

/** Observations of one kind of data, each a row of numbers, gathered in units (recordings) that are independent. */
export interface Samples {
  readonly rows: number;
  readonly width: number;
  /** [rows, width] row-major. */
  readonly values: Float64Array;
  /** [rows] which unit each row belongs to, from 0 on. Rows of one unit resemble each other. */
  readonly unitOf: Int32Array;
  readonly units: number;
}

/**
 * Makes samples of rows of equal length.
 *
 * @param unitOf one number a row that tells units apart; each row is a unit of its own where it is absent.
 * @throws UmweltError `shape-mismatch` when rows differ in length; `not-finite` when a number is none.
 */
export function samplesOf(rows: readonly ArrayLike<number>[], unitOf?: readonly number[]): Samples {
  const width = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * width);
  for (const [index, row] of rows.entries()) {
    if (row.length !== width) {
      throw new UmweltError(
        'shape-mismatch',
        { row: index, expected: width, actual: row.length },
        `samples: expected ${width} numbers in every row, got ${row.length} in row ${index}`,
      );
    }
    for (let column = 0; column < width; column++) {
      const value = row[column]!;
      if (!Number.isFinite(value)) {
        throw new UmweltError(
          'not-finite',
          { row: index, column },
          `samples: expected finite numbers, got ${value} in row ${index}, column ${column}`,
        );
      }
      values[index * width + column] = value;
    }
  }
  const names = new Map<number, number>();
  const units = Int32Array.from(rows, (_, index) => {
    const name = unitOf?.[index] ?? index;
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  });
  return { rows: rows.length, width, values, unitOf: units, units: names.size };
}

/**
 * Shifts and scales every column so that both samples together have a mean of 0 and a deviation of 1; constant columns become 0.
 *
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function standardiseTogether(a: Samples, b: Samples): readonly [Samples, Samples] {
  requireSameWidth(a, b);
  const count = a.rows + b.rows;
  const scaled = [new Float64Array(a.values.length), new Float64Array(b.values.length)] as const;
  for (let column = 0; column < a.width; column++) {
    let sum = 0;
    for (const { rows, width, values } of [a, b])
      for (let row = 0; row < rows; row++) sum += values[row * width + column]!;
    const mean = sum / count;
    let squares = 0;
    for (const { rows, width, values } of [a, b])
      for (let row = 0; row < rows; row++) squares += (values[row * width + column]! - mean) ** 2;
    const deviation = Math.sqrt(squares / count);
    // What rounding leaves of a constant is no difference.
    const scale = deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? 1 / deviation : 0;
    for (const [side, { rows, width, values }] of [a, b].entries())
      for (let row = 0; row < rows; row++)
        scaled[side]![row * width + column] = (values[row * width + column]! - mean) * scale;
  }
  return [
    { ...a, values: scaled[0] },
    { ...b, values: scaled[1] },
  ];
}

/**
 * Computes the squared distances between all rows of two samples, `a` first: float64 [(a.rows + b.rows)^2].
 *
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function squaredDistances(a: Samples, b: Samples): Float64Array {
  requireSameWidth(a, b);
  const count = a.rows + b.rows;
  const { width } = a;
  const all = new Float64Array(count * width);
  all.set(a.values);
  all.set(b.values, a.values.length);
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let column = 0; column < width; column++)
        sum += (all[i * width + column]! - all[j * width + column]!) ** 2;
      distances[i * count + j] = sum;
      distances[j * count + i] = sum;
    }
  }
  return distances;
}

/** @throws UmweltError `shape-mismatch` when two samples differ in width. */
export function requireSameWidth(a: Samples, b: Samples): void {
  if (a.width === b.width) return;
  throw new UmweltError(
    'shape-mismatch',
    { a: a.width, b: b.width },
    `two-sample test: expected rows of equally many numbers, got ${a.width} and ${b.width}`,
  );
}
