import { MEL_BANDS } from '../../../core/mel.js';
import type { WorldModel } from '../../../worldmodel/contract.js';
import type { Case, Prepared, TaskSetup } from '../../task.js';
import { PICTURE } from './clip.js';
import type { VideoCase, VideoContext, VideoForecast, VideoMethod, VideoTruth } from './forecast.js';
import { findMotion, type MotionKind, moveOn } from './global-motion.js';
import { lastBands, lastPicture } from './last.js';
import { fitLinear, meanOf, repeated } from './linear.js';
import { dreamVideo } from './world-model.js';

/** What methods are made from. */
export interface VideoSetup extends Pick<TaskSetup, 'models'> {
  readonly train: readonly Case[];
  readonly loadCase: (chosen: Case) => Promise<VideoCase>;
}

/** Fewer cases than this tell a linear map nothing. */
const FEWEST_CASES = 8;

/** Lists the methods, simplest first. Without a train side nothing is fitted. */
export function videoMethods(setup: VideoSetup): readonly VideoMethod[] {
  const { train, models } = setup;
  return [
    known('copy-last', 'the last picture and the last spectrum stay', copyLast),
    known('global-shift', 'all of the picture goes on shifting as it did', (context) =>
      moved(context, 'shift'),
    ),
    known('global-affine', 'all of the picture goes on shifting, turning and growing as it did', (context) =>
      moved(context, 'affine'),
    ),
    ...(train.length > 0 ? [trainMean(setup)] : []),
    ...(train.length >= FEWEST_CASES ? [linear(setup)] : []),
    ...models.map(dreamt),
  ];
}

function known(
  name: string,
  description: string,
  forecast: (context: VideoContext) => VideoForecast,
): VideoMethod {
  return {
    name,
    kind: 'baseline',
    description,
    identity: { method: name },
    preparation: 0,
    prepare: async () => ({ parameters: {}, forecast: async (context) => forecast(context) }),
  };
}

function copyLast(context: VideoContext): VideoForecast {
  const bands = context.seen.sound === null ? null : repeated(lastBands(context), context.soundTicks);
  return { pictures: repeated(lastPicture(context), context.framesS.length), bands };
}

/** Takes the motion over all frames that were seen, and goes on with it. Sound stays. */
function moved(context: VideoContext, kind: MotionKind): VideoForecast {
  const { pictures, timesS } = context.seen;
  const last = lastPicture(context);
  const over = timesS.at(-1)! - timesS[0]!;
  const { bands } = copyLast(context);
  if (over <= 0) return { pictures: repeated(last, context.framesS.length), bands };
  const motion = findMotion(pictures.subarray(0, PICTURE), last, kind);
  const frames = context.framesS.map((timeS) => moveOn(last, motion, (timeS - timesS.at(-1)!) / over));
  const all = new Float32Array(frames.length * PICTURE);
  for (const [index, frame] of frames.entries()) all.set(frame, index * PICTURE);
  return { pictures: all, bands };
}

function trainMean({ train, loadCase }: VideoSetup): VideoMethod {
  return {
    name: 'train-mean',
    kind: 'learned',
    description: 'the mean picture and the mean spectrum of the train side',
    identity: { method: 'train-mean' },
    preparation: train.length,
    async prepare({ onProgress }): Promise<Prepared<VideoContext, VideoTruth, VideoForecast>> {
      const cases = await loadAll(train, loadCase, onProgress);
      const picture = meanOf(cases.map(({ truth }) => meanOfRows(truth.pictures, PICTURE)));
      const heard = cases.flatMap(({ truth: { bands } }) =>
        bands === null || bands.length === 0 ? [] : [bands],
      );
      const spectrum = meanOf(heard.map((bands) => meanOfRows(bands, MEL_BANDS)));
      return {
        parameters: { cases: cases.length },
        forecast: async ({ framesS, soundTicks, seen }) => ({
          pictures: repeated(picture, framesS.length),
          bands: seen.sound === null || heard.length === 0 ? null : repeated(spectrum, soundTicks),
        }),
      };
    },
  };
}

function linear({ train, loadCase }: VideoSetup): VideoMethod {
  return {
    name: 'linear',
    kind: 'learned',
    description: 'ridge regression from the last two pictures and the commands, fitted on the train side',
    identity: { method: 'linear' },
    preparation: train.length,
    async prepare({ onProgress }) {
      const model = fitLinear(await loadAll(train, loadCase, onProgress));
      return {
        parameters: { cases: train.length, ridge: model.ridge },
        forecast: async (context) => model.forecast(context),
      };
    },
  };
}

function dreamt(model: WorldModel): VideoMethod {
  const { name, provenance, sha256 } = model;
  const trained = provenance.datasets.map((dataset) => dataset.name).join(', ');
  const base = provenance.fineTunedFrom === null ? '' : ', tuned from another model';
  return {
    name,
    kind: 'world-model',
    description: `world model trained on ${trained}${base}`,
    identity: sha256 === undefined ? null : { method: 'world-model', sha256 },
    preparation: 0,
    prepare: async () => ({
      parameters: { provenance },
      forecast: (context) => dreamVideo(model, context),
    }),
  };
}

async function loadAll(
  train: readonly Case[],
  loadCase: VideoSetup['loadCase'],
  onProgress?: (progress: { done: number; total: number }) => void,
): Promise<readonly VideoCase[]> {
  const cases: VideoCase[] = [];
  for (const chosen of train) {
    cases.push(await loadCase(chosen));
    onProgress?.({ done: cases.length, total: train.length });
  }
  return cases;
}

function meanOfRows(values: Float32Array, width: number): Float32Array {
  const rows = values.length / width;
  return meanOf(Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width)));
}
