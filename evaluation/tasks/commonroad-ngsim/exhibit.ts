import type { Exhibit, Line, LoadedCase } from '../../task.js';
import { subjectOf, type TrafficContext, type TrafficMotion } from './motion.js';

/** Draws a car: its way from above, how far it is along its first heading, and its speed over time. */
export async function exhibitOf(
  { truth }: LoadedCase<TrafficContext, TrafficMotion>,
  forecasts: readonly { readonly name: string; readonly forecast: TrafficMotion }[],
): Promise<readonly Exhibit[]> {
  const recorded = subjectOf(truth).states;
  const [start] = recorded;
  const motions = [
    { label: 'recorded', states: recorded },
    ...forecasts.map(({ name, forecast }) => ({
      label: name,
      states: subjectOf(forecast).states.slice(0, recorded.length),
    })),
  ];
  type States = typeof recorded;
  const timesOf = (states: States) => states.map((_, frame) => frame / truth.rateHz);
  const lines = (x: (states: States) => number[], y: (states: States) => number[]): Line[] =>
    motions.map(({ label, states }) => ({ label, x: x(states), y: y(states) }));
  const along = (states: States) =>
    states.map(({ x, y }) => (x - start!.x) * start!.dirX + (y - start!.y) * start!.dirY);
  const leftward = (states: States) =>
    states.map(({ x, y }) => (y - start!.y) * start!.dirX - (x - start!.x) * start!.dirY);
  return [
    { title: 'Way along the first heading', xTitle: 'time (s)', yTitle: 'm', lines: lines(timesOf, along) },
    {
      title: 'Speed',
      xTitle: 'time (s)',
      yTitle: 'm/s',
      lines: lines(timesOf, (states) => states.map(({ speedMps }) => speedMps)),
    },
    { title: 'Seen from above', xTitle: 'ahead (m)', yTitle: 'left (m)', lines: lines(along, leftward) },
  ];
}
