import { describe, expect, it } from 'vitest';
import { createEventRow, EVENT } from '../../sensors/event-camera/rows.js';

const list = ({ events, count }: Record<string, ArrayLike<number>>): number[][] =>
  Array.from({ length: count![0]! }, (_, i) => Array.from(events!).slice(i * EVENT, i * EVENT + EVENT));

describe('rows of events', () => {
  it('order events by time, row, column and polarity, whatever order they come in', () => {
    const row = createEventRow(5, 4, 8);
    row.add(7, 30, 1);
    row.add(19, 10, 0);
    row.add(7, 10, 1);
    row.add(7, 10, 0);
    row.add(0, 999_999_999, 1);
    const fields = row.finish();
    expect(list(fields)).toEqual([
      [2, 1, 10, -1],
      [2, 1, 10, 1],
      [4, 3, 10, -1],
      [2, 1, 30, 1],
      [0, 0, 999_999_999, 1],
    ]);
    expect([...fields.events!.subarray(5 * EVENT)]).toEqual(new Array(3 * EVENT).fill(0));
    expect([...fields.polaritySum!]).toEqual(
      Array.from({ length: 20 }, (_, pixel) => ({ 0: 1, 7: 1, 19: -1 })[pixel] ?? 0),
    );
    expect(fields.dropped![0]).toBe(0);
  });

  it('drop what comes after they are full, but sum it', () => {
    const row = createEventRow(8, 8, 100);
    for (let i = 0; i < 1000; i++) row.add(i % 64, 2000 - i, 1);
    const fields = row.finish();
    expect([fields.count![0], fields.dropped![0]]).toEqual([100, 900]);
    expect(fields.events![2]).toBe(1001);
    expect(fields.events![99 * EVENT + 2]).toBe(1100);
    expect(Array.from(fields.polaritySum!).reduce((a, b) => a + b, 0)).toBe(1000);
  });

  it('start anew', () => {
    const row = createEventRow(2, 2, 4);
    row.add(1, 5, 1);
    row.finish();
    expect(row.finish()).toEqual({
      count: Int32Array.of(0),
      dropped: Int32Array.of(0),
      events: new Int32Array(16),
      polaritySum: new Int32Array(4),
    });
  });

  it('tell times of a second apart to the nanosecond, in large images', () => {
    const row = createEventRow(2048, 2048, 2);
    row.add(2048 * 2048 - 1, 999_999_999, 1);
    row.add(2048 * 2048 - 1, 999_999_998, 0);
    expect(list(row.finish())).toEqual([
      [2047, 2047, 999_999_998, -1],
      [2047, 2047, 999_999_999, 1],
    ]);
  });
});
