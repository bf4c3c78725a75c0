import type { Estimate } from '../contract.js';
import { bestMethod } from '../gallery.js';
import type { EvaluationResult, MethodResult, PairedDifference } from '../result.js';
import type { MetricDescription } from '../task.js';
import { formatNumber, formatShare, withinSentence } from './format.js';
import { differenceBetween } from './pairs.js';
import { lossOf, SENSE_TITLES } from './senses.js';

/** Fewer recordings than this make an interval that its own width cannot be trusted. */
const FEW = 30;

/** Says in sentences how the methods stand: the best, the next, the learned ones against the simulator, the ceiling. */
export function standingOf(result: EvaluationResult): readonly string[] {
  const metric = result.metrics[0]!;
  const best = bestMethod(result.methods, metric);
  if (best === undefined) return ['No method has an estimate: every one of them diverged.'];
  const { protocol, methods } = result;
  const baseline = methods.find(({ name }) => name === protocol.baseline);
  const against =
    baseline === undefined || baseline === best
      ? ''
      : `; ${baseline.name}, the baseline, is at ${amountOf(baseline, metric)}`;
  const learned = methods.filter(
    (method) => (method.kind === 'learned' || method.kind === 'world-model') && method !== best,
  );
  return [
    `${best.name} comes nearest to the recordings: ${withinSentence(metric.title)} ${amountOf(best, metric)}${against}.`,
    ...pairSentence(result, best.name, nextBest(result, best, metric)?.name),
    ...learned.flatMap(({ name }) => pairSentence(result, name, protocol.simulator ?? protocol.baseline)),
    ...ceilingSentence(result, best, metric),
    ...coverageSentences(result, best),
  ];
}

/** Says in sentences what a reader must know before believing the numbers. */
export function caveatsOf(result: EvaluationResult): readonly string[] {
  const { recordings, heldout, protocol, methods } = result;
  const judged = new Set(heldout.map(({ sha256 }) => sha256)).size;
  return [
    protocol.sentence,
    `n = ${judged} held-out recordings${heldout.length === judged ? '' : `, ${heldout.length} cases of them`}. Intervals resample whole recordings.`,
    ...(judged < FEW
      ? [`n is below ${FEW}: read the intervals as rough, and differences between methods as hints.`]
      : []),
    ...sideSentence(result),
    ...result.notes,
    ...sensesSentence(result),
    ...(methods.some(({ kind }) => kind === 'world-model' || kind === 'learned')
      ? [
          'Each learned method is one training run: the intervals do not cover what another training seed would give.',
        ]
      : []),
    ...(methods.some(({ kind }) => kind === 'ceiling')
      ? [
          'A ceiling is an estimate as well: a skill above 1 says that the ceiling was set too low, not that reality was beaten.',
        ]
      : ['There is no ceiling: nothing here says how near to the recordings any method could come.']),
    ...manyComparisons(result),
    ...(recordings.tooShort > 0
      ? [`${recordings.tooShort} recordings have no frame beyond the context and were left out.`]
      : []),
    ...methods
      .filter(({ diverged }) => diverged > 0)
      .map(
        ({ name, diverged }) =>
          `${name} diverged: ${diverged} of ${heldout.length} forecasts hold a number that is not finite, so it has no estimate.`,
      ),
  ];
}

function amountOf({ overall }: MethodResult, { name, unit }: MetricDescription): string {
  const { mean, lo, hi } = overall[name]!;
  const range = Number.isFinite(lo) ? ` (95 % interval ${formatNumber(lo)} to ${formatNumber(hi)})` : '';
  return `${formatNumber(mean)} ${unit}${range}`;
}

function nextBest(
  { methods }: EvaluationResult,
  best: MethodResult,
  metric: MetricDescription,
): MethodResult | undefined {
  const loss = ({ overall }: MethodResult) => lossOf(metric, overall[metric.name]!.mean);
  return methods
    .filter((method) => method !== best && method.kind !== 'ceiling' && Number.isFinite(loss(method)))
    .sort((a, b) => loss(a) - loss(b))[0];
}

function pairSentence(result: EvaluationResult, a: string, b: string | undefined): string[] {
  const pair = b === undefined ? undefined : differenceBetween(result, a, b);
  return pair === undefined ? [] : [standing(pair, result.metrics)];
}

