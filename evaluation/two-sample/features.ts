import { log, log10 } from '../../core/math/exact.js';
import type { FieldDescription, StreamData, TypedArray } from '../../datasets/contract.js';
import { luma, type Picture } from '../metrics/image.js';
import { findOnsetsS } from '../metrics/onsets.js';
import { welchDensity } from '../metrics/short-time-spectrum.js';

/** What describes a window of a stream, by name; every name is there in every window of a stream. */
export type Features = Readonly<Record<string, number>>;

/** More components than this are described as one crowd. */
const MOST_COMPONENTS = 12;
/** Frames of a window that pictures are described by. */
const FRAMES = 6;

/**
 * Describes some consecutive rows of a stream by numbers of which a person can say what they mean, for telling data apart.
 *
 * Sound: level, crest, spectral centroid, flatness, roll-off, octave levels, onsets a second. Pictures: brightness, contrast,
 * colour, sharpness, noise, clipping, change between frames. Everything else, by component: mean, spread, extreme, speed of
 * change, and where its spectrum lies. Rates are in 1/s, so that streams of different rates compare as far as they can.
 *
 * @param from first row, `to` the row after the last.
 * @returns an empty record for fields of pictures other than colours (depth, labels, flow).
 */
export function describeWindow(stream: StreamData, from: number, to: number): Features {
  const { description, values } = stream;
  const features: Record<string, number> = {};
  for (const field of description.fields) {
    const size = field.shape.reduce((product, length) => product * length, 1);
    const part = values[field.name]?.subarray(from * size, to * size);
    if (part === undefined || size === 0) continue;
    for (const [name, value] of Object.entries(describeField(field, part, size, stream))) {
      features[`${field.name} ${name}`] = Number.isFinite(value) ? value : 0;
    }
  }
  return features;
}

function describeField(
  field: FieldDescription,
  values: TypedArray,
  size: number,
  { description }: StreamData,
): Features {
  const { kind, rateHz, samplesPerRow } = description;
  if (kind === 'audio') {
    const channels = Math.max(1, Math.round(size / samplesPerRow));
    return describeSound(firstChannel(values, channels, samplesPerRow), rateHz);
  }
  if (isColour(field)) return describePictures(field, values, size, rateHz);
  if (kind === 'camera' || kind === 'event-camera' || kind === 'lidar') return {};
  const rows = values.length / size;
  if (field.name === 'orientation' && size % 4 === 0) return describeTurning(values, size, rateHz);
  if (size > MOST_COMPONENTS) return describeCrowd(values, rows, size, rateHz);
  const features: Record<string, number> = {};
  for (let component = 0; component < size; component++) {
    const signal = Float64Array.from({ length: rows }, (_, row) => values[row * size + component]!);
    for (const [name, value] of Object.entries(describeSignal(signal, rateHz)))
      features[size === 1 ? name : `${component} ${name}`] = value;
  }
  return features;
}

/** Says whether a field holds 8-bit pictures in colour or grey: [height, width, 1 to 4]. */
export function isColour({ dataType, shape, unit }: FieldDescription): boolean {
  return dataType === 'uint8' && shape.length === 3 && shape[2]! <= 4 && unit === 'sRGB';
}

/** Cuts one picture out of a field's values. */
export function pictureAt({ shape }: FieldDescription, values: TypedArray, row: number): Picture {
  const [height, width, channels] = shape as [number, number, number];
  const size = height * width * channels;
  return { width, height, channels, values: values.subarray(row * size, (row + 1) * size) };
}

/** Describes one component over time. */
function describeSignal(signal: Float64Array, rateHz: number): Record<string, number> {
  const n = signal.length;
  const mean = signal.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(signal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  let change = 0;
  for (let i = 1; i < n; i++) change += (Math.abs(signal[i]! - signal[i - 1]!) * rateHz) / Math.max(1, n - 1);
  const features: Record<string, number> = {
    mean,
    spread,
    extreme: signal.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0),
    'change per s': change,
  };
  const density = n >= 16 ? welchDensity(signal, rateHz, 64) : new Float64Array(0);
  let [power, weighted] = [0, 0];
  for (let bin = 1; bin < density.length; bin++) {
    power += density[bin]!;
    weighted += (density[bin]! * bin * rateHz) / (2 * (density.length - 1));
  }
  features['spectral centroid Hz'] = power > 0 ? weighted / power : 0;
  return features;
}

