import { join } from 'node:path';
import type { Episode, StreamData } from '../datasets/contract.js';
import { makeFolder, writeFileAtomically } from '../datasets/files.js';
import { joinRows } from '../sensors/audio/tracks.js';
import { encodeWav } from '../sensors/audio/wav.js';
import type { SensorSample, TypedArray } from '../sensors/contract.js';
import { writeSamplePictures } from '../sensors/picture/sample-pictures.js';
import { writeSpectrogram } from '../sensors/picture/spectrogram.js';

/**
 * Writes what people can look at and listen to of an episode: of each camera and skin what it senses at a time, of each
 * microphone array the sound as WAV (16 bits, the loudest sample at full scale) and its first microphone's spectrogram.
 *
 * @returns the paths of the files.
 * @throws UmweltError `io`.
 */
export async function writePictures(episode: Episode, atS: number, directory: string): Promise<string[]> {
  await makeFolder(directory);
  const paths: string[] = [];
  for (const stream of Object.values(episode.streams)) {
    if (stream.rows === 0) continue;
    const write =
      stream.description.kind === 'audio'
        ? writeSound(stream, directory)
        : writeSamplePictures(sampleAt(stream, atS), stream.description, directory);
    paths.push(...(await write));
  }
  return paths;
}

/** The last sample of a stream at or before a time, or its first. The values share memory with the stream. */
export function sampleAt({ description, rows, timeNs, values }: StreamData, atS: number): SensorSample {
  let row = 0;
  while (row + 1 < rows && Number(timeNs[row + 1]) / 1e9 <= atS) row += 1;
  const fields = Object.entries(values).map(([name, data]): [string, TypedArray] => {
    const width = data.length / rows;
    return [name, data.subarray(row * width, (row + 1) * width)];
  });
  return { stream: description.name, timeNs: timeNs[row]!, values: Object.fromEntries(fields) };
}

async function writeSound({ description, values }: StreamData, directory: string): Promise<string[]> {
  const { name, rateHz, samplesPerRow, fields } = description;
  const [microphones = 1] = fields[0]!.shape;
  const tracks = joinRows(values.pressurePa as Float32Array, microphones, samplesPerRow);
  const peaks = tracks.map((track) => track.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
  const fullScalePa = Math.max(...peaks, Number.MIN_VALUE);
  const wav = join(directory, `${name}.wav`);
  const picture = join(directory, `${name}.png`);
  await writeFileAtomically(wav, encodeWav(tracks, rateHz, fullScalePa));
  await writeSpectrogram(tracks[0]!, rateHz, picture);
  return [wav, picture];
}
