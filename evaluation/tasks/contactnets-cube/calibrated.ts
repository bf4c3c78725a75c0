import { UmweltError } from '../../../core/errors.js';
import { randomStream } from '../../../core/random.js';
import type { WorldModel } from '../../../worldmodel/contract.js';
import { bestValues, type Overlay, overlayDigest } from '../../calibrate/overlay.js';
import { requireValues } from '../../calibrate/parameter-space.js';
import { requireRunning } from '../../interruption.js';
import type { ParameterValues } from '../../task.js';
import { framesOf } from '../../trajectory.js';
import { type Belief, believe, doubtOf } from './beliefs.js';
import { cornersOf, cubeParameters, engineOf } from './calibration.js';
import { type CornerModel, followCorners } from './corner-contact.js';
import { type CubeMethod, type CubeSetup, MEMBERS, pointForecasts } from './cube-method.js';
import { type CubeContext, type CubeForecast, fromLastSeen } from './forecast.js';
import { medianMotion } from './median-motion.js';
import { physicsForecaster } from './physics.js';
import type { RecordedCube } from './recorded-cube.js';
import { correct, learnResidual, type Practice } from './residual.js';
import { dreamOn } from './world-model.js';

/** An overlay whose values were checked. */
export interface CubeCalibration {
  readonly digest: string;
  readonly best: ParameterValues;
  /** Equally likely, the best first. */
  readonly beliefs: readonly Belief[];
}

/**
 * Checks that an overlay belongs to tossed cubes and reads it.
 *
 * @throws UmweltError `invalid-input`.
 */
export function requireOverlay(overlay: Overlay, cube: RecordedCube): CubeCalibration {
  if (overlay.task !== 'contactnets-cube') {
    throw new UmweltError(
      'invalid-input',
      { task: overlay.task },
      `overlay: expected one of contactnets-cube, got one of ${overlay.task}`,
    );
  }
  const parameters = cubeParameters(cube);
  const members = overlay.posterior.map((values, i) =>
    requireValues(parameters, values, `overlay, posterior.${i}`),
  );
  return {
    digest: overlayDigest(overlay),
    best: bestValues(overlay),
    beliefs: members.map((values) => ({ model: cornersOf(values, cube), doubt: doubtOf(values) })),
  };
}

/** Names of the methods that need an overlay, beside `mixture`. */
export const CALIBRATED = [
  'physics-calibrated',
  'corner-contact',
  'corner-beliefs',
  'corner-residual',
] as const;

/** Lists what an overlay makes possible: the calibrated engine, the corner model, and that with beliefs. */
export function calibratedMethods(setup: CubeSetup, calibration: CubeCalibration): readonly CubeMethod[] {
  const { cube, createWorld, seed } = setup;
  const { best, beliefs } = calibration;
  const { model, doubt } = beliefs[0]!;
  const engine = engineOf(best);
  return [
    {
      ...named(
        'physics-calibrated',
        'the engine with the mass properties, table and contact of the overlay',
        calibration,
      ),
      prepare: async () =>
        pointForecasts(physicsForecaster('physics-calibrated', createWorld, cube, engine), { ...engine }),
    },
    {
      ...named(
        'corner-contact',
        'a rigid body on eight springs, calibrated: the best member of the overlay',
        calibration,
      ),
      prepare: async () => ({
        parameters: { ...model },
        forecast: async (context) => ({ point: follow(context, model) }),
      }),
    },
    {
      ...named(
        'corner-beliefs',
        'the same, as particles over the start, friction and the posterior',
        calibration,
      ),
      prepare: async () => ({
        parameters: { members: MEMBERS, posterior: beliefs.length, doubt },
        forecast: async (context, { recording }) =>
          believe(context, beliefs, MEMBERS, seed, recording.sha256),
      }),
    },
  ];
}

/** Adds to the corner model what it gets wrong on the train side. */
export function residualMethod(setup: CubeSetup, calibration: CubeCalibration): CubeMethod {
  const { train, contextFrames, motionOf } = setup;
  const { model } = calibration.beliefs[0]!;
  return {
    name: 'corner-residual',
    kind: 'learned',
    description: 'the same, and a linear correction that is learned on the train side',
    identity: { method: 'corner-residual', overlay: calibration.digest },
    preparation: train.length,
    async prepare({ onProgress, signal }) {
      const practice: Practice[] = [];
      for (const [i, chosen] of train.entries()) {
        requireRunning(signal);
        const motion = await motionOf(chosen);
        const frames = motion.frames - contextFrames;
        const predicted = follow({ seen: framesOf(motion, 0, contextFrames), frames }, model);
        practice.push({ predicted, actual: framesOf(motion, contextFrames - 1, frames + 1) });
        onProgress?.({ done: i + 1, total: train.length });
      }
      const residual = learnResidual(practice);
      return {
        parameters: { tosses: train.length, ridge: residual.ridge, frames: residual.frames },
        forecast: async (context) => ({ point: correct(follow(context, model), residual) }),
      };
    },
  };
}

/** Mixes the corner model's beliefs with what world models expect, in equal parts. */
export function mixture({ models, seed }: CubeSetup, calibration: CubeCalibration): CubeMethod {
  const { beliefs } = calibration;
  const identity = models.every(({ sha256 }) => sha256 !== undefined)
    ? { overlay: calibration.digest, models: models.map(({ sha256 }) => sha256) }
    : null;
  return {
    name: 'mixture',
    kind: 'learned',
    description: "the corner model's beliefs and the world models' in equal parts",
    identity,
    preparation: 0,
    prepare: async () => ({
      parameters: { members: MEMBERS * (models.length + 1), models: models.map(({ name }) => name) },
      async forecast(context, { recording }) {
        const { sha256 } = recording;
        const members = [...(believe(context, beliefs, MEMBERS, seed, sha256).members ?? [])];
        for (const model of models) members.push(...(await dreamMembers(model, context, seed, sha256)));
        return { point: medianMotion(members), members };
      },
    }),
  };
}

async function dreamMembers(
  model: WorldModel,
  context: CubeContext,
  seed: number,
  name: string,
): Promise<NonNullable<CubeForecast['members']>> {
  const random = randomStream(seed, 'evaluation', 'dream', model.name, name);
  const { members } = await dreamOn(model, context.seen, context.frames, MEMBERS, random);
  return members.map((member) => fromLastSeen(context, member));
}

function follow(context: CubeContext, model: CornerModel): CubeForecast['point'] {
  return fromLastSeen(context, followCorners(context.seen, context.frames, model));
}

function named(
  name: string,
  description: string,
  { digest }: CubeCalibration,
): Pick<CubeMethod, 'name' | 'kind' | 'description' | 'identity' | 'preparation'> {
  return { name, kind: 'physics', description, identity: { method: name, overlay: digest }, preparation: 0 };
}
