import { cholesky } from '../../../core/correlation.js';
import { UmweltError } from '../../../core/errors.js';
import { MEL_BANDS } from '../../../core/mel.js';
import { PICTURE } from './clip.js';
import type { VideoCase, VideoContext, VideoForecast } from './forecast.js';
import { lastBands, lastPicture } from './last.js';

/** Shares of the mean similarity that are tried as the ridge. */
const RIDGES = [0.03, 0.1, 0.3, 1, 3, 10, 100];
/** How much a change between the last two frames, and a command in its own deviation, count beside a picture's deviation. */
const CHANGE_WEIGHT = 4;
const COMMAND_WEIGHT = 20;
/** Every so manieth case chooses the ridge. */
const CHOOSING = 4;

/** A linear map from what was seen to how every later picture and spectrum differs from the last one. */
export interface LinearModel {
  readonly ridge: number;
  forecast(context: VideoContext): VideoForecast;
}

/**
 * Fits ridge regression on cases, by their similarities (its dual form, since a picture has more numbers than there are cases): the inputs are
 * the last picture, its change from the one before, and the commands; the ridge is the one that predicts every fourth case best from the others.
 *
 * @throws UmweltError `invalid-input` when there are fewer than 8 cases.
 */
export function fitLinear(cases: readonly VideoCase[]): LinearModel {
  if (cases.length < 8) {
    throw new UmweltError(
      'invalid-input',
      { cases: cases.length },
      `linear: expected at least 8 cases to learn from, got ${cases.length}; give more recordings, or leave the method out`,
    );
  }
  const learned = cases.filter((_, index) => index % CHOOSING !== 0);
  const chosen = cases.filter((_, index) => index % CHOOSING === 0);
  let best = { ridge: RIDGES[0]!, error: Number.POSITIVE_INFINITY };
  for (const ridge of RIDGES) {
    const model = solveLinear(learned, ridge);
    const error = chosen.reduce((sum, one) => sum + errorOf(model.forecast(one.context), one), 0);
    if (error < best.error) best = { ridge, error };
  }
  return solveLinear(cases, best.ridge);
}

function solveLinear(cases: readonly VideoCase[], ridge: number): LinearModel {
  const scale = scaleOf(cases);
  const inputs = cases.map(({ context }) => inputOf(context, scale));
  const similar = inputs.map((a) => inputs.map((b) => dot(a, b)));
  const mean = similar.reduce((sum, row, index) => sum + row[index]!, 0) / cases.length;
  const factor = cholesky(
    similar.map((row, i) => row.map((value, j) => (i === j ? value + ridge * mean : value))),
  )!;
  return {
    ridge,
    forecast(context) {
      const input = inputOf(context, scale);
      const weights = solveBy(
        factor,
        inputs.map((one) => dot(one, input)),
      );
      const pictures = repeated(lastPicture(context), context.framesS.length);
      const bands = context.seen.sound === null ? null : repeated(lastBands(context), context.soundTicks);
      for (const [index, { context: known, truth }] of cases.entries()) {
        addChange(pictures, truth.pictures, lastPicture(known), weights[index]!, PICTURE);
        if (bands !== null && truth.bands !== null)
          addChange(bands, truth.bands, lastBands(known), weights[index]!, MEL_BANDS);
      }
      return { pictures: pictures.map((value) => Math.min(255, Math.max(0, value))), bands };
    },
  };
}

interface Scale {
  readonly mean: Float32Array;
  readonly commands: { readonly mean: Float32Array; readonly deviation: Float32Array } | null;
}

/** Means and deviations of the cases' inputs; one more input of 1 lets the map have a constant. */
function scaleOf(cases: readonly VideoCase[]): Scale {
  const mean = meanOf(cases.map(({ context }) => lastPicture(context)));
  const commands = cases.map(({ context }) => commandsOf(context));
  if (commands.some((one) => one === null)) return { mean, commands: null };
  const known = commands as Float32Array[];
  const middle = meanOf(known);
  const variance = meanOf(known.map((one) => one.map((value, index) => (value - middle[index]!) ** 2)));
  return { mean, commands: { mean: middle, deviation: variance.map((value) => Math.sqrt(value) + 1e-6) } };
}

function inputOf(context: VideoContext, { mean, commands }: Scale): Float32Array {
  const last = lastPicture(context);
  const { pictures } = context.seen;
  const before =
    pictures.length > PICTURE
      ? pictures.subarray(pictures.length - 2 * PICTURE, pictures.length - PICTURE)
      : last;
  const given = commands === null ? null : commandsOf(context);
  const width = given === null || commands === null ? 0 : Math.min(given.length, commands.mean.length);
  const input = new Float32Array(2 * PICTURE + width + 1);
  for (let at = 0; at < PICTURE; at++) {
    input[at] = (last[at]! - mean[at]!) / 64;
    input[PICTURE + at] = (CHANGE_WEIGHT * (last[at]! - before[at]!)) / 64;
  }
  for (let at = 0; at < width; at++)
    input[2 * PICTURE + at] =
      (COMMAND_WEIGHT * (given![at]! - commands!.mean[at]!)) / commands!.deviation[at]!;
  input[2 * PICTURE + width] = Math.sqrt(PICTURE) / 2;
  return input;
}

/** What is commanded from the last frame that was seen on, as far as is predicted. */
function commandsOf({ seen, framesS }: VideoContext): Float32Array | null {
  if (seen.actions === null) return null;
  const { width, values } = seen.actions;
  const first = seen.timesS.length - 1;
  const commands = new Float32Array(framesS.length * width);
  commands.set(values.subarray(first * width, (first + framesS.length) * width));
  return commands;
}

/** Adds a weighted change, each later row from the last one seen. */
function addChange(
  out: Float32Array,
  later: Float32Array,
  last: ArrayLike<number>,
  weight: number,
  width: number,
): void {
  const length = Math.min(out.length, later.length);
  for (let at = 0; at < length; at++) out[at]! += weight * (later[at]! - last[at % width]!);
}

function errorOf(forecast: VideoForecast, { truth }: VideoCase): number {
  return (
    truth.pictures.reduce((sum, value, at) => sum + (value - forecast.pictures[at]!) ** 2, 0) /
    truth.pictures.length
  );
}

/** Solves L L^T x = b. */
function solveBy(factor: readonly (readonly number[])[], b: readonly number[]): Float64Array {
  const x = Float64Array.from(b);
  const size = b.length;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i]![k]! * x[k]!;
    x[i]! /= factor[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= factor[k]![i]! * x[k]!;
    x[i]! /= factor[i]![i]!;
  }
  return x;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** Means arrays of one length, element by element. */
export function meanOf(rows: readonly ArrayLike<number>[]): Float32Array {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let at = 0; at < sum.length; at++) sum[at]! += row[at]!;
  return Float32Array.from(sum, (total) => total / rows.length);
}

/** Repeats a row. The result is new. */
export function repeated(row: ArrayLike<number>, times: number): Float32Array {
  const all = new Float32Array(row.length * times);
  for (let time = 0; time < times; time++) all.set(row as Float32Array, time * row.length);
  return all;
}
