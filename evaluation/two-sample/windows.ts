import type { Dataset, Episode, StreamData } from '../../datasets/contract.js';
import { describeWindow, type Features, isColour, pictureAt } from './features.js';
import { encodePicture } from './picture-encoder.js';

/** A window of one episode, described stream by stream. */
export interface Window {
  readonly episode: number;
  /** By the stream's name; a stream without two rows in the window is left out. */
  readonly streams: Readonly<Record<string, Features>>;
  /** By the stream's name: codes of some of its pictures; only streams of pictures in colour. */
  readonly codes: Readonly<Record<string, readonly Float64Array[]>>;
}

/** How a dataset is cut. */
export interface WindowOptions {
  /** Length of a window; an episode that is shorter is one window. */
  readonly windowS: number;
  /** Windows that end later than this in their episode are left out. */
  readonly untilS?: number;
  /** Windows of the whole dataset at most, spread evenly over episodes and time. */
  readonly most: number;
}

/** Pictures of a window that are encoded. */
const CODES = 3;

/**
 * Cuts the episodes of a dataset into windows of equal length and describes the named streams in each. Memory grows with an
 * episode and with the number of windows.
 *
 * @throws UmweltError as `Dataset.readEpisode`.
 */
export async function describeWindows(
  dataset: Dataset,
  streams: readonly string[],
  { windowS, untilS = Number.POSITIVE_INFINITY, most }: WindowOptions,
): Promise<readonly Window[]> {
  const windows: Window[] = [];
  const { episodes } = dataset.manifest;
  const chosen = evenly(episodes.length, most);
  const each = Math.max(1, Math.floor(most / Math.max(1, chosen.length)));
  for (const index of chosen) {
    const episode = await dataset.readEpisode(episodes[index]!.episode, streams);
    const count = Math.max(1, Math.floor(Math.min(untilS, episode.durationS) / windowS + 1e-9));
    for (const place of evenly(count, each)) {
      const whole = count === 1 && untilS >= episode.durationS;
      const fromS = whole ? 0 : place * windowS;
      windows.push(describe(episode, streams, fromS, whole ? Number.POSITIVE_INFINITY : fromS + windowS));
    }
  }
  return windows;
}

function describe(episode: Episode, streams: readonly string[], fromS: number, toS: number): Window {
  const described: Record<string, Features> = {};
  const codes: Record<string, Float64Array[]> = {};
  for (const name of streams) {
    const stream = episode.streams[name];
    if (stream === undefined) continue;
    const from = firstRow(stream, fromS);
    const to = firstRow(stream, toS);
    if (to - from < 2) continue;
    const features = describeWindow(stream, from, to);
    if (Object.keys(features).length > 0) described[name] = features;
    const colour = stream.description.kind === 'camera' && stream.description.fields.find(isColour);
    if (!colour) continue;
    codes[name] = evenly(to - from, CODES).map((row) =>
      encodePicture(pictureAt(colour, stream.values[colour.name]!, from + row)),
    );
  }
  return { episode: episode.episode, streams: described, codes };
}

/** Index of the first row at or after a time. */
function firstRow({ rows, timeNs }: StreamData, timeS: number): number {
  if (timeS === Number.POSITIVE_INFINITY) return rows;
  const wanted = BigInt(Math.round(timeS * 1e9));
  let lo = 0;
  let hi = rows;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (timeNs[middle]! < wanted) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

/** Chooses at most `most` of `count` indices, evenly spread. */
function evenly(count: number, most: number): number[] {
  const chosen = Math.min(count, most);
  return Array.from({ length: chosen }, (_, i) => Math.floor(((i + 0.5) * count) / chosen));
}
