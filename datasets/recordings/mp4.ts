import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createFile, DataStream, Endianness, type ISOFile, MP4BoxBuffer } from 'mp4box';
import { describeCause, UmweltError } from '../../core/errors.js';
import { ioError } from '../files.js';
import { ByteCursor } from './byte-cursor.js';
import { readPiece, withFile } from './file-pieces.js';
import { malformed } from './malformed.js';
import { guardMovie } from './mp4-boxes.js';

/** One coded frame or packet. */
export interface Mp4Sample {
  /** When it is shown, from the movie's start. */
  readonly timeNs: bigint;
  readonly firstByte: number;
  readonly bytes: number;
  /** Whether it can be decoded without those before it. */
  readonly isKey: boolean;
}

/** One track, its samples in the order of the file. */
export interface Mp4Track {
  readonly kind: 'video' | 'audio' | 'metadata';
  /** As WebCodecs has it, `avc1.4d402a`; `gpmd` for GoPro's metadata. */
  readonly codec: string;
  /** What sets the decoder up: the content of avcC, or the AudioSpecificConfig. */
  readonly setup: Uint8Array | null;
  readonly width: number;
  readonly height: number;
  /** Sound samples a second and microphones; 0 elsewhere. */
  readonly rateHz: number;
  readonly channels: number;
  readonly samples: readonly Mp4Sample[];
}

/** An MP4 file whose samples are known; the samples themselves are read one by one. */
export interface Mp4 {
  readonly path: string;
  /** The file's name, for messages. */
  readonly name: string;
  readonly tracks: readonly Mp4Track[];
}

/** A movie of days has a movie box of some MB. */
const LARGEST_MOVIE_BOX = 64 * 2 ** 20;
const LARGEST_SAMPLE = 64 * 2 ** 20;
/** The box before the movie box, which the demuxer wants: size, type, brand `isom`, version. */
const FILE_TYPE = Buffer.from('\0\0\0\x10ftypisom\0\0\0\0', 'latin1');
/** Of any box: 32-bit size, type, and 64-bit size where the first is 1. */
const HEADER_BYTES = 16;

/**
 * Reads where the samples of an MP4 file lie (ISO/IEC 14496-12): the movie box alone is read.
 *
 * @throws UmweltError `malformed-file` naming the byte; `not-found`; `io`.
 */
export async function openMp4(path: string): Promise<Mp4> {
  const name = basename(path);
  const { moov, fileBytes } = await withFile(path, (file) => readMovieBox(file, name));
  guardMovie(moov, fileBytes);
  const place = `byte ${moov.first}, box "moov"`;
  try {
    return { path, name, tracks: demux(moov, name, place, fileBytes) };
  } catch (cause) {
    if (cause instanceof UmweltError) throw cause;
    throw malformed(name, place, `cannot be read: ${describeCause(cause)}`);
  }
}

/**
 * Finds the only track of a kind and codec.
 *
 * @throws UmweltError `malformed-file` when there is none.
 */
export function requireTrack({ name, tracks }: Mp4, kind: Mp4Track['kind'], codec: RegExp): Mp4Track {
  const track = tracks.find((one) => one.kind === kind && codec.test(one.codec));
  if (track !== undefined) return track;
  const found = tracks.map((one) => one.codec).join(', ') || 'none';
  throw malformed(name, 'box "moov"', `expected a track of ${kind} (${codec.source}), found ${found}`);
}

/** Reads samples one after the other, with the file open meanwhile. @throws UmweltError `malformed-file`, `io`. */
export async function* readSamples(
  { path, name }: Pick<Mp4, 'path' | 'name'>,
  samples: readonly Mp4Sample[],
): AsyncGenerator<{ readonly sample: Mp4Sample; readonly data: Uint8Array }> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    for (const sample of samples) {
      const data = await readPiece(file, sample.firstByte, sample.bytes, name);
      yield { sample, data };
    }
  } catch (cause) {
    throw ioError('read', path, cause);
  } finally {
    await file?.close();
  }
}

