import type { Regression } from '../regression.js';
import type { DatasetComparison } from '../two-sample/compare.js';

/** What is reported beside the evaluation itself. */
export interface ReportAdditions {
  /** The comparison with an earlier report. */
  readonly regression?: Regression | null;
  /** Simulated data beside the recordings. */
  readonly realism?: DatasetComparison | null;
}
