import { z } from 'zod';
import { jsonDigest } from '../../core/digest.js';
import { describeCause, UmweltError } from '../../core/errors.js';
import { parseDocument } from '../../core/validation.js';
import { readWholeFile } from '../../datasets/files.js';
import type { Calibrated } from './calibrate.js';
import type { Calibration, CalibrationParameter, CalibrationProblem, ParameterValues } from './contract.js';

const values = z.record(z.string(), z.number());

/** How deep a patch may be nested: far more than a scenario is. */
const DEPTH = 32;

const overlay = z.strictObject({
  format: z.literal('umwelt-overlay'),
  formatVersion: z.literal(1),
  /** Task, which is the format of the recordings that it was fitted to. */
  task: z.string().min(1),
  /** Scenario that `generate` changes by it; null where there is none. */
  scenario: z.string().min(1).nullable(),
  /** Merged into the scenario's document as RFC 7396 says. */
  patch: z.record(z.string(), z.unknown()).refine((patch) => isShallow(patch, DEPTH), {
    error: `expected at most ${DEPTH} objects and arrays within each other, got more`,
  }),
  parameters: z.array(
    z.strictObject({
      problem: z.string(),
      name: z.string().min(1),
      unit: z.string(),
      description: z.string(),
      best: z.number(),
      mean: z.number(),
      standardDeviation: z.number().nonnegative(),
      lo: z.number(),
      hi: z.number(),
    }),
  ),
  /** Members of the posterior ensemble, the best first. */
  posterior: z.array(values).min(1),
  /** How each problem's search went: mean mismatch where it began, at the best candidate, at the best of each restart. */
  searches: z.array(
    z.strictObject({
      problem: z.string(),
      cases: z.number(),
      candidates: z.number(),
      startLoss: z.number(),
      bestLoss: z.number(),
      restartLosses: z.array(z.number()),
    }),
  ),
  /** What it was fitted to: recordings by digest, so that an evaluation can refuse to judge by them. */
  provenance: z.strictObject({
    dataSha256: z.string(),
    recordingSha256: z.array(z.string()),
    seed: z.number(),
    /** Which recordings: those that `evaluate` with the same seed does not judge by, or every one. */
    use: z.enum(['train', 'all']).default('train'),
    contextFrames: z.number(),
    versions: z.record(z.string(), z.string()),
  }),
});

/** What calibration found, as it is written: parameters with their spread, and the patch of a scenario. */
export type Overlay = Readonly<z.infer<typeof overlay>>;

/** What an overlay remembers of how it was made. */
export interface OverlayOrigin {
  readonly task: string;
  readonly dataSha256: string;
  readonly seed: number;
  readonly use: 'train' | 'all';
  readonly contextFrames: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** A problem with what its search found. */
export interface Solved {
  readonly problem: CalibrationProblem;
  readonly calibrated: Calibrated;
}

/** Puts what calibrations found into the form that is written: member i of the posterior joins each problem's member i. */
export function overlayOf(
  { scenario, patch }: Calibration,
  solved: readonly Solved[],
  { task, ...origin }: OverlayOrigin,
): Overlay {
  const members = Math.max(...solved.map(({ calibrated }) => calibrated.posterior.length));
  const posterior = Array.from({ length: members }, (_, i) =>
    Object.assign({}, ...solved.map(({ calibrated }) => calibrated.posterior[i] ?? calibrated.best)),
  ) as ParameterValues[];
  const cases = solved.flatMap(({ problem }) => problem.cases);
  return {
    format: 'umwelt-overlay',
    formatVersion: 1,
    task,
    scenario,
    patch: patch?.(posterior) ?? {},
    parameters: solved.flatMap(({ problem }) =>
      problem.parameters.map((parameter) => describeParameter(problem.name, parameter, posterior)),
    ),
    posterior: posterior.map((values) => ({ ...values })),
    searches: solved.map(({ problem, calibrated }) => ({
      problem: problem.name,
      cases: problem.cases.length,
      candidates: calibrated.evaluations,
      startLoss: calibrated.startLoss,
      bestLoss: calibrated.bestLoss,
      restartLosses: [...calibrated.restartLosses],
    })),
    provenance: {
      ...origin,
      recordingSha256: [...new Set(cases.map(({ recording }) => recording.sha256))].sort(),
      versions: { ...origin.versions },
    },
  };
}

function describeParameter(
  problem: string,
  { name, unit, description, lo, hi }: CalibrationParameter,
  posterior: readonly ParameterValues[],
): Overlay['parameters'][number] {
  const drawn = posterior.map((values) => values[name]!);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  const square = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(square / Math.max(1, drawn.length - 1));
  return { problem, name, unit, description, best: drawn[0]!, mean, standardDeviation, lo, hi };
}

/** Values of the best member by name. */
export function bestValues({ posterior }: Overlay): Readonly<Record<string, number>> {
  return posterior[0]!;
}

/** A name for its contents. */
export function overlayDigest(found: Overlay): string {
  return jsonDigest(found);
}

/**
 * Reads an overlay.
 *
 * @throws UmweltError `not-found`, `malformed-file`, `invalid-input` naming the field, `io`.
 */
export async function readOverlay(path: string): Promise<Overlay> {
  const bytes = await readWholeFile(path);
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { path },
      `overlay ${path}: expected JSON as \`umwelt calibrate\` writes it, got: ${describeCause(cause)}`,
      cause,
    );
  }
  return parseDocument(overlay, document, `overlay ${path}`);
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => isShallow(part, depth - 1));
}
