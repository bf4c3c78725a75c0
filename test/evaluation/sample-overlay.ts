import type { Overlay } from '../../evaluation/calibrate/overlay.js';
import type { ParameterValues } from '../../evaluation/task.js';
import { cubeParameters } from '../../evaluation/tasks/contactnets-cube/calibration.js';
import type { RecordedCube } from '../../evaluation/tasks/contactnets-cube/recorded-cube.js';
import { cubeTossPatch } from '../../evaluation/tasks/contactnets-cube/scenario-patch.js';

/** The cube of the public recordings. */
export const CUBE: RecordedCube = { rateHz: 148, widthM: 0.1048, massKg: 0.37, inertiaKgm2: 0.00081 };

/** Members around where the search begins, each parameter a little to one side or the other. */
export function cubePosterior(members: number): readonly ParameterValues[] {
  return Array.from({ length: members }, (_, i) =>
    Object.fromEntries(
      cubeParameters(CUBE).map(({ name, lo, hi, start }, k) => {
        const way = Math.sin(1 + i * (k + 1));
        return [name, start + 0.1 * way * (way < 0 ? start - lo : hi - start)];
      }),
    ),
  );
}

/** An overlay of tosses as `umwelt calibrate` would write it. */
export function cubeOverlay(
  recordingSha256: readonly string[] = [],
  posterior: readonly ParameterValues[] = cubePosterior(8),
): Overlay {
  return {
    format: 'umwelt-overlay',
    formatVersion: 1,
    task: 'contactnets-cube',
    scenario: 'cube-toss',
    patch: cubeTossPatch(posterior),
    parameters: cubeParameters(CUBE).map(({ name, unit, description, lo, hi }) => ({
      problem: name.split('.')[0]!,
      name,
      unit,
      description,
      best: posterior[0]![name]!,
      mean: posterior[0]![name]!,
      standardDeviation: 0,
      lo,
      hi,
    })),
    posterior: posterior.map((values) => ({ ...values })),
    searches: [
      { problem: 'engine', cases: 2, candidates: 13, startLoss: 2, bestLoss: 1, restartLosses: [1, 1.1] },
    ],
    provenance: {
      dataSha256: '0'.repeat(64),
      recordingSha256: [...recordingSha256],
      seed: 0,
      use: 'train',
      contextFrames: 1,
      versions: { umwelt: '0.1.0' },
    },
  };
}
