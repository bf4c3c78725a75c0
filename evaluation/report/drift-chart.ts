import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { PositionFieldDef } from 'vega-lite/types_unstable/channeldef.js';
import type { EvaluationResult } from '../result.js';
import type { MetricDescription } from '../task.js';
import { strokesOf } from './colours.js';

const WIDTH_PX = 620;
const HEIGHT_PX = 300;
const FONT = 'DejaVu Sans, Verdana, sans-serif';

/** Vega's own logger writes to the terminal, which belongs to the command line. */
const SILENT: vega.LoggerInterface = {
  level: (() => SILENT) as vega.LoggerInterface['level'],
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};

/**
 * Draws how a metric grows with the horizon: one line a method with its 95 % interval as a band, as the text of an SVG
 * that refers to nothing outside itself.
 *
 * The axis is logarithmic above the scale's unit and linear below it, so that methods which differ a hundredfold can all be
 * read and 0 has a place.
 */
export async function drawDrift(result: EvaluationResult, metric: MetricDescription): Promise<string> {
  const { spec } = compile(chart(result, metric), { logger: SILENT });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: SILENT });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** How many of the horizons still have at least half of the recordings; beyond, curves would change their population. */
export function horizonsToShow({ horizonsS, heldout }: EvaluationResult): number {
  const lasting = (s: number) => heldout.filter(({ horizonS }) => horizonS >= s - 1e-9).length;
  return horizonsS.filter((s) => 2 * lasting(s) >= heldout.length).length;
}

interface Point {
  readonly method: string;
  readonly horizonS: number;
  readonly mean: number;
  readonly lo: number;
  readonly hi: number;
}

function pointsOf(result: EvaluationResult, metric: MetricDescription): Point[] {
  const shown = horizonsToShow(result);
  return result.methods.flatMap(({ name, diverged, byHorizon }) => {
    if (diverged > 0) return [];
    const start =
      metric.atStart === undefined
        ? []
        : [{ method: name, horizonS: 0, mean: metric.atStart, lo: metric.atStart, hi: metric.atStart }];
    const estimates = byHorizon[metric.name]!.slice(0, shown).map(({ mean, lo, hi }, i) => ({
      method: name,
      horizonS: result.horizonsS[i]!,
      mean,
      lo: Number.isFinite(lo) ? lo : mean,
      hi: Number.isFinite(hi) ? hi : mean,
    }));
    return [...start, ...estimates];
  });
}

function chart(result: EvaluationResult, metric: MetricDescription): TopLevelSpec {
  const points = pointsOf(result, metric);
  const strokes = strokesOf(result);
  const methods = result.methods.map(({ name }) => name);
  const last = points.reduce((largest, { horizonS }) => Math.max(largest, horizonS), 0);
  const top = points.reduce((largest, { hi }) => Math.max(largest, hi), 1);
  const x: PositionFieldDef<string> = {
    field: 'horizonS',
    type: 'quantitative',
    title: 'Horizon (s)',
    axis: { grid: false, tickCount: 8 },
    scale: { domain: [0, last], nice: false },
  };
  const axis: Pick<PositionFieldDef<string>, 'title' | 'axis' | 'scale'> = {
    title: `${metric.title} (${metric.unit})`,
    axis: { values: ticksTo(top), format: ',d' },
    scale: { type: 'symlog', constant: 1, domain: [0, top], nice: false },
  };
  const colour = {
    field: 'method',
    type: 'nominal',
    scale: { domain: methods, range: strokes.map(({ colour }) => colour) },
    legend: { symbolType: 'stroke', symbolOpacity: 1 },
  } as const;
  return {
    width: WIDTH_PX,
    height: HEIGHT_PX,
    background: 'white',
    padding: 8,
    data: { values: points as never },
    config: {
      font: FONT,
      view: { stroke: '#bbbbbb' },
      axis: { labelFontSize: 12, titleFontSize: 13, titleFontWeight: 'normal', gridColor: '#e8e8e8' },
      legend: {
        labelFontSize: 12,
        labelLimit: 200,
        symbolStrokeWidth: 2.5,
        symbolSize: 900,
        rowPadding: 6,
        title: null,
      },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.18 },
        encoding: {
          x,
          y: { field: 'lo', type: 'quantitative', ...axis },
          y2: { field: 'hi' },
          color: colour,
        },
      },
      {
        mark: { type: 'line', strokeWidth: 2.2 },
        encoding: {
          x,
          y: { field: 'mean', type: 'quantitative', ...axis },
          color: colour,
          strokeDash: {
            field: 'method',
            type: 'nominal',
            scale: { domain: methods, range: strokes.map(({ dash }) => [...dash]) },
            legend: { symbolType: 'stroke', symbolOpacity: 1 },
          },
        },
      },
    ],
  };
}

/** 0, 1, 2, 5, 10, 20, 50, ... up to `top`. */
function ticksTo(top: number): number[] {
  const ticks = [0];
  for (let decade = 1; decade <= top; decade *= 10) {
    ticks.push(...[1, 2, 5].map((digit) => digit * decade).filter((tick) => tick <= top));
  }
  return ticks;
}
