import { SingleBar } from 'cli-progress';
import type { OnProgress, Progress } from '../../core/progress.js';

/** Work that is done sooner than this shows no bar. */
const QUIET_MS = 500;

/**
 * Runs `work` with a progress bar on standard error when that is a terminal; silent elsewhere, so that logs and pipes
 * stay clean.
 */
export async function withProgress<T>(
  title: string,
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return work(() => {});
  const bar = new SingleBar({
    format: `${title.padEnd(22)} {bar} {percentage}% | {value}/{total} | {eta_formatted} left {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  const startedAt = performance.now();
  let shown = false;
  const onProgress = ({ done, total, note }: Progress): void => {
    if (!shown) {
      if (performance.now() - startedAt < QUIET_MS) return;
      bar.start(total, done, { note: '' });
      shown = true;
    }
    bar.setTotal(total);
    bar.update(done, { note: note === undefined ? '' : `| ${note}` });
  };
  try {
    return await work(onProgress);
  } finally {
    if (shown) bar.stop();
  }
}
