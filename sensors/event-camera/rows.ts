import type { TypedArray } from '../contract.js';

/** Numbers an event: x, y, nanoseconds since the row's start, polarity (+1 brighter, -1 darker). */
export const EVENT = 4;

/** Gathers the events of one row. */
export interface EventRow {
  /** Adds an event; the order does not matter. */
  add(pixel: number, offsetNs: number, brighter: 0 | 1): void;
  /** Returns the row's fields, owned by the receiver, and starts anew. */
  finish(): Record<string, TypedArray>;
}

/**
 * Makes a row that orders its events by time, then row and column of the image. The earliest `maxEvents` are listed; later
 * ones are counted as dropped, as a readout does that is too slow for its pixels, but still count in the polarity sum.
 */
export function createEventRow(width: number, height: number, maxEvents: number): EventRow {
  // One number an event, so that sorting numbers sorts events: time, then pixel, then polarity; below 2^53 for a second
  // of 2^22 pixels.
  const pixels = width * height;
  let keys = new Float64Array(256);
  let count = 0;
  return {
    add(pixel, offsetNs, brighter) {
      if (count === keys.length) {
        const longer = new Float64Array(keys.length * 2);
        longer.set(keys);
        keys = longer;
      }
      keys[count] = (offsetNs * pixels + pixel) * 2 + brighter;
      count += 1;
    },
    finish() {
      const sorted = keys.subarray(0, count).sort();
      const listed = Math.min(count, maxEvents);
      const events = new Int32Array(maxEvents * EVENT);
      const polaritySum = new Int32Array(pixels);
      for (let index = 0; index < count; index++) {
        const key = sorted[index]!;
        const rest = Math.floor(key / 2);
        const offsetNs = Math.floor(rest / pixels);
        const pixel = rest - offsetNs * pixels;
        const polarity = key === rest * 2 ? -1 : 1;
        polaritySum[pixel]! += polarity;
        if (index >= listed) continue;
        const row = Math.floor(pixel / width);
        events.set([pixel - row * width, row, offsetNs, polarity], index * EVENT);
      }
      const fields = {
        count: Int32Array.of(listed),
        dropped: Int32Array.of(count - listed),
        events,
        polaritySum,
      };
      count = 0;
      return fields;
    },
  };
}
