import { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';

const MAGIC = 0x184d2204;
const FLAG = {
  version: 0xc0,
  blockSums: 0x10,
  contentSize: 0x08,
  contentSum: 0x04,
  dictionary: 0x01,
} as const;
const STORED = 0x80000000;
const SHORTEST_MATCH = 4;
/** A length of 15 in a token goes on in the bytes after it, while they are 255. */
const LONG = 15;

/**
 * Unpacks an LZ4 frame. Its own checksums are passed over: who packs files in it (MCAP) has stronger ones.
 *
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md.
 *
 * @param size of what it unpacks to; nothing else is allocated.
 * @param path of the file, for errors.
 * @param first byte of the frame in the file, for errors.
 * @throws UmweltError `malformed-file` naming the byte, also when it unpacks to another size.
 */
export function unpackLz4(bytes: Uint8Array, size: number, path: string, first = 0): Uint8Array {
  const cursor = new ByteCursor(bytes, path, true, first);
  const flags = headOf(cursor);
  const output = new Uint8Array(size);
  let length = 0;
  for (let head = cursor.uint32(); head !== 0; head = cursor.uint32()) {
    const block = cursor.part(head & ~STORED);
    if ((head & STORED) !== 0) {
      requireRoom(block, block.left, size - length);
      output.set(block.bytes, length);
      length += block.left;
    } else length = unpackBlock(block, output, length);
    if ((flags & FLAG.blockSums) !== 0) cursor.take(4);
  }
  if ((flags & FLAG.contentSum) !== 0) cursor.take(4);
  if (length !== size) throw malformed(path, cursor.place, `it unpacks to ${length} bytes, not to ${size}`);
  return output;
}

function headOf(cursor: ByteCursor): number {
  const { place, path } = cursor;
  if (cursor.uint32() !== MAGIC) throw malformed(path, place, 'it is no LZ4 frame');
  const flags = cursor.uint8();
  if ((flags & FLAG.version) !== 0x40)
    throw malformed(path, place, 'the LZ4 frame has another version than 1');
  if ((flags & FLAG.dictionary) !== 0) throw malformed(path, place, 'the LZ4 frame needs a dictionary');
  // Block size, content size, checksum of the head.
  cursor.take((flags & FLAG.contentSize) === 0 ? 2 : 10);
  return flags;
}

/** Unpacks one block behind what is there; returns where its end is. */
function unpackBlock(block: ByteCursor, output: Uint8Array, from: number): number {
  let end = from;
  while (block.left > 0) {
    const token = block.uint8();
    const literals = lengthOf(block, token >>> 4);
    requireRoom(block, literals, output.length - end);
    output.set(block.take(literals), end);
    end += literals;
    // The last sequence has literals only.
    if (block.left === 0) return end;
    const offset = block.uint16();
    const match = lengthOf(block, token & LONG) + SHORTEST_MATCH;
    if (offset === 0 || offset > end)
      throw malformed(block.path, block.place, `a match ${offset} bytes back of ${end}`);
    requireRoom(block, match, output.length - end);
    if (offset >= match) output.copyWithin(end, end - offset, end - offset + match);
    // It overlaps what it makes: a run.
    else for (let index = end; index < end + match; index++) output[index] = output[index - offset]!;
    end += match;
  }
  return end;
}

function lengthOf(block: ByteCursor, start: number): number {
  let length = start;
  for (let more = start === LONG ? 255 : 0; more === 255; length += more) more = block.uint8();
  return length;
}

function requireRoom({ path, place }: ByteCursor, length: number, room: number): void {
  if (length > room)
    throw malformed(path, place, `it unpacks to more bytes than it says, ${length - room} at least`);
}
