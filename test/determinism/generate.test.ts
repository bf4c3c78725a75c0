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
  'cube-toss': '7ac80af9c88da7bf4144bdc55fff05304bd6211282abfbf0e093d860378cb05c',
  'drop-and-roll': '8e9db98efdb4770d4aba50fa42d5ed34713788fef0178dd09d4e782c0851a323',
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
