import type { Exhibit, LoadedCase } from '../../task.js';
import { angleErrorsDeg } from './score.js';
import type { Swing, SwingContext, SwingForecast } from './swing.js';

const DEGREES = 180 / Math.PI;
/** Frames between two points of a curve: 100 a second. */
const STRIDE = 10;

/** Draws a swing: the angle of each arm, and the error of each method. */
export async function exhibitOf(
  { truth }: LoadedCase<SwingContext, Swing>,
  forecasts: readonly { readonly name: string; readonly forecast: SwingForecast }[],
): Promise<readonly Exhibit[]> {
  const frames = Array.from({ length: Math.ceil(truth.frames / STRIDE) }, (_, i) => i * STRIDE);
  const timeS = frames.map((frame) => frame / truth.rateHz);
  const motions = [
    { label: 'recorded', motion: truth },
    ...forecasts.map(({ name, forecast }) => ({ label: name, motion: forecast.point })),
  ];
  const axes = { xTitle: 'time (s)', yTitle: 'degrees' };
  const angles = Array.from(
    { length: truth.arms },
    (_, arm): Exhibit => ({
      title: `Angle of arm ${arm + 1} of ${truth.arms} from straight down`,
      ...axes,
      lines: motions.map(({ label, motion }) => ({
        label,
        x: timeS,
        y: frames.map((frame) => DEGREES * motion.path[frame * 2 * truth.arms + arm]!),
      })),
    }),
  );
  const errors = motions.slice(1).map(({ label, motion }) => {
    const values = angleErrorsDeg(motion, truth);
    return { label, x: timeS, y: frames.map((frame) => values[frame]!) };
  });
  return [...angles, { title: 'Angle error, mean over arms', ...axes, lines: errors }];
}
