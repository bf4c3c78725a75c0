import { UmweltError } from '../../core/errors.js';

/** How a WAV file holds samples: 16-bit integers, which clip at full scale, or 32-bit floats, which do not. */
export type WavFormat = 'pcm16' | 'float32';

const PCM = 1;
const IEEE_FLOAT = 3;

/**
 * Encodes tracks of equal length as a WAV file (Multimedia Programming Interface and Data Specifications 1.0, 1991; floats as in its
 * revision of 1994, with a `fact` chunk).
 *
 * @param tracks Pa, one a channel; not changed.
 * @param fullScalePa the pressure that becomes the largest integer, or 1.0.
 * @throws UmweltError `shape-mismatch` when there is no track or lengths differ.
 */
export function encodeWav(
  tracks: readonly Float32Array[],
  rateHz: number,
  fullScalePa: number,
  format: WavFormat = 'pcm16',
): Uint8Array {
  const channels = tracks.length;
  const length = tracks[0]?.length ?? 0;
  if (channels === 0 || tracks.some((track) => track.length !== length)) {
    const lengths = tracks.map((track) => track.length);
    throw new UmweltError(
      'shape-mismatch',
      { lengths },
      `wav: expected one or more tracks of equal length, got lengths [${lengths.join(', ')}]`,
    );
  }
  const isFloat = format === 'float32';
  const width = isFloat ? 4 : 2;
  const dataBytes = width * channels * length;
  const headerBytes = isFloat ? 58 : 44;
  const bytes = new Uint8Array(headerBytes + dataBytes);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, headerBytes - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, isFloat ? 18 : 16, true);
  view.setUint16(20, isFloat ? IEEE_FLOAT : PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * width * channels, true);
  view.setUint16(32, width * channels, true);
  view.setUint16(34, 8 * width, true);
  if (isFloat) {
    // No extension of the format, then how many samples there are.
    view.setUint16(36, 0, true);
    text(38, 'fact');
    view.setUint32(42, 4, true);
    view.setUint32(46, length, true);
  }
  text(headerBytes - 8, 'data');
  view.setUint32(headerBytes - 4, dataBytes, true);
  for (let index = 0; index < length; index++) {
    for (let channel = 0; channel < channels; channel++) {
      const share = tracks[channel]![index]! / fullScalePa;
      const at = headerBytes + width * (index * channels + channel);
      if (isFloat) view.setFloat32(at, share, true);
      else view.setInt16(at, Math.round(Math.min(1, Math.max(-1, share)) * 32767), true);
    }
  }
  return bytes;
}
