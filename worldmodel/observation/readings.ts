import { secondsFromNs } from '../../core/time.js';
import type { StreamData } from '../../datasets/contract.js';
import type { ReadingPart } from '../model/configuration.js';
import { symlog } from '../model/symlog.js';
import { type ChannelTrack, emptyTrack, tickOf } from './track.js';

/** A field of a stream and the unit that its symlog is taken in, in the field's own unit. */
interface Reading {
  readonly field: string;
  readonly unit: number;
}

/** Senses that are vectors of readings: which fields the model takes of each kind, in order. */
export const READINGS: Readonly<Record<string, readonly Reading[]>> = {
  haptics: [
    { field: 'forceN', unit: 1 },
    { field: 'torqueNm', unit: 1 },
    { field: 'pressurePa', unit: 1000 },
  ],
  tactile: [
    { field: 'pressurePa', unit: 1000 },
    { field: 'shearPa', unit: 1000 },
  ],
  wrist: [
    { field: 'forceN', unit: 1 },
    { field: 'torqueNm', unit: 1 },
  ],
  imu: [
    { field: 'specificForceMps2', unit: 1 },
    { field: 'angularRateRadps', unit: 1 },
  ],
  encoder: [
    { field: 'position', unit: 1 },
    { field: 'speed', unit: 1 },
  ],
};

/** Puts readings on the model's clock: symlog of each component's mean over the tick. */
export function readingsTrack(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
): ChannelTrack {
  const { name, kind } = description;
  const readings = READINGS[kind]!.filter(({ field }) => values[field] !== undefined);
  const widths = readings.map(({ field }) => values[field]!.length / Math.max(1, rows));
  const width = widths.reduce((total, one) => total + one, 0);
  const parts = readings.map(({ field, unit }): ReadingPart => {
    const { shape, unit: siUnit } = description.fields.find((one) => one.name === field)!;
    return { field, shape, unit, siUnit };
  });
  const track = emptyTrack({ name, form: 'vector', shape: [width], stream: { name, kind }, parts }, ticks);
  const counts = new Float32Array(ticks);
  for (let row = 0; row < rows; row++) {
    const tick = tickOf(secondsFromNs(timeNs[row]!), tickHz);
    if (tick >= ticks) break;
    counts[tick]! += 1;
    let at = tick * width;
    for (const [index, { field, unit }] of readings.entries()) {
      const count = widths[index]!;
      const from = values[field]!;
      for (let component = 0; component < count; component++)
        track.values[at + component]! += from[row * count + component]! / unit;
      at += count;
    }
  }
  for (let tick = 0; tick < ticks; tick++) {
    track.sensed[tick] = counts[tick]! > 0 ? 1 : 0;
    for (let index = tick * width; index < (tick + 1) * width; index++) {
      track.values[index] = symlog(track.values[index]! / Math.max(1, counts[tick]!));
    }
  }
  return track;
}
