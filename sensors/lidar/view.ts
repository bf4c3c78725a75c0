import type { Mount } from '../mount.js';
import { type Motion, writeAxes } from './motion.js';

/** Where a moving sensor is at a moment. */
export interface View {
  /** [3] in the world, m. */
  readonly origin: Float64Array;
  /** [9] the sensor's axes x, y, z in the world. */
  readonly axes: Float64Array;
}

/** Makes the function that finds the sensor at a fraction of the interval; it returns the same view each time, rewritten. */
export function createView({ body, carrierFromSensor }: Mount, motion: Motion): (fraction: number) => View {
  const { positionM, orientation } = carrierFromSensor;
  const [mw, mx, my, mz] = orientation;
  const view: View = { origin: Float64Array.from(positionM), axes: new Float64Array(9) };
  writeAxes(view.axes, 0, mw, mx, my, mz);
  if (body < 0) return () => view;
  const carrierAxes = new Float64Array(9);
  const { from, change } = motion;
  const at = body * 7;
  return (fraction) => {
    let w = from[at + 3]! + change[at + 3]! * fraction;
    let x = from[at + 4]! + change[at + 4]! * fraction;
    let y = from[at + 5]! + change[at + 5]! * fraction;
    let z = from[at + 6]! + change[at + 6]! * fraction;
    const norm = Math.sqrt(w * w + x * x + y * y + z * z);
    w /= norm;
    x /= norm;
    y /= norm;
    z /= norm;
    writeAxes(carrierAxes, 0, w, x, y, z);
    for (let k = 0; k < 3; k++) {
      view.origin[k] =
        from[at + k]! +
        change[at + k]! * fraction +
        carrierAxes[k]! * positionM[0] +
        carrierAxes[3 + k]! * positionM[1] +
        carrierAxes[6 + k]! * positionM[2];
    }
    const sw = w * mw - x * mx - y * my - z * mz;
    const sx = w * mx + x * mw + y * mz - z * my;
    const sy = w * my - x * mz + y * mw + z * mx;
    const sz = w * mz + x * my - y * mx + z * mw;
    writeAxes(view.axes, 0, sw, sx, sy, sz);
    return view;
  };
}
