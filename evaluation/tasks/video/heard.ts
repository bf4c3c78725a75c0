import { MEL_BANDS, melFilters } from '../../../core/mel.js';
import type { Sound } from './clip.js';
import { type ModelClock, TICK_HZ, timeOfTick } from './model-clip.js';

/**
 * Measures what is heard at ticks of the world model's clock: log10 of the power in mel bands over the last samples of each, as the model has it.
 *
 * @param first tick, and how many; those that the sound does not reach are left out.
 * @returns [ticks, MEL_BANDS]
 */
export function bandsOf(
  { rateHz, amplitude }: Sound,
  clock: ModelClock,
  first: number,
  ticks: number,
): Float32Array {
  const filters = melFilters(rateHz, powerOfTwoBelow(rateHz / TICK_HZ));
  const window = new Float64Array(filters.size);
  const bands: Float32Array[] = [];
  for (let tick = first; tick < first + ticks; tick++) {
    const end = Math.floor(timeOfTick(tick, clock) * rateHz + 1e-6);
    if (end > amplitude.length) break;
    for (let index = 0; index < filters.size; index++)
      window[index] = amplitude[Math.max(0, end - filters.size + index)] ?? 0;
    const row = new Float32Array(MEL_BANDS);
    filters.apply(window, row, 0);
    bands.push(row);
  }
  const all = new Float32Array(bands.length * MEL_BANDS);
  for (const [index, row] of bands.entries()) all.set(row, index * MEL_BANDS);
  return all;
}

function powerOfTwoBelow(samples: number): number {
  let size = 1;
  while (size * 2 <= samples) size *= 2;
  return size;
}
