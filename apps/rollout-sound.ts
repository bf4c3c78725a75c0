import type { FieldDescription, StreamData } from '../datasets/contract.js';
import { MEL_BANDS, melFilters } from '../worldmodel/observation/mel.js';
import type { FieldPair } from './rollout-pairs.js';

/**
 * Puts the sound that was heard beside a dreamt one, as the level of 24 mel bands in each of the dream's rows: dB re 1 Pa,
 * [microphones, 24], over the longest power of two of samples that the row holds.
 *
 * @param real heard at the dream's rate or a multiple of it, of which neighbouring samples are averaged; elsewhere, and after the
 *   recording's end, there is nothing real.
 */
export function pairSound(dream: StreamData, real: StreamData | undefined, contextEndS: number): FieldPair {
  const { rateHz, samplesPerRow, fields } = dream.description;
  const [microphones = 1] = fields[0]!.shape;
  const filters = melFilters(rateHz, powerOfTwoBelow(samplesPerRow));
  const window = new Float64Array(filters.size);
  const levels = (read: (row: number, microphone: number, sample: number) => number): Float64Array => {
    const result = new Float32Array(dream.rows * microphones * MEL_BANDS);
    for (let row = 0; row < dream.rows; row++) {
      for (let microphone = 0; microphone < microphones; microphone++) {
        for (let index = 0; index < filters.size; index++)
          window[index] = read(row, microphone, samplesPerRow - filters.size + index);
        filters.apply(window, result, (row * microphones + microphone) * MEL_BANDS);
      }
    }
    return Float64Array.from(result, (bels) => 10 * bels);
  };
  const readDream = readerOf(dream);
  const startS = (row: number): number => Number(dream.timeNs[row]) / 1e9;
  const heard = real === undefined ? null : resampled(real, rateHz, microphones);
  const field: FieldDescription = {
    name: 'melLevel',
    dataType: 'float32',
    shape: [microphones, MEL_BANDS],
    unit: 'dB',
    description: 'level in mel bands, re 1 Pa',
  };
  return {
    field,
    timesS: Float64Array.from({ length: dream.rows }, (_, row) => startS(row) - contextEndS),
    real: levels((row, microphone, sample) =>
      heard === null ? Number.NaN : heard(microphone, startS(row), sample),
    ),
    predicted: levels((row, microphone, sample) => readDream(microphone, row * samplesPerRow + sample)),
    deviation: null,
  };
}

/** Reads the samples of a stream of sound one after the other; NaN beyond its ends. */
function readerOf({ description: { samplesPerRow }, rows, values }: StreamData) {
  const pressurePa = values.pressurePa!;
  const microphones = pressurePa.length / Math.max(1, rows) / samplesPerRow;
  return (microphone: number, sample: number): number => {
    const row = Math.floor(sample / samplesPerRow);
    if (sample < 0 || row >= rows) return Number.NaN;
    return pressurePa[(row * microphones + microphone) * samplesPerRow + (sample % samplesPerRow)]!;
  };
}

/** Reads a recording from a time on at a lower rate that divides its own; null where it does not, or the microphones are others. */
function resampled(real: StreamData, rateHz: number, microphones: number) {
  const { description, rows, values } = real;
  const factor = Math.round(description.rateHz / rateHz);
  const held = values.pressurePa!.length / Math.max(1, rows) / description.samplesPerRow;
  // The model's rows hold whole samples of a tick: its rate may be a fraction of a percent below the recording's.
  if (factor < 1 || Math.abs(description.rateHz / factor / rateHz - 1) > 0.01 || held !== microphones)
    return null;
  const read = readerOf(real);
  const firstS = Number(real.timeNs[0]) / 1e9;
  return (microphone: number, startS: number, sample: number): number => {
    const first = Math.round((startS - firstS) * description.rateHz) + sample * factor;
    let total = 0;
    for (let part = 0; part < factor; part++) total += read(microphone, first + part);
    return total / factor;
  };
}

function powerOfTwoBelow(samples: number): number {
  let size = 1;
  while (size * 2 <= samples) size *= 2;
  return size;
}
