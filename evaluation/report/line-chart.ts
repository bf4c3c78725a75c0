import type { TopLevelSpec } from 'vega-lite';
import type { PositionFieldDef } from 'vega-lite/types_unstable/channeldef.js';
import type { AxisScale } from './axis.js';
import { NUMBER_LABEL, renderChart } from './chart.js';
import type { Stroke } from './colours.js';

/** A point of a curve; `lo` and `hi` bound its band. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly lo?: number;
  readonly hi?: number;
}

/** A curve with its name. */
export interface Curve {
  readonly name: string;
  readonly stroke: Stroke;
  readonly points: readonly CurvePoint[];
  /** How dark the band is, 0 to 1. */
  readonly bandOpacity?: number;
}

/** Curves over one axis. */
export interface LineChart {
  readonly title?: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly x: AxisScale;
  readonly y: AxisScale;
  readonly curves: readonly Curve[];
  /** Thin lines that values are read against, from point to point. */
  readonly guides?: readonly (readonly CurvePoint[])[];
  readonly legend?: boolean;
}

/** Of the font of titles, on average. */
const WIDTH_OF_LETTER_PX = 7.2;
/** Band of a curve where nothing else is said. */
const BAND_OPACITY = 0.16;

/**
 * Draws curves with their bands as the text of an SVG. Points that are not finite are left out; what lies outside the axes is
 * cut off.
 *
 * @param id a word that no other chart of the page has.
 */
export function drawLines(chart: LineChart, id: string): Promise<string> {
  const { title, widthPx: width, heightPx: height, curves, guides = [] } = chart;
  const points = curves.flatMap(({ name, stroke, points, bandOpacity = BAND_OPACITY }) =>
    points
      .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
      .map(({ x, y, lo, hi }, at) => ({
        name,
        at,
        x,
        y,
        lo: finiteOr(lo, y),
        hi: finiteOr(hi, y),
        opacity: bandOpacity,
        width: stroke.widthPx,
      })),
  );
  const hasBands = points.some(({ lo, hi }) => hi > lo);
  const spec = {
    ...(title !== undefined && { title }),
    width,
    height,
    layer: [
      ...guides.map((guide) => guideLayer(chart, guide)),
      ...(hasBands ? [bands(chart)] : []),
      lines(chart),
    ],
    data: { values: points },
  };
  return renderChart(spec as unknown as TopLevelSpec, id);
}

function finiteOr(value: number | undefined, otherwise: number): number {
  return value !== undefined && Number.isFinite(value) ? value : otherwise;
}

function axisOf(
  field: string,
  title: string,
  sizePx: number,
  { type, domain, constant, ticks }: AxisScale,
): PositionFieldDef<string> {
  return {
    field,
    type: 'quantitative',
    title: inLines(title, sizePx),
    axis: {
      ...(ticks ? { values: [...ticks] } : { tickCount: sizePx < 250 ? 4 : 6 }),
      labelExpr: NUMBER_LABEL,
    },
    scale: {
      type,
      domain: [...domain],
      nice: false,
      zero: false,
      ...(constant !== undefined && { constant }),
    },
  };
}

/** Breaks a title into lines that an axis of this length holds. */
function inLines(title: string, sizePx: number): string[] {
  const longest = Math.floor(sizePx / WIDTH_OF_LETTER_PX);
  const lines = [''];
  for (const word of title.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '' || line.length + 1 + word.length <= longest)
      lines[lines.length - 1] = `${line} ${word}`.trim();
    else lines.push(word);
  }
  return lines;
}

function colourOf({ curves, legend = true }: LineChart): object {
  const shown = legend ? { symbolType: 'stroke', symbolOpacity: 1 } : null;
  return {
    field: 'name',
    type: 'nominal',
    sort: null,
    scale: { domain: curves.map(({ name }) => name), range: curves.map(({ stroke }) => stroke.colour) },
    legend: shown,
  };
}

function bands(chart: LineChart): object {
  return {
    mark: { type: 'area', clip: true },
    encoding: {
      x: axisOf('x', chart.xTitle, chart.widthPx, chart.x),
      y: axisOf('lo', chart.yTitle, chart.heightPx, chart.y),
      y2: { field: 'hi' },
      color: colourOf(chart),
      opacity: { field: 'opacity', type: 'quantitative', scale: null },
    },
  };
}

function lines(chart: LineChart): object {
  const { curves, legend = true } = chart;
  return {
    mark: { type: 'line', clip: true },
    encoding: {
      x: axisOf('x', chart.xTitle, chart.widthPx, chart.x),
      y: axisOf('y', chart.yTitle, chart.heightPx, chart.y),
      order: { field: 'at', type: 'quantitative' },
      color: colourOf(chart),
      strokeWidth: { field: 'width', type: 'quantitative', scale: null },
      strokeDash: {
        field: 'name',
        type: 'nominal',
        sort: null,
        scale: {
          domain: curves.map(({ name }) => name),
          range: curves.map(({ stroke }) => [...stroke.dash]),
        },
        legend: legend ? { symbolType: 'stroke', symbolOpacity: 1 } : null,
      },
    },
  };
}

function guideLayer(chart: LineChart, guide: readonly CurvePoint[]): object {
  return {
    data: { values: guide },
    mark: { type: 'line', clip: true, color: '#999999', strokeWidth: 1, strokeDash: [4, 3] },
    encoding: {
      x: axisOf('x', chart.xTitle, chart.widthPx, chart.x),
      y: axisOf('y', chart.yTitle, chart.heightPx, chart.y),
    },
  };
}