function standing(
  { a, b, difference, improvement }: PairedDifference,
  metrics: EvaluationResult['metrics'],
): string {
  const parts = metrics.slice(0, 2).map((metric) => {
    const { mean, lo, hi } = difference[metric.name]!;
    const range = Number.isFinite(lo) ? ` (95 % interval ${formatNumber(lo)} to ${formatNumber(hi)})` : '';
    return `${withinSentence(metric.title)} ${verdict(difference[metric.name]!, metric)}: ${mean < 0 ? '' : '+'}${formatNumber(mean)} ${metric.unit}${range}`;
  });
  const first = improvement[metrics[0]!.name]!.mean;
  const share = Number.isFinite(first) ? `; nearer in ${formatShare(first)} of the cases` : '';
  return `${a} against ${b}, paired by case: ${parts.join('; ')}${share}.`;
}

function verdict({ mean, lo, hi }: Estimate, { better }: MetricDescription): string {
  if (typeof better === 'object') return 'differs by';
  const sign = better === 'lower' ? 1 : -1;
  if (sign * lo > 0 && sign * hi > 0) return 'worse';
  if (sign * lo < 0 && sign * hi < 0) return 'better';
  return mean === 0 ? 'equal' : 'not told apart';
}

function ceilingSentence(result: EvaluationResult, best: MethodResult, metric: MetricDescription): string[] {
  const ceiling = result.methods.find(({ name }) => name === result.protocol.ceiling);
  const area = best.skill[metric.name]?.area;
  if (ceiling === undefined || !Number.isFinite(ceiling.overall[metric.name]?.mean ?? Number.NaN)) return [];
  const way =
    area === undefined || !Number.isFinite(area.mean)
      ? ''
      : `; between the baseline (0) and that (1), ${best.name} is at ${formatNumber(area.mean)}, averaged over horizons`;
  return [`The ceiling, ${ceiling.name} (${ceiling.description}), is at ${amountOf(ceiling, metric)}${way}.`];
}

function coverageSentences({ metrics, methods }: EvaluationResult, best: MethodResult): string[] {
  const held = (method: MethodResult) =>
    metrics.flatMap(({ name, title, better }) => {
      const mean = method.overall[name]?.mean ?? Number.NaN;
      return typeof better === 'object' && Number.isFinite(mean)
        ? [`${title}: ${formatShare(mean)} of the time, where ${formatShare(better.target)} is right`]
        : [];
    });
  const sure = [best, ...methods].find((method) => method.kind !== 'ceiling' && held(method).length > 0);
  return sure === undefined ? [] : [`How sure ${sure.name} is of itself: ${held(sure).join('; ')}.`];
}

function sideSentence({ protocol, recordings, seed }: EvaluationResult): string[] {
  switch (protocol.heldOut) {
    case 'all':
      return ['Every recording given was judged, and nothing was fitted on any of them.'];
    case 'task':
      return [
        'Each recording is divided by time: methods were fitted on one part and are judged on another of the same recordings, so nothing here says how they do on other machines, roads or days.',
      ];
    case 'split':
      return [
        `${recordings.train} recordings were there to fit to; ${recordings.heldout} were held out by seed ${seed}. Both sides come from one collection.`,
      ];
  }
}

/** By fact: which senses no metric of this task judges. */
function sensesSentence({ metrics }: EvaluationResult): string[] {
  const all = ['state', 'vision', 'audio', 'touch'] as const;
  const judged = new Set(metrics.map(({ sense }) => sense));
  const missing = all.filter((sense) => !judged.has(sense)).map((sense) => SENSE_TITLES[sense].toLowerCase());
  if (missing.length === 0) return [];
  return [
    `These recordings say nothing about ${missing.join(', ')}: no collection of recordings that umwelt reads holds all senses at once, so senses are judged on different worlds.`,
  ];
}

function manyComparisons({ differences, metrics }: EvaluationResult): string[] {
  const count = differences.length * metrics.length;
  if (count < 20) return [];
  return [
    `${count} paired differences were estimated, none corrected for their number: about ${Math.round(count / 20)} intervals would leave 0 out by chance alone.`,
  ];
}
