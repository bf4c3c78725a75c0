import { UmweltError } from '../../core/errors.js';
import { closingAll } from '../closing.js';
import { compileTrainingStep, type TrainingSession, type TrainingState } from '../engine/training.js';
import { openTrainingLog, type TrainingLog } from '../logs/training-log.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { LONGEST_CONTEXT } from '../model/sequence.js';
import type { ValidationHistory } from '../model-folder.js';
import { type Batch, drawBatch } from './batch.js';
import { type Checkpoint, readBest, readCheckpoint, writeBest, writeCheckpoint } from './checkpoint.js';
import type { Corpus } from './corpus.js';
import { FULL_RECIPE, type TrainingOptions } from './options.js';
import { STAGES, type Stage, trainingStep } from './stages.js';
import { openValidator, type Validator } from './validation.js';

const STEPS_PER_CHECKPOINT = 100;
const CHECKPOINT_S = 120;
/** Validations in a whole training. */
const VALIDATIONS = 20;

/** What a training comes to. */
export interface Trained {
  readonly weights: TrainingState;
  readonly step: number;
  readonly loss: number;
  readonly validation: ValidationHistory;
}

/**
 * Takes all steps of a training that are not yet taken, stage by stage, keeping checkpoints and looking at held-out episodes.
 *
 * @param initial weights to begin from, by name; drawn from the seed where absent.
 * @throws UmweltError as `trainWorldModel`.
 */
export async function runTraining(
  corpus: Corpus,
  options: TrainingOptions,
  initial: TrainingState | null,
): Promise<Trained> {
  const { directory, steps } = options;
  const stages = stagesOf(corpus.configuration, options);
  return closingAll(async (closeLater) => {
    const validator = await openValidator(corpus, stages.at(-1)!, options);
    if (validator !== null) closeLater(() => validator.release());
    const checkpoint = await readCheckpoint(directory);
    const log = options.clockS === undefined ? null : await openTrainingLog(directory, checkpoint?.step);
    if (log !== null) closeLater(() => log.close());
    const run = createRun(corpus, options, { validator, log, checkpoint });
    let begun = 0;
    for (const stage of stages) {
      begun += stage.share;
      const lastStep = Math.round(begun * steps);
      if (run.reached().step >= lastStep || run.isOver()) continue;
      await takeStage(run, corpus, stage, { options, initial, lastStep });
    }
    return run.finish();
  });
}

/** Compiles the step of a stage and takes its steps. */
async function takeStage(
  run: ReturnType<typeof createRun>,
  { configuration }: Corpus,
  stage: Stage,
  {
    options,
    initial,
    lastStep,
  }: {
    readonly options: TrainingOptions;
    readonly initial: TrainingState | null;
    readonly lastStep: number;
  },
): Promise<void> {
  const isTuning = initial !== null;
  await closingAll(async (closeLater) => {
    const session = await compileTrainingStep(trainingStep(configuration, stage, { ...options, isTuning }));
    closeLater(() => session.release());
    const { state, step } = run.reached();
    if (state !== null) session.load(state);
    else if (initial !== null && step === 0) session.load({ ...session.state(), ...initial });
    await run.takeSteps(session, stage, lastStep);
  });
}

/**
 * Without the multi-step loss every tick of a sequence is shown, so none is longer than a context; without states there are no
 * sequences of states alone.
 */
function stagesOf(
  { size, hasState }: ModelConfiguration,
  { recipe = FULL_RECIPE }: TrainingOptions,
): readonly Stage[] {
  const stages = recipe.multiStep
    ? STAGES[size]
    : [{ ...STAGES[size].find(({ ticks }) => ticks === LONGEST_CONTEXT)!, share: 1 }];
  return hasState ? stages : stages.map((stage) => ({ ...stage, sequences: stage.sensedSequences }));
}

interface RunParts {
  readonly validator: Validator | null;
  readonly log: TrainingLog | null;
  readonly checkpoint: Checkpoint | null;
}

