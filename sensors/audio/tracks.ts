import { UmweltError } from '../../core/errors.js';

/**
 * Joins rows of an audio stream into one track a microphone.
 *
 * @param rows consecutive values of the field `pressurePa`, each [microphones, samplesPerRow], or all of them in one array.
 * @returns Pa, by microphone; new arrays.
 * @throws UmweltError `shape-mismatch` when a row does not hold whole lines.
 */
export function joinRows(
  rows: readonly Float32Array[] | Float32Array,
  microphones: number,
  samplesPerRow: number,
): Float32Array[] {
  const size = microphones * samplesPerRow;
  const arrays = rows instanceof Float32Array ? [rows] : rows;
  const odd = arrays.find(({ length }) => length % size !== 0);
  if (odd !== undefined) {
    throw new UmweltError(
      'shape-mismatch',
      { microphones, samplesPerRow, length: odd.length },
      `audio tracks: expected rows of ${microphones} x ${samplesPerRow} values, got ${odd.length} values`,
    );
  }
  const total = arrays.reduce((sum, { length }) => sum + length / microphones, 0);
  return Array.from({ length: microphones }, (_, microphone) => {
    const track = new Float32Array(total);
    let filled = 0;
    for (const array of arrays) {
      for (let row = 0; row < array.length; row += size) {
        const from = row + microphone * samplesPerRow;
        track.set(array.subarray(from, from + samplesPerRow), filled);
        filled += samplesPerRow;
      }
    }
    return track;
  });
}
