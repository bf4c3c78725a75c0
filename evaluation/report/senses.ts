import type { MetricDescription } from '../task.js';

/** What is judged, in the order of the report. */
export type Sense = MetricDescription['sense'];

/** Headings of the senses, in the order of the report. */
export const SENSE_TITLES: Readonly<Record<Sense, string>> = {
  state: 'Motion',
  vision: 'Vision',
  audio: 'Hearing',
  touch: 'Touch',
  uncertainty: 'Predicted distributions',
};

/** Metrics of one sense at a time, senses without any left out. */
export function bySense(
  metrics: readonly MetricDescription[],
): readonly { readonly sense: Sense; readonly metrics: readonly MetricDescription[] }[] {
  return (Object.keys(SENSE_TITLES) as Sense[])
    .map((sense) => ({ sense, metrics: metrics.filter((metric) => metric.sense === sense) }))
    .filter(({ metrics }) => metrics.length > 0);
}

/** Cuts a list into rows of at most `size`, of lengths as equal as can be. */
export function inRows<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const rows = Math.ceil(items.length / size);
  const length = Math.ceil(items.length / rows);
  return Array.from({ length: rows || 0 }, (_, row) => items.slice(row * length, (row + 1) * length));
}

/** Names a metric with its unit, where it has one: `PSNR, dB`. */
export function labelOf({ title, unit }: MetricDescription): string {
  return unit === '1' ? title : `${title}, ${unit}`;
}

/** Names a metric with its unit beside an axis: `PSNR (dB)`. */
export function axisTitleOf({ title, unit }: MetricDescription): string {
  return unit === '1' ? title : `${title} (${unit})`;
}

/** Says which way is better: `lower is better`. */
export function wayOf({ better }: MetricDescription): string {
  return typeof better === 'string' ? `${better} is better` : `${better.target} is right`;
}

/** How far a value is from the best there is; less is better. */
export function lossOf({ better }: MetricDescription, value: number): number {
  if (better === 'lower') return value;
  return better === 'higher' ? -value : Math.abs(value - better.target);
}