/** Describes orientations [rows, bodies, 4] by how fast they turn and which way is up, whatever the signs of the quaternions. */
function describeTurning(values: TypedArray, size: number, rateHz: number): Features {
  const features: Record<string, number> = {};
  for (let body = 0; body < size / 4; body++) {
    const rows = values.length / size;
    const at = (row: number): number[] =>
      Array.from(values.subarray(row * size + body * 4, row * size + body * 4 + 4));
    const rates = Float64Array.from({ length: Math.max(0, rows - 1) }, (_, row) => {
      const [a, b] = [at(row), at(row + 1)];
      const cosine = Math.abs(a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]! + a[3]! * b[3]!);
      return 2 * Math.sqrt(Math.max(0, 1 - cosine * cosine)) * rateHz;
    });
    const up = Float64Array.from({ length: rows }, (_, row) => {
      const [, x, y] = at(row);
      return 1 - 2 * (x! * x! + y! * y!);
    });
    for (const [what, signal] of [
      ['turning', rates],
      ['uprightness', up],
    ] as const) {
      if (signal.length === 0) continue;
      const { mean, spread, extreme } = describeSignal(signal, rateHz);
      Object.assign(features, {
        [`${body} ${what} mean`]: mean,
        [`${body} ${what} spread`]: spread,
        [`${body} ${what} extreme`]: extreme,
      });
    }
  }
  return features;
}

/** Describes many components of one kind (taxels) by their sum, their spread over the array and how many take part. */
function describeCrowd(values: TypedArray, rows: number, size: number, rateHz: number): Features {
  const [sum, contrast, share] = [0, 1, 2].map(() => new Float64Array(rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rows; row++) {
    const crowd = values.subarray(row * size, (row + 1) * size);
    let total = 0;
    let largest = 0;
    for (const value of crowd) {
      total += value;
      largest = Math.max(largest, Math.abs(value));
    }
    let squares = 0;
    let taking = 0;
    for (const value of crowd) {
      squares += (value - total / size) ** 2;
      if (largest > 0 && Math.abs(value) > largest / 10) taking++;
    }
    sum[row] = total;
    contrast[row] = Math.sqrt(squares / size);
    share[row] = taking / size;
  }
  const features: Record<string, number> = {};
  for (const [what, signal] of [
    ['sum', sum],
    ['contrast', contrast],
    ['share taking part', share],
  ] as const)
    for (const [name, value] of Object.entries(describeSignal(signal, rateHz)))
      features[`${what} ${name}`] = value;
  return features;
}

/** The first microphone of rows of [channels, samples]. */
function firstChannel(values: TypedArray, channels: number, samplesPerRow: number): Float64Array {
  const rows = values.length / (channels * samplesPerRow);
  return Float64Array.from(
    { length: rows * samplesPerRow },
    (_, i) => values[Math.floor(i / samplesPerRow) * channels * samplesPerRow + (i % samplesPerRow)]!,
  );
}

const OCTAVES_HZ = [63, 125, 250, 500, 1000, 2000, 4000, 8000];

function describeSound(sound: Float64Array, rateHz: number): Features {
  let squares = 0;
  let peak = 0;
  for (const sample of sound) {
    squares += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const effective = Math.sqrt(squares / sound.length);
  const decibels = (power: number): number => 10 * log10(Math.max(1e-20, power));
  const density = welchDensity(sound, rateHz, 2048);
  const binHz = density.length > 1 ? rateHz / (2 * (density.length - 1)) : 1;
  let [power, weighted, logs] = [0, 0, 0];
  for (let bin = 1; bin < density.length; bin++) {
    power += density[bin]!;
    weighted += density[bin]! * bin * binHz;
    logs += log(Math.max(1e-30, density[bin]!)) / (density.length - 1);
  }
  let [below, rolloff] = [0, 0];
  for (let bin = 1; bin < density.length && below < 0.85 * power; bin++) {
    below += density[bin]!;
    rolloff = bin * binHz;
  }
  const features: Record<string, number> = {
    'level dB': decibels(effective * effective),
    'crest dB': effective > 0 ? decibels((peak / effective) ** 2) : 0,
    'centroid Hz': power > 0 ? weighted / power : 0,
    'roll-off Hz': rolloff,
    'flatness dB': power > 0 ? (10 / Math.LN10) * logs - decibels(power / (density.length - 1)) : 0,
    'onsets per s': (findOnsetsS(sound, rateHz).length * rateHz) / sound.length,
  };
  for (const hz of OCTAVES_HZ) {
    let octave = 0;
    for (let bin = 1; bin < density.length; bin++)
      if (bin * binHz >= hz / Math.SQRT2 && bin * binHz < hz * Math.SQRT2) octave += density[bin]!;
    if (hz * Math.SQRT2 <= rateHz / 2)
      features[`octave ${hz} Hz dB of all`] = power > 0 ? Math.max(-60, decibels(octave / power)) : -60;
  }
  return features;
}

function describePictures(
  field: FieldDescription,
  values: TypedArray,
  size: number,
  rateHz: number,
): Features {
  const rows = values.length / size;
  const step = Math.max(1, Math.floor(rows / FRAMES));
  const sums: Record<string, number> = {};
  let frames = 0;
  for (let row = 0; row < rows; row += step, frames++) {
    const picture = pictureAt(field, values, row);
    const grey = luma(picture);
    const described: Record<string, number> = { ...describeGrey(grey, picture), ...describeColour(picture) };
    const next = row + 1 < rows ? luma(pictureAt(field, values, row + 1)) : null;
    described['change per s'] =
      next === null
        ? (sums['change per s'] ?? 0) / Math.max(1, frames)
        : (grey.reduce((sum, value, at) => sum + Math.abs(value - next[at]!), 0) * rateHz) / grey.length;
    for (const [name, value] of Object.entries(described)) sums[name] = (sums[name] ?? 0) + value;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / frames]));
}

