import type { EvaluationResult } from '../result.js';
import { type Markup, markup } from './markup.js';
import { table } from './table.js';

/** What was set or fitted, and all that is needed to repeat the evaluation. */
export function provenanceSection(result: EvaluationResult): Markup {
  return markup`<h2>What was set or fitted</h2>
${parameterTable(result)}
<h2>How to repeat it</h2>
${provenanceTable(result)}
<details><summary>The ${result.heldout.length} held-out cases</summary><p><code>${result.heldout.map(({ name }) => name).join(' ')}</code></p></details>
`;
}

function parameterTable({ methods }: EvaluationResult): Markup {
  const rows = methods.map(({ name, parameters }) => {
    const text = Object.keys(parameters).length === 0 ? 'nothing' : JSON.stringify(parameters);
    const shown =
      text.length <= 600
        ? markup`<code>${text}</code>`
        : markup`<details><summary>${Object.keys(parameters).join(', ')}</summary><code>${text}</code></details>`;
    return markup`<tr><td class="name">${name}</td><td>${shown}</td></tr>
`;
  });
  return table(['Method', 'Parameters'], rows, 2);
}

function provenanceTable(result: EvaluationResult): Markup {
  const { recordings, protocol, horizonsS } = result;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const facts: readonly (readonly [string, string])[] = [
    ['Recordings', `${recordings.name}; ${recordings.url}`],
    ['Licence of the recordings', recordings.licence],
    ['SHA-256 of the dataset', recordings.dataSha256],
    ['Split', splitOf(result)],
    ['Context', `${protocol.contextFrames} ${protocol.contextFrames === 1 ? 'frame' : 'frames'}`],
    [
      'Horizons',
      horizonsS.length === 0 ? 'none' : `${horizonsS.length}, from ${horizonsS[0]} to ${horizonsS.at(-1)} s`,
    ],
    ['What the protocol rests on', JSON.stringify(protocol.facts)],
    ['SHA-256 of the protocol', protocol.sha256],
    ['SHA-256 of all inputs', result.inputsSha256],
    ['Versions', versions.join(', ') || 'not stated'],
  ];
  return table(
    ['', ''],
    facts.map(
      ([what, value]) => markup`<tr><td>${what}</td><td><code>${value}</code></td></tr>
`,
    ),
    2,
  );
}

function splitOf({ protocol, recordings, trainShare, seed }: EvaluationResult): string {
  const counts = `${recordings.total} recordings: ${recordings.train} with a part to fit to, ${recordings.heldout} with a part to be judged on`;
  switch (protocol.heldOut) {
    case 'all':
      return `${counts}; all held out, seed ${seed} of the bootstrap`;
    case 'task':
      return `${counts}; divided by the task, seed ${seed}`;
    case 'split':
      return `${recordings.train} train, ${recordings.heldout} held out of ${recordings.total} (share ${trainShare.toFixed(3)}), seed ${seed}`;
  }
}
