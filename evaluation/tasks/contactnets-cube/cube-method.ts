import type { Forecaster, Trajectory } from '../../contract.js';
import type { Case, Method, Prepared, TaskSetup } from '../../task.js';
import { type CubeContext, type CubeForecast, fromLastSeen } from './forecast.js';
import type { RecordedCube } from './recorded-cube.js';

/** A way to forecast tosses. */
export type CubeMethod = Method<CubeContext, Trajectory, CubeForecast>;

/** What methods are made from. */
export interface CubeSetup extends TaskSetup {
  readonly cube: RecordedCube;
  readonly train: readonly Case[];
  /** Reads the whole motion of a case's recording. */
  readonly motionOf: (chosen: Case) => Promise<Trajectory>;
}

/** Equally likely motions of a forecast: 29 make 30 ranks, three a tenth. */
export const MEMBERS = 29;

/** Lets a forecaster of single motions answer. */
export function pointForecasts(
  forecaster: Forecaster,
  parameters: Readonly<Record<string, unknown>>,
): Prepared<CubeContext, Trajectory, CubeForecast> {
  return {
    parameters,
    forecast: async (context) => ({
      point: fromLastSeen(context, await forecaster.forecast(context.seen, context.frames)),
    }),
  };
}
