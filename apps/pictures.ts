import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Episode, StreamData } from '../datasets/contract.js';
import { writeFileAtomically, writing } from '../datasets/files.js';
import { joinRows } from '../sensors/audio/tracks.js';
import { encodeWav } from '../sensors/audio/wav.js';
import type { SensorSample, TypedArray } from '../sensors/contract.js';
import { writeFramePictures } from '../sensors/picture/frame-pictures.js';
import { writeSpectrogram } from '../sensors/picture/spectrogram.js';

/**
 * Writes what people can look at and listen to of an episode: each camera's frame in the middle of the action, each microphone's
 * spectrogram, and the sound as WAV.
 *
 * @throws UmweltError `io`.
 */
export async function writePictures(episode: Episode, atS: number, directory: string): Promise<void> {
  await writing(directory, () => mkdir(directory, { recursive: true }));
  for (const stream of Object.values(episode.streams)) {
    if (stream.description.kind === 'camera') {
      await writeFramePictures(sampleAt(stream, atS), stream.description, directory);
    }
    if (stream.description.kind === 'audio') await writeSound(stream, directory);
  }
}

/** The last sample at or before a time. */
function sampleAt({ description, rows, timeNs, values }: StreamData, atS: number): SensorSample {
  let row = 0;
  while (row + 1 < rows && Number(timeNs[row + 1]) / 1e9 <= atS) row += 1;
  const fields = Object.entries(values).map(([name, data]): [string, TypedArray] => {
    const width = data.length / rows;
    return [name, data.subarray(row * width, (row + 1) * width)];
  });
  return { stream: description.name, timeNs: timeNs[row]!, values: Object.fromEntries(fields) };
}

async function writeSound({ description, values }: StreamData, directory: string): Promise<void> {
  const { name, rateHz, samplesPerRow, fields } = description;
  const [microphones = 1] = fields[0]!.shape;
  const tracks = joinRows(values.pressurePa as Float32Array, microphones, samplesPerRow);
  const peaks = tracks.map((track) => track.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
  const fullScalePa = Math.max(...peaks, Number.MIN_VALUE);
  await writeFileAtomically(join(directory, `${name}.wav`), encodeWav(tracks, rateHz, fullScalePa));
  await writeSpectrogram(tracks[0]!, rateHz, join(directory, `${name}.png`));
}
