import { UmweltError } from '../../core/errors.js';

/**
 * Encodes tracks of equal length as a WAV file, 16-bit PCM.
 *
 * @param tracks Pa, one a channel; not changed.
 * @param fullScalePa the pressure that becomes the largest sample; louder samples clip.
 * @throws UmweltError `shape-mismatch` when there is no track or lengths differ.
 */
export function encodeWav(tracks: readonly Float32Array[], rateHz: number, fullScalePa: number): Uint8Array {
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
  const dataBytes = 2 * channels * length;
  const bytes = new Uint8Array(44 + dataBytes);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2 * channels, true);
  view.setUint16(32, 2 * channels, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  for (let index = 0; index < length; index++) {
    for (let channel = 0; channel < channels; channel++) {
      const share = Math.min(1, Math.max(-1, tracks[channel]![index]! / fullScalePa));
      view.setInt16(44 + 2 * (index * channels + channel), Math.round(share * 32767), true);
    }
  }
  return bytes;
}
