import type { z } from 'zod';
import type { lidarSpecification } from '../sensors/lidar/specification.js';
import type { Conflict } from './conflict.js';
import { largest, smallest } from './ranges.js';
import type { scenarioStructure } from './structure.js';

type Lidar = z.output<typeof lidarSpecification>;

/** Finds ranges of a lidar that leave nothing to see, and turns longer than the shortest episode. */
export function checkLidar(
  name: string,
  { rateHz, minRangeM, maxRangeM }: Lidar,
  { durationS }: Pick<z.output<typeof scenarioStructure>, 'durationS'>,
): Conflict[] {
  const conflicts: Conflict[] = [];
  const at = (key: string, message: string): void => {
    conflicts.push({ path: ['sensors', name, key], message });
  };
  if (largest(minRangeM) >= smallest(maxRangeM)) {
    at('minRangeM', `expected less than maxRangeM (${smallest(maxRangeM)}), got ${largest(minRangeM)}`);
  }
  const shortestS = smallest(durationS);
  if (1 / rateHz > shortestS) {
    at(
      'rateHz',
      `expected a row no longer than the shortest episode (${shortestS} s), got ${rateHz} Hz = ${1 / rateHz} s a row`,
    );
  }
  return conflicts;
}
