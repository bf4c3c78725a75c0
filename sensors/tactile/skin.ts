import { cos, sin } from '../../core/math/exact.js';
import type { Patch } from './specification.js';

/** Where the cells of a skin are, in the frame of the patch. */
export interface Skin {
  readonly rows: number;
  readonly columns: number;
  /** [cells, 3] centres, m; row-major. */
  readonly pointsM: Float64Array;
  /** [cells, 3] unit normals, out of the body. */
  readonly normals: Float64Array;
  /** [cells] areas, m2. */
  readonly areasM2: Float64Array;
  /** Distance of neighbouring centres along rows (x) and columns (y), m. */
  readonly pitchM: readonly [number, number];
  /** Radius at which the skin bends; Infinity where flat, m. */
  readonly radiusM: number;
}

/** Lays a grid of cells over a patch. */
export function createSkin(patch: Patch, rows: number, columns: number): Skin {
  const cells = rows * columns;
  const pointsM = new Float64Array(cells * 3);
  const normals = new Float64Array(cells * 3);
  const areasM2 = new Float64Array(cells);
  const pitchM = pitchOf(patch, rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const along = (row + 0.5 - rows / 2) * pitchM[0];
      const across = (column + 0.5 - columns / 2) * pitchM[1];
      const [point, normal, share] = placeCell(patch, along, across);
      pointsM.set(point, cell * 3);
      normals.set(normal, cell * 3);
      areasM2[cell] = pitchM[0] * pitchM[1] * share;
    }
  }
  const radiusM = patch.kind === 'flat' ? Number.POSITIVE_INFINITY : patch.radiusM;
  return { rows, columns, pointsM, normals, areasM2, pitchM, radiusM };
}

function pitchOf(patch: Patch, rows: number, columns: number): [number, number] {
  switch (patch.kind) {
    case 'flat':
      return [patch.sizeM[0] / rows, patch.sizeM[1] / columns];
    case 'cylinder':
      return [patch.lengthM / rows, (patch.radiusM * patch.angleRad) / columns];
    case 'sphere':
      return [(patch.radiusM * patch.angleRad) / rows, (patch.radiusM * patch.angleRad) / columns];
  }
}

/** A cell's centre, its normal, and its area over that of the middle one. */
function placeCell(
  patch: Patch,
  along: number,
  across: number,
): readonly [readonly number[], readonly number[], number] {
  switch (patch.kind) {
    case 'flat':
      return [[along, across, 0], [0, 0, 1], 1];
    case 'cylinder': {
      const r = patch.radiusM;
      const normal = [0, sin(across / r), cos(across / r)];
      return [[along, r * normal[1]!, r * (normal[2]! - 1)], normal, 1];
    }
    case 'sphere': {
      // Longitude along y on the great circle, then latitude along x.
      const r = patch.radiusM;
      const level = cos(along / r);
      const normal = [sin(along / r), level * sin(across / r), level * cos(across / r)];
      return [[r * normal[0]!, r * normal[1]!, r * (normal[2]! - 1)], normal, level];
    }
  }
}
