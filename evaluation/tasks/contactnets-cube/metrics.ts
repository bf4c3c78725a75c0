import type { Trajectory } from '../../contract.js';
import { penetrationPctWidth } from '../../metrics/penetration.js';
import { positionErrorPctWidth } from '../../metrics/position.js';
import { rotationErrorDeg } from '../../metrics/rotation.js';
import type { MetricDescription } from '../../task.js';

/** A metric of a single motion. */
export interface PointMetric extends MetricDescription {
  /** Value of each frame: float64 [frames]. */
  readonly perFrame: (predicted: Trajectory, actual: Trajectory, widthM: number) => Float64Array;
}

/** ContactNets' protocol (Pfrommer, Halm, Posa, CoRL 2020), in the order of tables and plots. */
export const POINT_METRICS: readonly PointMetric[] = [
  {
    name: 'position_pct_width',
    title: 'Position error',
    unit: '% of the width',
    sense: 'state',
    better: 'lower',
    atStart: 0,
    perFrame: positionErrorPctWidth,
  },
  {
    name: 'rotation_deg',
    title: 'Rotation error',
    unit: 'degrees',
    sense: 'state',
    better: 'lower',
    atStart: 0,
    perFrame: rotationErrorDeg,
  },
  {
    name: 'penetration_pct_width',
    title: 'Penetration',
    unit: '% of the width',
    sense: 'state',
    better: 'lower',
    perFrame: (predicted, _, widthM) => penetrationPctWidth(predicted, widthM),
  },
];
