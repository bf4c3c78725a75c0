import type { WorldModel } from '../../../worldmodel/contract.js';
import type { Forecaster, Trajectory } from '../../contract.js';
import type { Case, Method, Prepared, TaskSetup } from '../../task.js';
import { BASELINES, type BaselineName } from './baselines.js';
import { constantVelocity } from './constant-velocity.js';
import { copyLast } from './copy-last.js';
import type { CubeWorldParameters } from './cube-world.js';
import { chooseTosses, fitForecasts, fitPhysics } from './fit-physics.js';
import { type CubeContext, type CubeForecast, fromLastSeen } from './forecast.js';
import { freeFall } from './free-fall.js';
import { perturbedReplay } from './perturbed-replay.js';
import { DEFAULT_PHYSICS, physicsForecaster } from './physics.js';
import type { RecordedCube } from './recorded-cube.js';
import { worldModelForecaster } from './world-model.js';

/** A way to forecast tosses. */
export type CubeMethod = Method<CubeContext, Trajectory, CubeForecast>;

/** What methods are made from. */
export interface CubeSetup extends TaskSetup {
  readonly cube: RecordedCube;
  readonly train: readonly Case[];
  /** Reads the whole motion of a case's recording. */
  readonly motionOf: (chosen: Case) => Promise<Trajectory>;
}

/** Lists the methods, simplest first. Without a train side nothing is fitted. */
export function methodsOf(setup: CubeSetup): readonly CubeMethod[] {
  const { cube, createWorld, models, train } = setup;
  const standard = physicsForecaster('physics-default', createWorld, cube, DEFAULT_PHYSICS);
  return [
    known('copy-last', 'baseline', copyLast),
    known('constant-velocity', 'baseline', constantVelocity),
    known('free-fall', 'baseline', freeFall),
    known('physics-default', 'physics', standard, { ...DEFAULT_PHYSICS }),
    ...(train.length > 0 ? [fittedPhysics(setup)] : []),
    ...models.map(worldModelMethod),
    perturbedReplay(setup),
  ];
}

function known(
  name: BaselineName,
  kind: 'baseline' | 'physics',
  forecaster: Forecaster,
  parameters: Readonly<Record<string, unknown>> = {},
): CubeMethod {
  return {
    name,
    kind,
    description: BASELINES[name],
    identity: { method: name },
    preparation: 0,
    prepare: async () => pointForecasts(forecaster, parameters),
  };
}

function fittedPhysics({ cube, createWorld, contextFrames, seed, train, motionOf }: CubeSetup): CubeMethod {
  const name = 'physics-fitted';
  const chosen = chooseTosses(train, seed);
  const ready = (parameters: CubeWorldParameters, found: Readonly<Record<string, unknown>>) =>
    pointForecasts(physicsForecaster(name, createWorld, cube, parameters), found);
  return {
    name,
    kind: 'physics',
    description: BASELINES[name],
    identity: { method: name },
    preparation: fitForecasts(chosen.length),
    async prepare(control, earlier) {
      if (earlier !== undefined) return ready(earlier as unknown as CubeWorldParameters, earlier);
      const tosses: Trajectory[] = [];
      for (const one of chosen) tosses.push(await motionOf(one));
      const fit = await fitPhysics(tosses, cube, createWorld, contextFrames, control);
      return ready(fit.parameters, { ...fit.parameters, fit: { tosses: fit.tosses, loss: fit.loss } });
    },
  };
}

function worldModelMethod(model: WorldModel): CubeMethod {
  const { name, provenance, sha256 } = model;
  const origins = [...new Set(provenance.datasets.map(({ origin }) => origin))].join(' and ');
  const { steps, seed, datasets, recordingSha256 } = provenance;
  const parameters = { tickHz: model.tickHz, steps, seed, datasets, trainRecordings: recordingSha256.length };
  return {
    name,
    kind: 'world-model',
    description: `learned in ${steps} steps from ${origins || 'unknown'} data`,
    identity: sha256 === undefined ? null : { model: name, sha256 },
    preparation: 0,
    prepare: async () =>
      // The caller keeps the model: nothing is released here.
      pointForecasts(
        worldModelForecaster(model),
        sha256 === undefined ? parameters : { ...parameters, weightsSha256: sha256 },
      ),
  };
}

function pointForecasts(
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
