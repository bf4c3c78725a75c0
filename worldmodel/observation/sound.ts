import { MEL_BANDS, melFilters } from '../../core/mel.js';
import { secondsFromNs } from '../../core/time.js';
import type { StreamData } from '../../datasets/contract.js';
import { type ChannelTrack, emptyTrack } from './track.js';

/** Waves are kept at no more than about this rate: faster sound is averaged over neighbouring samples. */
const WAVE_HZ = 16_000;

/**
 * Puts a sound stream on the model's clock as two channels: `<name>`, log10 power in mel bands a microphone over the last samples of
 * the tick, and `<name>/wave`, the pressure of the tick itself, Pa.
 */
export function soundTracks(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
): ChannelTrack[] {
  const { name, kind, rateHz, samplesPerRow } = description;
  const pressurePa = values.pressurePa!;
  const microphones = pressurePa.length / Math.max(1, rows) / samplesPerRow;
  const stream = { name, kind };
  const heard = emptyTrack({ name, form: 'vector', shape: [microphones, MEL_BANDS], stream }, ticks);
  const { factor, samples } = waveLayout(rateHz, tickHz);
  const wave = emptyTrack(
    { name: `${name}/wave`, form: 'wave', shape: [microphones, samples], stream },
    ticks,
  );
  const filters = melFilters(rateHz, powerOfTwoBelow(rateHz / tickHz));
  const window = new Float64Array(filters.size);
  const read = (microphone: number, sample: number): number => {
    const row = Math.floor(sample / samplesPerRow);
    return pressurePa[(row * microphones + microphone) * samplesPerRow + (sample % samplesPerRow)]!;
  };
  // Counted from the stream's first sample, which a dream has at its context's end.
  const begun = Math.round(secondsFromNs(timeNs[0]!) * rateHz);
  for (let tick = 1; tick < ticks; tick++) {
    const end = Math.floor((tick * rateHz) / tickHz) - begun;
    if (end > rows * samplesPerRow) break;
    if (end <= 0) continue;
    heard.sensed[tick] = 1;
    wave.sensed[tick] = 1;
    for (let microphone = 0; microphone < microphones; microphone++) {
      const at = tick * microphones + microphone;
      for (let index = 0; index < filters.size; index++)
        window[index] = read(microphone, Math.max(0, end - filters.size + index));
      filters.apply(window, heard.values, at * MEL_BANDS);
      for (let index = 0; index < samples; index++) {
        let total = 0;
        const first = end - (samples - index) * factor;
        for (let part = 0; part < factor; part++) total += read(microphone, Math.max(0, first + part));
        wave.values[at * samples + index] = total / factor;
      }
    }
  }
  return [heard, wave];
}

/** How many samples are averaged into one, and how many of those a tick has. */
export function waveLayout(
  rateHz: number,
  tickHz: number,
): { readonly factor: number; readonly samples: number } {
  const factor = Math.max(1, Math.round(rateHz / WAVE_HZ));
  return { factor, samples: Math.floor(rateHz / tickHz / factor) };
}

function powerOfTwoBelow(samples: number): number {
  let size = 1;
  while (size * 2 <= samples) size *= 2;
  return size;
}
