import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import type { SensorSample, StreamDescription } from '../../../datasets/contract.js';
import type { Recording, RecordingFormat } from '../../../datasets/recordings/contract.js';
import { temporaryFolder } from '../sample-dataset.js';

/** Reads what one file's bytes hold, to the end. May be asynchronous. Rejects or throws where the bytes are wrong. */
export type ReadBytes = (bytes: Uint8Array, fileName: string) => unknown;

export interface HostileOptions {
  /** Name that the file is read under, and that errors must have; may have folders. */
  readonly fileName: string;
  /** Bytes of a file that must be read without an error. */
  readonly valid: Uint8Array;
  /** How many lengths the file is cut to, spread evenly; all up to 256 bytes in any case. 200 by default. */
  readonly lengths?: number;
  /** How many files with changed bits, and how many of random bytes. 100 by default. */
  readonly runs?: number;
}

/**
 * Reads a valid file, the same cut short, with changed bits, bytes and pieces, and random bytes. Holds the reader to this: it
 * takes the valid one, and of the others comes a result or an UmweltError `malformed-file` that names the file, nothing else.
 * What hangs is caught by the test's own time limit.
 */
export async function expectSafeFromHostileBytes(read: ReadBytes, options: HostileOptions): Promise<void> {
  const { fileName, valid, lengths = 200, runs = 100 } = options;
  await read(valid, fileName);
  const attempt = (bytes: Uint8Array) => expectResultOrMalformed(read, bytes, fileName);
  const step = Math.max(1, Math.floor(valid.length / lengths));
  for (let length = 0; length < valid.length; length += length < 256 ? 1 : step)
    await attempt(valid.slice(0, length));
  const place = fc.nat(Math.max(0, valid.length - 1));
  const changes = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, change] of list) bytes[at]! ^= change;
      await attempt(bytes);
    }),
    { numRuns: runs },
  );
  await fc.assert(
    // Large numbers where a length or a count may stand, and bytes that are missing in the middle.
    fc.asyncProperty(place, fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.nat(8), async (at, byte, count) => {
      await attempt(Uint8Array.from(valid).fill(byte, at, at + count));
      await attempt(Uint8Array.from([...valid.slice(0, at), ...valid.slice(at + count)]));
    }),
    { numRuns: Math.ceil(runs / 2) },
  );
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), attempt), { numRuns: runs });
}

/** Reads bytes; a result is fine, and so is `malformed-file` that names the file; anything else fails the test. */
export async function expectResultOrMalformed(
  read: ReadBytes,
  bytes: Uint8Array,
  fileName: string,
): Promise<void> {
  try {
    await read(bytes, fileName);
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    expect(thrown.code, thrown.message).toBe('malformed-file');
    expect(thrown.message).toContain(basename(fileName));
  }
}

/**
 * Makes a reader of bytes from a format: puts them into a folder, opens it and reads every recording to the end, each held
 * to what its streams say.
 *
 * @param beside other files that the format wants in the folder, by name.
 */
export async function readerOf(
  format: RecordingFormat,
  beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<(bytes: Uint8Array, fileName: string) => Promise<readonly DrainedRecording[]>> {
  const root = await temporaryFolder();
  let count = 0;
  return async (bytes, fileName) => {
    const folder = join(root, `${count++}`, format.name);
    try {
      for (const [name, content] of Object.entries({ ...beside, [fileName]: bytes })) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
      return await readAll(format, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

export interface DrainedRecording {
  readonly name: string;
  readonly durationS: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly samples: readonly SensorSample[];
}

/** Reads every recording of a folder to the end and holds each to what its streams say. */
export async function readAll(format: RecordingFormat, folder: string): Promise<readonly DrainedRecording[]> {
  const set = await format.open(folder);
  const drained: DrainedRecording[] = [];
  for (const entry of set.entries) {
    const recording = await set.read(entry);
    const samples = await drain(recording, set.streams);
    drained.push({
      name: entry.name,
      durationS: recording.durationS,
      attributes: recording.attributes,
      samples,
    });
  }
  return drained;
}

/** Reads a recording to the end: samples of declared streams, of the declared shape, finite, each stream's in time order. */
export async function drain(
  { durationS, attributes, samples }: Recording,
  streams: readonly StreamDescription[],
): Promise<readonly SensorSample[]> {
  const last = new Map<string, bigint>();
  const all: SensorSample[] = [];
  expect(durationS).toBeGreaterThanOrEqual(0);
  expect(Number.isFinite(durationS)).toBe(true);
  JSON.stringify(attributes);
  for await (const sample of samples) {
    const description = streams.find(({ name }) => name === sample.stream);
    if (description === undefined) throw new Error(`a sample of "${sample.stream}", which is not declared`);
    if (sample.timeNs < (last.get(sample.stream) ?? 0n)) throw new Error('time runs backwards');
    last.set(sample.stream, sample.timeNs);
    expect(Object.keys(sample.values).sort()).toEqual(description.fields.map(({ name }) => name).sort());
    for (const { name, shape } of description.fields) {
      const values = sample.values[name]!;
      expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
      if (!values.every(Number.isFinite)) throw new Error(`${sample.stream}.${name} is not finite`);
    }
    all.push(sample);
  }
  return all;
}
