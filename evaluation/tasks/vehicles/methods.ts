import { requireValues } from '../../calibrate/parameter-space.js';
import type { Case, Method, MethodKind, ParameterValues, TaskSetup } from '../../task.js';
import { continueTurning } from './baselines.js';
import { drawMembers, fitMisses, type Misses, STANDARD_MISSES } from './belief.js';
import { type ControlSource, followMeasured, forecastBicycle, STANDARD_VEHICLE } from './bicycle-forecast.js';
import { estimateMotion, type MotionEstimate } from './estimate.js';
import { fitProblems, vehicleOf } from './fit.js';
import { chooseWindows, type FittedVehicle, type FitWindow, fitEvaluations, fitVehicle } from './learn.js';
import type { DriveForecast } from './score.js';
import type { DriveContext, DriveMotion, Window } from './windows.js';

/** A way to forecast drives. */
export type DriveMethod = Method<DriveContext, DriveMotion, DriveForecast>;

/** What methods are made from. */
export interface MethodSetup extends Pick<TaskSetup, 'seed' | 'overlay'> {
  /** Whether every drive has the car's log. */
  readonly hasLog: boolean;
  readonly train: readonly Case[];
  windowOf(chosen: Case): Promise<Window>;
}

/** Name of the method that skill is measured from. */
export const BASELINE = 'constant-velocity';
/** Name of the one that it is measured towards. */
export const CEILING = 'oracle-speed-turn-rate';

const SOURCES: Readonly<Record<ControlSource, string>> = {
  held: 'controls inferred from the poses seen, fading as the driver was found to let go; the car calibrated',
  'steering-acceleration': 'driven by the recorded steering wheel and accelerometer; the car calibrated',
  'steering-speed': 'driven by the recorded steering wheel and wheel speed; the car calibrated',
};

/** Lists the methods, simplest first. Without a train side and without an overlay nothing is calibrated. */
export function methodsOf(setup: MethodSetup): readonly DriveMethod[] {
  const { hasLog, train, overlay } = setup;
  const fitOnce = rememberFit(setup);
  const sources: ControlSource[] = hasLog ? ['held', 'steering-acceleration', 'steering-speed'] : ['held'];
  const calibrated = train.length > 0 || overlay !== null;
  return [
    turning(BASELINE, 'goes on straight at the speed seen', (seen) => ({
      ...seen,
      accelerationMps2: 0,
      yawRateRadps: 0,
    })),
    turning('constant-turn-rate', 'goes on at the speed and turn rate seen (CTRV)', (seen) => ({
      ...seen,
      accelerationMps2: 0,
    })),
    turning(
      'constant-turn-rate-acceleration',
      'goes on at the turn rate and acceleration seen (CTRA)',
      (seen) => seen,
    ),
    pointMethod(
      'bicycle-standard',
      'physics',
      hasLog
        ? 'a mid-sized car, nothing fitted, driven by the recorded steering wheel and wheel speed'
        : 'a mid-sized car, nothing fitted, with the controls inferred from the poses seen and held',
      async (context) => forecastBicycle(context, STANDARD_VEHICLE, hasLog ? 'steering-speed' : 'held'),
    ),
    ...(calibrated ? sources.map((source) => calibratedMethod(source, setup, fitOnce)) : []),
    oracle(setup, calibrated ? fitOnce : null),
  ];
}

function turning(
  name: string,
  description: string,
  change: (seen: MotionEstimate) => MotionEstimate,
): DriveMethod {
  return pointMethod(name, 'baseline', description, async (context) =>
    continueTurning(change(estimateMotion(context)), context.untilS),
  );
}

function pointMethod(
  name: string,
  kind: MethodKind,
  description: string,
  forecast: (context: DriveContext, chosen: Case) => Promise<DriveMotion>,
): DriveMethod {
  return {
    name,
    kind,
    description,
    identity: { method: name },
    preparation: 0,
    prepare: async () => ({
      parameters: {},
      forecast: async (context, chosen) => ({ point: await forecast(context, chosen) }),
    }),
  };
}

type Fit = (control: Parameters<DriveMethod['prepare']>[0]) => Promise<FittedVehicle>;

/** One fit for all methods: the overlay's, else from the train side when it is first asked for. */
function rememberFit({ hasLog, train, overlay, seed, windowOf }: MethodSetup): Fit {
  let found: Promise<FittedVehicle> | undefined;
  const compute: Fit = async (control) => {
    if (overlay !== null) {
      const wanted = fitProblems(hasLog).flatMap(({ parameters }) => parameters);
      const posterior = overlay.posterior.map((values) => requireValues(wanted, values, 'overlay'));
      return { posterior, windows: 0, losses: {}, folds: null };
    }
    const windows: FitWindow[] = [];
    for (const chosen of chooseWindows(train))
      windows.push({ ...(await windowOf(chosen)), unit: chosen.unit ?? chosen.name });
    return fitVehicle(windows, seed, control);
  };
  return (control) => {
    found ??= compute(control).catch((thrown) => {
      // An interrupted fit may be asked for again.
      found = undefined;
      throw thrown;
    });
    return found;
  };
}

/** What a calibrated method learned, as it is written. */
interface Learned {
  readonly best: ParameterValues;
  readonly fit: Omit<FittedVehicle, 'posterior' | 'folds'>;
  readonly misses: Misses;
  readonly posterior: readonly ParameterValues[];
}

function calibratedMethod(source: ControlSource, setup: MethodSetup, fitOnce: Fit): DriveMethod {
  const { train, seed, windowOf, hasLog, overlay } = setup;
  const name = `bicycle-${source}`;
  const isFirst = source === 'held';
  return {
    name,
    kind: 'physics',
    description: SOURCES[source],
    identity: { method: name },
    preparation: isFirst && overlay === null ? fitEvaluations(hasLog) : 0,
    async prepare(control, known) {
      const learned = (known as unknown as Learned | undefined) ?? (await learn());
      const { best, posterior, misses: missed } = learned;
      return {
        parameters: { ...learned },
        forecast: async (context, chosen) => ({
          point: forecastBicycle(context, vehicleOf(best), source),
          members: drawMembers(context, posterior, missed, source, chosen.name, seed),
        }),
      };
      async function learn(): Promise<Learned> {
        const { posterior: found, folds, ...rest } = await fitOnce(control);
        const windows: Parameters<typeof fitMisses>[0][number][] = [];
        for (const [place, chosen] of train.entries()) {
          // Of two fits to a half each, the one to the half that this window is not in.
          const values = folds?.[place < train.length / 2 ? 1 : 0] ?? found[0]!;
          windows.push({ ...(await windowOf(chosen)), values });
        }
        const misses = windows.length > 0 ? fitMisses(windows, source) : STANDARD_MISSES[source];
        return { best: found[0]!, fit: rest, misses, posterior: found };
      }
    },
  };
}

function oracle({ windowOf }: MethodSetup, fitOnce: Fit | null): DriveMethod {
  return {
    name: CEILING,
    kind: 'ceiling',
    description: 'is told the speed and turn rate that were measured all along: no forecast',
    identity: { method: CEILING },
    preparation: 0,
    async prepare(control, known) {
      const values =
        (known?.best as ParameterValues | undefined) ??
        (fitOnce === null ? {} : (await fitOnce(control)).posterior[0]!);
      return {
        parameters: { best: values },
        forecast: async (context, chosen) => ({
          point: followMeasured(context, (await windowOf(chosen)).measured, vehicleOf(values)),
        }),
      };
    },
  };
}
