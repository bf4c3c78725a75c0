import { UmweltError } from '../../../core/errors.js';
import type { Trajectory } from '../../contract.js';
import { meanOverFrames } from '../../metrics/aggregate.js';
import { positionErrorPctWidth } from '../../metrics/position.js';
import { rotationErrorDeg } from '../../metrics/rotation.js';
import type {
  Calibration,
  CalibrationParameter,
  CalibrationProblem,
  Case,
  ParameterValues,
} from '../../task.js';
import { framesOf, joinTrajectories } from '../../trajectory.js';
import { believe, DOUBT_PARAMETERS, doubtOf } from './beliefs.js';
import { type CornerModel, followCorners } from './corner-contact.js';
import type { CubeSetup } from './cube-method.js';
import type { CubeWorldParameters } from './cube-world.js';
import { shuffleTosses } from './fit-physics.js';
import type { CubeForecast } from './forecast.js';
import { physicsForecaster } from './physics.js';
import type { RecordedCube } from './recorded-cube.js';
import { rigOf, rigParameters } from './rig.js';
import { cubeTossPatch } from './scenario-patch.js';
import { intervalLosses } from './score.js';

/** As fine as the scenario cube-toss is simulated: about 1,000 steps a second of one iteration. */
const ENGINE = { substeps: 7, solverIterations: 1 } as const;

const PERCENT = 100;
const DEGREES = 180 / Math.PI;

/** A degree counts half of a percent of the width: their best values are alike, and position is asked for first. */
const ROTATION_WEIGHT = 0.5;
/** Beyond these a toss has gone another way altogether, and how far says little. */
const WORST = { positionPctWidth: 100, rotationDeg: 90 };

/** Members that the spread is fitted with: the ends of 19 are the ends of a 90 % interval. */
const FITTED_MEMBERS = 19;
/** Frames between two that the spread is judged at. */
const STRIDE = 6;

/** The parameters of each engine by its prefix. */
const ENGINE_CONTACT: readonly CalibrationParameter[] = [
  linear('engine.friction', '1', 'Coulomb friction of cube and table', [0.05, 0.2, 0.4]),
  linear('engine.restitution', '1', 'restitution', [0, 0.1, 0.4]),
  linear('engine.edgeRadiusM', 'm', "radius of the cube's edges", [0.0001, 0.003, 0.008]),
  linear('engine.tableHeightM', 'm', 'height of the table for the engine', [-0.004, -0.001, 0.002]),
  {
    ...linear(
      'engine.lengthUnitM',
      'm',
      "the engine's unit of length: its contact slop is a thousandth of it",
      [0.01, 0.02, 0.2],
    ),
    scale: 'log',
  },
];

const CORNER_CONTACT: readonly CalibrationParameter[] = [
  log('corners.stiffnessN', 'N', 'force of a corner that is 1 mm deep', [1, 10, 100]),
  linear('corners.exponent', '1', 'exponent of depth in the force', [0.8, 1.2, 2]),
  log('corners.dissipationSpm', 's/m', 'loss of the normal force', [0.1, 2, 10]),
  log('corners.slidingFriction', '1', 'friction of a corner that slides fast', [0.05, 0.18, 0.4]),
  log('corners.stickingFriction', '1', 'friction of a corner that hardly slides', [0.05, 0.18, 0.6]),
  log('corners.stribeckMps', 'm/s', 'speed over which friction changes', [0.01, 0.1, 1]),
  log('corners.creepMps', 'm/s', 'speed below which a corner counts as sticking', [0.001, 0.005, 0.05]),
  linear('corners.cornerRadiusM', 'm', 'radius of the corners', [0, 0.002, 0.008]),
];

/**
 * Says what of the simulators can be calibrated to tosses: the rig with the corner contact, the engine on the
 * same rig, and then how unsure a forecast is.
 */
