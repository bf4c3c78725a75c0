import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { makeFolder, writeFileAtomically } from '../datasets/files.js';
import { openDataset } from '../datasets/reader.js';
import { calibrate } from '../evaluation/calibrate/calibrate.js';
import { type LossStore, lossStore } from '../evaluation/calibrate/loss-store.js';
import { type Overlay, overlayOf, type Solved } from '../evaluation/calibrate/overlay.js';
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
  /** Candidates to try for each problem. */
  readonly evaluations: number;
  readonly restarts: number;
  /** Cases to fit to, at most. */
  readonly cases: number;
  readonly contextFrames?: number | undefined;
  /** True fits to every recording, for an overlay that other recordings will judge. */
  readonly useAll: boolean;
  readonly workers: number;
}

/**
 * Calibrates the simulator to the train side of recordings and writes an overlay. A run that was killed goes on where it
 * stopped when it is started again with the same settings.
 *
 * @throws UmweltError as `importSplit`, `openCalibration`, `calibrate`; `invalid-input` when the recordings are of something
 *   else than the scenario.
 */
export async function calibrateScenario(options: CalibrateAppOptions): Promise<Overlay> {
  const { scenario, recordings, out, seed, evaluations, restarts, useAll, workers, onProgress, signal } =
    options;
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
      const total = evaluations * problems.length;
      const found: Solved[] = [];
      const stores: LossStore[] = [];
      for (const [index, problem] of problems.entries()) {
        const { name } = problem;
        const store = await lossStore(`${out}.${name}.partial`, { ...inputs, name }, judge.losses(index));
        stores.push(store);
        const done = index * evaluations;
        const calibrated = await calibrate({
          parameters: problem.parameters,
          losses: store.losses,
          seed,
          evaluations,
          restarts,
          onProgress: (progress) => onProgress?.({ done: done + progress.done, total, note: name }),
          ...(signal && { signal }),
        });
        found.push({ problem, calibrated });
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
