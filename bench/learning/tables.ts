import type { DreamErrors } from '../../evaluation/dreams/judge.js';
import {
  coverageByName,
  disagreementCorrelation,
  meanByHorizon,
  meanOverHorizon,
} from '../../evaluation/dreams/summary.js';
import { drawResamples, estimateDifference, estimateMean } from '../../evaluation/statistics.js';
import type { LearningResult } from './contract.js';
import { ALONE } from './variants.js';

const SHOWN_TICKS = [1, 2, 5, 10, 19, 28, 37];
const MEASURES = ['position', 'rotation', 'camera', 'audio', 'touch'];

/** Writes what the variants came to as Markdown. */
export function learningTables(scenario: string, results: readonly LearningResult[]): string {
  const whole = results.find(({ variant }) => variant === 'all');
  if (whole === undefined) return `# ${scenario}\n\nThe variant "all" is missing.\n`;
  return [
    `# ${scenario}: ${whole.steps} steps in ${Math.round(whole.trainingS)} s, ${whole.dreams.length} held-out episodes`,
    horizonTable(whole.dreams),
    aloneTable(whole, results),
    ablationTable(whole, results),
    calibration(whole),
    drift(whole),
    range(whole),
  ].join('\n\n');
}

/** The model beside copy-last, by horizon. */
function horizonTable(dreams: readonly DreamErrors[]): string {
  const rows = MEASURES.filter((measure) => measure in dreams[0]!.model).map((measure) => {
    const own = meanByHorizon(dreams, 'model', measure);
    const copied = meanByHorizon(dreams, 'copyLast', measure);
    const lost = own.mean.filter((value, tick) => own.n[tick]! > 0 && value >= copied.mean[tick]!).length;
    const known = own.n.filter((n) => n > 0).length;
    const cells = SHOWN_TICKS.map((tick) => {
      const at = nearestKnown(own.n, tick - 1);
      return `${own.mean[at]!.toPrecision(3)} / ${copied.mean[at]!.toPrecision(3)}`;
    });
    return `| ${measure} | ${cells.join(' | ')} | ${known - lost} of ${known} |`;
  });
  return [
    'Model / copy-last, mean over episodes (position m, rotation degrees, the others root mean square in their own form; a tick without a frame shows the next one with), and the horizons at which the model is better:',
    '',
    `| measure | ${SHOWN_TICKS.map((tick) => `tick ${tick}`).join(' | ')} | better |`,
    `|---|${SHOWN_TICKS.map(() => '---|').join('')}---|`,
    ...rows,
  ].join('\n');
}

function nearestKnown(n: readonly number[], tick: number): number {
  for (let at = tick; at < n.length; at++) if (n[at]! > 0) return at;
  for (let at = tick; at >= 0; at--) if (n[at]! > 0) return at;
  return tick;
}

/** Every single sense beside the whole model, on its own stream. */
function aloneTable(whole: LearningResult, results: readonly LearningResult[]): string {
  const rows = Object.entries(ALONE).flatMap(([variant, measure]) => {
    const alone = results.find((result) => result.variant === variant);
    return alone === undefined ? [] : [comparison(variant, measure, whole, alone)];
  });
  return [
    'Each sense alone against the whole model, on that sense, mean over 1 s (paired bootstrap over episodes, 95 %; below 0: the whole model is better):',
    '',
    '| variant | measure | alone | whole | whole - alone |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function comparison(variant: string, measure: string, whole: LearningResult, other: LearningResult): string {
  const values = (result: LearningResult) =>
    result.dreams.map((dream) => {
      const value = meanOverHorizon(dream.model, measure);
      return { value, valid: Number.isFinite(value) };
    });
  const resamples = drawResamples(whole.dreams.length, 0);
  const difference = estimateDifference(values(whole), values(other), resamples);
  const mean = (result: LearningResult): string =>
    estimateMean(values(result), resamples).mean.toPrecision(4);
  const { mean: by, lo, hi } = difference;
  return `| ${variant} | ${measure} | ${mean(other)} | ${mean(whole)} | ${by.toPrecision(3)} [${lo.toPrecision(3)}, ${hi.toPrecision(3)}] |`;
}

/** Every variant on every measure. */
function ablationTable(whole: LearningResult, results: readonly LearningResult[]): string {
  const ablations = results.filter(({ variant }) => !(variant in ALONE));
  const rows = ablations.map(({ variant, dreams, trainingS }) => {
    const cells = MEASURES.map((measure) => {
      const values = dreams.map((dream) => meanOverHorizon(dream.model, measure)).filter(Number.isFinite);
      if (values.length === 0) return '-';
      return (values.reduce((total, value) => total + value, 0) / values.length).toPrecision(4);
    });
    const rho = disagreementCorrelation(dreams);
    const agreement = Number.isFinite(rho) ? rho.toFixed(2) : '-';
    return `| ${variant} | ${cells.join(' | ')} | ${agreement} | ${Math.round(trainingS)} |`;
  });
  return [
    `Ablations, mean over 1 s of ${whole.dreams.length} held-out episodes, one seed:`,
    '',
    `| variant | ${MEASURES.join(' | ')} | Spearman | s |`,
    `|---|${MEASURES.map(() => '---|').join('')}---|---|`,
    ...rows,
  ].join('\n');
}

function calibration({ dreams }: LearningResult): string {
  const shares = Object.entries(coverageByName(dreams)).map(
    ([name, share]) => `${name} ${(100 * share).toFixed(1)} %`,
  );
  const byTick = [5, 10, 19, 37].map(
    (tick) => `${disagreementCorrelation(dreams, tick - 1).toFixed(2)} at tick ${tick}`,
  );
  return [
    `90 % intervals cover: ${shares.join(', ')}.`,
    `Disagreement against true position error, Spearman: ${disagreementCorrelation(dreams).toFixed(2)} over all; ${byTick.join(', ')}.`,
  ].join('\n');
}

function drift({ long }: LearningResult): string {
  const model = meanByHorizon(long, 'model', 'position').mean;
  const constant = meanByHorizon(long, 'constantVelocity', 'position').mean;
  const ticks = [9, 18, 36, 54, 73].filter((tick) => tick < model.length);
  const cells = ticks.map(
    (tick) =>
      `${((tick + 1) / 37).toFixed(2)} s ${model[tick]!.toPrecision(3)} / ${constant[tick]!.toPrecision(3)}`,
  );
  return `Position error over 2 s, model / constant velocity, m, ${long.length} episodes: ${cells.join(', ')}.`;
}

function range({ range: found }: LearningResult): string {
  if (found === null) return '';
  return (
    `${found.episodes} rollouts of ${found.steps} steps: ${found.notFinite} values not finite, positions ${found.beyondM.toFixed(3)} m beyond ` +
    `the training data's at most, energy ${found.energyBeyondJpkg.toFixed(3)} J/kg beyond the limit at most, pixels ${found.pixels.map((value) => value.toFixed(3)).join(' to ')}.`
  );
}
