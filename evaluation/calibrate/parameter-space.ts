import { UmweltError } from '../../core/errors.js';
import type { CalibrationParameter, ParameterValues } from './contract.js';

/** Digits that a calibrated value is written with: beyond them nothing is known. */
const DIGITS = 6;

/**
 * Turns a point of the search, each coordinate in 0 to 1, into values.
 *
 * @param point [parameters]
 */
export function valuesAt(
  parameters: readonly CalibrationParameter[],
  point: readonly number[],
): ParameterValues {
  return Object.fromEntries(
    parameters.map(({ name, lo, hi, scale }, i) => {
      const x = point[i]!;
      const value = scale === 'log' ? lo * (hi / lo) ** x : lo + (hi - lo) * x;
      // Rounding may step over an end.
      return [name, Math.min(hi, Math.max(lo, Number(value.toPrecision(DIGITS))))];
    }),
  );
}

/** Turns where the search begins into a point. */
export function startOf(parameters: readonly CalibrationParameter[]): readonly number[] {
  return parameters.map(({ lo, hi, start, scale }) =>
    scale === 'log' ? Math.log(start / lo) / Math.log(hi / lo) : (start - lo) / (hi - lo),
  );
}

/**
 * Checks values that came from a file against what a task can take.
 *
 * @throws UmweltError `invalid-input` naming the parameter.
 */
export function requireValues(
  parameters: readonly CalibrationParameter[],
  values: ParameterValues,
  where: string,
): ParameterValues {
  for (const { name, lo, hi, unit } of parameters) {
    const value = values[name];
    if (value !== undefined && value >= lo && value <= hi) continue;
    throw new UmweltError(
      'invalid-input',
      { where, name, value, lo, hi },
      `${where}: expected ${name} between ${lo} and ${hi} ${unit}, got ${value ?? 'nothing'}; calibrate again`,
    );
  }
  return values;
}
