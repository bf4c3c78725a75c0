import { type Spectrogram, type SpectrogramOptions, spectrogram } from '../audio/spectrogram.js';
import { paintScalars } from './colour-map.js';
import { drawText, fillRectangle, textHeight, textWidth } from './lettering.js';
import { blank, type Picture, paste } from './picture.js';
import { writePng } from './png.js';

const LETTER_PX = 2;
const TICK_PX = 6;
const LEFT_PX = 76;
const BOTTOM_PX = 30;
const RIGHT_PX = 96;
const TOP_PX = 14;
const BAR_PX = 14;
const PLOT_WIDTH_PX = 720;
const PLOT_HEIGHT_PX = 320;
/** The picture spans this much below the loudest point. */
const RANGE_DB = 80;

/**
 * Paints a spectrogram with axes: time in seconds to the right, frequency in kHz upwards, level in dB (re 20 micropascal) by
 * colour, over the 80 dB below the loudest point.
 */
export function paintSpectrogram(spectrum: Spectrogram): Picture {
  const [quietest, loudest] = levelRange(spectrum);
  const width = LEFT_PX + PLOT_WIDTH_PX + RIGHT_PX;
  const height = TOP_PX + PLOT_HEIGHT_PX + BOTTOM_PX;
  const picture = blank(width, height);
  paste(picture, paintLevels(spectrum, PLOT_WIDTH_PX, PLOT_HEIGHT_PX), LEFT_PX, TOP_PX);
  const bar = Float64Array.from(
    { length: BAR_PX * PLOT_HEIGHT_PX },
    (_, pixel) => -Math.floor(pixel / BAR_PX),
  );
  const barLeft = LEFT_PX + PLOT_WIDTH_PX + 16;
  paste(picture, paintScalars(bar, BAR_PX, PLOT_HEIGHT_PX), barLeft, TOP_PX);
  drawTimeAxis(picture, spectrum);
  const highestHz = (spectrum.bins - 1) * spectrum.binHz;
  drawUpright(picture, 0, highestHz, niceStep(highestHz / 5), LEFT_PX - TICK_PX, (hz) => {
    const text = hz === 0 ? '0' : `${hz / 1000} kHz`;
    return { text, left: LEFT_PX - TICK_PX - 4 - textWidth(text, LETTER_PX) };
  });
  drawUpright(picture, quietest, loudest, 20, barLeft + BAR_PX, (level) => ({
    text: `${level} dB`,
    left: barLeft + BAR_PX + TICK_PX + 4,
  }));
  return picture;
}

/**
 * Writes the spectrogram of one microphone's sound as a PNG file; creates its directory; overwrites.
 *
 * @param pressurePa consecutive samples (see `joinRows`); not changed.
 * @throws UmweltError `invalid-input` as `spectrogram`, `io` when the file cannot be written.
 */
export async function writeSpectrogram(
  pressurePa: ArrayLike<number>,
  rateHz: number,
  path: string,
  options: SpectrogramOptions = {},
): Promise<void> {
  await writePng(paintSpectrogram(spectrogram(pressurePa, rateHz, options)), path);
}

/**
 * Paints the levels alone, without axes: the whole time across, 0 Hz at the bottom, the 80 dB below the loudest point.
 * Every pixel shows the loudest of the values that fall on it, or the nearest one where values are sparse.
 */
export function paintLevels(spectrum: Spectrogram, width: number, height: number): Picture {
  const { levelsDb, frames, bins } = spectrum;
  const [quietest, loudest] = levelRange(spectrum);
  const levels = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const [firstBin, lastBin] = span(height - 1 - y, height, bins);
    for (let x = 0; x < width; x++) {
      const [firstFrame, lastFrame] = span(x, width, frames);
      let level = quietest;
      for (let frame = firstFrame; frame <= lastFrame; frame++)
        for (let bin = firstBin; bin <= lastBin; bin++)
          level = Math.max(level, levelsDb[frame * bins + bin]!);
      levels[y * width + x] = level;
    }
  }
  // The map spans what it is given; these two corners hold it to the bar's scale.
  levels[0] = quietest;
  levels[width - 1] = loudest;
  return paintScalars(levels, width, height);
}

function levelRange({ levelsDb }: Spectrogram): [number, number] {
  const loudest = levelsDb.reduce((most, level) => Math.max(most, level), Number.NEGATIVE_INFINITY);
  return [loudest - RANGE_DB, loudest];
}

function span(pixel: number, pixels: number, values: number): [number, number] {
  const first = Math.floor((pixel * values) / pixels);
  return [first, Math.max(first, Math.ceil(((pixel + 1) * values) / pixels) - 1)];
}

function drawTimeAxis(picture: Picture, { frames, hopS, firstS }: Spectrogram): void {
  const startS = firstS - hopS / 2;
  const durationS = frames * hopS;
  const step = niceStep(durationS / 6);
  const axis = TOP_PX + PLOT_HEIGHT_PX;
  fillRectangle(picture, LEFT_PX - 1, axis, PLOT_WIDTH_PX + 1, 1);
  for (let tick = Math.ceil(startS / step); tick * step <= startS + durationS; tick++) {
    const x = LEFT_PX + Math.round(((tick * step - startS) / durationS) * PLOT_WIDTH_PX);
    const text = `${Math.round(tick * step * 1000) / 1000} s`;
    fillRectangle(picture, x, axis, 1, TICK_PX);
    drawText(picture, text, x - Math.round(textWidth(text, LETTER_PX) / 2), axis + TICK_PX + 6, LETTER_PX);
  }
}

/** Draws the ticks of an axis that runs up the plot, at whole multiples of a step. */
function drawUpright(
  picture: Picture,
  low: number,
  high: number,
  step: number,
  tickLeft: number,
  label: (value: number) => { readonly text: string; readonly left: number },
): void {
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) {
    const y = TOP_PX + Math.round((1 - (tick * step - low) / (high - low)) * (PLOT_HEIGHT_PX - 1));
    const { text, left } = label(tick * step);
    fillRectangle(picture, tickLeft, y, TICK_PX, 1);
    drawText(picture, text, left, y - Math.floor(textHeight(LETTER_PX) / 2), LETTER_PX);
  }
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below a value. */
function niceStep(least: number): number {
  let power = 1;
  while (power < least) power *= 10;
  while (power / 10 >= least) power /= 10;
  for (const factor of [0.2, 0.5]) if (power * factor >= least) return power * factor;
  return power;
}
