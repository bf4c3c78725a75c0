import type { CalibrationParameter, CalibrationProblem, Case, ParameterValues } from '../../task.js';
import type { InertiaStatistics } from './inertia-statistics.js';

const AXES = ['X', 'Y', 'Z'] as const;
const EVALUATIONS = 720;

/** Mismatches that weigh as much as a factor e in a density: what a second of walking leaves of acceleration, and of turns. */
const FORCE_MPS2 = 0.2;
const RATE_RADPS = 0.005;
/** Nothing is quieter, so that readings that never change have a logarithm. */
const LEAST_DENSITY = 1e-7;

/**
 * States the search for an inertial unit's noise and biases. `imu.<sense>.whiteDensity` is named as in a scenario's imu; biases are
 * those of this one unit, whose root mean square over the axes estimates the scenario's `bias`, a standard deviation over units.
 *
 * @param cases in an order of which any first few are a fair sample.
 * @param statisticsOf measures a case; asked once for each; null where it is too short.
 */
export function inertiaProblem(
  cases: readonly Case[],
  statisticsOf: (chosen: Case) => Promise<InertiaStatistics | null>,
): CalibrationProblem {
  const measured = new Map<string, Promise<InertiaStatistics | null>>();
  const known = (chosen: Case): Promise<InertiaStatistics | null> => {
    const made = measured.get(chosen.name) ?? statisticsOf(chosen);
    measured.set(chosen.name, made);
    return made;
  };
  return {
    name: 'imu',
    parameters: [
      ...senseParameters('accelerometer', 'm/s2', 1e-3, 1),
      ...senseParameters('gyroscope', 'rad/s', 1.2e-4, 0.1),
    ],
    cases,
    evaluations: EVALUATIONS,
    async loss(values, chosen) {
      const statistics = await known(chosen);
      return statistics === null ? 0 : inertialLoss(values, statistics);
    },
  };
}

function senseParameters(
  sense: 'accelerometer' | 'gyroscope',
  unit: string,
  density: number,
  most: number,
): readonly CalibrationParameter[] {
  const white: CalibrationParameter = {
    name: `imu.${sense}.whiteDensity`,
    unit: `${unit}/sqrt(Hz)`,
    description: 'density of the white noise',
    lo: density / 100,
    hi: density * 100,
    start: density,
    scale: 'log',
  };
  const biases = AXES.map(
    (axis): CalibrationParameter => ({
      name: `imu.${sense}.bias${axis}`,
      unit,
      description: `constant bias of this unit, ${axis.toLowerCase()} of forward, left, up`,
      lo: -most,
      hi: most,
      start: 0,
      scale: 'linear',
    }),
  );
  return [white, ...biases];
}

/** Root of the summed squares of log ratios of densities and of biases over what a second leaves open. */
function inertialLoss(values: ParameterValues, measured: InertiaStatistics): number {
  const excess = (sense: string, readings: readonly number[], scale: number): number =>
    AXES.reduce(
      (sum, axis, k) => sum + ((readings[k]! - values[`imu.${sense}.bias${axis}`]!) / scale) ** 2,
      0,
    );
  const ratio = (density: number, expected: number): number =>
    Math.log(Math.max(LEAST_DENSITY, density) / expected) ** 2;
  return Math.sqrt(
    ratio(measured.accelerometerDensity, values['imu.accelerometer.whiteDensity']!) +
      ratio(measured.gyroscopeDensity, values['imu.gyroscope.whiteDensity']!) +
      excess('accelerometer', measured.forceExcess, FORCE_MPS2) +
      excess('gyroscope', measured.rateExcess, RATE_RADPS),
  );
}
