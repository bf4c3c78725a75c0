import type { Exhibit, LoadedCase } from '../../task.js';
import type { DriveForecast } from './score.js';
import type { DriveContext, DriveMotion } from './windows.js';

/** Draws a window: the paths from above, and how far each forecast is from the recording over time. */
export async function drawDrive(
  { context, truth }: LoadedCase<DriveContext, DriveMotion>,
  forecasts: readonly { readonly name: string; readonly forecast: DriveForecast }[],
): Promise<readonly Exhibit[]> {
  const recorded = { xM: [...context.xM, ...truth.xM], yM: [...context.yM, ...truth.yM] };
  const timeS = [...truth.timeS];
  return [
    {
      title: 'Seen from above, north up',
      xTitle: 'east of the last pose seen (m)',
      yTitle: 'north (m)',
      lines: [
        { label: 'recorded', x: recorded.xM, y: recorded.yM },
        ...forecasts.map(({ name, forecast: { point } }) => ({
          label: name,
          x: [...point.xM],
          y: [...point.yM],
        })),
      ],
    },
    {
      title: 'Distance from the recording',
      xTitle: 'time (s)',
      yTitle: 'm',
      lines: forecasts.map(({ name, forecast: { point } }) => ({
        label: name,
        x: timeS,
        y: timeS.map((_, i) => Math.hypot(point.xM[i]! - truth.xM[i]!, point.yM[i]! - truth.yM[i]!)),
      })),
    },
  ];
}
