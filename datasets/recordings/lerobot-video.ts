import { basename, join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import type { LerobotEpisode } from './lerobot-episodes.js';
import type { FeaturePlan } from './lerobot-features.js';
import type { LerobotInfo } from './lerobot-info.js';
import { malformed } from './malformed.js';
import { type Mp4Track, openMp4 } from './mp4.js';
import { decodeVideo, loadWebcodecs } from './video-codecs.js';
import { reducePicture, reductionOf } from './video-picture.js';
import { cameraStream, MOST_COLUMNS } from './video-streams.js';

const H264 = /^avc[13]/;

/** The cameras of a LeRobot folder whose pictures are in MP4 files. */
export interface Videos {
  /** Turns what a feature was planned as into what its first file lets it be. */
  plan(plan: FeaturePlan): FeaturePlan;
  /**
   * Decodes an episode's part of a video, one sample a frame.
   *
   * @throws UmweltError `malformed-file` when it has another number of frames than the episode; `unavailable`, `not-found`, `io`.
   */
  samples(stream: StreamDescription, feature: string, episode: LerobotEpisode): AsyncGenerator<SensorSample>;
}

/**
 * Looks at the first file of each camera. H.264 is decoded; of others (AV1) the codec is told.
 *
 * @throws UmweltError `malformed-file`, `io`.
 */
export async function openVideos(folder: string, info: LerobotInfo, first: LerobotEpisode): Promise<Videos> {
  const found = new Map<string, Mp4Track | string>();
  for (const [feature, { file }] of Object.entries(first.videos))
    found.set(feature, await lookAt(folder, file));
  return {
    plan(plan) {
      if (plan.as !== 'video') return plan;
      const { feature, stream } = plan;
      const track = found.get(feature.name)!;
      if (typeof track === 'string') return { feature, as: 'nothing', reason: track };
      const { fields, metadata } = cameraStream(track);
      return { ...plan, stream: { ...stream, fields, metadata: { ...stream.metadata, ...metadata } } };
    },
    samples: (stream, feature, episode) => samplesOf(folder, info, stream, episode, episode.videos[feature]!),
  };
}

async function lookAt(folder: string, file: string): Promise<Mp4Track | string> {
  try {
    const { tracks } = await openMp4(join(folder, file));
    const track = tracks.find(({ kind }) => kind === 'video');
    if (track === undefined) return `"${file}" has no video`;
    if (!H264.test(track.codec))
      return `codec ${track.codec} is not decoded, H.264 is: convert the video (ffmpeg -c:v libx264)`;
    await loadWebcodecs(file);
    return track;
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    if (thrown.code === 'not-found') return `there is no "${file}"`;
    if (thrown.code === 'unavailable') return thrown.message;
    throw thrown;
  }
}

async function* samplesOf(
  folder: string,
  { fps }: LerobotInfo,
  { name, fields }: StreamDescription,
  { length, index }: LerobotEpisode,
  { file, fromS }: LerobotEpisode['videos'][string],
): AsyncGenerator<SensorSample> {
  const mp4 = await openMp4(join(folder, file));
  const track = mp4.tracks.find(({ kind, codec }) => kind === 'video' && H264.test(codec));
  if (track === undefined)
    throw malformed(basename(file), 'video track', 'expected H.264, as in the first file');
  const factor = reductionOf(track.width, MOST_COLUMNS);
  // Half a frame early: a video's clock rounds.
  const [fromNs, toNs] = [-0.5, length - 0.5].map((frame) => BigInt(Math.round((fromS + frame / fps) * 1e9)));
  let frame = 0;
  for await (const picture of decodeVideo(mp4, partOf(track, fromNs!, toNs!))) {
    if (picture.timeNs < fromNs! || picture.timeNs >= toNs! || frame >= length) continue;
    const colour = reducePicture(picture, factor);
    if (colour.length !== fields[0]!.shape.reduce((a, b) => a * b, 1)) {
      throw malformed(
        basename(file),
        `frame ${frame}`,
        'the picture has another size than in the first file',
      );
    }
    yield { stream: name, timeNs: tickTimeNs(frame++, fps), values: { colour } };
  }
  if (frame === length) return;
  throw malformed(
    basename(file),
    `second ${fromS}`,
    `expected ${length} frames of episode ${index}, got ${frame}`,
  );
}

/** The samples that show a stretch of time, from the key frame before it on. */
function partOf(track: Mp4Track, fromNs: bigint, toNs: bigint): Mp4Track {
  const { samples } = track;
  const firstShown = samples.findIndex(({ timeNs }) => timeNs >= fromNs && timeNs < toNs);
  let first = Math.max(0, firstShown);
  while (first > 0 && !(samples[first]!.isKey && samples[first]!.timeNs <= fromNs)) first--;
  const last = samples.findLastIndex(({ timeNs }) => timeNs >= fromNs && timeNs < toNs);
  return { ...track, samples: samples.slice(first, last + 1) };
}
