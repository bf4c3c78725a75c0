import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import type { CreateWorld } from '../sim/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import type { Forecaster, Trajectory } from './contract.js';
import { BASELINES, type BaselineName } from './forecasters/baselines.js';
import { constantVelocity } from './forecasters/constant-velocity.js';
import { copyLast } from './forecasters/copy-last.js';
import { chooseTosses, fitForecasts, fitPhysics } from './forecasters/fit-physics.js';
import { freeFall } from './forecasters/free-fall.js';
import { DEFAULT_PHYSICS, physicsForecaster } from './forecasters/physics.js';
import { worldModelForecaster } from './forecasters/world-model.js';
import type { RecordingEntry } from './heldout.js';
import type { RecordedCube } from './recorded-cube.js';

/** One row of the comparison, before it is run. */
export interface Method {
  readonly name: string;
  readonly kind: 'baseline' | 'world-model';
  readonly description: string;
  /** Plain JSON that tells its forecasts from any other's, given the inputs; null when nothing can. */
  readonly identity: unknown;
  /** How many forecasts its preparation makes at most, for progress. */
  readonly preparation: number;
  prepare(control: Control): Promise<Prepared>;
}

/** A method that is ready, with what was set or fitted to make it so. */
export interface Prepared {
  readonly forecaster: Forecaster;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What baselines are made from; `load` reads a recording when it is needed. */
export interface BaselineSetup {
  readonly cube: RecordedCube;
  readonly createWorld: CreateWorld;
  readonly contextFrames: number;
  readonly seed: number;
  readonly train: readonly RecordingEntry[];
  readonly load: (recording: RecordingEntry) => Promise<Trajectory>;
}

/**
 * Makes a baseline ready to run.
 *
 * @throws UmweltError `invalid-input` when it must be fitted and there is nothing to fit to.
 */
export function baselineMethod(name: BaselineName, setup: BaselineSetup): Method {
  const { cube, createWorld } = setup;
  const method = {
    name,
    kind: 'baseline',
    description: BASELINES[name],
    identity: { baseline: name },
  } as const;
  const known = (forecaster: Forecaster, parameters: Readonly<Record<string, unknown>> = {}): Method => ({
    ...method,
    preparation: 0,
    prepare: async () => ({ forecaster, parameters }),
  });
  switch (name) {
    case 'copy-last':
      return known(copyLast);
    case 'constant-velocity':
      return known(constantVelocity);
    case 'free-fall':
      return known(freeFall);
    case 'physics-default':
      return known(physicsForecaster(name, createWorld, cube, DEFAULT_PHYSICS), { ...DEFAULT_PHYSICS });
    case 'physics-fitted':
      return { ...method, ...fittedPhysics(name, setup) };
  }
}

function fittedPhysics(name: string, setup: BaselineSetup): Pick<Method, 'preparation' | 'prepare'> {
  const { cube, createWorld, contextFrames, seed, train, load } = setup;
  const chosen = chooseTosses(train, seed);
  if (chosen.length === 0) {
    throw new UmweltError(
      'invalid-input',
      { train: train.length },
      'physics-fitted needs recordings on the train side to fit to, and there is none: give more recordings, or name the other baselines',
    );
  }
  return {
    preparation: fitForecasts(chosen.length),
    async prepare(control) {
      const tosses: Trajectory[] = [];
      for (const recording of chosen) tosses.push(await load(recording));
      const fit = await fitPhysics(tosses, cube, createWorld, contextFrames, control);
      const forecaster = physicsForecaster(name, createWorld, cube, fit.parameters);
      return {
        forecaster,
        parameters: { ...fit.parameters, fit: { tosses: fit.tosses, loss: fit.loss } },
      };
    },
  };
}

/** Makes a world model ready to run. The caller releases the model. */
export function worldModelMethod(model: WorldModel): Method {
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
    prepare: async () => ({
      forecaster: worldModelForecaster(model),
      parameters: sha256 === undefined ? parameters : { ...parameters, weightsSha256: sha256 },
    }),
  };
}
