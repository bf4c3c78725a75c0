import { randomStream } from '../../../core/random.js';
import type { WorldModel } from '../../../worldmodel/contract.js';
import type { Forecaster, Trajectory } from '../../contract.js';
import { BASELINES, type BaselineName } from './baselines.js';
import { calibratedMethods, mixture, requireOverlay, residualMethod } from './calibrated.js';
import { constantVelocity } from './constant-velocity.js';
import { copyLast } from './copy-last.js';
import { type CubeMethod, type CubeSetup, MEMBERS, pointForecasts } from './cube-method.js';
import type { CubeWorldParameters } from './cube-world.js';
import { chooseTosses, fitForecasts, fitPhysics } from './fit-physics.js';
import { fromLastSeen } from './forecast.js';
import { freeFall } from './free-fall.js';
import { perturbedReplay } from './perturbed-replay.js';
import { DEFAULT_PHYSICS, physicsForecaster } from './physics.js';
import { dreamOn } from './world-model.js';

/** Fewer tosses than this teach no residual. */
const LEAST_PRACTICE = 24;

/** Lists the methods, simplest first. Without a train side nothing is fitted; without an overlay nothing is calibrated. */
export function methodsOf(setup: CubeSetup): readonly CubeMethod[] {
  const { cube, createWorld, models, train, overlay } = setup;
  const standard = physicsForecaster('physics-default', createWorld, cube, DEFAULT_PHYSICS);
  const calibrated = overlay === null ? null : requireOverlay(overlay, cube);
  return [
    known('copy-last', 'baseline', copyLast),
    known('constant-velocity', 'baseline', constantVelocity),
    known('free-fall', 'baseline', freeFall),
    known('physics-default', 'physics', standard, { ...DEFAULT_PHYSICS }),
    ...(train.length > 0 ? [fittedPhysics(setup)] : []),
    ...(calibrated === null ? [] : calibratedMethods(setup, calibrated)),
    ...(calibrated === null || train.length < LEAST_PRACTICE ? [] : [residualMethod(setup, calibrated)]),
    ...models.map((model) => worldModelMethod(model, setup.seed)),
    ...(calibrated === null || models.length === 0 ? [] : [mixture(setup, calibrated)]),
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

/** Makes a world model ready to run. The caller keeps and releases the model. */
function worldModelMethod(model: WorldModel, drawSeed: number): CubeMethod {
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
      parameters: sha256 === undefined ? parameters : { ...parameters, weightsSha256: sha256 },
      async forecast(context, { recording }) {
        const random = randomStream(drawSeed, 'evaluation', 'dream', name, recording.sha256);
        const { point, members } = await dreamOn(model, context.seen, context.frames, MEMBERS, random);
        return {
          point: fromLastSeen(context, point),
          members: members.map((member) => fromLastSeen(context, member)),
        };
      },
    }),
  };
}
