import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

const FONT = 'DejaVu Sans, Verdana, sans-serif';

/** Vega's expression for a label of an axis: digits as a person would write them. */
export const NUMBER_LABEL =
  "datum.value == 0 ? '0' : abs(datum.value) >= 1e6 || abs(datum.value) < 1e-4 ? format(datum.value, '~e') : format(datum.value, ',.12~f')";

/** How every chart of a report looks. */
export const CHART_CONFIG: NonNullable<TopLevelSpec['config']> = {
  // What a chart shows is said beside it; a label at each mark would treble the page.
  aria: false,
  font: FONT,
  view: { stroke: '#bbbbbb' },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    gridColor: '#e8e8e8',
    labelOverlap: true,
  },
  title: { fontSize: 13, fontWeight: 'normal', anchor: 'start' },
  legend: {
    labelFontSize: 12,
    labelLimit: 230,
    symbolStrokeWidth: 2.5,
    symbolSize: 900,
    rowPadding: 4,
    title: null,
  },
};

/** Vega's own logger writes to the terminal, which belongs to the command line. */
const SILENT: vega.LoggerInterface = {
  level: (() => SILENT) as vega.LoggerInterface['level'],
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};

/**
 * Draws a chart as the text of an SVG that refers to nothing outside itself.
 *
 * @param id a word that no other chart of the page has: names within an SVG are the whole page's.
 */
export async function renderChart(chart: TopLevelSpec, id: string): Promise<string> {
  const { spec } = compile(
    { background: 'white', padding: 6, ...chart, config: CHART_CONFIG },
    { logger: SILENT },
  );
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: SILENT });
  try {
    return ownNames(await view.toSVG(), id);
  } finally {
    view.finalize();
  }
}

/** Vega numbers what an SVG refers to within itself by how many charts were drawn before; here, from 0 below `id`. */
function ownNames(svg: string, id: string): string {
  const names = new Map<string, string>();
  return svg.replace(
    /( id="|url\(#)((?:clip|gradient)[_-]?\d+)(?="|\))/g,
    (_, before: string, name: string) => {
      if (!names.has(name)) names.set(name, `${id}-${names.size}`);
      return `${before}${names.get(name)}`;
    },
  );
}
