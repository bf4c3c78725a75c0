import { asin, atan2, cos, sin } from '../../core/math/exact.js';
import { dot, normalise, type Vec3 } from '../../core/math/vector.js';
import type { PatchForm } from './patch-specification.js';

/** Points on a patch, each with the area that it stands for. All arrays run over the points; patch frame. */
export interface PatchPoints {
  readonly count: number;
  /** [count, 3] m. */
  readonly positionM: Float64Array;
  /** [count, 3] unit, outward. */
  readonly normal: Float64Array;
  /** [count, 3] unit: the direction of rows, and that of columns. */
  readonly alongRows: Float64Array;
  readonly alongColumns: Float64Array;
  readonly areaM2: Float64Array;
  /** [count, 2] chart coordinates, m. */
  readonly chartM: Float64Array;
}

/** A rectangle on a patch in chart coordinates (see `locate`): least and greatest along rows, then along columns. */
export type ChartBounds = readonly [number, number, number, number];

/** The form of a patch: a map between a flat chart and the surface. */
export interface SurfacePatch {
  readonly bounds: ChartBounds;
  /** The whole surface that the patch is part of; `sample` beyond it would wrap. */
  readonly limits: ChartBounds;
  /** Makes a grid of cells over a part of the chart: points at their centres, rows first. */
  sample(bounds: ChartBounds, rows: number, columns: number): PatchPoints;
  /** Finds the chart coordinates below a point of the patch's frame, m (a sphere's in units of its radius times angle). */
  locate(x: number, y: number, z: number): [number, number];
  /** Returns the cosine between a direction and the outward normal below a point. */
  facing(point: Vec3, direction: Vec3): number;
  /** Radius of a sphere about the patch's origin that holds the patch, m. */
  readonly reachM: number;
}

const FAR_M = 1e4;

/** Makes the map of a patch's form. */
export function createSurfacePatch(form: PatchForm): SurfacePatch {
  switch (form.kind) {
    case 'flat': {
      const [x, y] = form.sizeM;
      return build([-x / 2, x / 2, -y / 2, y / 2], [-FAR_M, FAR_M, -FAR_M, FAR_M], {
        place: placeFlat,
        locate: (px, py) => [px, py],
        facing: (_, direction) => direction[2],
      });
    }
    case 'cylinder': {
      const { radiusM: r, lengthM, angleRad } = form;
      const half = (r * angleRad) / 2;
      const around = Math.PI * r;
      return build([-lengthM / 2, lengthM / 2, -half, half], [-FAR_M, FAR_M, -around, around], {
        place: (points, index, s, t) => placeOnCylinder(points, index, s, t, r),
        locate: (x, y, z) => [x, r * atan2(y, z + r)],
        facing: ([, y, z], direction) => dot(normalise([0, y, z + r]), direction),
      });
    }
    case 'sphere': {
      const { radiusM: r, angleRad } = form;
      const half = (r * angleRad) / 2;
      const quarter = (Math.PI / 2) * r;
      return build([-half, half, -half, half], [-quarter, quarter, -2 * quarter, 2 * quarter], {
        place: (points, index, s, t) => placeOnSphere(points, index, s, t, r),
        locate: (x, y, z) => {
          const distance = Math.sqrt(x * x + y * y + (z + r) * (z + r));
          if (distance === 0) return [0, 0];
          return [r * asin(Math.min(1, Math.max(-1, x / distance))), r * atan2(y, z + r)];
        },
        facing: ([x, y, z], direction) => dot(normalise([x, y, z + r]), direction),
      });
    }
  }
}

interface Form {
  /** Writes one point; returns the area of a chart's unit square there. */
  place(points: PatchPoints, index: number, s: number, t: number): number;
  locate(x: number, y: number, z: number): [number, number];
  facing(point: Vec3, direction: Vec3): number;
}

function build(bounds: ChartBounds, limits: ChartBounds, { place, locate, facing }: Form): SurfacePatch {
  const sample = ([s0, s1, t0, t1]: ChartBounds, rows: number, columns: number): PatchPoints => {
    const points = allocate(rows * columns);
    const ds = (s1 - s0) / rows;
    const dt = (t1 - t0) / columns;
    for (let row = 0, index = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, index++) {
        const stretch = place(points, index, s0 + (row + 0.5) * ds, t0 + (column + 0.5) * dt);
        points.areaM2[index] = stretch * ds * dt;
      }
    }
    return points;
  };
  let reachM = 0;
  const { count, positionM } = sample(bounds, 17, 17);
  for (let index = 0; index < count; index++) {
    const [x, y, z] = [positionM[index * 3]!, positionM[index * 3 + 1]!, positionM[index * 3 + 2]!];
    reachM = Math.max(reachM, Math.sqrt(x * x + y * y + z * z));
  }
  // The outermost points are half a cell within the rim.
  return { bounds, limits, sample, locate, facing, reachM: reachM * 1.1 };
}

function allocate(count: number): PatchPoints {
  return {
    count,
    positionM: new Float64Array(count * 3),
    normal: new Float64Array(count * 3),
    alongRows: new Float64Array(count * 3),
    alongColumns: new Float64Array(count * 3),
    areaM2: new Float64Array(count),
    chartM: new Float64Array(count * 2),
  };
}

function placeFlat(points: PatchPoints, index: number, s: number, t: number): number {
  points.positionM.set([s, t, 0], index * 3);
  points.normal.set([0, 0, 1], index * 3);
  points.alongRows.set([1, 0, 0], index * 3);
  points.alongColumns.set([0, 1, 0], index * 3);
  points.chartM.set([s, t], index * 2);
  return 1;
}

function placeOnCylinder(points: PatchPoints, index: number, s: number, t: number, radiusM: number): number {
  const [c, n] = [cos(t / radiusM), sin(t / radiusM)];
  points.positionM.set([s, radiusM * n, radiusM * (c - 1)], index * 3);
  points.normal.set([0, n, c], index * 3);
  points.alongRows.set([1, 0, 0], index * 3);
  points.alongColumns.set([0, c, -n], index * 3);
  points.chartM.set([s, t], index * 2);
  return 1;
}

/** Rows are latitudes towards x, columns longitudes from z towards y. */
function placeOnSphere(points: PatchPoints, index: number, s: number, t: number, radiusM: number): number {
  const [cosS, sinS] = [cos(s / radiusM), sin(s / radiusM)];
  const [cosT, sinT] = [cos(t / radiusM), sin(t / radiusM)];
  points.positionM.set([radiusM * sinS, radiusM * cosS * sinT, radiusM * (cosS * cosT - 1)], index * 3);
  points.normal.set([sinS, cosS * sinT, cosS * cosT], index * 3);
  points.alongRows.set([cosS, -sinS * sinT, -sinS * cosT], index * 3);
  points.alongColumns.set([0, cosT, -sinT], index * 3);
  points.chartM.set([s, t], index * 2);
  return cosS;
}