/** Walks over the file's boxes by their headers. */
async function readMovieBox(
  file: FileHandle,
  name: string,
): Promise<{ readonly moov: ByteCursor; readonly fileBytes: number }> {
  const { size: fileBytes } = await file.stat();
  for (let at = 0; at < fileBytes; ) {
    const place = `byte ${at}`;
    const header = new ByteCursor(
      await readPiece(file, at, Math.min(HEADER_BYTES, fileBytes - at), name),
      name,
      false,
      at,
    );
    const short = header.uint32();
    const type = header.text(4);
    const bytes = short === 1 ? Number(header.uint64()) : short === 0 ? fileBytes - at : short;
    if (at === 0 && type !== 'ftyp')
      throw malformed(name, place, 'expected an MP4 file, which begins with a box "ftyp"');
    if (bytes < 8 || bytes > fileBytes - at) {
      throw malformed(
        name,
        place,
        `a box says that it has ${bytes} bytes, the file has ${fileBytes - at} from there`,
      );
    }
    if (type === 'moov') {
      if (short === 1 || bytes > LARGEST_MOVIE_BOX) {
        throw malformed(name, place, `box "moov" has ${bytes} bytes, expected at most ${LARGEST_MOVIE_BOX}`);
      }
      return { moov: new ByteCursor(await readPiece(file, at, bytes, name), name, false, at), fileBytes };
    }
    at += bytes;
  }
  throw malformed(name, `byte ${fileBytes}`, 'there is no box "moov" with the tables of samples');
}

function demux(moov: ByteCursor, name: string, place: string, fileBytes: number): Mp4Track[] {
  const movie = createFile();
  let complaint: string | null = null;
  // Without a listener the demuxer would tell the terminal.
  movie.onError = (_, message) => {
    complaint ??= message;
  };
  const bytes = new Uint8Array(FILE_TYPE.length + moov.bytes.length);
  bytes.set(FILE_TYPE);
  bytes.set(moov.bytes, FILE_TYPE.length);
  movie.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.buffer, 0), true);
  if (complaint !== null) throw malformed(name, place, complaint);
  const { tracks } = movie.getInfo();
  return tracks.flatMap((track): Mp4Track[] => {
    const kind = track.codec === 'gpmd' ? 'metadata' : track.type;
    if (kind !== 'video' && kind !== 'audio' && kind !== 'metadata') return [];
    if (kind === 'metadata' && track.codec !== 'gpmd') return [];
    const samples = samplesOf(movie, track.id, name, place, fileBytes);
    if (samples.length === 0) return [];
    return [
      {
        kind,
        codec: track.codec,
        setup: kind === 'metadata' ? null : setupOf(movie, track.id),
        width: track.video?.width ?? 0,
        height: track.video?.height ?? 0,
        rateHz: track.audio?.sample_rate ?? 0,
        channels: track.audio?.channel_count ?? 0,
        samples,
      },
    ];
  });
}

function samplesOf(movie: ISOFile, id: number, name: string, place: string, fileBytes: number): Mp4Sample[] {
  const skipped = movie.getTrackById(id).edts?.elst?.entries[0]?.media_time ?? 0;
  return movie.getTrackSamplesInfo(id).map(({ cts, timescale, offset, size, is_sync }, index): Mp4Sample => {
    const numbers = [cts, timescale, offset, size];
    if (
      !numbers.every(Number.isSafeInteger) ||
      timescale <= 0 ||
      size > LARGEST_SAMPLE ||
      offset + size > fileBytes
    ) {
      throw malformed(
        name,
        `${place}, track ${id}, sample ${index}`,
        `lies at byte ${offset} with ${size} bytes, of ${fileBytes}`,
      );
    }
    const timeNs = (BigInt(cts - Math.max(0, skipped)) * 1_000_000_000n) / BigInt(timescale);
    return { timeNs, firstByte: offset, bytes: size, isKey: is_sync };
  });
}

/** The codec's own bytes from the track's sample entry. */
function setupOf(movie: ISOFile, id: number): Uint8Array | null {
  // The demuxer's types know the boxes of no entry.
  const entry = movie.getTrackById(id).mdia.minf.stbl.stsd.entries[0] as unknown as {
    readonly avcC?: { write(stream: DataStream): void };
    readonly esds?: { readonly esd?: Descriptor };
  };
  if (entry.avcC !== undefined) {
    const stream = new DataStream(undefined, 0, Endianness.BIG_ENDIAN);
    entry.avcC.write(stream);
    return new Uint8Array(stream.buffer, 8, stream.getPosition() - 8);
  }
  return entry.esds?.esd?.findDescriptor(4)?.findDescriptor(5)?.data ?? null;
}

interface Descriptor {
  readonly data?: Uint8Array;
  findDescriptor(tag: number): Descriptor | null;
}
