import type { Exhibit, Line, LoadedCase } from '../../task.js';
import { heldForce, type SlideContext, type SlideForecast, type SlideTruth, TAXELS } from './slide.js';

interface Named {
  readonly name: string;
  readonly forecast: SlideForecast;
}

/** Draws the held force, and the taxel that moves most, as recorded and as predicted. */
export async function drawSlide(
  { context, truth }: LoadedCase<SlideContext, SlideTruth>,
  forecasts: readonly Named[],
): Promise<readonly Exhibit[]> {
  const taxel = liveliest(truth.taxels);
  const line = (label: string, values: Float64Array): Line => ({
    label,
    x: Array.from(values, (_, frame) => (frame + 1) / truth.rateHz),
    y: [...values],
  });
  const lines = (of: (taxels: Float64Array) => Float64Array): Line[] => [
    line('recorded', of(truth.taxels)),
    ...forecasts.map(({ name, forecast }) => line(name, of(forecast.mean))),
  ];
  const { fabric, forceLevelCount, speedMps } = context.seen.condition;
  const xTitle = 'seconds after the last frame seen';
  return [
    {
      title: `Held force: ${fabric}, ${forceLevelCount} counts, ${speedMps} m/s`,
      xTitle,
      yTitle: 'mean without the largest and the smallest taxel, counts',
      lines: lines(heldForce),
    },
    {
      title: `Taxel ${taxel + 1}, which moves most`,
      xTitle,
      yTitle: 'counts',
      lines: lines((taxels) =>
        Float64Array.from({ length: taxels.length / TAXELS }, (_, f) => taxels[f * TAXELS + taxel]!),
      ),
    },
  ];
}

function liveliest(taxels: Float64Array): number {
  const ranges = Array.from({ length: TAXELS }, (_, taxel) => {
    const values = taxels.filter((_, at) => at % TAXELS === taxel);
    return (
      values.reduce((a, b) => Math.max(a, b), 0) -
      values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    );
  });
  return ranges.indexOf(Math.max(...ranges));
}
