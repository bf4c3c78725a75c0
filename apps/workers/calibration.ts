import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { UmweltError } from '../../core/errors.js';
import type { CaseLosses } from '../../evaluation/calibrate/calibrate.js';
import type { Calibration } from '../../evaluation/task.js';
import {
  type CalibrationSource,
  type CandidateResult,
  type CandidateTask,
  lossesOf,
} from './calibration-worker.js';

/** Longer than a search takes between two generations. */
const IDLE_MS = 60_000;

/** Candidates judged in parallel. The caller closes it. */
export interface CandidateJudge {
  /** @param problem its place among the task's. */
  losses(problem: number): CaseLosses;
  close(): Promise<void>;
}

/** Judges candidates in this thread (1 worker) or in a pool of worker threads; the losses do not depend on it. */
export function candidateJudge(
  source: CalibrationSource,
  { problems }: Calibration,
  workers: number,
  signal: AbortSignal | undefined,
): CandidateJudge {
  if (workers === 1) {
    return {
      losses: (problem) => async (candidates) => {
        const rows: Float64Array[] = [];
        for (const values of candidates) {
          // A judge that never waits would never let Ctrl-C in.
          await setImmediate();
          if (signal?.aborted) throw interrupted();
          rows.push(await lossesOf(problems[problem]!, values));
        }
        return rows;
      },
      close: async () => {},
    };
  }
  const pool = new Piscina({
    filename: workerFile(),
    maxThreads: workers,
    minThreads: 1,
    // By default a thread ends with its last task: every generation would load the engine and the recordings again.
    idleTimeout: IDLE_MS,
  });
  const judge = async (task: CandidateTask): Promise<Float64Array> => {
    const result: CandidateResult = await pool.run(task, { signal });
    if ('losses' in result) return result.losses;
    throw new UmweltError(result.code, result.context, result.message);
  };
  return {
    losses: (problem) => async (candidates) => {
      try {
        return await Promise.all(candidates.map((values) => judge({ source, problem, values })));
      } catch (thrown) {
        if (signal?.aborted) throw interrupted();
        throw thrown;
      }
    },
    close: () => pool.destroy(),
  };
}

function interrupted(): UmweltError {
  return new UmweltError('interrupted', {}, 'interrupted while candidates were tried');
}

/** Threads load compiled JavaScript only; from source (tests) the built file is used. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  const folder = extname(here) === '.ts' ? '../../dist/apps/workers/' : './';
  return fileURLToPath(new URL(`${folder}calibration-worker.js`, import.meta.url));
}
