import type { CalibrationParameter, CalibrationProblem, Case, ParameterValues } from '../../task.js';
import type { InertiaStatistics } from './inertia-statistics.js';

const AXES = ['X', 'Y', 'Z'] as const;

/** A sense of an inertial unit: what it is measured by, and what its search begins with and may try. */
interface Sense {
  readonly name: 'accelerometer' | 'gyroscope';
  readonly unit: string;
  /** The scenario's default, in the unit per square root of a hertz. */
  readonly density: number;
  readonly mostBias: number;
  /** A mismatch of the bias that weighs as much as a factor e in the density: what a second of walking leaves open. */
  readonly scale: number;
  readonly densityOf: (statistics: InertiaStatistics) => number;
  readonly excessOf: (statistics: InertiaStatistics) => readonly number[];
}

const SENSES: readonly Sense[] = [
  {
    name: 'accelerometer',
    unit: 'm/s2',
    density: 1e-3,
    mostBias: 0.5,
    scale: 0.2,
    densityOf: ({ accelerometerDensity }) => accelerometerDensity,
    excessOf: ({ forceExcess }) => forceExcess,
  },
  {
    name: 'gyroscope',
    unit: 'rad/s',
    density: 1.2e-4,
    mostBias: 0.02,
    scale: 0.005,
    densityOf: ({ gyroscopeDensity }) => gyroscopeDensity,
    excessOf: ({ rateExcess }) => rateExcess,
  },
];

/** Nothing is quieter, so that readings that never change have a logarithm. */
const LEAST_DENSITY = 1e-7;

/**
 * States the searches for an inertial unit's noise and biases, one a sense. `imu.<sense>.whiteDensity` is named as in a
 * scenario's imu; biases are those of this one unit, whose root mean square over the axes estimates the scenario's `bias`, a standard
 * deviation over units.
 *
 * @param cases in an order of which any first few are a fair sample.
 * @param statisticsOf measures a case; asked once for each; null where it is too short.
 */
export function inertiaProblems(
  cases: readonly Case[],
  statisticsOf: (chosen: Case) => Promise<InertiaStatistics | null>,
): readonly CalibrationProblem[] {
  const measured = new Map<string, Promise<InertiaStatistics | null>>();
  const known = (chosen: Case): Promise<InertiaStatistics | null> => {
    const made = measured.get(chosen.name) ?? statisticsOf(chosen);
    measured.set(chosen.name, made);
    return made;
  };
  return SENSES.map((sense) => ({
    name: sense.name,
    parameters: parametersOf(sense),
    cases,
    async loss(values, chosen) {
      const statistics = await known(chosen);
      return statistics === null ? 0 : inertialLoss(sense, values, statistics);
    },
  }));
}

function parametersOf({ name, unit, density, mostBias }: Sense): readonly CalibrationParameter[] {
  const white: CalibrationParameter = {
    name: `imu.${name}.whiteDensity`,
    unit: `${unit}/sqrt(Hz)`,
    description: 'density of the white noise',
    lo: density / 20,
    hi: density * 20,
    start: density,
    scale: 'log',
  };
  const biases = AXES.map(
    (axis, k): CalibrationParameter => ({
      name: `imu.${name}.bias${axis}`,
      unit,
      description: `constant bias of this unit, ${['forward', 'left', 'up'][k]}`,
      lo: -mostBias,
      hi: mostBias,
      start: 0,
      scale: 'linear',
    }),
  );
  return [white, ...biases];
}

/** Root of the summed squares of the log ratio of densities and of the biases' mismatch over its scale. */
function inertialLoss(
  { name, scale, densityOf, excessOf }: Sense,
  values: ParameterValues,
  measured: InertiaStatistics,
): number {
  const excess = excessOf(measured);
  const density = Math.max(LEAST_DENSITY, densityOf(measured));
  const squares = AXES.reduce(
    (sum, axis, k) => sum + ((excess[k]! - values[`imu.${name}.bias${axis}`]!) / scale) ** 2,
    Math.log(density / values[`imu.${name}.whiteDensity`]!) ** 2,
  );
  return Math.sqrt(squares);
}
