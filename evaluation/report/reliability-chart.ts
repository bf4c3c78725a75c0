import type { TopLevelSpec } from 'vega-lite';
import type { EvaluationResult } from '../result.js';
import { NUMBER_LABEL, renderChart } from './chart.js';
import { strokesOf } from './colours.js';
import type { PitCounts } from './distributions.js';
import { type Curve, drawLines } from './line-chart.js';

/** The share of observations below each tenth of the predicted distribution; on the diagonal, probabilities are honest. */
export function cumulativeShares({ counts, total }: PitCounts): readonly number[] {
  let sum = 0;
  return [
    0,
    ...counts.map((count) => {
      sum += count;
      return sum / total;
    }),
  ];
}

/**
 * Draws nominal probability against the share observed, a line a method, as the text of an SVG.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawReliability(
  result: EvaluationResult,
  pits: readonly PitCounts[],
  id: string,
): Promise<string> {
  const strokes = strokesOf(result);
  const unit = { type: 'linear', domain: [0, 1] } as const;
  return drawLines(
    {
      xTitle: 'Predicted: share of outcomes below',
      yTitle: 'Observed: share below',
      widthPx: 280,
      heightPx: 280,
      x: unit,
      y: unit,
      curves: pits.map((pit): Curve => {
        const shares = cumulativeShares(pit);
        return {
          name: pit.method,
          stroke: strokes.get(pit.method)!,
          points: shares.map((y, i) => ({ x: i / (shares.length - 1), y })),
        };
      }),
      guides: [
        [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      ],
    },
    id,
  );
}

/**
 * Draws where observations fell within the predicted distribution, a small histogram a method, beside the level of an honest
 * forecast, as the text of an SVG.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawPit(result: EvaluationResult, pits: readonly PitCounts[], id: string): Promise<string> {
  const strokes = strokesOf(result);
  const bars = pits.flatMap(({ method, counts, total }) =>
    counts.map((count, bin) => ({
      method,
      from: bin / counts.length,
      to: (bin + 1) / counts.length,
      density: (count * counts.length) / total,
      colour: strokes.get(method)!.colour,
    })),
  );
  const x = {
    field: 'from',
    type: 'quantitative',
    title: 'predicted quantile',
    scale: { domain: [0, 1], nice: false },
    axis: { values: [0, 0.5, 1], labelExpr: NUMBER_LABEL, grid: false },
  };
  const spec = {
    data: { values: bars },
    facet: {
      field: 'method',
      type: 'nominal',
      sort: pits.map(({ method }) => method),
      header: { title: null, labelFontSize: 12 },
    },
    columns: 4,
    spec: {
      width: 150,
      height: 90,
      layer: [
        {
          mark: { type: 'rect', stroke: 'white' },
          encoding: {
            x,
            x2: { field: 'to' },
            y: {
              field: 'density',
              type: 'quantitative',
              title: 'density',
              axis: { tickCount: 3, labelExpr: NUMBER_LABEL },
            },
            y2: { datum: 0 },
            color: { field: 'colour', type: 'nominal', scale: null },
          },
        },
        {
          mark: { type: 'rule', color: '#333333', strokeDash: [4, 3] },
          encoding: { y: { datum: 1 } },
        },
      ],
    },
  };
  return renderChart(spec as unknown as TopLevelSpec, id);
}
