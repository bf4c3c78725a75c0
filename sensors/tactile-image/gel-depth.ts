import { asin, exp } from '../../core/math/exact.js';
import type { Spread } from '../touch/gel.js';
import type { PressedIn } from '../touch/press.js';

/** The part of the layer's thickness over which an edge fades out. */
const EDGE_SHARE = 1 / 3;
/** (r / a)^2 from which a contact is not seen any more. */
const FARTHEST = 9;

/** Standard deviation by which the layer's surface bends around edges, m. */
export function edgeSpreadM(thicknessM: number): number {
  return thicknessM * EDGE_SHARE;
}

/**
 * Adds how deep a body presses the layer's surface; where bodies overlap the deeper one counts.
 *
 * In contact the surface follows the body: `depth - gap`. Beside it the surface rises as around Hertz' sphere, with the gap
 * over the rim's for (r / a)^2: `u = (depth / pi) ((2 - g) asin(1 / sqrt g) + sqrt(g - 1))` (Johnson 1985, eq. 3.42a), faded by
 * exp(-(sqrt g - 1) a / thickness), since a layer on a hard back is stiffer far away than a half-space, and to nothing at
 * g = 9 or where the body's outline is. Where there is no gap to speak of (past the edge of a box) the depth in contact, spread
 * by a third of the thickness, takes over.
 *
 * @param depthM [cells] deepened in place.
 * @param scratch [cells] overwritten.
 * @param cellAreaM2 mean area of a cell.
 */
export function pressDown(
  depthM: Float64Array,
  scratch: Float64Array,
  pressed: PressedIn,
  thicknessM: number,
  cellAreaM2: number,
  spreadEdge: Spread,
): void {
  const { gapM, rimM, touched } = pressed;
  const deepest = Math.min(pressed.depthM, thicknessM);
  // Where the layer's thickness stops the body, the surface still follows it: a narrower rim.
  const rim = Math.min(rimM, deepest);
  const perA = Math.sqrt((touched * cellAreaM2) / Math.PI) / thicknessM;
  let widest = 0;
  for (let cell = 0; cell < depthM.length; cell++) {
    const gap = gapM[cell]!;
    scratch[cell] = gap < rim ? deepest - gap : 0;
    if (gap > widest && gap < Number.POSITIVE_INFINITY) widest = gap;
  }
  const end = Math.min(FARTHEST, widest / rim);
  spreadEdge(scratch);
  for (let cell = 0; cell < depthM.length; cell++) {
    const gap = gapM[cell]!;
    let depth = scratch[cell]!;
    if (gap < rim) depth = deepest - gap;
    else if (gap < end * rim) depth = Math.max(depth, beside(gap / rim, end, perA) * deepest);
    if (depth > depthM[cell]!) depthM[cell] = depth;
  }
}

/** Depth beside a contact over that in its middle: 1/2 at the rim, 0 at `end`. */
function beside(g: number, end: number, perA: number): number {
  const root = Math.sqrt(g);
  const fade = (end - g) / (end - 1);
  return (((2 - g) * asin(1 / root) + Math.sqrt(g - 1)) / Math.PI) * exp(-(root - 1) * perA) * fade * fade;
}
