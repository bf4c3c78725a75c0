import { MEL_BANDS, melFilters } from '../core/mel.js';
import type { FieldDescription, StreamData } from '../datasets/contract.js';
import { soundTracks } from '../worldmodel/observation/sound.js';
import type { FieldPair } from './rollout-pairs.js';

/** A dreamt sound beside the one that was heard, as levels in dB re 1 Pa, [microphones, 24 mel bands]. */
export interface SoundPairs {
  /** The spectrum that the model predicts as such; null where it does not. */
  readonly spectrum: FieldPair | null;
  /** The spectrum of the wave that it predicts; null where it predicts none. */
  readonly wave: FieldPair | null;
}

/** Reads samples by row, microphone and place in the row. */
type Read = (row: number, microphone: number, sample: number) => number;

/**
 * Puts the sound that was heard beside a dreamt one, on the model's clock: a row a tick.
 *
 * @param real undefined where nothing was heard; NaN, as after the recording's end.
 */
export function pairSound(dream: StreamData, real: StreamData | undefined, contextEndS: number): SoundPairs {
  const { rateHz, samplesPerRow, fields } = dream.description;
  const { rows, values } = dream;
  const [microphones = 1] = fields[0]!.shape;
  const tickHz = rateHz / samplesPerRow;
  const firstTick = Math.round(contextEndS * tickHz) + 1;
  const tracks = real === undefined || real.rows === 0 ? [] : soundTracks(real, firstTick + rows, tickHz);
  /** What was heard at a row's tick: [rows, microphones, width]. */
  const heardAt =
    (form: string, width: number): Read =>
    (row, microphone, index) => {
      const track = tracks.find((candidate) => candidate.form === form && candidate.shape[0] === microphones);
      if (track?.sensed[firstTick + row] !== 1 || track.shape[1] !== width) return Number.NaN;
      return track.values[((firstTick + row) * microphones + microphone) * width + index]!;
    };
  const dreamtAt =
    (name: string, width: number): Read =>
    (row, microphone, index) =>
      values[name]![(row * microphones + microphone) * width + index]!;
  const pairOf = (levels: (read: Read) => Float64Array, heard: Read, dreamt: Read): FieldPair => ({
    field: {
      name: 'melLevel',
      dataType: 'float32',
      shape: [microphones, MEL_BANDS],
      unit: 'dB',
      description: 're 1 Pa',
    } satisfies FieldDescription,
    timesS: Float64Array.from({ length: rows }, (_, row) => (row + 1) / tickHz),
    real: levels(heard),
    predicted: levels(dreamt),
    deviation: null,
  });
  return {
    spectrum:
      values.logMelPower === undefined
        ? null
        : pairOf(
            (read) => inDecibels(rows, microphones, read),
            heardAt('vector', MEL_BANDS),
            dreamtAt('logMelPower', MEL_BANDS),
          ),
    wave:
      values.pressurePa === undefined
        ? null
        : pairOf(
            (read) => levelsOf(rows, microphones, samplesPerRow, rateHz, read),
            heardAt('wave', samplesPerRow),
            dreamtAt('pressurePa', samplesPerRow),
          ),
  };
}

/** From log10 of power. */
function inDecibels(rows: number, microphones: number, read: Read): Float64Array {
  return Float64Array.from({ length: rows * microphones * MEL_BANDS }, (_, at) => {
    const band = at % MEL_BANDS;
    const which = (at - band) / MEL_BANDS;
    return 10 * read(Math.floor(which / microphones), which % microphones, band);
  });
}

/** Of the last samples of each row, the longest power of two of them. */
function levelsOf(
  rows: number,
  microphones: number,
  samplesPerRow: number,
  rateHz: number,
  read: Read,
): Float64Array {
  const filters = melFilters(rateHz, 2 ** Math.floor(Math.log2(samplesPerRow)));
  const window = new Float64Array(filters.size);
  const levels = new Float32Array(rows * microphones * MEL_BANDS);
  for (let row = 0; row < rows; row++) {
    for (let microphone = 0; microphone < microphones; microphone++) {
      for (let index = 0; index < filters.size; index++)
        window[index] = read(row, microphone, samplesPerRow - filters.size + index);
      filters.apply(window, levels, (row * microphones + microphone) * MEL_BANDS);
    }
  }
  return Float64Array.from(levels, (power) => 10 * power);
}
