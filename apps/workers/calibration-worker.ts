import { type ErrorCode, UmweltError } from '../../core/errors.js';
import { openDataset } from '../../datasets/reader.js';
import { divideCases, identitiesOf } from '../../evaluation/sides.js';
import type { Calibration, CalibrationProblem, ParameterValues } from '../../evaluation/task.js';
import { taskOf } from '../../evaluation/tasks/list.js';
import { createWorld } from '../../sim/world.js';

/** Where a calibration gets its cases from; plain data. */
export interface CalibrationSource {
  /** A dataset of recordings. */
  readonly directory: string;
  readonly seed: number;
  readonly contextFrames: number;
  /** True fits to every recording, not to the train side alone. */
  readonly useAll: boolean;
  /** Fits to the first so many of each problem's cases. */
  readonly cases: number;
}

/** One candidate to be judged by a thread; plain data. */
export interface CandidateTask {
  readonly source: CalibrationSource;
  /** The problem's place among the task's. */
  readonly problem: number;
  readonly values: ParameterValues;
}

/** What a thread sends back: errors lose their class on the way. */
export type CandidateResult =
  | { readonly losses: Float64Array }
  | {
      readonly code: ErrorCode;
      readonly context: Readonly<Record<string, unknown>>;
      readonly message: string;
    };

/**
 * Opens what a task lets be calibrated on the train side of recordings.
 *
 * @throws UmweltError `invalid-input` when the task has nothing to calibrate.
 */
export async function openCalibration(source: CalibrationSource): Promise<Calibration> {
  const { directory, seed, contextFrames, useAll, cases } = source;
  const recordings = await openDataset(directory);
  const task = taskOf(recordings.manifest);
  const opened = await task.open({ recordings, createWorld, models: [], contextFrames, seed, overlay: null });
  const train = useAll
    ? opened.cases
    : divideCases(opened.cases, identitiesOf(recordings.manifest), seed, false).train;
  const calibration = opened.calibration?.(train);
  if (calibration === undefined) {
    throw new UmweltError(
      'invalid-input',
      { task: task.name },
      `there is nothing to calibrate for recordings of ${task.name}: no simulator predicts them`,
    );
  }
  const problems = calibration.problems
    .filter((problem) => problem.cases.length > 0)
    .map((problem) => ({ ...problem, cases: problem.cases.slice(0, cases) }));
  if (problems.length === 0) {
    throw new UmweltError(
      'invalid-input',
      { task: task.name, train: train.length },
      `calibration needs recordings on the train side, and there is none of ${opened.cases.length}: give more, or --use all`,
    );
  }
  return { ...calibration, problems };
}

/** Judges one candidate by every case. */
export async function lossesOf(
  { cases, loss }: CalibrationProblem,
  values: ParameterValues,
): Promise<Float64Array> {
  const losses = new Float64Array(cases.length);
  for (const [i, chosen] of cases.entries()) losses[i] = await loss(values, chosen);
  return losses;
}

let kept: { readonly key: string; readonly opened: Promise<Calibration> } | undefined;

/** Runs in a thread: the recordings stay open from candidate to candidate. */
export default async function judgeCandidate({
  source,
  problem,
  values,
}: CandidateTask): Promise<CandidateResult> {
  const key = JSON.stringify(source);
  if (kept?.key !== key) kept = { key, opened: openCalibration(source) };
  try {
    const { problems } = await kept.opened;
    return { losses: await lossesOf(problems[problem]!, values) };
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    return { code: thrown.code, context: thrown.context, message: thrown.message };
  }
}
