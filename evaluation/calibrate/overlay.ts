import { z } from 'zod';
import { jsonDigest } from '../../core/digest.js';
import { describeCause, UmweltError } from '../../core/errors.js';
import { parseDocument } from '../../core/validation.js';
import { readWholeFile } from '../../datasets/files.js';

const values = z.record(z.string(), z.number());

const overlay = z.strictObject({
  format: z.literal('umwelt-overlay'),
  formatVersion: z.literal(1),
  /** Task, which is the format of the recordings that it was fitted to. */
  task: z.string().min(1),
  /** Scenario that `generate` changes by it; null where there is none. */
  scenario: z.string().min(1).nullable(),
  /** Merged into the scenario's document as RFC 7396 says. */
  patch: z.record(z.string(), z.unknown()),
  parameters: z.array(
    z.strictObject({
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
  loss: z.strictObject({ start: z.number(), best: z.number() }),
  /** What it was fitted to: recordings by digest, so that an evaluation can refuse to judge by them. */
  provenance: z.strictObject({
    dataSha256: z.string(),
    recordingSha256: z.array(z.string()),
    seed: z.number(),
    contextFrames: z.number(),
    evaluations: z.number(),
    versions: z.record(z.string(), z.string()),
  }),
  /** What else the task's methods learned, in a form of their own. */
  learned: z.record(z.string(), z.unknown()),
});

/** What calibration found, as it is written: parameters with their spread, and the patch of a scenario. */
export type Overlay = Readonly<z.infer<typeof overlay>>;

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
  const text = Buffer.from(await readWholeFile(path)).toString('utf8');
  let document: unknown;
  try {
    document = JSON.parse(text);
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
