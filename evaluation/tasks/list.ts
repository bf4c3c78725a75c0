import { UmweltError } from '../../core/errors.js';
import { didYouMean } from '../../core/validation.js';
import type { DatasetManifest } from '../../datasets/contract.js';
import type { Task } from '../task.js';
import { commonroadNgsimTask } from './commonroad-ngsim/task.js';
import { contactnetsCubeTask } from './contactnets-cube/task.js';
import { fabricslideTactileTask } from './fabricslide-tactile/task.js';
import { multiarmPendulumTask } from './multiarm-pendulum/task.js';
import { boreasEgoPoseTask, comma2k19SegmentTask } from './vehicles/task.js';
import { bridgeRobotTask, carndHighwayVideoTask, goproWalkTask } from './video/task.js';

/** How recordings of each format are judged, by the format's name. */
export const TASKS: readonly Task[] = [
  contactnetsCubeTask,
  commonroadNgsimTask,
  fabricslideTactileTask,
  bridgeRobotTask,
  goproWalkTask,
  carndHighwayVideoTask,
  boreasEgoPoseTask,
  comma2k19SegmentTask,
  multiarmPendulumTask,
];

/**
 * Finds the task of a dataset of recordings.
 *
 * @throws UmweltError `invalid-input` when there is nothing to predict in recordings of that format.
 */
export function taskOf({ name, configuration }: DatasetManifest): Task {
  const format = typeof configuration.format === 'string' ? configuration.format : name;
  const found = TASKS.find((task) => task.name === format);
  if (found !== undefined) return found;
  const known = TASKS.map((task) => task.name);
  throw new UmweltError(
    'invalid-input',
    { format, known },
    `there is no task for recordings of ${format}: nothing says what to predict of them and how to judge it. Expected ${known.join(', ')}`,
  );
}

/**
 * Checks names of methods before anything is read: some task must have each.
 *
 * @throws UmweltError `invalid-input` naming the one that none has.
 */
export function requireMethodNames(names: readonly string[]): void {
  const known = [...new Set(TASKS.flatMap(({ methodNames }) => methodNames))];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UmweltError(
      'invalid-input',
      { name, known },
      `unknown baseline "${name}": expected one of ${known.join(', ')}${didYouMean(name, known)}`,
    );
  }
}
