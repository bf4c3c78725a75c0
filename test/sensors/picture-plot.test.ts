import { describe, expect, it } from 'vitest';
import { labelColour } from '../../sensors/picture/colour-map.js';
import { blank, paste, resize, stack } from '../../sensors/picture/picture.js';
import { paintPlot } from '../../sensors/picture/plot.js';

const pixel = ({ width, rgb }: { width: number; rgb: Uint8Array }, row: number, column: number): number[] => [
  ...rgb.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
];

describe('a plot', () => {
  it('draws each line in its colour from the least to the greatest value', () => {
    const rising = { name: 'a', values: [0, 1] };
    const level = { name: 'b', values: [0.5, 0.5] };
    const plot = paintPlot([0, 2], [rising, level], 2, 101, 61);
    // Half way along both lines meet; the later one is on top.
    expect(pixel(plot, 30, 50)).toEqual(labelColour(2));
    const heightAt = (column: number): number => {
      const inked = Array.from({ length: 61 }, (_, row) => row).filter(
        (row) => pixel(plot, row, column).join() === labelColour(1).join(),
      );
      return inked.reduce((sum, row) => sum + row / inked.length, 0);
    };
    // From 3 pixels above the lower edge to 3 below the upper one.
    expect(Math.abs(heightAt(25) - 44)).toBeLessThan(1.5);
    expect(Math.abs(heightAt(75) - 17)).toBeLessThan(1.5);
  });

  it('leaves a gap where a value is not finite', () => {
    const plot = paintPlot([0, 1, 2], [{ name: 'a', values: [1, Number.NaN, 1] }], 2, 101, 21);
    const drawn = Array.from({ length: 101 }, (_, x) => pixel(plot, 10, x).join() === labelColour(1).join());
    expect(drawn.slice(5, 95).some(Boolean)).toBe(false);
  });
});

describe('a sheet of pictures', () => {
  it('stacks, resizes and pastes, and cuts off what falls outside', () => {
    const dot = { width: 1, height: 1, rgb: Uint8Array.of(9, 8, 7) };
    const tall = stack([dot, resize(dot, 3, 2)], 1);
    expect([tall.width, tall.height]).toEqual([3, 4]);
    expect(pixel(tall, 1, 0)).toEqual([255, 255, 255]);
    expect(pixel(tall, 3, 2)).toEqual([9, 8, 7]);
    const page = blank(2, 2);
    paste(page, resize(dot, 2, 2), 1, -1);
    expect(pixel(page, 0, 1)).toEqual([9, 8, 7]);
    expect([pixel(page, 0, 0), pixel(page, 1, 1)]).toEqual([
      [255, 255, 255],
      [255, 255, 255],
    ]);
  });
});
