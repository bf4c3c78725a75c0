import { mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { makeFolder, writeFileAtomically } from '../datasets/files.js';
import { lockFolder } from '../datasets/lock.js';
import { openDataset } from '../datasets/reader.js';
import { type CaseLosses, calibrate } from '../evaluation/calibrate/calibrate.js';
import { type LossStore, lossStore } from '../evaluation/calibrate/loss-store.js';
import { type Overlay, overlayOf, type Solved } from '../evaluation/calibrate/overlay.js';
import type { Calibration, CalibrationProblem, ParameterValues } from '../evaluation/task.js';
import { taskOf } from '../evaluation/tasks/list.js';
import { importSplit } from './recordings.js';
import { dataVersions } from './version.js';
import { type CandidateJudge, candidateJudge } from './workers/calibration.js';
import { type CalibrationSource, openCalibration } from './workers/calibration-worker.js';

export interface CalibrateAppOptions extends Control {
  /** Name of the scenario to calibrate, or of the recordings' format where there is no scenario. */
  readonly scenario: string;
  /** Folder of recordings; looked for as `findRecordings` does when absent. */
  readonly recordings?: string | undefined;
  /** File to write. */
  readonly out: string;
  readonly seed: number;
  /** Candidates to try for each problem; as many as its task says by default. */
  readonly evaluations?: number | undefined;
  readonly restarts: number;
  /** Cases to fit to, at most. */
  readonly cases: number;
  readonly contextFrames?: number | undefined;
  /** True fits to every recording, for an overlay that other recordings will judge. */
  readonly useAll: boolean;
  readonly workers: number;
}

const DEFAULT_EVALUATIONS = 480;

/** What a file's name is followed by in the name of the folder of losses, until the file is complete. */
const LOSSES_SUFFIX = '.losses';

/**
 * Calibrates the simulator to the train side of recordings and writes an overlay. A run that was killed goes on where it
 * stopped when it is started again with the same settings: what it tried is kept in the folder `<out>.losses`.
 *
 * @throws UmweltError as `importSplit`, `openCalibration`, `calibrate`; `invalid-input` when the recordings are of something
 *   else than the scenario; `conflict` when another process calibrates into the same file; `io`; `interrupted`.
 */
export async function calibrateScenario(options: CalibrateAppOptions): Promise<Overlay> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-calibrate-'));
  try {
    await requireFileName(options.out);
    return await calibrateIn(folder, options);
  } catch (thrown) {
    if (!(thrown instanceof UmweltError) || thrown.code !== 'interrupted') throw thrown;
    const message = 'interrupted; calibrate again with the same settings to go on where it stopped';
    throw new UmweltError('interrupted', { losses: options.out + LOSSES_SUFFIX }, message, thrown);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param folder an empty one for the recordings in the form that everything else reads. */
async function calibrateIn(folder: string, options: CalibrateAppOptions): Promise<Overlay> {
  const { scenario, recordings, out, seed, useAll, workers, signal } = options;
  const directory = join(folder, 'recordings');
  await importSplit({ path: recordings, directory, side: 'all', seed, ...(signal && { signal }) });
  const { manifest } = await openDataset(directory);
  const task = taskOf(manifest);
  const contextFrames = options.contextFrames ?? task.contextFrames;
  const source: CalibrationSource = { directory, seed, contextFrames, useAll, cases: options.cases };
  const calibration = await openCalibration(source);
  requireScenario(scenario, calibration.scenario, task.name);
  const losses = out + LOSSES_SUFFIX;
  await makeFolder(losses);
  const unlock = await lockFolder(losses);
  const judge = candidateJudge(source, calibration, workers, signal);
  try {
    const { directory: _, ...settings } = source;
    const versions = dataVersions();
    const inputs = { settings, dataSha256: manifest.dataSha256, versions };
    const { solved, stores } = await solve(calibration, judge, inputs, losses, options);
    const origin = { task: task.name, dataSha256: manifest.dataSha256, seed, contextFrames, versions };
    const overlay = overlayOf(calibration, solved, { ...origin, use: useAll ? 'all' : 'train' });
    await writeFileAtomically(out, `${JSON.stringify(overlay, null, 2)}\n`);
    for (const store of stores) await store.remove();
    return overlay;
  } finally {
    await judge.close();
    await unlock();
    // Stays where it holds losses.
    await rmdir(losses).catch(() => {});
  }
}

/** Solves the problems in order, each with what those before it found. */
async function solve(
  { problems }: Calibration,
  judge: CandidateJudge,
  inputs: Readonly<Record<string, unknown>>,
  folder: string,
  { seed, restarts, evaluations, onProgress, signal }: CalibrateAppOptions,
): Promise<{ readonly solved: readonly Solved[]; readonly stores: readonly LossStore[] }> {
  const budgetOf = (problem: CalibrationProblem) => evaluations ?? problem.evaluations ?? DEFAULT_EVALUATIONS;
  const total = problems.reduce((sum, problem) => sum + budgetOf(problem), 0);
  const solved: Solved[] = [];
  const stores: LossStore[] = [];
  let known: ParameterValues = {};
  let done = 0;
  for (const [index, problem] of problems.entries()) {
    const { name, parameters, cases } = problem;
    const [before, found] = [done, known];
    const losses: CaseLosses = (candidates) =>
      judge.losses(index)(candidates.map((values) => ({ ...found, ...values })));
    const store = await lossStore(
      join(folder, `${name}.jsonl`),
      { ...inputs, name, known: found },
      cases.length,
      losses,
    );
    stores.push(store);
    const calibrated = await calibrate({
      parameters,
      losses: store.losses,
      seed,
      evaluations: budgetOf(problem),
      restarts,
      onProgress: (progress) => onProgress?.({ done: before + progress.done, total, note: name }),
      ...(signal && { signal }),
    });
    solved.push({ problem, calibrated });
    known = { ...known, ...calibrated.best };
    done += budgetOf(problem);
  }
  return { solved, stores };
}

/** A search of hours must not end at a name that cannot be written. */
async function requireFileName(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) return;
  throw new UmweltError(
    'invalid-input',
    { path },
    `--out ${path}: expected the name of a file to write, got a folder: add a name to it`,
  );
}

function requireScenario(wanted: string, scenario: string | null, task: string): void {
  if (wanted === (scenario ?? task)) return;
  throw new UmweltError(
    'invalid-input',
    { wanted, scenario, task },
    `recordings of ${task} calibrate ${scenario === null ? `"${task}", for which there is no scenario` : `the scenario "${scenario}"`}, not "${wanted}"`,
  );
}
