import type { Trajectory } from '../contract.js';
import { penetrationPctWidth } from './penetration.js';
import { positionErrorPctWidth } from './position.js';
import { rotationErrorDeg } from './rotation.js';

/** One way to judge a forecast of a cube's motion. Lower is better for all of them. */
export interface MetricDefinition {
  /** Key in the summary and value of the column `metric` in drift.arrow. */
  readonly name: MetricName;
  readonly title: string;
  readonly unit: string;
  /** Value of each frame: float64 [frames]. */
  readonly perFrame: (predicted: Trajectory, actual: Trajectory, widthM: number) => Float64Array;
}

/** Key of a metric in summaries, results and tables. */
export type MetricName = 'position_pct_width' | 'rotation_deg' | 'penetration_pct_width';

/** Every metric, in the order of tables and plots. */
export const METRICS: readonly MetricDefinition[] = [
  {
    name: 'position_pct_width',
    title: 'Position error',
    unit: '% of the width',
    perFrame: positionErrorPctWidth,
  },
  { name: 'rotation_deg', title: 'Rotation error', unit: 'degrees', perFrame: rotationErrorDeg },
  {
    name: 'penetration_pct_width',
    title: 'Penetration',
    unit: '% of the width',
    perFrame: (predicted, _, widthM) => penetrationPctWidth(predicted, widthM),
  },
];