/** The state of a training that is under way. */
function createRun(corpus: Corpus, options: TrainingOptions, { validator, log, checkpoint }: RunParts) {
  const {
    directory,
    steps,
    seed,
    patience,
    recipe = FULL_RECIPE,
    signal,
    clockS,
    onProgress,
    onRecord,
  } = options;
  let state: TrainingState | null = checkpoint?.state ?? null;
  let step = checkpoint?.step ?? 0;
  let loss = checkpoint?.loss ?? Number.NaN;
  let validation: ValidationHistory = checkpoint?.validation ?? { losses: [], best: null };
  let keptAtS = clockS?.() ?? 0;
  const stepsPerValidation = Math.max(1, Math.round(steps / VALIDATIONS));

  const record = async (values: Readonly<Record<string, number>>): Promise<void> => {
    await log?.write({ step, wallTimeS: clockS!(), values });
    await onRecord?.({ step, values });
  };
  const keep = async (session: TrainingSession): Promise<void> => {
    keptAtS = clockS?.() ?? 0;
    await log?.flush();
    await writeCheckpoint(directory, { step, loss, validation, state: session.state() });
  };
  const begunAt = { step, timeS: clockS?.() ?? 0 };
  const rate = (): number | null =>
    clockS === undefined ? null : (step - begunAt.step) / Math.max(1e-3, clockS() - begunAt.timeS);
  const isDue = (): boolean => {
    if (clockS === undefined) return step % STEPS_PER_CHECKPOINT === 0;
    return clockS() - keptAtS >= (options.checkpointS ?? CHECKPOINT_S);
  };
  const isOver = (): boolean => {
    if (patience === undefined || validation.best === null) return false;
    const { step: bestStep } = validation.best;
    return validation.losses.filter((one) => one.step > bestStep).length >= patience;
  };
  const validate = async (session: TrainingSession): Promise<void> => {
    if (validator === null) return;
    const weights = session.parameters();
    const values = await validator.measure(weights);
    const now = { step, loss: values.loss! };
    const isBest = validation.best === null || now.loss < validation.best.loss;
    if (isBest && patience !== undefined) await writeBest(directory, weights);
    validation = { losses: [...validation.losses, now], best: isBest ? now : validation.best };
    const named = Object.entries(values).map(([name, value]) => [`validation/${name}`, value] as const);
    await record(Object.fromEntries(named));
  };

  return {
    reached: () => ({ state, step }),
    isOver,
    /** Steps to `lastStep`, or until the validation loss has stopped falling. */
    async takeSteps(session: TrainingSession, stage: Stage, lastStep: number): Promise<void> {
      const draw = (next: number): Promise<Batch> =>
        drawBatch(corpus, stage, { seed, step: next, recipe, side: 'training' });
      // The next batch is drawn while ONNX Runtime works on this one.
      let next: Promise<Batch> | null = draw(step + 1);
      while (next !== null) {
        const batch: Batch = await next;
        const running = session.step(batch.inputs);
        next = step + 1 < lastStep ? draw(step + 2) : null;
        next?.catch(() => {});
        const metrics = await running;
        requireFinite(session, metrics, step + 1, batch);
        step++;
        loss = metrics.loss!;
        await record(metrics);
        if (step % stepsPerValidation === 0 || step === steps) await validate(session);
        onProgress?.({ done: step, total: steps, note: describe(loss, validation, rate()) });
        const isEnd = next === null || isOver();
        if (isEnd || isDue() || signal?.aborted) await keep(session);
        if (signal?.aborted) throw interrupted(directory, step, steps);
        if (isEnd) break;
      }
      state = session.state();
    },
    async finish(): Promise<Trained> {
      const isEarly = patience !== undefined && validation.best !== null;
      const weights = isEarly ? await readBest(directory) : learned(state!);
      return { weights, step, loss, validation };
    },
  };
}

/** The weights of a whole state: what is not the optimiser's. */
function learned(state: TrainingState): TrainingState {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('optimiser/')));
}

/** Loss and rate in a few words. */
function describe(loss: number, { losses }: ValidationHistory, stepsPerS: number | null): string {
  const held = losses.at(-1);
  const heldOut = held === undefined ? '' : `, held out ${held.loss.toFixed(3)}`;
  return `loss ${loss.toFixed(3)}${heldOut}${stepsPerS === null ? '' : `, ${stepsPerS.toFixed(1)} steps/s`}`;
}

/**
 * Takes a step back whose loss or gradient is not finite: the weights after it are broken.
 *
 * @param metrics of the step, `loss` and `gradientNorm` among them.
 * @throws UmweltError `not-finite`, naming what was not finite, the step and the sequences of its batch.
 */
export function requireFinite(
  session: Pick<TrainingSession, 'undo'>,
  metrics: Readonly<Record<string, number>>,
  step: number,
  { origins: all }: Pick<Batch, 'origins'>,
): void {
  const loss = metrics.loss!;
  const gradientNorm = metrics.gradientNorm!;
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  session.undo();
  const origins = [...new Set(all)];
  const what = Number.isFinite(loss)
    ? `the gradient's norm became ${gradientNorm} (at a loss of ${loss.toPrecision(4)})`
    : `the loss became ${loss}`;
  throw new UmweltError(
    'not-finite',
    { step, loss, gradientNorm, origins },
    `${what} in step ${step}; the last checkpoint is kept. The batch held ${origins.slice(0, 4).join('; ')}` +
      `${origins.length > 4 ? `; and ${origins.length - 4} more` : ''}: look at those episodes`,
  );
}

function interrupted(directory: string, step: number, steps: number): UmweltError {
  return new UmweltError(
    'interrupted',
    { directory, step, steps },
    `interrupted after step ${step} of ${steps}; run the same command with --resume to go on in ${directory}`,
  );
}
