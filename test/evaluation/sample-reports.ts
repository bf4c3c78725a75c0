import { sha256 } from '../../core/digest.js';
import type { Metric } from '../../evaluation/contract.js';
import type { StoredMethod, StoredReport } from '../../evaluation/stored-report.js';
import type { MethodKind } from '../../evaluation/task.js';

const METRICS: StoredReport['metrics'] = [
  { name: 'error', title: 'Error', unit: 'm', sense: 'state', better: 'lower' },
  { name: 'psnr', title: 'PSNR', unit: 'dB', sense: 'vision', better: 'higher' },
  { name: 'coverage', title: 'Coverage', unit: 'share', sense: 'uncertainty', better: { target: 0.9 } },
];

/** A method with scores of some of three metrics (`error`, `psnr`, `coverage`); the others are invalid. */
export function storedMethod(
  name: string,
  scores: Readonly<Record<string, readonly Metric[]>>,
  { kind = 'world-model' as MethodKind, diverged = 0 } = {},
): StoredMethod {
  const cases = Object.values(scores)[0]!.length;
  const none = Array.from({ length: cases }, () => ({ value: Number.NaN, valid: false }));
  return {
    name,
    kind,
    description: `what ${name} knows`,
    diverged,
    overall: {},
    scores: Object.fromEntries(METRICS.map((metric) => [metric.name, scores[metric.name] ?? none])),
  };
}

/** A report of these methods, one case a recording. */
export function storedReport(methods: readonly StoredMethod[], directory = '/report'): StoredReport {
  const cases = methods[0]!.scores.error!.length;
  return {
    format: 'umwelt-evaluation',
    formatVersion: 2,
    directory,
    protocol: {
      task: 'test',
      sentence: 'A method predicts.',
      contextFrames: 1,
      heldOut: 'split',
      baseline: 'copy-last',
      ceiling: null,
      simulator: null,
      facts: {},
      sha256: sha256('protocol'),
    },
    metrics: METRICS,
    recordings: {
      name: 'test',
      title: 'recordings of a test',
      total: 2 * cases,
      train: cases,
      heldout: cases,
    },
    seed: 0,
    heldout: Array.from({ length: cases }, (_, i) => ({
      name: `${i}.pt`,
      recording: `${i}.pt`,
      sha256: sha256(`${i}`),
      startS: 0,
      horizonS: 1,
      unit: `${i}`,
      stratum: null,
    })),
    horizonsS: [1],
    methods,
    versions: { umwelt: '0.1.0' },
    inputsSha256: sha256(directory),
  };
}
