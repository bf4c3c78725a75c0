import { MEL_BANDS } from '../../../core/mel.js';
import { horizonGrid } from '../../metrics/aggregate.js';
import { identitiesOf } from '../../sides.js';
import type { Case, OpenTask, Task, TaskSetup } from '../../task.js';
import { findCases, type PlacedCase, TRAIN_SHARE, type VideoLayout } from './cases.js';
import { type Clip, cutClip, PICTURE, readClip, SIDE, seenOf } from './clip.js';
import { exhibitVideo } from './exhibit.js';
import type { VideoCase, VideoContext, VideoForecast, VideoTruth } from './forecast.js';
import { bandsOf } from './heard.js';
import { videoMethods } from './methods.js';
import { clockOf, tickOf, timeOfTick } from './model-clip.js';
import { PICTURE_METRICS, SOUND_METRIC, scoreVideo } from './score.js';
import { sensorCalibration } from './sensor-calibration.js';

const ARM: VideoLayout = {
  cameras: ['camera', 'camera-1', 'camera-2', 'camera-3'],
  action: 'action',
  windows: null,
  horizonStepS: 0.2,
};

const WALK: VideoLayout = {
  cameras: ['camera'],
  sound: 'audio',
  windows: { horizonS: 0.5, trainStepS: 0.1, heldoutStepS: 0.1 },
  horizonStepS: 0.1,
};

const DRIVE: VideoLayout = { cameras: WALK.cameras, windows: WALK.windows, horizonStepS: WALK.horizonStepS };

const VIDEO_METHODS = ['copy-last', 'global-shift', 'global-affine', 'train-mean', 'linear'];

const PICTURES = `Pictures are judged at ${SIDE} x ${SIDE} pixels by PSNR and SSIM, each frame by itself, and averaged over the frames that follow.`;
const BY_TIME = `The first ${TRAIN_SHARE * 100} % of the recording may be learned from, windows of the rest are predicted half a second ahead.`;

/** Clips of a robot arm: the pictures after the first two, with every command given. */
export const bridgeRobotTask: Task = {
  name: 'bridge-robot',
  methodNames: VIDEO_METHODS,
  protocol: `A method sees the first frames of a clip and all commands, and predicts every later frame. ${PICTURES}`,
  metrics: PICTURE_METRICS,
  contextFrames: 2,
  baseline: 'copy-last',
  open: (setup) =>
    openVideo(setup, ARM, [
      'Clips have ten frames from four kitchens of toys: a few hundred pictures to learn from. What is learned here is how these look.',
      'The recordings are nominally of 5 Hz; the files hold no times.',
    ]),
};

/** A walk, seen and heard: half a second ahead. */
export const goproWalkTask: Task = {
  name: 'gopro-walk',
  methodNames: VIDEO_METHODS,
  protocol: `A method sees and hears some frames and predicts the next half second. ${PICTURES} Sound is judged by the distance of log spectra in 24 mel bands, 37 times a second. ${BY_TIME}`,
  metrics: [...PICTURE_METRICS, SOUND_METRIC],
  contextFrames: 8,
  baseline: 'copy-last',
  open: (setup) =>
    openVideo(setup, WALK, [
      'One walk of ten seconds by one person: windows of its end are predicted by what learned its beginning. Intervals cover which windows, not other walks; with five blocks of windows they are rough.',
      'The camera steadies its pictures, so that a method is not asked to foresee how the hand shakes.',
    ]),
};

/** A drive on a highway, seen: half a second ahead. */
export const carndHighwayVideoTask: Task = {
  name: 'carnd-highway-video',
  methodNames: VIDEO_METHODS,
  protocol: `A method sees some frames and predicts the next half second. ${PICTURES} ${BY_TIME}`,
  metrics: PICTURE_METRICS,
  contextFrames: 8,
  baseline: 'copy-last',
  open: (setup) =>
    openVideo(setup, DRIVE, [
      'One drive of nine seconds on one road: intervals cover which windows, not other drives. The sound track is silence and is not judged.',
    ]),
};

async function openVideo(setup: TaskSetup, layout: VideoLayout, notes: readonly string[]): Promise<OpenTask> {
  const { recordings, contextFrames, models } = setup;
  const cases = await findCases(recordings, identitiesOf(recordings.manifest), layout, contextFrames);
  const placed = new Map(cases.map((one) => [one.name, one]));
  let last: { readonly key: string; readonly clip: Clip } | null = null;
  const clipOf = async ({ episode, streams }: PlacedCase): Promise<Clip> => {
    const names = Object.values(streams) as string[];
    const key = `${episode} ${names.join()}`;
    if (last?.key !== key)
      last = { key, clip: readClip(await recordings.readEpisode(episode, names), streams) };
    return last.clip;
  };
  const loadCase = async ({ name }: Case): Promise<VideoCase> => {
    const one = placed.get(name)!;
    return cutCase(await clipOf(one), one, contextFrames);
  };
  const task: OpenTask<VideoContext, VideoTruth, VideoForecast> = {
    cases,
    horizonsS: (heldout) =>
      horizonGrid(layout.horizonStepS, Math.max(...heldout.map(({ horizonS }) => horizonS))),
    load: loadCase,
    methods: (train) => videoMethods({ models, train, loadCase }),
    score: scoreVideo,
    exhibit: exhibitVideo,
    calibration: (train) =>
      sensorCalibration(
        recordings,
        train.map(({ name }) => placed.get(name)!),
      ),
    facts: {
      side: SIDE,
      cameras: layout.cameras,
      windows: layout.windows,
      trainShare: layout.windows === null ? null : TRAIN_SHARE,
    },
    notes: [...notes, 'PSNR rewards a blur where the future is open. Read it beside SSIM and the pictures.'],
  };
  return task as unknown as OpenTask;
}

/** Divides a stretch of video into what is seen and what follows. */
export function cutCase(
  whole: Clip,
  { firstFrame, frames }: Pick<PlacedCase, 'firstFrame' | 'frames'>,
  contextFrames: number,
): VideoCase {
  const clip = cutClip(whole, firstFrame, frames);
  const clock = clockOf(clip.rateHz);
  const lastS = clip.timesS[contextFrames - 1]!;
  const lastTick = tickOf(lastS, clock);
  const heardS = timeOfTick(lastTick, clock);
  const framesS = clip.timesS.slice(contextFrames);
  const ticksAhead = tickOf(framesS.at(-1)!, clock) - lastTick;
  const bands = clip.sound && bandsOf(clip.sound, clock, lastTick + 1, ticksAhead);
  const soundTicks = bands === null ? 0 : bands.length / MEL_BANDS;
  return {
    context: { seen: seenOf(clip, contextFrames, heardS), clock, framesS, lastTick, soundTicks },
    truth: {
      horizonsS: framesS.map((timeS) => timeS - lastS),
      pictures: clip.pictures.slice(contextFrames * PICTURE),
      bands,
      bandsS: Array.from({ length: soundTicks }, (_, tick) => timeOfTick(lastTick + 1 + tick, clock) - lastS),
    },
  };
}
