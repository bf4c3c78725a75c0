import { UmweltError } from '../core/errors.js';
import { randomStream } from '../core/random.js';

/** A recording by its file's name and the SHA-256 of its bytes, lower-case hexadecimal. */
export interface RecordingIdentity {
  readonly name: string;
  readonly sha256: string;
}

/** Two sides of a set of recordings. */
export interface Split<R extends RecordingIdentity = RecordingIdentity> {
  readonly seed: number;
  readonly trainShare: number;
  /** In the order in which they were given. */
  readonly train: readonly R[];
  readonly heldout: readonly R[];
}

/** Share of the recordings that may be learned from. */
export const DEFAULT_TRAIN_SHARE = 2 / 3;

/**
 * Divides recordings into those to learn from and those to be judged on.
 *
 * Each content gets a random number from the stream named by its digest, and the lowest share becomes the train side: the
 * result depends on the seed and on which recordings there are, not on their order or names, and copies of one recording
 * never end up on both sides. From two contents up, neither side is empty.
 *
 * @throws UmweltError `invalid-input` when there is no recording or the share is not between 0 and 1.
 */
export function splitRecordings<R extends RecordingIdentity>(
  recordings: readonly R[],
  seed: number,
  trainShare = DEFAULT_TRAIN_SHARE,
): Split<R> {
  if (!(trainShare > 0 && trainShare < 1)) {
    throw new UmweltError(
      'invalid-input',
      { trainShare },
      `split: expected a train share between 0 and 1, got ${trainShare}`,
    );
  }
  if (recordings.length === 0) {
    throw new UmweltError('invalid-input', {}, 'split: expected at least one recording, got none');
  }
  const ranked = [...new Set(recordings.map(({ sha256 }) => sha256))]
    .map((sha256) => ({ sha256, rank: randomStream(seed, 'evaluation', 'split', sha256).uniform() }))
    .sort((a, b) => a.rank - b.rank || (a.sha256 < b.sha256 ? -1 : 1));
  const wanted = Math.round(ranked.length * trainShare);
  const count = Math.min(Math.max(wanted, 1), ranked.length - 1);
  const chosen = new Set(ranked.slice(0, count).map(({ sha256 }) => sha256));
  return {
    seed,
    trainShare,
    train: recordings.filter(({ sha256 }) => chosen.has(sha256)),
    heldout: recordings.filter(({ sha256 }) => !chosen.has(sha256)),
  };
}
