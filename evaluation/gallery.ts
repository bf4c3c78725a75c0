import { requireRunning } from './interruption.js';
import type { GalleryEntry, MethodResult } from './result.js';
import type { Case, MetricDescription, OpenTask, Prepared } from './task.js';

/** A method's name and how to have it ready. */
export interface ReadyMethod {
  readonly name: string;
  readonly prepared: () => Promise<Prepared>;
}

/**
 * Draws the cases that the best method predicts best, middling and worst by the task's first metric, with every method's
 * forecast.
 *
 * @returns nothing where the task draws none.
 * @throws UmweltError `interrupted`.
 */
export async function drawGallery(
  task: OpenTask,
  heldout: readonly Case[],
  results: readonly MethodResult[],
  metric: MetricDescription,
  methods: readonly ReadyMethod[],
  signal: AbortSignal | undefined,
): Promise<readonly GalleryEntry[]> {
  const best = bestMethod(results, metric);
  if (task.exhibit === undefined || best === undefined) return [];
  const entries: GalleryEntry[] = [];
  for (const { rank, index } of rankedCases(best, metric)) {
    requireRunning(signal);
    const chosen = heldout[index]!;
    const loaded = await task.load(chosen);
    const forecasts = [];
    for (const { name, prepared } of methods) {
      forecasts.push({ name, forecast: await (await prepared()).forecast(loaded.context, chosen) });
    }
    entries.push({
      rank,
      case: chosen.name,
      method: best.name,
      panels: await task.exhibit(loaded, forecasts),
    });
  }
  return entries;
}

/** The method that is best by a metric; ceilings and baselines only where there is nothing else. */
export function bestMethod(
  results: readonly MethodResult[],
  { name, better }: MetricDescription,
): MethodResult | undefined {
  const loss = ({ overall }: MethodResult) =>
    better === 'higher' ? -overall[name]!.mean : overall[name]!.mean;
  const finite = results.filter((result) => result.kind !== 'ceiling' && Number.isFinite(loss(result)));
  const made = finite.filter(({ kind }) => kind !== 'baseline');
  return [...(made.length > 0 ? made : finite)].sort((a, b) => loss(a) - loss(b))[0];
}

function rankedCases(
  { scores }: MethodResult,
  { name, better }: MetricDescription,
): { rank: GalleryEntry['rank']; index: number }[] {
  const sign = better === 'higher' ? -1 : 1;
  const order = scores.overall[name]!.flatMap(({ value, valid }, index) => (valid ? [{ value, index }] : []))
    .sort((a, b) => sign * (a.value - b.value) || a.index - b.index)
    .map(({ index }) => index);
  const places: Readonly<Record<GalleryEntry['rank'], number>> = {
    best: 0,
    median: Math.floor((order.length - 1) / 2),
    worst: order.length - 1,
  };
  const seen = new Set<number>();
  return (['best', 'median', 'worst'] as const).flatMap((rank) => {
    const index = order[places[rank]];
    if (index === undefined || seen.has(index)) return [];
    seen.add(index);
    return [{ rank, index }];
  });
}