export function calibrationOf(setup: CubeSetup): Calibration {
  const { cube, createWorld, contextFrames, train, seed, motionOf } = setup;
  const cases = shuffleTosses(train, seed);
  const forecasts =
    (forecast: (values: ParameterValues, seen: Trajectory, frames: number) => Promise<Trajectory>) =>
    async (values: ParameterValues, chosen: Case): Promise<number> => {
      const motion = await motionOf(chosen);
      const seen = framesOf(motion, 0, contextFrames);
      const predicted = await forecast(values, seen, motion.frames - contextFrames);
      return mismatch(predicted, framesOf(motion, contextFrames, motion.frames - contextFrames), cube);
    };
  const engine: CalibrationProblem = {
    name: 'engine',
    parameters: ENGINE_CONTACT,
    evaluations: 360,
    cases,
    loss: orWorst(
      forecasts((values, seen, frames) =>
        physicsForecaster('engine', createWorld, cube, engineOf(values)).forecast(seen, frames),
      ),
    ),
  };
  const corners: CalibrationProblem = {
    name: 'corners',
    parameters: [...rigParameters(cube), ...CORNER_CONTACT],
    evaluations: 3000,
    cases,
    loss: forecasts(async (values, seen, frames) => followCorners(seen, frames, cornersOf(values, cube))),
  };
  const beliefs: CalibrationProblem = {
    name: 'beliefs',
    parameters: DOUBT_PARAMETERS,
    evaluations: 180,
    // From the other end: forecasts look surer on tosses that the corners were fitted to.
    cases: [...cases].reverse(),
    async loss(values, chosen) {
      const motion = await motionOf(chosen);
      const frames = motion.frames - contextFrames;
      const context = { seen: framesOf(motion, 0, contextFrames), frames };
      const belief = { model: cornersOf(values, cube), doubt: doubtOf(values) };
      const { sha256 } = chosen.recording;
      const forecast = believe(context, [belief], FITTED_MEMBERS, seed, sha256);
      return spreadMismatch(forecast, framesOf(motion, contextFrames - 1, frames + 1), cube);
    },
  };
  return {
    problems: [corners, engine, beliefs],
    scenario: 'cube-toss',
    patch: cubeTossPatch,
  };
}

/** Reads what the engine is told from values that calibration found. */
export function engineOf(values: ParameterValues): CubeWorldParameters {
  return {
    friction: values['engine.friction']!,
    restitution: values['engine.restitution']!,
    lengthUnitM: values['engine.lengthUnitM']!,
    edgeRadiusM: values['engine.edgeRadiusM']!,
    ...ENGINE,
    // The engine holds bodies apart by a slop of its own.
    rig: { ...rigOf(values), tableHeightM: values['engine.tableHeightM']! },
  };
}

/** Reads a corner model from values that calibration found. */
export function cornersOf(values: ParameterValues, { massKg, widthM }: RecordedCube): CornerModel {
  const value = (name: string) => values[`corners.${name}`]!;
  return {
    contact: {
      stiffnessN: value('stiffnessN'),
      exponent: value('exponent'),
      dissipationSpm: value('dissipationSpm'),
      slidingFriction: value('slidingFriction'),
      stickingFriction: value('stickingFriction'),
      stribeckMps: value('stribeckMps'),
      creepMps: value('creepMps'),
      cornerRadiusM: value('cornerRadiusM'),
    },
    rig: rigOf(values),
    massKg,
    widthM,
  };
}

/** Every parameter, for checking an overlay. */
export function cubeParameters(cube: RecordedCube): readonly CalibrationParameter[] {
  return [...rigParameters(cube), ...CORNER_CONTACT, ...ENGINE_CONTACT, ...DOUBT_PARAMETERS];
}

/** The engine refuses a start that is too fast for its unit of length: such a unit is no candidate, and no reason to stop. */
function orWorst(loss: CalibrationProblem['loss']): CalibrationProblem['loss'] {
  return (values, chosen) =>
    loss(values, chosen).catch((thrown) => {
      if (!(thrown instanceof UmweltError) || thrown.code !== 'invalid-input') throw thrown;
      return WORST.positionPctWidth + ROTATION_WEIGHT * WORST.rotationDeg;
    });
}

function mismatch(predicted: Trajectory, actual: Trajectory, { widthM }: RecordedCube): number {
  const position = meanOverFrames(positionErrorPctWidth(predicted, actual, widthM));
  const rotation = meanOverFrames(rotationErrorDeg(predicted, actual));
  return (
    capped(position.value, WORST.positionPctWidth) +
    ROTATION_WEIGHT * capped(rotation.value, WORST.rotationDeg)
  );
}

/** What the ends of the 90 % intervals cost: least, on average, where they hold 90 %. */
function spreadMismatch(forecast: CubeForecast, truth: Trajectory, { widthM }: RecordedCube): number {
  const { positionM, turnRad } = intervalLosses(
    thinned(forecast.point),
    forecast.members?.map(thinned) ?? [],
    thinned(truth),
  );
  return (PERCENT * positionM) / widthM + ROTATION_WEIGHT * DEGREES * turnRad;
}

/** Every `STRIDE`th frame. */
function thinned(motion: Trajectory): Trajectory {
  const frames = Array.from({ length: Math.ceil(motion.frames / STRIDE) }, (_, i) =>
    framesOf(motion, i * STRIDE, 1),
  );
  return { ...frames.reduce(joinTrajectories), rateHz: motion.rateHz / STRIDE };
}

function capped(value: number, worst: number): number {
  return Number.isFinite(value) ? Math.min(value, worst) : worst;
}

function linear(
  name: string,
  unit: string,
  description: string,
  [lo, start, hi]: readonly [number, number, number],
): CalibrationParameter {
  return { name, unit, description, lo, hi, start, scale: 'linear' };
}

function log(
  name: string,
  unit: string,
  description: string,
  range: readonly [number, number, number],
): CalibrationParameter {
  return { ...linear(name, unit, description, range), scale: 'log' };
}
