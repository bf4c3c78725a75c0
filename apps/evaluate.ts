import { basename, join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import type { Dataset } from '../datasets/contract.js';
import { makeFolder } from '../datasets/files.js';
import { lockFolder } from '../datasets/lock.js';
import { openDataset } from '../datasets/reader.js';
import { readOverlay } from '../evaluation/calibrate/overlay.js';
import { evaluateRecordings } from '../evaluation/evaluate.js';
import { requireSameProtocol } from '../evaluation/protocol-difference.js';
import {
  type Comparable,
  comparableOf,
  compareWithEarlier,
  type Regression,
} from '../evaluation/regression.js';
import { REPORT_FILES, writeEvaluation } from '../evaluation/report/write.js';
import type { EvaluationResult } from '../evaluation/result.js';
import { readReport, type StoredReport } from '../evaluation/stored-report.js';
import { requireMethodNames } from '../evaluation/tasks/list.js';
import { compareDatasets, type DatasetComparison } from '../evaluation/two-sample/compare.js';
import { createWorld } from '../sim/world.js';
import type { WorldModel } from '../worldmodel/contract.js';
import { loadWorldModel } from '../worldmodel/rollout.js';
import { importSplit, requireRecordings } from './recordings.js';
import { modelVersions } from './version.js';

export interface EvaluateOptions extends Control {
  /** Folder of recordings; looked for as `findRecordings` does when absent. */
  readonly recordings?: string | undefined;
  /** Folder of the report. */
  readonly directory: string;
  /** Folders of models. */
  readonly models?: readonly string[];
  /** Names of baselines, all by default. */
  readonly baselines?: readonly string[] | undefined;
  /** Frames of each recording that a method sees; the task's own by default. */
  readonly contextFrames?: number | undefined;
  /** File that `umwelt calibrate` wrote. */
  readonly overlay?: string | undefined;
  /** True judges by every recording and fits nothing on them. */
  readonly holdOutAll?: boolean;
  /** Folder of an earlier report to compare with. */
  readonly compare?: string | undefined;
  /** Folder of a simulated dataset: say which of its senses looks unreal beside the recordings. */
  readonly simulated?: string | undefined;
  /** Recorded stream by simulated stream, where their names differ. */
  readonly pairs?: Readonly<Record<string, string>>;
  readonly seed?: number;
}

export interface Evaluated {
  readonly result: EvaluationResult;
  /** Path of the report. */
  readonly report: string;
  /** Null where there was nothing to compare with, or `refusal` says why it was not. */
  readonly regression: Regression | null;
  /** Why the earlier report was not compared with: another protocol. The report is written all the same. */
  readonly refusal: UmweltError | null;
  /** Null where no simulated data was given. */
  readonly realism: DatasetComparison | null;
}

/** The recordings in the form that everything else reads, beside the report. */
const RECORDINGS_FOLDER = 'recordings';

/**
 * Judges models and baselines by held-out recordings and writes the report.
 *
 * A run that was killed goes on where it stopped when it is started again with the same settings.
 *
 * @throws UmweltError as `requireRecordings`, `importRecordings`, `loadWorldModel`, `evaluateRecordings`, `writeEvaluation`,
 *   `compareDatasets`, and as `readReport` of the earlier report.
 */
export async function evaluateModels(options: EvaluateOptions): Promise<Evaluated> {
  const { directory, seed = 0, contextFrames, onProgress, signal } = options;
  requireMethodNames(options.baselines ?? []);
  const overlay = options.overlay === undefined ? null : await readOverlay(options.overlay);
  // Read before anything is written: the earlier report may lie in the same folder.
  const earlier = options.compare === undefined ? null : await readReport(options.compare);
  requireRecordings(options.recordings);
  await makeFolder(directory);
  const unlock = await lockFolder(directory);
  const models: WorldModel[] = [];
  try {
    const recordings = await importAll(options);
    const realism = await compareSimulated(options, recordings);
    for (const folder of options.models ?? []) {
      models.push(
        await loadWorldModel(folder, options.models!.length === 1 ? 'world-model' : basename(folder)),
      );
    }
    const result = await evaluateRecordings({
      recordings,
      models,
      createWorld,
      ...(contextFrames !== undefined && { contextFrames }),
      ...(overlay && { overlay }),
      holdOutAll: options.holdOutAll ?? false,
      seed,
      directory,
      versions: modelVersions(),
      ...(options.baselines && { baselines: options.baselines }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    const compared = compareEarlier(comparableOf(result), earlier, directory);
    await writeEvaluation(directory, result, { regression: compared.regression, realism });
    return { result, report: join(directory, REPORT_FILES.report), ...compared, realism };
  } finally {
    for (const model of models) await model.release();
    await unlock();
  }
}

/** The work of an evaluation is not lost for an earlier report that follows another protocol. */
function compareEarlier(
  now: Comparable,
  earlier: StoredReport | null,
  directory: string,
): Pick<Evaluated, 'regression' | 'refusal'> {
  if (earlier === null) return { regression: null, refusal: null };
  try {
    requireSameProtocol(earlier, now, [earlier.directory, directory]);
  } catch (refusal) {
    if (refusal instanceof UmweltError) return { regression: null, refusal };
    throw refusal;
  }
  return { regression: compareWithEarlier(now, earlier), refusal: null };
}

async function compareSimulated(
  { simulated, pairs = {}, seed = 0 }: EvaluateOptions,
  recordings: Dataset,
): Promise<DatasetComparison | null> {
  if (simulated === undefined) return null;
  const dataset = await openDataset(simulated);
  if (dataset.manifest.origin !== 'simulated') {
    throw new UmweltError(
      'invalid-input',
      { simulated, origin: dataset.manifest.origin },
      `${simulated}: expected simulated data, as \`umwelt generate\` writes it, got data that was ${dataset.manifest.origin}`,
    );
  }
  return compareDatasets(dataset, recordings, { pairs, seed });
}

async function importAll({ recordings, directory, seed = 0, signal }: EvaluateOptions): Promise<Dataset> {
  const folder = join(directory, RECORDINGS_FOLDER);
  await importSplit({ path: recordings, directory: folder, side: 'all', seed, ...(signal && { signal }) });
  return openDataset(folder);
}
