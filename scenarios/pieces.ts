import { type Pose, rotate } from '../core/math/quaternion.js';
import { add, type Vec3 } from '../core/math/vector.js';
import type { BodySpec } from './contract.js';

/** Name of a piece of a fragile body; pieces count along x, then y, then z. */
export function pieceName(whole: string, index: number): string {
  return `${whole}-piece-${index}`;
}

/**
 * Cuts a box into equal boxes that lie as they do in the whole and are of its make; nothing pushes or breaks them.
 *
 * @param index of the whole among the bodies.
 * @param counts of pieces along the body's x, y and z.
 */
export function cutIntoPieces(whole: BodySpec, index: number, counts: Vec3): BodySpec[] {
  if (whole.shape.kind !== 'box') return [];
  const { halfExtentsM } = whole.shape;
  const [nx, ny, nz] = counts;
  const half: Vec3 = [halfExtentsM[0] / nx, halfExtentsM[1] / ny, halfExtentsM[2] / nz];
  const { breakForceN: _, inertiaKgm2: __, centreOfMassM: ___, ...make } = whole;
  const pieces: BodySpec[] = [];
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) {
        const inWhole: Vec3 = [
          (2 * x + 1) * half[0] - halfExtentsM[0],
          (2 * y + 1) * half[1] - halfExtentsM[1],
          (2 * z + 1) * half[2] - halfExtentsM[2],
        ];
        pieces.push({
          ...make,
          name: pieceName(whole.name, pieces.length),
          shape: { kind: 'box', halfExtentsM: half },
          massKg: whole.massKg / (nx * ny * nz),
          pose: inPlace(whole.pose, inWhole),
          linearVelocityMps: [0, 0, 0],
          angularVelocityRadps: [0, 0, 0],
          forces: [],
          pieceOf: index,
        });
      }
  return pieces;
}

function inPlace({ positionM, orientation }: Pose, inWhole: Vec3): Pose {
  return { positionM: add(positionM, rotate(orientation, inWhole)), orientation };
}
