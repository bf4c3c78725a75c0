import protobuf from 'protobufjs';
import { maskedCrc32c } from '../../core/crc32c.js';
import { UmweltError } from '../../core/errors.js';

/** The part of TensorFlow's event protocol buffers that umwelt writes (core/util/event.proto, framework/summary.proto). */
const SCHEMA = `
syntax = "proto3";
package tensorflow;
message Event {
  double wall_time = 1; int64 step = 2;
  oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
}
message Summary {
  message Value { string tag = 1; oneof value { float simple_value = 2; } }
  repeated Value value = 1;
}
message SessionLog { enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; } SessionStatus status = 1; }
`;

const Event = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('tensorflow.Event');
const FILE_VERSION = 'brain.Event:2';
const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;

/** One entry of an event file. */
export interface LogEvent {
  /** Unix time, s. */
  readonly wallTimeS: number;
  readonly step: number;
  /**
   * `version`: the first entry of every file. `start`: a training begins or resumes here; what earlier files of the
   * folder hold from this step on counts no more. Else scalars by tag, rounded to float32; they may be not finite.
   */
  readonly content: 'version' | 'start' | Readonly<Record<string, number>>;
}

/** Serialises an event as TensorFlow's `Event` message. */
export function encodeEvent({ wallTimeS, step, content }: LogEvent): Uint8Array {
  const message = { wall_time: wallTimeS, step, ...encodeContent(content) };
  return Event.encode(Event.fromObject(message)).finish();
}

function encodeContent(content: LogEvent['content']): object {
  if (content === 'version') return { file_version: FILE_VERSION };
  if (content === 'start') return { session_log: { status: 1 } };
  return {
    summary: { value: Object.entries(content).map(([tag, value]) => ({ tag, simple_value: value })) },
  };
}

/**
 * Frames bytes as a TFRecord: length uint64, its masked CRC uint32, the bytes, their masked CRC uint32; little-endian.
 *
 * Source: tensorflow/core/lib/io/record_writer.cc.
 */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + data.length + FOOTER_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + data.length, maskedCrc32c(data), true);
  return record;
}

/**
 * Reads the events of a file that `frameRecord` and `encodeEvent` wrote; a torn last record is left out.
 *
 * @throws UmweltError `malformed-file` when a checksum differs or an event is of another kind.
 */
export function decodeEvents(file: Uint8Array): LogEvent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: LogEvent[] = [];
  let offset = 0;
  while (offset + HEADER_BYTES <= file.length) {
    expectChecksum(file.subarray(offset, offset + 8), view.getUint32(offset + 8, true), offset);
    const begin = offset + HEADER_BYTES;
    const end = begin + Number(view.getBigUint64(offset, true));
    if (end + FOOTER_BYTES > file.length) break;
    const data = file.subarray(begin, end);
    expectChecksum(data, view.getUint32(end, true), offset);
    events.push(decodeEvent(data, offset));
    offset = end + FOOTER_BYTES;
  }
  return events;
}

function decodeEvent(data: Uint8Array, offset: number): LogEvent {
  const event = Event.toObject(Event.decode(data), { longs: Number });
  const { wall_time: wallTimeS = 0, step = 0, file_version: version, session_log: session, summary } = event;
  if (version === FILE_VERSION) return { wallTimeS, step, content: 'version' };
  if (session?.status === 1) return { wallTimeS, step, content: 'start' };
  if (summary === undefined) throw malformed(offset, 'expected scalars, a version or the start of a session');
  const values: { tag: string; simple_value: number }[] = summary.value ?? [];
  const content = Object.fromEntries(values.map((value) => [value.tag, value.simple_value]));
  return { wallTimeS, step, content };
}

function expectChecksum(bytes: Uint8Array, expected: number, offset: number): void {
  const actual = maskedCrc32c(bytes);
  if (actual !== expected) {
    throw malformed(offset, `expected the checksum ${expected.toString(16)}, got ${actual.toString(16)}`);
  }
}

function malformed(offset: number, reason: string): UmweltError {
  return new UmweltError('malformed-file', { offset }, `event file, record at byte ${offset}: ${reason}`);
}
