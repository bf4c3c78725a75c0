import type { EvaluationResult, MethodResult } from '../result.js';
import type { MetricDescription } from '../task.js';
import { type AxisScale, chooseScale } from './axis.js';
import { strokesOf } from './colours.js';
import { type Curve, type CurvePoint, drawLines } from './line-chart.js';
import { axisTitleOf } from './senses.js';

export const CHART_WIDTH_PX = 580;
export const CHART_HEIGHT_PX = 290;
/** With more methods than this, bands are paler. */
const MANY = 6;

/**
 * Draws how a metric grows with the horizon: one line a method with its 95 % interval as a band, the ceiling's in black, as the
 * text of an SVG that refers to nothing outside itself. Methods that diverged are left out.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawDrift(
  result: EvaluationResult,
  metric: MetricDescription,
  id = 'drift',
): Promise<string> {
  const curves = driftCurves(result, metric);
  const last = lastHorizon(result);
  return drawLines(
    {
      xTitle: 'Horizon (s)',
      yTitle: axisTitleOf(metric),
      widthPx: CHART_WIDTH_PX,
      heightPx: CHART_HEIGHT_PX,
      x: { type: 'linear', domain: [0, last] },
      y: driftScale(result, metric),
      curves,
      guides: targetGuide(metric, last),
    },
    id,
  );
}

/** How many of the horizons still have at least half of the cases; beyond, curves would change their population. */
export function horizonsToShow({ horizonsS, heldout }: EvaluationResult): number {
  const lasting = (s: number) => heldout.filter(({ horizonS }) => horizonS >= s - 1e-9).length;
  return horizonsS.filter((s) => 2 * lasting(s) >= heldout.length).length;
}

/** The last horizon that is shown; 1 where there is none. */
export function lastHorizon(result: EvaluationResult): number {
  return result.horizonsS[horizonsToShow(result) - 1] ?? 1;
}

/** The axis of a metric: 0 to 1 for a share that has a right value, else chosen by the data. */
export function driftScale(result: EvaluationResult, metric: MetricDescription): AxisScale {
  if (typeof metric.better === 'object' && metric.unit === 'share') return { type: 'linear', domain: [0, 1] };
  const curves = driftCurves(result, metric);
  const target = typeof metric.better === 'object' ? [metric.better.target] : [];
  return chooseScale(
    curves.flatMap(({ points }) => points.slice(-1).map(({ y }) => y)),
    [...curves.flatMap(({ points }) => points.flatMap(({ y, lo, hi }) => [y, lo ?? y, hi ?? y])), ...target],
  );
}

/** Curves of the methods that have a value at a shown horizon, in the order of tables. */
function driftCurves(result: EvaluationResult, metric: MetricDescription): Curve[] {
  const strokes = strokesOf(result);
  const drawn = result.methods.filter(({ kind }) => kind !== 'ceiling').length;
  return result.methods.flatMap((method): Curve[] => {
    const points = pointsOf(result, method, metric);
    if (!points.some(({ y }) => Number.isFinite(y))) return [];
    const start = metric.atStart === undefined ? [] : [{ x: 0, y: metric.atStart }];
    const bandOpacity = method.kind === 'ceiling' ? 0.22 : drawn > MANY ? 0.1 : 0.16;
    return [
      { name: method.name, stroke: strokes.get(method.name)!, points: [...start, ...points], bandOpacity },
    ];
  });
}

function pointsOf(
  result: EvaluationResult,
  { byHorizon, diverged }: MethodResult,
  { name }: MetricDescription,
): CurvePoint[] {
  if (diverged > 0) return [];
  return (byHorizon[name] ?? [])
    .slice(0, horizonsToShow(result))
    .map(({ mean, lo, hi }, i) => ({ x: result.horizonsS[i]!, y: mean, lo, hi }))
    .filter(({ y }) => Number.isFinite(y));
}

function targetGuide({ better }: MetricDescription, last: number): readonly (readonly CurvePoint[])[] {
  if (typeof better !== 'object') return [];
  return [
    [
      { x: 0, y: better.target },
      { x: last, y: better.target },
    ],
  ];
}
