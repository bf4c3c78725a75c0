import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writing } from '../../datasets/files.js';
import { encodeEvent, frameRecord, type LogEvent } from './event-file.js';

/** The log's lines, one JSON object each: `step`, `wallTimeS` and the values by name; numbers that are not finite as strings. */
export const LOG_FILE = 'log.jsonl';

/** What TensorBoard's event files begin with. */
export const EVENT_FILE_PREFIX = 'events.out.tfevents.';

const RECORDS_PER_FLUSH = 100;
const FLUSH_INTERVAL_S = 2;

/** What there is to say about one step. */
export interface LogRecord {
  readonly step: number;
  /** Unix time, s. */
  readonly wallTimeS: number;
  /** By name; a slash groups them in TensorBoard (`loss/camera`). `step` and `wallTimeS` are taken. */
  readonly values: Readonly<Record<string, number>>;
}

/** The open log of a training, as lines of JSON and as TensorBoard events; after a failure every call fails alike. */
export interface TrainingLog {
  /** Appends, at the latest with the first record 2 s later or the hundredth. @throws UmweltError `io`. */
  write(record: LogRecord): Promise<void>;
  /** Brings all records to the disk. Call it before a checkpoint: resuming from it needs them. @throws UmweltError `io`. */
  flush(): Promise<void>;
  /** Writes what is left and closes both files; may be called again. @throws UmweltError `io`. */
  close(): Promise<void>;
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Opens the log in a training's folder.
 *
 * @param resumeAtStep the checkpoint's step: later and torn lines are dropped, and later events are declared void in a new
 *   event file, so that a resumed training has each step once. Without it the log begins anew.
 * @throws UmweltError `io`.
 */
export async function openTrainingLog(directory: string, resumeAtStep?: number): Promise<TrainingLog> {
  const lines = await openLines(join(directory, LOG_FILE), resumeAtStep ?? Number.NEGATIVE_INFINITY);
  let events: OpenFile | null = null;
  let buffer: LogRecord[] = [];
  let flushedAtS = Number.NEGATIVE_INFINITY;
  // One write at a time, in order; a failed one leaves a torn line, after which nothing may be appended.
  let queue = Promise.resolve();

  const writeBuffered = async (): Promise<void> => {
    const records = buffer;
    if (records.length === 0) return;
    buffer = [];
    await append(lines, Buffer.from(records.map(toLine).join('')));
    const opening: LogEvent[] = [];
    if (events === null) {
      const { wallTimeS } = records[0]!;
      events = await openEvents(directory, wallTimeS);
      opening.push({ wallTimeS, step: 0, content: 'version' });
      opening.push({ wallTimeS, step: (resumeAtStep ?? -1) + 1, content: 'start' });
    }
    const scalars = records.map(({ values, ...stamp }) => ({ ...stamp, content: values }));
    await append(
      events,
      Buffer.concat([...opening, ...scalars].map((event) => frameRecord(encodeEvent(event)))),
    );
  };
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(work);
    return queue;
  };
  const openFiles = (): OpenFile[] => (events === null ? [lines] : [lines, events]);

  return {
    async write(record) {
      buffer.push(record);
      // A clock that was set back must not hold the log up.
      const isDue = Math.abs(record.wallTimeS - flushedAtS) >= FLUSH_INTERVAL_S;
      if (!isDue && buffer.length < RECORDS_PER_FLUSH) return;
      flushedAtS = record.wallTimeS;
      await enqueue(writeBuffered);
    },
    async flush() {
      await enqueue(async () => {
        await writeBuffered();
        for (const { path, handle } of openFiles()) await writing(path, () => handle.datasync());
      });
    },
    async close() {
      try {
        await enqueue(writeBuffered);
      } finally {
        for (const { path, handle } of openFiles()) await writing(path, () => handle.close());
      }
    },
  };
}

async function append({ path, handle }: OpenFile, bytes: Uint8Array): Promise<void> {
  await writing(path, () => handle.appendFile(bytes));
}

function toLine({ step, wallTimeS, values }: LogRecord): string {
  const stamp = { step, wallTimeS };
  const finite = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify({ ...stamp, ...values, ...stamp }, finite)}\n`;
}

/** Opens the lines for appending, without those after `lastStep`. */
async function openLines(path: string, lastStep: number): Promise<OpenFile> {
  const handle = await writing(path, () => open(path, 'a+'));
  try {
    await writing(path, async () => handle.truncate(bytesUntil(lastStep, await handle.readFile())));
  } catch (cause) {
    await handle.close();
    throw cause;
  }
  return { path, handle };
}

/** Counts the bytes up to the end of the last whole line whose step is `lastStep` at most. */
function bytesUntil(lastStep: number, text: Buffer): number {
  let kept = 0;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    if (stepOf(text.toString('utf8', start, end)) <= lastStep) kept = end + 1;
    start = end + 1;
  }
  return kept;
}

function stepOf(line: string): number {
  try {
    return Number(JSON.parse(line).step);
  } catch {
    return Number.NaN;
  }
}

async function openEvents(directory: string, wallTimeS: number): Promise<OpenFile> {
  const present = (await writing(directory, () => readdir(directory)))
    .filter((name) => name.startsWith(EVENT_FILE_PREFIX))
    .map((name) => Number.parseInt(name.slice(EVENT_FILE_PREFIX.length), 10) || 0);
  // Readers go through the files in the order of their names, whatever became of the clock.
  const second = String(Math.max(Math.floor(wallTimeS), ...present)).padStart(10, '0');
  const serial = String(present.length).padStart(4, '0');
  const path = join(directory, `${EVENT_FILE_PREFIX}${second}.umwelt.${serial}`);
  return { path, handle: await writing(path, () => open(path, 'ax')) };
}
