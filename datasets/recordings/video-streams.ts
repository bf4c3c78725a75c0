import { secondsFromNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { malformed, requireLater } from './malformed.js';
import type { Mp4, Mp4Track } from './mp4.js';
import { decodeSound, decodeVideo } from './video-codecs.js';
import { reducePicture, reductionOf } from './video-picture.js';

/**
 * Stored pictures have at most so many columns. Frames are kept as plain bytes, which an episode's reader holds in memory at once: ten seconds
 * of 848 x 480 would be 384 MB, and no judge of pictures here looks at more than 64 x 64.
 */
export const MOST_COLUMNS = 256;
/** Sound samples a row. */
const SOUND_ROW = 1024;

/** Says what is done to pictures and sound of a file. */
export function videoConversion(track: Mp4Track): Readonly<Record<string, unknown>> {
  const factor = reductionOf(track.width, MOST_COLUMNS);
  return {
    scale: 1 / factor,
    pictures: `means over ${factor} x ${factor} pixels of ${track.width} x ${track.height}; RGB from the planes by ITU-R BT.709 or BT.601`,
    sound: 'share of full scale, not calibrated to a pressure; AAC is not defined to the last digit',
    time: 'from the first frame of the video',
  };
}

/** Describes the stream of a video track. */
export function cameraStream(track: Mp4Track): StreamDescription {
  const factor = reductionOf(track.width, MOST_COLUMNS);
  return {
    name: 'camera',
    kind: 'camera',
    rateHz: rateOf(track),
    samplesPerRow: 1,
    fields: [
      {
        name: 'colour',
        dataType: 'uint8',
        shape: [Math.floor(track.height / factor), Math.floor(track.width / factor), 3],
        unit: 'sRGB',
        description: 'red, green, blue; top row first, left column first',
      },
    ],
    metadata: { nativeWidthPx: track.width, nativeHeightPx: track.height, reducedBy: factor },
  };
}

/** Describes the stream of a sound track. */
export function soundStream({ rateHz, channels }: Mp4Track): StreamDescription {
  return {
    name: 'audio',
    kind: 'audio',
    rateHz,
    samplesPerRow: SOUND_ROW,
    fields: [
      {
        name: 'amplitude',
        dataType: 'float32',
        shape: [channels, SOUND_ROW],
        unit: '1',
        description:
          'share of full scale, one line a channel; consecutive samples. Not calibrated to a pressure',
      },
    ],
    metadata: {},
  };
}

/**
 * Decodes a video track picture by picture, reduced as `cameraStream` says.
 *
 * @throws UmweltError as `decodeVideo`, and `malformed-file` when two frames have one time.
 */
export async function* cameraSamples(mp4: Mp4, track: Mp4Track): AsyncGenerator<SensorSample> {
  const factor = reductionOf(track.width, MOST_COLUMNS);
  let before = -1n;
  let count = 0;
  for await (const frame of decodeVideo(mp4, track)) {
    const { timeNs } = frame;
    requireLater(timeNs, before, mp4.name, `frame ${count++}`);
    before = timeNs;
    yield { stream: 'camera', timeNs, values: { colour: reducePicture(frame, factor) } };
  }
}

/**
 * Decodes a sound track in rows of equal length; what does not fill the last one is left out.
 *
 * @throws UmweltError as `decodeSound`.
 */
export async function* soundSamples(mp4: Mp4, track: Mp4Track): AsyncGenerator<SensorSample> {
  const { rateHz, channels } = track;
  let row = new Float32Array(channels * SOUND_ROW);
  let filled = 0;
  let rows = 0;
  for await (const { channels: heard } of decodeSound(mp4, track)) {
    for (let at = 0; at < heard[0]!.length; at++) {
      for (let channel = 0; channel < channels; channel++)
        row[channel * SOUND_ROW + filled] = heard[channel]![at]!;
      if (++filled < SOUND_ROW) continue;
      const timeNs = (BigInt(rows++ * SOUND_ROW) * 1_000_000_000n) / BigInt(rateHz);
      yield { stream: 'audio', timeNs, values: { amplitude: row } };
      row = new Float32Array(channels * SOUND_ROW);
      filled = 0;
    }
  }
}

/** When the last sample of a track is shown, s. */
export function endOf({ samples }: Mp4Track): number {
  return secondsFromNs(samples.reduce((last, { timeNs }) => (timeNs > last ? timeNs : last), 0n));
}

/**
 * Requires that a file has the pictures and sound that its folder's first one has: a dataset's streams have one shape.
 *
 * @throws UmweltError `malformed-file`.
 */
export function requireSameTracks(mp4: Mp4, found: readonly Mp4Track[], expected: readonly Mp4Track[]): void {
  const describe = ({ kind, width, height, rateHz, channels }: Mp4Track): string =>
    kind === 'video' ? `${width} x ${height}` : `${channels} channels at ${rateHz} Hz`;
  for (const [index, track] of expected.entries()) {
    if (describe(found[index]!) === describe(track)) continue;
    const message = `expected ${describe(track)} as in the first file, got ${describe(found[index]!)}: put it into a folder of its own`;
    throw malformed(mp4.name, `track of ${track.kind}`, message);
  }
}

/** Frames a second, to a thousandth. */
function rateOf(track: Mp4Track): number {
  const intervals = track.samples.length - 1;
  return intervals < 1 ? 1 : Math.round((intervals / endOf(track)) * 1000) / 1000;
}
