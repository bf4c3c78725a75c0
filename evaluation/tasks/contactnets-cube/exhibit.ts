import type { Trajectory } from '../../contract.js';
import { rotationErrorDeg } from '../../metrics/rotation.js';
import type { Exhibit, Line, LoadedCase } from '../../task.js';
import type { CubeContext, CubeForecast } from './forecast.js';

/** Draws a toss: the path from the side, the height and the turn over time. */
export async function exhibitOf(
  { truth }: LoadedCase<CubeContext, Trajectory>,
  forecasts: readonly { readonly name: string; readonly forecast: CubeForecast }[],
): Promise<readonly Exhibit[]> {
  const motions = [
    { label: 'recorded', motion: truth },
    ...forecasts.map(({ name, forecast }) => ({ label: name, motion: forecast.point })),
  ];
  const timeS = Array.from({ length: truth.frames }, (_, frame) => frame / truth.rateHz);
  const along = ({ positionM }: Trajectory, axis: number) =>
    timeS.map((_, frame) => positionM[frame * 3 + axis]!);
  const lines = (x: (motion: Trajectory) => number[], y: (motion: Trajectory) => number[]): Line[] =>
    motions.map(({ label, motion }) => ({ label, x: x(motion), y: y(motion) }));
  return [
    {
      title: 'Seen from above',
      xTitle: 'x (m)',
      yTitle: 'y (m)',
      lines: lines(
        (motion) => along(motion, 0),
        (motion) => along(motion, 1),
      ),
    },
    {
      title: 'Height',
      xTitle: 'time (s)',
      yTitle: 'z (m)',
      lines: lines(
        () => timeS,
        (motion) => along(motion, 2),
      ),
    },
    {
      title: 'Turn from the recorded pose',
      xTitle: 'time (s)',
      yTitle: 'degrees',
      lines: lines(
        () => timeS,
        (motion) => [...rotationErrorDeg(motion, truth)],
      ).slice(1),
    },
  ];
}
