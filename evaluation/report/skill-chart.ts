import type { EvaluationResult, MethodResult } from '../result.js';
import type { MetricDescription } from '../task.js';
import { strokesOf } from './colours.js';
import { CHART_HEIGHT_PX, CHART_WIDTH_PX, horizonsToShow, lastHorizon } from './drift-chart.js';
import { withinSentence } from './format.js';
import { type Curve, drawLines } from './line-chart.js';

/** The least and the greatest skill that is drawn; tables give what lies beyond. */
export const DRAWN_SKILL = [-1, 1.5] as const;

/** Methods whose skill says something: neither the baseline, which is 0, nor a ceiling. */
export function skilledMethods(
  { methods, protocol }: EvaluationResult,
  metric: string,
): readonly MethodResult[] {
  return methods.filter(
    ({ name, kind, skill }) =>
      kind !== 'ceiling' &&
      name !== protocol.baseline &&
      skill[metric]?.byHorizon.some(({ mean }) => Number.isFinite(mean)),
  );
}

/**
 * Draws the skill of each method by horizon, with the baseline at 0 and the ceiling at 1, as the text of an SVG.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawSkill(
  result: EvaluationResult,
  { name, title }: MetricDescription,
  id: string,
): Promise<string> {
  const strokes = strokesOf(result);
  const shown = horizonsToShow(result);
  const methods = skilledMethods(result, name);
  const curves = methods.map(
    (method): Curve => ({
      name: method.name,
      stroke: strokes.get(method.name)!,
      points: method.skill[name]!.byHorizon.slice(0, shown).map(({ mean, lo, hi }, h) => ({
        x: result.horizonsS[h]!,
        y: mean,
        lo: Math.max(lo, DRAWN_SKILL[0] - 1),
        hi: Math.min(hi, DRAWN_SKILL[1] + 1),
      })),
      bandOpacity: methods.length > 5 ? 0.08 : 0.14,
    }),
  );
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite);
  const last = lastHorizon(result);
  const level = (y: number) => [
    { x: 0, y },
    { x: last, y },
  ];
  return drawLines(
    {
      xTitle: 'Horizon (s)',
      yTitle: `Skill: ${withinSentence(title)}`,
      widthPx: CHART_WIDTH_PX,
      heightPx: CHART_HEIGHT_PX,
      x: { type: 'linear', domain: [0, last] },
      y: {
        type: 'linear',
        domain: [
          Math.max(DRAWN_SKILL[0], Math.min(0, ...values) - 0.05),
          Math.min(DRAWN_SKILL[1], Math.max(1, ...values) + 0.05),
        ],
      },
      curves,
      guides: [level(0), level(1)],
    },
    id,
  );
}
