import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { ioError, readWholeFile } from '../files.js';
import type { Recording, RecordingFormat, RecordingSet } from './contract.js';
import { decodeFlac, readFlacForm } from './flac.js';
import { malformed } from './malformed.js';
import { naturalOrder } from './natural-order.js';
import { filesBelow, holdsBelow } from './nested-files.js';
import { decodeWavFrames, readWavLayout, type WavLayout } from './wav.js';

/** What is read of a file to learn its rate and channels. */
const HEAD_BYTES = 65_536;
/** Rows of this length: short enough for any model's step, long enough that their stamps weigh nothing. */
const ROW_S = 0.01;
/** How many rows of a WAV file are in memory at once. */
const ROWS_AT_ONCE = 500;

/** Sound files of one folder. */
export interface AudioFiles {
  /** Where they lie as published, null where they lie in the folder itself. */
  readonly subfolder: string | null;
  isRecording(fileName: string): boolean;
  /** Facts about one recording that its name says. */
  attributesOf?(fileName: string): Readonly<Record<string, unknown>>;
}

/** Any folder of .wav and .flac files. */
export const audioFiles: RecordingFormat = {
  name: 'audio-files',
  title: 'Sound files: WAV and FLAC',
  licence: 'as their publisher says',
  source: {
    citation: 'RIFF WAVE (Microsoft and IBM 1991) and FLAC (RFC 9639)',
    url: 'https://www.rfc-editor.org/rfc/rfc9639',
    version: 'RFC 9639',
  },
  ...soundFiles({ subfolder: null, isRecording: (fileName) => /\.(?:wav|flac)$/i.test(fileName) }),
};

/**
 * Makes the reading half of a format whose recordings are sound files. Nothing is resampled or mixed: files of different
 * rates or numbers of channels are different streams (`audio-44100hz-2ch`), each recording with the one that it has; where
 * all are alike, there is one stream, `audio`.
 */
export function soundFiles(files: AudioFiles): Pick<RecordingFormat, 'holds' | 'open'> {
  const { subfolder, isRecording } = files;
  return {
    holds: (names, folder) => holdsBelow(names, folder, subfolder, isRecording),
    open: (folder) => openSounds(folder, files),
  };
}

interface SoundForm {
  readonly rateHz: number;
  readonly channels: number;
}

async function openSounds(
  folder: string,
  { subfolder, isRecording, attributesOf }: AudioFiles,
): Promise<RecordingSet> {
  const found = (await filesBelow(folder, subfolder, isRecording)).sort((a, b) =>
    naturalOrder(a.name, b.name),
  );
  const forms = new Map<string, SoundForm>();
  for (const { name, file } of found) forms.set(name, await formOf(join(folder, file), name));
  const kinds = new Map([...forms.values()].map((form) => [keyOf(form), form]));
  const streams = new Map(
    [...kinds]
      .sort(([a], [b]) => naturalOrder(a, b))
      .map(([key, form]) => [key, describe(kinds.size === 1 ? 'audio' : `audio-${key}`, form)]),
  );
  return {
    conversion: {
      amplitude: 'share of full scale; integers over 2^(bits - 1)',
      lastRow: 'filled up with zeros; attributes.streams says how many samples there are',
    },
    streams: [...streams.values()],
    entries: found.map(({ name, file }) => ({ name, files: [file] })),
    async read({ name, files: [file] }) {
      const stream = streams.get(keyOf(forms.get(name)!))!;
      const recording = await readSound(join(folder, file!), name, stream);
      return { ...recording, attributes: { ...attributesOf?.(name), ...recording.attributes } };
    },
  };
}

function keyOf({ rateHz, channels }: SoundForm): string {
  return `${rateHz}hz-${channels}ch`;
}

function describe(name: string, { rateHz, channels }: SoundForm): StreamDescription {
  const samplesPerRow = Math.max(1, Math.round(rateHz * ROW_S));
  return {
    name,
    kind: 'audio',
    rateHz,
    samplesPerRow,
    fields: [
      {
        name: 'amplitude',
        dataType: 'float32',
        shape: [channels, samplesPerRow],
        unit: '1',
        description:
          'share of full scale, one line a channel; consecutive samples. Not calibrated to a pressure',
      },
    ],
    metadata: {},
  };
}

function isFlac(name: string): boolean {
  return /\.flac$/i.test(name);
}

async function formOf(path: string, name: string): Promise<SoundForm> {
  const { head, fileBytes } = await headOf(path);
  return isFlac(name) ? readFlacForm(head, name) : readWavLayout(head, fileBytes, name);
}

async function headOf(path: string): Promise<{ head: Uint8Array; fileBytes: number }> {
  try {
    const fileBytes = (await stat(path)).size;
    return { head: await readPiece(path, 0, Math.min(HEAD_BYTES, fileBytes)), fileBytes };
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}

async function readPiece(path: string, from: number, length: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

async function readSound(path: string, name: string, stream: StreamDescription): Promise<Recording> {
  const { rateHz } = stream;
  const finish = (samples: number, blocks: AsyncIterable<readonly Float32Array[]>): Recording => ({
    durationS: samples / rateHz,
    attributes: { streams: { [stream.name]: { samples } } },
    samples: rowsOf(blocks, stream),
  });
  if (!isFlac(name)) {
    const { head, fileBytes } = await headOf(path);
    const layout = readWavLayout(head, fileBytes, name);
    return finish(layout.samples, wavBlocks(path, name, layout, stream.samplesPerRow * ROWS_AT_ONCE));
  }
  const { channels, bitsPerSample } = decodeFlac(await readWholeFile(path), name);
  const samples = channels[0]!.length;
  if (samples === 0) throw malformed(name, 'the end of its metadata', 'there are no samples');
  const scale = 2 ** (bitsPerSample - 1);
  const tracks = channels.map((channel) => Float32Array.from(channel, (value) => value / scale));
  return finish(samples, one(tracks));
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function* wavBlocks(
  path: string,
  name: string,
  layout: WavLayout,
  framesAtOnce: number,
): AsyncGenerator<Float32Array[]> {
  const frameBytes = (layout.channels * layout.bitsPerSample) / 8;
  for (let frame = 0; frame < layout.samples; frame += framesAtOnce) {
    const from = layout.firstByte + frame * frameBytes;
    const length = Math.min(framesAtOnce, layout.samples - frame) * frameBytes;
    let bytes: Uint8Array;
    try {
      bytes = await readPiece(path, from, length);
    } catch (cause) {
      throw ioError('read', path, cause);
    }
    if (bytes.length < length)
      throw malformed(name, `byte ${from + bytes.length}`, 'the file ends within its samples');
    yield decodeWavFrames(bytes, layout, name, from);
  }
}

/** Cuts tracks into rows. All blocks but the last hold whole rows. */
async function* rowsOf(
  blocks: AsyncIterable<readonly Float32Array[]>,
  { name, rateHz, samplesPerRow }: StreamDescription,
): AsyncGenerator<SensorSample> {
  let row = 0;
  for await (const tracks of blocks) {
    for (let at = 0; at < tracks[0]!.length; at += samplesPerRow) {
      const amplitude = new Float32Array(tracks.length * samplesPerRow);
      for (const [channel, track] of tracks.entries())
        amplitude.set(track.subarray(at, at + samplesPerRow), channel * samplesPerRow);
      yield { stream: name, timeNs: tickTimeNs(row * samplesPerRow, rateHz), values: { amplitude } };
      row++;
    }
  }
}
