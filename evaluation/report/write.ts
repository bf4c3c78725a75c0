import { join } from 'node:path';
import sharp from 'sharp';
import { makeFolder, writeFileAtomically } from '../../datasets/files.js';
import { encodeDriftTable } from '../drift-table.js';
import { removePartialScores } from '../partial-scores.js';
import { describeRegression } from '../regression.js';
import type { EvaluationResult } from '../result.js';
import { encodeScoresTable } from '../scores-table.js';
import { encodeReliabilityTable, encodeSkillTable } from '../skill-tables.js';
import { STORED_FILES } from '../stored-report.js';
import { describeResult } from '../summary.js';
import type { ReportAdditions } from './additions.js';
import { drawDrift } from './drift-chart.js';
import { renderReport } from './html.js';
import { describeRealism } from './realism-section.js';

/** Names of the files of a report, in its folder. */
export const REPORT_FILES = {
  report: 'report.html',
  drift: 'drift.arrow',
  scores: STORED_FILES.scores,
  skill: 'skill.arrow',
  reliability: 'reliability.arrow',
  result: STORED_FILES.result,
  chart: 'drift.svg',
  picture: 'drift.png',
} as const;

/** Pixels a point, so that the picture is sharp on any screen. */
const PICTURE_SCALE = 2;

/**
 * Writes an evaluation into a folder: the report, tables of every value, the result as JSON, and the chart of the first
 * metric as SVG and PNG. Each file appears whole or not at all; scores of an interrupted run are removed at the end.
 *
 * @throws UmweltError `io`.
 */
export async function writeEvaluation(
  directory: string,
  result: EvaluationResult,
  additions: ReportAdditions = {},
): Promise<void> {
  await makeFolder(directory);
  const chart = await drawDrift(result, result.metrics[0]!);
  const picture = await sharp(Buffer.from(chart), { density: 72 * PICTURE_SCALE })
    .png()
    .toBuffer();
  const { regression, realism } = additions;
  const document = {
    ...describeResult(result),
    ...(regression && { comparison: describeRegression(regression) }),
    ...(realism && { realism: describeRealism(realism) }),
  };
  const files: readonly (readonly [string, Uint8Array | string])[] = [
    [REPORT_FILES.drift, encodeDriftTable(result)],
    [REPORT_FILES.scores, encodeScoresTable(result)],
    [REPORT_FILES.skill, encodeSkillTable(result)],
    [REPORT_FILES.reliability, encodeReliabilityTable(result)],
    [REPORT_FILES.chart, chart],
    [REPORT_FILES.picture, picture],
    [REPORT_FILES.result, `${JSON.stringify(document, null, 2)}\n`],
    [REPORT_FILES.report, await renderReport(result, additions)],
  ];
  for (const [name, content] of files) await writeFileAtomically(join(directory, name), content);
  await removePartialScores(directory);
}
