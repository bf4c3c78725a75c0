import { fromAxisAngle } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import { type BodyState, setState } from '../../evaluation/body-state.js';
import { startOf, valuesAt } from '../../evaluation/calibrate/parameter-space.js';
import type { Trajectory } from '../../evaluation/contract.js';
import { cornersOf, cubeParameters } from '../../evaluation/tasks/contactnets-cube/calibration.js';
import { simulateCorners } from '../../evaluation/tasks/contactnets-cube/corner-contact.js';
import type { RecordedCube } from '../../evaluation/tasks/contactnets-cube/recorded-cube.js';
import { joinTrajectories } from '../../evaluation/trajectory.js';
import { stillTrajectory } from './sample-recordings.js';

/** Made-up tosses: the corner model where its search begins, from starts of their own. */
export function sampleTosses(
  count: number,
  frames: number,
  cube: RecordedCube,
  speedMps = 0.6,
): readonly Trajectory[] {
  const parameters = cubeParameters(cube);
  const model = cornersOf(valuesAt(parameters, startOf(parameters)), cube);
  return Array.from({ length: count }, (_, i) => {
    const random = randomStream(6, 'test', 'toss', i);
    const start: BodyState = {
      positionM: [0, 0, 0.85 * cube.widthM],
      orientation: fromAxisAngle([random.normal(), random.normal(), 0.1], 0.3),
      linearVelocityMps: [speedMps * (1 + 0.1 * random.normal()), 0.1 * random.normal(), -0.3],
      angularVelocityRadps: [random.normal(), random.normal(), random.normal()],
    };
    const first = stillTrajectory(1, cube.rateHz);
    setState(first, 0, start);
    return joinTrajectories(first, simulateCorners(start, cube.rateHz, frames - 1, model));
  });
}
