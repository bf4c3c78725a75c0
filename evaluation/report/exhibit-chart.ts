import type { Exhibit, Line } from '../task.js';
import type { AxisScale } from './axis.js';
import { RECORDED, type Stroke } from './colours.js';
import { type Curve, drawLines } from './line-chart.js';

/** A picture of curves. */
export type CurvesExhibit = Extract<Exhibit, { readonly lines: readonly Line[] }>;

const WIDTH_PX = 235;
const HEIGHT_PX = 190;
/** How far beyond what was recorded the axes reach, as a share of its span, to show forecasts that miss. */
const ROOM = 0.6;

/**
 * Draws what was recorded, thick and black, and forecasts over it, as the text of an SVG. Axes follow what was recorded and
 * the forecast by which the case was chosen; other forecasts may leave the picture.
 *
 * @param chosen name of the method by which the case was chosen.
 * @param id a word that no other chart of the page has.
 */
export function drawExhibit(
  { title, xTitle, yTitle, lines }: CurvesExhibit,
  strokes: ReadonlyMap<string, Stroke>,
  chosen: string,
  id: string,
): Promise<string> {
  const leading = lines.filter(({ label }) => label === 'recorded' || label === chosen);
  const followed = leading.length > 0 ? leading : lines;
  // What was recorded comes last, so that it lies on top.
  const drawn = [...lines].sort((a, b) => Number(a.label === 'recorded') - Number(b.label === 'recorded'));
  const x = scaleOf(followed, lines, (line) => line.x);
  const y = scaleOf(followed, lines, (line) => line.y);
  return drawLines(
    {
      title,
      xTitle,
      yTitle,
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      ...(isMap(xTitle, yTitle) ? toScale(x, y) : { x, y }),
      curves: drawn.map(
        ({ label, x, y }): Curve => ({
          name: label,
          stroke: label === 'recorded' ? RECORDED : (strokes.get(label) ?? { ...RECORDED, widthPx: 1 }),
          points: x.map((at, i) => ({ x: at, y: y[i] ?? Number.NaN })),
        }),
      ),
      legend: false,
    },
    id,
  );
}

/** The span of the followed lines, with room for the others as far as they need it and no further than `ROOM`. */
function scaleOf(
  followed: readonly Line[],
  all: readonly Line[],
  valuesOf: (line: Line) => readonly number[],
): AxisScale {
  const [lo, hi] = spanOf(followed.flatMap(valuesOf));
  const [least, greatest] = spanOf(all.flatMap(valuesOf));
  const room = (hi - lo || Math.abs(hi) || 1) * ROOM;
  const low = Math.max(least, lo - room);
  const high = Math.min(greatest, hi + room);
  if (high > low) return { type: 'linear', domain: [low, high] };
  return { type: 'linear', domain: [low - room, high + room] };
}

function spanOf(values: readonly number[]): readonly [number, number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return least <= greatest ? [least, greatest] : [0, 1];
}

/** Whether both axes are lengths in one unit, so that the curves are paths: `x (m)` and `y (m)`. */
function isMap(xTitle: string, yTitle: string): boolean {
  const unit = /\((k?m|mm|cm)\)$/;
  const [, across] = unit.exec(xTitle) ?? [];
  return across !== undefined && across === unit.exec(yTitle)?.[1];
}

/** Widens the narrower axis, so that a metre is as long on both. */
function toScale(x: AxisScale, y: AxisScale): { readonly x: AxisScale; readonly y: AxisScale } {
  const perPx = Math.max((x.domain[1] - x.domain[0]) / WIDTH_PX, (y.domain[1] - y.domain[0]) / HEIGHT_PX);
  const around = ({ domain: [lo, hi] }: AxisScale, px: number): AxisScale => ({
    type: 'linear',
    domain: [(lo + hi - perPx * px) / 2, (lo + hi + perPx * px) / 2],
  });
  return { x: around(x, WIDTH_PX), y: around(y, HEIGHT_PX) };
}
