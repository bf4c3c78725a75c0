import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { findRecordings } from '../../datasets/recordings/find.js';
import { importRecordings } from '../../datasets/recordings/import.js';
import type { Forecaster, Trajectory } from '../../evaluation/contract.js';
import { meanOverFrames } from '../../evaluation/metrics/aggregate.js';
import { continueFrom } from '../../evaluation/rollout.js';
import { copyLast } from '../../evaluation/tasks/contactnets-cube/copy-last.js';
import { POINT_METRICS } from '../../evaluation/tasks/contactnets-cube/metrics.js';
import { DEFAULT_PHYSICS, physicsForecaster } from '../../evaluation/tasks/contactnets-cube/physics.js';
import { recordedCube } from '../../evaluation/tasks/contactnets-cube/recorded-cube.js';
import { trajectoryOf } from '../../evaluation/trajectory.js';
import { createWorld } from '../../sim/world.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';

const folder = findRecordings();
if (folder === null) {
  console.log(
    'no recordings here: the figures of the protocol are not checked (umwelt recordings fetch contactnets-cube)',
  );
}

describe.skipIf(folder === null)('the protocol, on all 446 tosses', { timeout: 120_000 }, () => {
  let dataset: Dataset;
  const tosses: Trajectory[] = [];

  beforeAll(async () => {
    const directory = await temporaryFolder();
    await importRecordings(folder!, directory);
    dataset = await openDataset(directory);
    for await (const episode of dataset.episodes(['state'])) tosses.push(trajectoryOf(episode));
  }, 120_000);

  async function score(forecaster: Forecaster): Promise<number[]> {
    const { widthM } = recordedCube(dataset.manifest);
    const sums = POINT_METRICS.map(() => 0);
    for (const toss of tosses) {
      const { predicted, actual } = await continueFrom(forecaster, toss, 1);
      for (const [i, { perFrame }] of POINT_METRICS.entries()) {
        sums[i]! += meanOverFrames(perFrame(predicted, actual, widthM)).value / tosses.length;
      }
    }
    return sums;
  }

  const engine = (parameters: typeof DEFAULT_PHYSICS) =>
    physicsForecaster('engine', createWorld, recordedCube(dataset.manifest), parameters);

  it('copy-last: 274.9 % and 48.7 degrees', async () => {
    const [position, rotation] = await score(copyLast);
    expect(tosses.length).toBe(446);
    expect(position).toBeCloseTo(274.9, 0);
    expect(rotation).toBeCloseTo(48.7, 1);
  });

  it('the engine as it comes: 95.3 % and 33.4 degrees', async () => {
    const [position, rotation] = await score(engine(DEFAULT_PHYSICS));
    expect(position).toBeCloseTo(95.3, 0);
    expect(rotation).toBeCloseTo(33.4, 1);
  });

  it('friction 0.18, 4 substeps, length unit 0.1: 13.15 %, 19.24 degrees, penetration 0.04 %', async () => {
    const [position, rotation, penetration] = await score(
      engine({ friction: 0.18, restitution: 0, substeps: 4, lengthUnitM: 0.1 }),
    );
    expect(position).toBeCloseTo(13.15, 1);
    expect(rotation).toBeCloseTo(19.24, 1);
    expect(penetration).toBeCloseTo(0.04, 2);
  });
});
