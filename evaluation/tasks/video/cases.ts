import { secondsFromNs } from '../../../core/time.js';
import type { Dataset, Episode } from '../../../datasets/contract.js';
import type { RecordingIdentity } from '../../split.js';
import type { Case } from '../../task.js';
import type { ClipStreams } from './clip.js';

/** Share of a recording that is learned from where one recording is divided by time. */
export const TRAIN_SHARE = 0.6;

/** How the video of one format is judged. */
export interface VideoLayout {
  readonly cameras: readonly string[];
  readonly action?: string;
  readonly sound?: string;
  /** Cuts each recording into windows, the first part to learn from; null judges each recording once, from its start. */
  readonly windows: {
    readonly horizonS: number;
    readonly trainStepS: number;
    readonly heldoutStepS: number;
  } | null;
  /** Spacing of the horizons. */
  readonly horizonStepS: number;
}

/** A case with what of its recording it is. */
export interface PlacedCase extends Case {
  readonly streams: ClipStreams;
  readonly firstFrame: number;
  readonly frames: number;
}

/** Finds the cases of a dataset: those of each camera that saw anything. */
export async function findCases(
  recordings: Dataset,
  names: readonly RecordingIdentity[],
  layout: VideoLayout,
  contextFrames: number,
): Promise<readonly PlacedCase[]> {
  const present = recordings.manifest.streams.filter(({ rows }) => rows > 0).map(({ name }) => name);
  const cameras = layout.cameras.filter((camera) => present.includes(camera));
  const cases: PlacedCase[] = [];
  for await (const episode of recordings.episodes(cameras)) {
    const recording = names[episode.episode]!;
    for (const camera of cameras) {
      const streams = streamsOf(layout, camera, present);
      if (layout.windows === null) cases.push(...wholeCase(episode, recording, streams, contextFrames));
      else cases.push(...windowCases(episode, recording, streams, contextFrames, layout.windows));
    }
  }
  return cases;
}

function streamsOf({ action, sound }: VideoLayout, camera: string, present: readonly string[]): ClipStreams {
  const has = (name: string | undefined): name is string => name !== undefined && present.includes(name);
  return { camera, ...(has(action) && { action }), ...(has(sound) && { sound }) };
}

function wholeCase(
  { episode, streams: recorded }: Episode,
  recording: RecordingIdentity,
  streams: ClipStreams,
  contextFrames: number,
): readonly PlacedCase[] {
  const { rows, timeNs } = recorded[streams.camera]!;
  if (rows <= contextFrames) return [];
  const horizonS = secondsFromNs(timeNs[rows - 1]! - timeNs[contextFrames - 1]!);
  const name = `${recording.name}@${streams.camera}`;
  return [
    {
      name,
      recording,
      episode,
      startS: 0,
      horizonS,
      streams,
      firstFrame: 0,
      frames: rows,
    },
  ];
}

/** Windows that begin every so often; one that would reach from one side into the other is left out. */
function windowCases(
  { episode, streams: recorded }: Episode,
  recording: RecordingIdentity,
  streams: ClipStreams,
  contextFrames: number,
  { horizonS, trainStepS, heldoutStepS }: NonNullable<VideoLayout['windows']>,
): readonly PlacedCase[] {
  const { rows, timeNs, description } = recorded[streams.camera]!;
  const ahead = Math.round(horizonS * description.rateHz);
  const frames = contextFrames + ahead;
  const divide = Math.floor(rows * TRAIN_SHARE);
  const stepOf = (seconds: number): number => Math.max(1, Math.round(seconds * description.rateHz));
  const windows = (from: number, to: number, step: number, side: 'train' | 'heldout'): PlacedCase[] => {
    const found: PlacedCase[] = [];
    for (let first = from; first + frames <= to; first += step) {
      const startS = secondsFromNs(timeNs[first]!);
      const horizon = secondsFromNs(timeNs[first + frames - 1]! - timeNs[first + contextFrames - 1]!);
      // Windows that overlap are not independent: those that begin within the length of one are resampled together.
      const unit = `${recording.sha256} ${side} ${Math.floor((first - from) / frames)}`;
      const name = `${recording.name}@${startS.toFixed(2)}`;
      found.push({
        name,
        recording,
        episode,
        startS,
        horizonS: horizon,
        unit,
        side,
        streams,
        firstFrame: first,
        frames,
      });
    }
    return found;
  };
  return [
    ...windows(0, divide, stepOf(trainStepS), 'train'),
    ...windows(divide, rows, stepOf(heldoutStepS), 'heldout'),
  ];
}
