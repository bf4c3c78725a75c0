import { z } from 'zod';
import { UmweltError } from '../core/errors.js';
import { tickCount } from '../core/time.js';
import { parseDocument } from '../core/validation.js';
import type { Dataset } from '../datasets/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import { type RecordingIdentity, type Split, splitRecordings } from './split.js';

const identity = z.object({
  sourceFile: z.string().min(1),
  sourceSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A recording's place in its dataset. */
export interface RecordingEntry extends RecordingIdentity {
  readonly episode: number;
  readonly frames: number;
}

/** A split without the recordings that are too short to predict anything of. */
export interface JudgedSplit extends Split<RecordingEntry> {
  readonly tooShort: number;
}

/**
 * Splits a dataset of recordings and leaves out those with no frame beyond the context.
 *
 * @throws UmweltError `invalid-input` when an episode does not say which recording it is, or nothing is held out.
 */
export function splitDataset(
  { manifest }: Dataset,
  rateHz: number,
  seed: number,
  contextFrames: number,
): JudgedSplit {
  if (!Number.isSafeInteger(contextFrames) || contextFrames < 1) {
    throw new UmweltError(
      'invalid-input',
      { contextFrames },
      `evaluation: expected a context of at least 1 whole frame, got ${contextFrames}`,
    );
  }
  const entries = manifest.episodes.map(({ episode, durationS, attributes }): RecordingEntry => {
    const where = `episode ${episode} of the recordings "${manifest.name}"`;
    const { sourceFile, sourceSha256 } = parseDocument(identity, attributes, where);
    return { name: sourceFile, sha256: sourceSha256, episode, frames: tickCount(durationS, rateHz) };
  });
  const split = splitRecordings(entries, seed);
  const longEnough = ({ frames }: RecordingEntry) => frames > contextFrames;
  const train = split.train.filter(longEnough);
  const heldout = split.heldout.filter(longEnough);
  if (heldout.length === 0) {
    throw new UmweltError(
      'invalid-input',
      { heldout: split.heldout.length, contextFrames },
      `none of ${split.heldout.length} held-out recordings has a frame beyond the context of ${contextFrames}: ask for a shorter context`,
    );
  }
  return { ...split, train, heldout, tooShort: entries.length - train.length - heldout.length };
}

/**
 * Refuses a model that was trained on a recording it would be judged by.
 *
 * @throws UmweltError `invalid-input` naming the model and the recordings.
 */
export function requireUnseen(
  { name, provenance }: WorldModel,
  { heldout, seed }: Split<RecordingEntry>,
): void {
  const trainedOn = new Set(provenance.recordingSha256);
  const leaked = heldout.filter(({ sha256 }) => trainedOn.has(sha256));
  if (leaked.length === 0) return;
  const named = leaked.slice(0, 3).map((recording) => recording.name);
  const rest = leaked.length > named.length ? ` and ${leaked.length - named.length} more` : '';
  throw new UmweltError(
    'invalid-input',
    { model: name, seed, leaked: leaked.map((recording) => recording.name) },
    `model "${name}" was trained on ${leaked.length} of ${heldout.length} held-out recordings (${named.join(', ')}${rest}), so its score would mean nothing: evaluate with the seed of the split that it was trained on (not ${seed}), or train it on the train side of this one`,
  );
}
