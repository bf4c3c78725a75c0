import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FILES } from '../../worldmodel/export/export.js';
import { modelCard } from '../../worldmodel/export/model-card.js';
import { type ModelManifest, readModel } from '../../worldmodel/model-folder.js';
import { parameterShapes } from '../../worldmodel/parameter-shapes.js';
import { countOf, EVERYTHING, exportInto, modelFolder, writeModels } from './export-models.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-card-'));
beforeAll(() => writeModels(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the card', () => {
  it('says what the model is, where it comes from and how well it does', async () => {
    const { out } = await exportInto(folder, 'everything', 'carded');
    const card = readFileSync(join(out, EXPORT_FILES.card), 'utf8');
    expect(card).toMatch(/^---\nlibrary_name: umwelt\n(?:[a-z_]+: .*\n|tags:\n| {2}- .*\n)+---\n/);
    const parameters = Object.values(parameterShapes(EVERYTHING)).reduce((sum, s) => sum + countOf(s), 0);
    for (const said of [
      '\n# everything\n',
      '2 moving bodies',
      `${String(parameters).replace(/(\d)(?=(\d{3})+$)/g, '$1,')} in `,
      '| `camera` | in and out | [16, 16, 4] | 16 x 16 pixels of red, green, blue',
      '| `audio` | in and out | [2, 24] | log10 of the power (Pa2) in 24 mel bands',
      '| `audio/wave` | out | [2, 20] | sound pressure at each microphone over the tick, Pa',
      '| `touch` | in and out | [9] | symlog of forceN [3] (N), pressurePa / 1000 [2, 3] (Pa), mean',
      '| `push` | in | [2] |',
      '| tosses\\|made | simulated | 400 | `abab',
      '| seed | 7 |',
      '| steps | 12,345 |',
      '| `multiStep` | off |',
      '| loss of the last training step | 1.235 |',
      '(step 12,000) | 2.5 |',
      '| `positionM` | 1 | 1.5 | 2 | 2.25 | 3 | 4 |',
      'Recordings of the physical world among them: 1;',
      '## Licence\n\nNone stated.',
    ]) {
      expect(card).toContain(said);
    }
    expect(card).not.toMatch(/undefined|NaN|\[object|\| {2}\| *$/m);
  });

  it('says what was not measured and what it has never seen', async () => {
    const { manifest } = await readModel(modelFolder(folder, 'state'));
    const untested: ModelManifest = {
      ...manifest,
      provenance: { ...manifest.provenance, datasets: [], recordingSha256: [] },
      validation: { losses: [], best: null },
      calibration: { one: null, samples: null },
    };
    const card = modelCard(untested, { name: 'x', graphs: [], shapes: {} });
    expect(card).toContain('No episode was held out');
    expect(card).toContain('simulation alone');
    expect(card).toContain('No recording of the physical world was used');
    expect(card).toContain('## Calibration\n\nNone');
  });

  it('shows a program that runs in onnxruntime-web', { timeout: 60_000 }, async () => {
    const { out } = await exportInto(folder, 'everything', 'shown');
    const card = readFileSync(join(out, EXPORT_FILES.card), 'utf8');
    const program = /```js\n(.*?)```/s.exec(card)![1]!;
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
    writeFileSync(join(out, 'program.mjs'), program);
    const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: out, encoding: 'utf8' });
    for (const output of ['camera/mean', 'touch/logVariance', 'goal/end/mean'])
      expect(printed).toContain(`'${output}'`);
    expect(printed).toMatch(/Float32Array\(6\)/);
    expect(printed).not.toContain('NaN');
  });
});
