import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { makeFolder, writeFileAtomically } from '../datasets/files.js';
import { openDataset } from '../datasets/reader.js';
import { type CaseLosses, calibrate } from '../evaluation/calibrate/calibrate.js';
import { type LossStore, lossStore } from '../evaluation/calibrate/loss-store.js';
import { type Overlay, overlayOf, type Solved } from '../evaluation/calibrate/overlay.js';
import type { CalibrationProblem, ParameterValues } from '../evaluation/task.js';
import { taskOf } from '../evaluation/tasks/list.js';
import { importSplit } from './recordings.js';
import { dataVersions } from './version.js';
import { candidateJudge } from './workers/calibration.js';
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

/**
 * Calibrates the simulator to the train side of recordings and writes an overlay. A run that was killed goes on where it
 * stopped when it is started again with the same settings.
 *
 * @throws UmweltError as `importSplit`, `openCalibration`, `calibrate`; `invalid-input` when the recordings are of something
 *   else than the scenario.
 */
export async function calibrateScenario(options: CalibrateAppOptions): Promise<Overlay> {
  const { scenario, recordings, out, seed, restarts, useAll, workers, onProgress, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-calibrate-'));
  try {
    const directory = join(folder, 'recordings');
    await importSplit({ path: recordings, directory, side: 'all', seed, ...(signal && { signal }) });
    const { manifest } = await openDataset(directory);
    const task = taskOf(manifest);
    const contextFrames = options.contextFrames ?? task.contextFrames;
    const source: CalibrationSource = { directory, seed, contextFrames, useAll, cases: options.cases };
    const calibration = await openCalibration(source);
    requireScenario(scenario, calibration.scenario, task.name);
    const judge = candidateJudge(source, calibration, workers, signal);
    try {
      await makeFolder(dirname(out));
      const { directory: _, ...settings } = source;
      const inputs = { settings, dataSha256: manifest.dataSha256, versions: dataVersions() };
      const { problems } = calibration;
      const budgetOf = (problem: CalibrationProblem) =>
        options.evaluations ?? problem.evaluations ?? DEFAULT_EVALUATIONS;
      const total = problems.reduce((sum, problem) => sum + budgetOf(problem), 0);
      let solved: ParameterValues = {};
      let done = 0;
      const found: Solved[] = [];
      const stores: LossStore[] = [];
      for (const [index, problem] of problems.entries()) {
        const { name } = problem;
        const known = solved;
        const losses: CaseLosses = (candidates) =>
          judge.losses(index)(candidates.map((values) => ({ ...known, ...values })));
        const store = await lossStore(`${out}.${name}.partial`, { ...inputs, name, known }, losses);
        stores.push(store);
        const before = done;
        const calibrated = await calibrate({
          parameters: problem.parameters,
          losses: store.losses,
          seed,
          evaluations: budgetOf(problem),
          restarts,
          onProgress: (progress) => onProgress?.({ done: before + progress.done, total, note: name }),
          ...(signal && { signal }),
        });
        found.push({ problem, calibrated });
        solved = { ...solved, ...calibrated.best };
        done += budgetOf(problem);
      }
      const overlay = overlayOf(calibration, found, {
        task: task.name,
        dataSha256: manifest.dataSha256,
        seed,
        contextFrames,
        versions: dataVersions(),
      });
      await writeFileAtomically(out, `${JSON.stringify(overlay, null, 2)}\n`);
      for (const store of stores) await store.remove();
      return overlay;
    } finally {
      await judge.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function requireScenario(wanted: string, scenario: string | null, task: string): void {
  if (wanted === (scenario ?? task)) return;
  throw new UmweltError(
    'invalid-input',
    { wanted, scenario, task },
    `recordings of ${task} calibrate ${scenario === null ? `"${task}", for which there is no scenario` : `the scenario "${scenario}"`}, not "${wanted}"`,
  );
}
