import type { Case } from '../case.js';

/** A number that calibration may choose. */
export interface CalibrationParameter {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly lo: number;
  readonly hi: number;
  /** Where the search begins. */
  readonly start: number;
  readonly scale: 'linear' | 'log';
}

/** Parameter values by name. */
export type ParameterValues = Readonly<Record<string, number>>;

/** A search of its own. Problems are solved in order, and a later one may build on those before it. */
export interface CalibrationProblem {
  /** What is calibrated: an engine, a rig. */
  readonly name: string;
  /** Names are unique over all problems of a task. */
  readonly parameters: readonly CalibrationParameter[];
  /** Cases to fit to, in an order of which any first few are a fair sample. */
  readonly cases: readonly Case[];
  /** Candidates that a search needs as a rule; 480 when absent. */
  readonly evaluations?: number;
  /**
   * Mismatch of one case, 0 at best; the search minimises its mean over cases. Finite, also where a forecast diverges.
   *
   * @param values of its own parameters, and the best of the problems before it.
   */
  loss(values: ParameterValues, chosen: Case): Promise<number>;
}

/** What a task lets `umwelt calibrate` do. */
export interface Calibration {
  readonly problems: readonly CalibrationProblem[];
  /** Name of the scenario that the parameters belong to, null where there is none that `generate` can take. */
  readonly scenario: string | null;
  /** The scenario's fields that follow, as a patch of its document (RFC 7396), from members of the posterior. */
  patch?(posterior: readonly ParameterValues[]): Readonly<Record<string, unknown>>;
}
