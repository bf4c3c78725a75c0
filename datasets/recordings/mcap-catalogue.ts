import type { StreamDescription } from '../contract.js';
import type { Reading } from './mcap-reading.js';
import { naturalOrder } from './natural-order.js';

const MOST_STREAMS = 1000;
const LONGEST_NAME = 100;
const LOWEST_RATE_HZ = 0.001;
const HIGHEST_RATE_HZ = 1e6;

/** A stream that was found by looking at messages. */
interface FoundStream {
  readonly name: string;
  readonly topic: string;
  readonly schema: string;
  readonly first: Reading;
  /** What must be the same in all messages. */
  readonly signature: string;
  /** The most that a message has. */
  items: number;
  /** Between messages of one file. */
  intervals: number;
  spanNs: bigint;
}

/** The streams of all files of a folder. */
export interface McapCatalogue {
  /**
   * Takes in a reading, of any file.
   *
   * @param previousNs when the stream's last message in this file was.
   * @throws Error when its shape or facts differ from those of the stream's first message.
   */
  note(topic: string, schema: string, reading: Reading, timeNs: bigint, previousNs: bigint | undefined): void;
  /** Name of a reading's stream, and how many items its rows have. */
  streamOf(topic: string, reading: Reading): { readonly name: string; readonly items: number };
  /** By name. Rates are means over all files. */
  streams(): readonly StreamDescription[];
}

/** Starts with no streams. */
export function createCatalogue(): McapCatalogue {
  const found = new Map<string, FoundStream>();
  const keyOf = (topic: string, { part }: Reading): string => JSON.stringify([topic, part]);
  const nameFor = (topic: string, { part }: Reading): string => {
    const taken = new Set([...found.values()].map(({ name }) => name));
    const wanted = safeName(part === '' ? topic : `${topic}-${part}`);
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!taken.has(name)) return name;
    }
  };
  return {
    note(topic, schema, reading, timeNs, previousNs) {
      const key = keyOf(topic, reading);
      const signature = JSON.stringify([reading.kind, reading.fields(1), reading.metadata]);
      let stream = found.get(key);
      if (stream === undefined) {
        if (found.size >= MOST_STREAMS) throw new Error(`more than ${MOST_STREAMS} streams`);
        const fresh = { name: nameFor(topic, reading), topic, schema, first: reading, signature };
        stream = { ...fresh, items: 0, intervals: 0, spanNs: 0n };
        found.set(key, stream);
      }
      if (stream.signature !== signature) throw new Error(difference(stream.first, reading));
      stream.items = Math.max(stream.items, reading.items);
      if (previousNs !== undefined) {
        stream.intervals++;
        stream.spanNs += timeNs - previousNs;
      }
    },
    streamOf(topic, reading) {
      const { name, items } = found.get(keyOf(topic, reading))!;
      return { name, items };
    },
    streams: () => [...found.values()].map(describe).sort((a, b) => naturalOrder(a.name, b.name)),
  };
}

function describe({ name, topic, schema, first, items, intervals, spanNs }: FoundStream): StreamDescription {
  return {
    name,
    kind: first.kind,
    rateHz: rateOf(intervals, spanNs),
    samplesPerRow: 1,
    fields: first.fields(items),
    metadata: { topic, schema, ...first.metadata },
  };
}

/** Mean rate to a millihertz; 1 where there is no second message. */
function rateOf(intervals: number, spanNs: bigint): number {
  if (intervals === 0 || spanNs === 0n) return 1;
  const rateHz = Math.round((intervals / Number(spanNs)) * 1e12) / 1000;
  return Math.min(HIGHEST_RATE_HZ, Math.max(LOWEST_RATE_HZ, rateHz));
}

/** A name that can be a file's. */
function safeName(text: string): string {
  const name = text.replace(/^\/+/, '').replace(/[^A-Za-z0-9_.-]+/g, '-');
  return (/^[A-Za-z0-9_]/.test(name) ? name : `_${name}`).slice(0, LONGEST_NAME - 5);
}

function difference(first: Reading, now: Reading): string {
  const [before, after] = [first.fields(1), now.fields(1)];
  const changed =
    after.find((field, i) => JSON.stringify(field) !== JSON.stringify(before[i])) ?? before[after.length];
  if (changed === undefined) {
    const fact = Object.keys({ ...first.metadata, ...now.metadata }).find(
      (name) => JSON.stringify(first.metadata[name]) !== JSON.stringify(now.metadata[name]),
    );
    return `its ${fact ?? 'kind'} differs from that of the first message`;
  }
  const of = (fields: typeof before): string => {
    const field = fields.find(({ name }) => name === changed.name);
    return field === undefined ? 'none' : `[${field.shape.join(', ')}]`;
  };
  return `"${changed.name}" has shape ${of(after)}, in the first message ${of(before)}: a stream has one shape`;
}