function describeGrey(grey: Float64Array, { width, height }: Picture): Record<string, number> {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  let [squares, dark, bright, edges, noise, inner] = [0, 0, 0, 0, 0, 0];
  for (const value of grey) {
    squares += (value - mean) ** 2;
    if (value < 3) dark++;
    if (value > 252) bright++;
  }
  for (let y = 1; y + 1 < height; y++) {
    for (let x = 1; x + 1 < width; x++, inner++) {
      const at = (dx: number, dy: number): number => grey[(y + dy) * width + x + dx]!;
      edges += Math.abs(at(1, 0) - at(-1, 0)) + Math.abs(at(0, 1) - at(0, -1));
      // Immerkaer, Fast noise variance estimation, CVIU 64 (1996): what neither slopes nor edges leave.
      const corners = at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1);
      const sides = at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1);
      noise += Math.abs(corners - 2 * sides + 4 * at(0, 0));
    }
  }
  return {
    brightness: mean,
    contrast: Math.sqrt(squares / grey.length),
    'share black': dark / grey.length,
    'share white': bright / grey.length,
    sharpness: inner === 0 ? 0 : edges / inner,
    noise: inner === 0 ? 0 : (noise * Math.sqrt(Math.PI / 2)) / (6 * inner),
  };
}

function describeColour({ channels, values }: Picture): Record<string, number> {
  if (channels < 3) return {};
  let [redness, blueness, saturation] = [0, 0, 0];
  const pixels = values.length / channels;
  for (let at = 0; at < values.length; at += channels) {
    const [r, g, b] = [values[at]!, values[at + 1]!, values[at + 2]!];
    redness += (r - g) / pixels;
    blueness += (b - g) / pixels;
    saturation += (Math.max(r, g, b) - Math.min(r, g, b)) / pixels;
  }
  return { 'red less green': redness, 'blue less green': blueness, saturation };
}
