import { MEL_BANDS } from '../../../core/mel.js';
import type { Metric } from '../../contract.js';
import { type Picture, psnrDb, ssim } from '../../metrics/image.js';
import { INVALID, metricOf } from '../../metrics/metric.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import { PICTURE, SIDE } from './clip.js';
import type { VideoForecast, VideoTruth } from './forecast.js';

/** Stands for the ratio of equal pictures, which has none. */
const MOST_DB = 60;

/** What pictures are judged by. */
export const PICTURE_METRICS: readonly MetricDescription[] = [
  { name: 'psnr_db', title: 'PSNR', unit: 'dB', sense: 'vision', better: 'higher' },
  { name: 'ssim', title: 'SSIM', unit: '1', sense: 'vision', better: 'higher', atStart: 1 },
];

/** What sound is judged by. */
export const SOUND_METRIC: MetricDescription = {
  name: 'log_spectral_db',
  title: 'Log-spectral distance in 24 mel bands',
  unit: 'dB',
  sense: 'audio',
  better: 'lower',
};

/** Scores a forecast frame by frame; the mean over frames is the whole. */
export function scoreVideo(
  forecast: VideoForecast,
  truth: VideoTruth,
  horizonsS: readonly number[],
): CaseScores {
  const frames = truth.horizonsS.length;
  const judge = (measure: (predicted: Picture, actual: Picture) => Metric): readonly Metric[] =>
    Array.from({ length: frames }, (_, frame) =>
      measure(pictureAt(forecast.pictures, frame), pictureAt(truth.pictures, frame)),
    );
  const perFrame: Record<string, readonly Metric[]> = {
    psnr_db: judge((predicted, actual) => psnrDb(predicted, actual, 255, MOST_DB)),
    ssim: judge(ssim),
  };
  const overall: Record<string, Metric> = {};
  const byHorizon: Record<string, readonly Metric[]> = {};
  for (const [name, values] of Object.entries(perFrame)) {
    overall[name] = meanOf(values);
    byHorizon[name] = horizonsS.map((horizonS) => nearest(values, truth.horizonsS, horizonS));
  }
  if (truth.bands !== null && forecast.bands !== null) {
    const distances = bandDistances(forecast.bands, truth.bands);
    overall[SOUND_METRIC.name] = meanOf(distances);
    byHorizon[SOUND_METRIC.name] = horizonsS.map((horizonS) => nearest(distances, truth.bandsS, horizonS));
  }
  const finite = forecast.pictures.every(Number.isFinite) && (forecast.bands?.every(Number.isFinite) ?? true);
  return { overall, byHorizon, finite };
}

/** Shows one picture of many. */
export function pictureAt(pictures: Float32Array, frame: number): Picture {
  return {
    width: SIDE,
    height: SIDE,
    channels: 3,
    values: pictures.subarray(frame * PICTURE, (frame + 1) * PICTURE),
  };
}

/** sqrt(mean over bands of (10 log10(P / P'))^2) at each tick, dB (Gray and Markel 1976). */
function bandDistances(predicted: Float32Array, actual: Float32Array): readonly Metric[] {
  return Array.from({ length: actual.length / MEL_BANDS }, (_, tick) => {
    let squares = 0;
    for (let at = tick * MEL_BANDS; at < (tick + 1) * MEL_BANDS; at++)
      squares += (10 * (predicted[at]! - actual[at]!)) ** 2;
    return metricOf(Math.sqrt(squares / MEL_BANDS));
  });
}

function meanOf(values: readonly Metric[]): Metric {
  const known = values.filter(({ valid }) => valid);
  return known.length < values.length
    ? INVALID
    : metricOf(known.reduce((sum, { value }) => sum + value, 0) / known.length);
}

/** The value at the moment nearest to a horizon; none where that is more than half a horizon's step away from everything judged. */
function nearest(values: readonly Metric[], timesS: readonly number[], horizonS: number): Metric {
  let best = -1;
  for (const [index, timeS] of timesS.entries())
    if (best < 0 || Math.abs(timeS - horizonS) < Math.abs(timesS[best]! - horizonS)) best = index;
  const last = timesS.at(-1) ?? 0;
  return best < 0 || horizonS > last + 0.05 ? INVALID : (values[best] ?? INVALID);
}
