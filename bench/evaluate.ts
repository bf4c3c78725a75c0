import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireRecordings } from '../apps/recordings.js';
import { dataVersions } from '../apps/version.js';
import { openDataset } from '../datasets/reader.js';
import { importRecordings } from '../datasets/recordings/import.js';
import { readOverlay } from '../evaluation/calibrate/overlay.js';
import { evaluateRecordings } from '../evaluation/evaluate.js';
import { createWorld } from '../sim/world.js';
import type { BenchResult } from './contract.js';

/** Seconds that a minute has: what 446 tosses may take. */
const ALLOWED_S = 60;

/**
 * Seconds to judge every recorded toss by all physics baselines, import included. Set UMWELT_OVERLAY to a file of
 * `umwelt calibrate` for the calibrated ones (engine, corners, beliefs) as well.
 */
export async function benchEvaluateCube(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-bench-'));
  try {
    const path = process.env.UMWELT_OVERLAY;
    const overlay = path === undefined ? null : await readOverlay(path);
    const startedAt = performance.now();
    await importRecordings(requireRecordings(), join(folder, 'recordings'), { versions: dataVersions() });
    const { heldout } = await evaluateRecordings({
      recordings: await openDataset(join(folder, 'recordings')),
      createWorld,
      holdOutAll: true,
      // How long it takes is asked here, not how good it is: an overlay of these very tosses will do.
      ...(overlay && { overlay: { ...overlay, provenance: { ...overlay.provenance, recordingSha256: [] } } }),
    });
    const value = (performance.now() - startedAt) / 1000;
    return {
      name: 'evaluate.cube.seconds',
      value,
      unit: `s for ${heldout.length} tosses`,
      reference: 'a minute',
      reference_value: ALLOWED_S,
      ratio: value / ALLOWED_S,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
