import { z } from 'zod';
import { UmweltError } from '../core/errors.js';
import { parseDocument } from '../core/validation.js';
import type { DatasetManifest } from '../datasets/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import { type Overlay, overlayDigest } from './calibrate/overlay.js';
import type { HeldOut } from './result.js';
import { type RecordingIdentity, splitRecordings } from './split.js';
import type { Case } from './task.js';

const identity = z.object({
  sourceFile: z.string().min(1),
  sourceSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Cases to learn from and cases to be judged on. */
export interface Sides {
  readonly heldOut: HeldOut;
  readonly train: readonly Case[];
  readonly heldout: readonly Case[];
}

/**
 * Says which recording each episode of a dataset is.
 *
 * @throws UmweltError `invalid-input` when the dataset was not measured in the physical world or does not say.
 */
export function identitiesOf(manifest: DatasetManifest): readonly RecordingIdentity[] {
  if (manifest.origin !== 'recorded') {
    throw new UmweltError(
      'invalid-input',
      { name: manifest.name, origin: manifest.origin },
      `evaluation judges by recordings of the physical world: dataset "${manifest.name}" is ${manifest.origin}, not recorded`,
    );
  }
  return manifest.episodes.map(({ episode, attributes }) => {
    const where = `episode ${episode} of the recordings "${manifest.name}"`;
    const { sourceFile, sourceSha256 } = parseDocument(identity, attributes, where);
    return { name: sourceFile, sha256: sourceSha256 };
  });
}

/**
 * Divides cases: as the task says, else all to the held-out side, else by seed and digest of their recordings.
 *
 * @param all true holds out every case, so that nothing can be fitted on them.
 * @throws UmweltError `invalid-input` when nothing is held out.
 */
export function divideCases(
  cases: readonly Case[],
  recordings: readonly RecordingIdentity[],
  seed: number,
  all: boolean,
): Sides {
  const sides = all ? holdOutAll(cases) : (ownSides(cases) ?? bySeed(cases, recordings, seed));
  if (sides.heldout.length > 0) return sides;
  throw new UmweltError(
    'invalid-input',
    { cases: cases.length, recordings: recordings.length },
    `none of ${recordings.length} recordings leaves anything to predict on the held-out side: ask for a shorter --context, or give more recordings`,
  );
}

function holdOutAll(cases: readonly Case[]): Sides {
  return { heldOut: 'all', train: [], heldout: cases };
}

function ownSides(cases: readonly Case[]): Sides | null {
  if (cases.length === 0 || cases.some(({ side }) => side === undefined)) return null;
  const on = (wanted: Case['side']) => cases.filter(({ side }) => side === wanted);
  return { heldOut: 'task', train: on('train'), heldout: on('heldout') };
}

function bySeed(cases: readonly Case[], recordings: readonly RecordingIdentity[], seed: number): Sides {
  const train = new Set(splitRecordings(recordings, seed).train.map(({ sha256 }) => sha256));
  return {
    heldOut: 'split',
    train: cases.filter(({ recording }) => train.has(recording.sha256)),
    heldout: cases.filter(({ recording }) => !train.has(recording.sha256)),
  };
}

/**
 * Refuses a model that was trained on a recording it would be judged by.
 *
 * @throws UmweltError `invalid-input` naming the model and the recordings.
 */
export function requireUnseenByModel({ name, provenance }: WorldModel, heldout: readonly Case[]): void {
  requireUnseen(
    `model "${name}" was trained`,
    { model: name },
    provenance.recordingSha256,
    heldout,
    'evaluate with the seed of the split that it was trained on, or train it on the train side of this one',
  );
}

/**
 * Refuses an overlay that was fitted to a recording it would be judged by. A task that divides by time fits and judges by
 * one recording; there, sides are told apart by time, and only an overlay that was fitted to both is refused.
 *
 * @throws UmweltError `invalid-input` naming the recordings.
 */
export function requireUnseenByOverlay(overlay: Overlay, sides: Sides): void {
  if (sides.heldOut === 'task' && overlay.provenance.use === 'train') return;
  requireUnseen(
    'the overlay was fitted',
    { overlay: overlayDigest(overlay) },
    overlay.provenance.recordingSha256,
    sides.heldout,
    overlay.provenance.use === 'all'
      ? 'calibrate on other recordings, or with --use train and evaluate with the same --seed'
      : 'evaluate with the seed that it was calibrated with and without --held-out all, or calibrate on other recordings',
  );
}

function requireUnseen(
  what: string,
  context: Readonly<Record<string, unknown>>,
  trainedOn: readonly string[],
  heldout: readonly Case[],
  remedy: string,
): void {
  const known = new Set(trainedOn);
  const judged = new Map(heldout.map(({ recording }) => [recording.sha256, recording.name]));
  const leaked = [...judged].filter(([sha256]) => known.has(sha256)).map(([, name]) => name);
  if (leaked.length === 0) return;
  const rest = leaked.length > 3 ? ` and ${leaked.length - 3} more` : '';
  throw new UmweltError(
    'invalid-input',
    { ...context, leaked },
    `${what} on ${leaked.length} of ${judged.size} held-out recordings (${leaked.slice(0, 3).join(', ')}${rest}), so its score would mean nothing: ${remedy}`,
  );
}
