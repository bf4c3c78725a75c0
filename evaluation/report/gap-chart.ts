import type { TopLevelSpec } from 'vega-lite';
import type { EvaluationResult } from '../result.js';
import type { MetricDescription } from '../task.js';
import { NUMBER_LABEL, renderChart } from './chart.js';
import { axisTitleOf } from './senses.js';

const PARTS = {
  simulatorToReality: { title: 'simulator to reality', colour: '#0072b2' },
  modelToSimulator: { title: 'model to simulator', colour: '#e69f00' },
} as const;

/**
 * Draws each model's two gaps end to end, with its distance from reality as a mark and its 95 % interval, as the text of an
 * SVG.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawGaps({ gaps }: EvaluationResult, metric: MetricDescription, id: string): Promise<string> {
  const parts = gaps.flatMap((gap) =>
    (['simulatorToReality', 'modelToSimulator'] as const).map((part, order) => ({
      method: gap.method,
      part: PARTS[part].title,
      order,
      value: gap[part][metric.name]!.mean,
    })),
  );
  const totals = gaps.map(({ method, total }) => {
    const { mean, lo, hi } = total[metric.name]!;
    return { method, mean, lo: Number.isFinite(lo) ? lo : mean, hi: Number.isFinite(hi) ? hi : mean };
  });
  const y = { field: 'method', type: 'nominal', sort: null, title: null, axis: { labelLimit: 230 } };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: axisTitleOf(metric),
    axis: { tickCount: 6, labelExpr: NUMBER_LABEL },
  });
  const spec = {
    width: 480,
    height: { step: 34 },
    layer: [
      {
        data: { values: parts },
        mark: { type: 'bar', height: 16 },
        encoding: {
          y,
          x: x('value'),
          color: {
            field: 'part',
            type: 'nominal',
            scale: {
              domain: Object.values(PARTS).map(({ title }) => title),
              range: Object.values(PARTS).map(({ colour }) => colour),
            },
            legend: { orient: 'top', symbolType: 'square', symbolSize: 120 },
          },
          order: { field: 'order', type: 'quantitative' },
        },
      },
      {
        data: { values: totals },
        mark: { type: 'rule', color: '#000000', strokeWidth: 1.5 },
        encoding: { y, x: x('lo'), x2: { field: 'hi' } },
      },
      {
        data: { values: totals },
        mark: { type: 'point', shape: 'diamond', filled: true, color: '#000000', size: 70, opacity: 1 },
        encoding: { y, x: x('mean') },
      },
    ],
  };
  return renderChart(spec as unknown as TopLevelSpec, id);
}
