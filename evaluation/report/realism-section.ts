import type { DataComparison, DatasetComparison } from '../two-sample/compare.js';
import type { TwoSampleResult } from '../two-sample/kernel-tests.js';
import { formatEstimate, formatNumber } from './format.js';
import { type Markup, markup } from './markup.js';
import { estimateCell, table } from './table.js';

/** What a classifier's score says: in words, by the lower end of its interval. */
export function realismVerdict({ c2st }: DataComparison): string {
  const { auc, lo, hi } = c2st;
  if (!auc.valid || !Number.isFinite(lo)) return 'too little data to tell';
  if (lo > 0.9) return 'unreal: told apart nearly always';
  if (lo > 0.5) return 'told apart more often than by chance';
  return hi < 0.6 ? 'cannot be told apart' : 'not told apart, with this much data';
}

/** Which sense of the synthetic data looks unreal, and by what. */
export function realismSection(comparison: DatasetComparison): Markup {
  const { simulated, recorded, senses, streams, unmatched, windowS } = comparison;
  const rows = [...senses, ...(streams.length > senses.length ? streams : [])].map(comparisonRow);
  const features = senses
    .filter(({ features }) => features.length > 0)
    .map(
      (sense) => markup`<h3>${sense.name}: what differs most</h3>
${table(
  ['Feature', 'simulated', 'recorded', 'recorded is larger in', 'largest difference of shares'],
  sense.features.map(
    ({ name, simulated: ours, recorded: theirs, auc, ks }) => markup`<tr><td class="name">${name}</td>
${[ours, theirs, auc, ks].map((value) => markup`<td class="number">${formatNumber(value)}</td>`)}</tr>
`,
  ),
)}`,
    );
  const left = [
    ...unmatched.simulated.map((name) => `${name} (simulated only)`),
    ...unmatched.recorded.map((name) => `${name} (recorded only)`),
  ];
  return markup`<h2>Which sense of the synthetic data looks unreal</h2>
<p class="what">${simulated.name} (${simulated.episodes} episodes) beside ${recorded.name} (${recorded.episodes} recordings), in windows of ${formatNumber(windowS)} s described by features. A classifier that cannot tell them apart scores 0.5, one that always can 1. Of MMD and energy distance, p is the share of random relabellings that lie as far apart.</p>
${table(['', 'Classifier (AUC)', 'MMD²', 'p', 'Energy distance', 'p', 'Windows', ''], rows)}
${features}
<p class="what">Not compared, for want of the same stream on the other side: ${left.length === 0 ? 'nothing' : left.join(', ')}. What no feature describes is not compared either.</p>`;
}

function comparisonRow(one: DataComparison): Markup {
  const { name, c2st, mmd, energyDistance, windows } = one;
  return markup`<tr><td class="name">${name}</td>
${estimateCell({ mean: c2st.auc.value, lo: c2st.lo, hi: c2st.hi, n: 0 })}
${testCells(mmd)}${testCells(energyDistance)}
<td class="number">${windows.simulated}, ${windows.recorded}</td><td>${realismVerdict(one)}</td></tr>
`;
}

function testCells({ statistic, lo, hi, pValue }: TwoSampleResult): Markup {
  return markup`${estimateCell({ mean: statistic.value, lo, hi, n: 0 })}<td class="number">${formatNumber(pValue)}</td>`;
}

/** Says of each sense, the most unreal first, whether it looks unreal: a line each for a terminal. */
export function realismLines({ senses }: DatasetComparison): readonly string[] {
  return senses.map((one) => {
    const { auc, lo, hi } = one.c2st;
    const score = auc.valid ? ` (classifier ${formatEstimate({ mean: auc.value, lo, hi, n: 0 })})` : '';
    const most = one.features[0] === undefined ? '' : `; most by ${one.features[0].name}`;
    return `${one.name}: ${realismVerdict(one)}${score}${most}`;
  });
}

/** Returns a comparison of datasets as plain JSON, where a number that does not exist is null. */
export function describeRealism(comparison: DatasetComparison): unknown {
  return JSON.parse(JSON.stringify(comparison));
}
