import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-determinism-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * SHA-256 over every file of 10 episodes, seed 20261121. They change when what is simulated or sensed changes, and then on purpose:
 * `node dist/apps/cli/main.js generate cube-toss --episodes 10 --seed 20261121 --out DIR` prints the new one. They may not depend on the machine, on
 * Node's version or on the number of workers; .ci/run repeats this file under Node 20, 22 and 24.
 */
const GOLDEN = {
  'cube-toss': 'e598b49bfa1dc99a160170bcba15728b700ae78187ea58b6b2a92437751a587e',
  'drop-and-roll': '78c6ade78e8d461488f5930bc50f644e114f8f906f4db4218ef215ee3278c8f2',
};

async function digest(scenario: string, workers: number): Promise<string> {
  const directory = join(folder, `${scenario}-${workers}`);
  const manifest = await generateDataset({ scenario, directory, episodes: 10, seed: 20261121, workers });
  return manifest.dataSha256;
}

describe.each(Object.entries(GOLDEN))('%s', (scenario, golden) => {
  it('has the golden digest with one worker', async () => {
    expect(await digest(scenario, 1)).toBe(golden);
  });

  it('has the golden digest with two workers', async () => {
    expect(await digest(scenario, 2)).toBe(golden);
  });
});
