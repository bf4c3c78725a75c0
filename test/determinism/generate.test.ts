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
  'cube-toss': '51eb30dc0f9cccd06d8eca2caef211afa4b56bf170e374046a79e86b3b35ba18',
  'drop-and-roll': 'cc336969aea4537ea5b24429a0b8a805984a9688d418e0b054c7eab7b491f99c',
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
