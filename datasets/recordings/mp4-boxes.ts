import type { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';

/** What a box holds beside its own numbers: other boxes. */
const CONTAINERS = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl']);
/** Boxes that say where samples are and when; all others are hidden from the demuxer. */
const TABLES: Readonly<Record<string, number>> = { stts: 8, ctts: 8, stsc: 12, stco: 4, co64: 8, stss: 4 };
const KEPT = new Set(['mvhd', 'tkhd', 'elst', 'mdhd', 'hdlr', 'stsd', 'stsz', ...Object.keys(TABLES)]);
/** Sample entries that are read, and the bytes before the boxes in them. */
const ENTRIES: Readonly<Record<string, number>> = { avc1: 78, mp4a: 28, gpmd: 8 };
/** Boxes of a sample entry that are read: how the codec is set up. */
const CODEC_BOXES = new Set(['avcC', 'esds']);
/** No sound version other than 0 lies in an MP4 file (ISO/IEC 14496-12); QuickTime's have more fields. */
const SOUND_VERSION_AT = 8;
const BOX_HEADER_BYTES = 8;

/**
 * Holds a movie box to its own sizes and counts before the demuxer sees it, and hides what is not needed: such boxes become `free` ones.
 *
 * @param moov the box with its header; its bytes are changed.
 * @param fileBytes length of the whole file: no track has more samples.
 * @throws UmweltError `malformed-file` naming the byte where a box goes beyond the one that holds it, or a count beyond its box.
 */
export function guardMovie(moov: ByteCursor, fileBytes: number): void {
  const box = nextBox(moov);
  guardBoxes(box.content, fileBytes);
}

interface Box {
  readonly type: string;
  readonly content: ByteCursor;
  /** Makes the box one that readers skip. */
  hide(): void;
}

function nextBox(cursor: ByteCursor): Box {
  const { place } = cursor;
  const start = cursor.at;
  const bytes = cursor.uint32();
  const type = cursor.text(4);
  if (bytes < BOX_HEADER_BYTES || bytes - BOX_HEADER_BYTES > cursor.left) {
    throw malformed(
      cursor.path,
      place,
      `box "${printable(type)}" says that it has ${bytes} bytes, there are ${cursor.left + BOX_HEADER_BYTES}`,
    );
  }
  const content = cursor.part(bytes - BOX_HEADER_BYTES);
  return { type, content, hide: () => cursor.bytes.set(FREE, start + 4) };
}

const FREE = Buffer.from('free', 'latin1');

function guardBoxes(cursor: ByteCursor, fileBytes: number): void {
  while (cursor.left > 0) {
    const box = nextBox(cursor);
    if (CONTAINERS.has(box.type)) guardBoxes(box.content, fileBytes);
    else if (KEPT.has(box.type)) guardTable(box, fileBytes);
    else box.hide();
  }
}

function guardTable({ type, content }: Box, fileBytes: number): void {
  const width = TABLES[type];
  if (type === 'stsd') guardEntries(content);
  else if (type === 'stsz') guardSizes(content, fileBytes);
  else if (width !== undefined) {
    content.uint32();
    requireCount(content, content.uint32(), width, type);
  } else if (type === 'elst') {
    const version = content.uint32() >>> 24;
    requireCount(content, content.uint32(), version === 1 ? 20 : 12, type);
  }
}

function guardSizes(content: ByteCursor, fileBytes: number): void {
  content.uint32();
  const { place } = content;
  const [same, count] = [content.uint32(), content.uint32()];
  if (same === 0) requireCount(content, count, 4, 'stsz');
  else if (same * count > fileBytes)
    throw malformed(
      content.path,
      place,
      `box "stsz": ${count} samples of ${same} bytes are more than the file has`,
    );
}

function requireCount(content: ByteCursor, count: number, width: number, type: string): void {
  if (count * width <= content.left) return;
  throw malformed(
    content.path,
    content.place,
    `box "${type}": ${count} entries do not fit into ${content.left} bytes`,
  );
}

function guardEntries(content: ByteCursor): void {
  content.uint32();
  const { place } = content;
  if (content.uint32() !== 1)
    throw malformed(content.path, place, 'box "stsd": expected one sample entry a track');
  const entry = nextBox(content);
  const before = ENTRIES[entry.type];
  if (before === undefined) {
    entry.hide();
    return;
  }
  const fields = entry.content.part(before);
  if (entry.type === 'mp4a') {
    fields.take(SOUND_VERSION_AT);
    const version = fields.uint16();
    if (version !== 0)
      throw malformed(content.path, fields.place, `expected sound entries of version 0, got ${version}`);
  }
  // QuickTime ends a list of boxes with four zeros.
  while (entry.content.left >= BOX_HEADER_BYTES) {
    const box = nextBox(entry.content);
    if (!CODEC_BOXES.has(box.type)) box.hide();
  }
}

function printable(type: string): string {
  return type.replace(/[^\x20-\x7e]/g, '?');
}
