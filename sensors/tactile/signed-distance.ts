import type { Shape } from '../../scenarios/contract.js';

/**
 * Returns how far a point lies outside a shape, m, in the body's frame; negative inside. Exact for all shapes but the mesh, which
 * is taken as the box about its vertices.
 */
export function signedDistanceM(shape: Shape, x: number, y: number, z: number): number {
  switch (shape.kind) {
    case 'sphere':
      return Math.sqrt(x * x + y * y + z * z) - shape.radiusM;
    case 'box': {
      const [hx, hy, hz] = shape.halfExtentsM;
      return boxDistance(Math.abs(x) - hx, Math.abs(y) - hy, Math.abs(z) - hz);
    }
    case 'cylinder':
      return boxDistance(Math.sqrt(x * x + y * y) - shape.radiusM, Math.abs(z) - shape.halfHeightM, -1);
    case 'capsule': {
      const beyond = z - Math.min(shape.halfHeightM, Math.max(-shape.halfHeightM, z));
      return Math.sqrt(x * x + y * y + beyond * beyond) - shape.radiusM;
    }
    case 'cone':
      return coneDistance(shape.radiusM, shape.halfHeightM, Math.sqrt(x * x + y * y), z);
    case 'mesh': {
      const [least, most] = bounds(shape);
      const half = [0, 1, 2].map((k) => (most[k]! - least[k]!) / 2);
      const mid = [0, 1, 2].map((k) => (most[k]! + least[k]!) / 2);
      return boxDistance(
        Math.abs(x - mid[0]!) - half[0]!,
        Math.abs(y - mid[1]!) - half[1]!,
        Math.abs(z - mid[2]!) - half[2]!,
      );
    }
  }
}

/** Distance to a box, from how far the point is beyond its faces along each axis. */
function boxDistance(x: number, y: number, z: number): number {
  const inside = Math.min(0, Math.max(x, y, z));
  const ox = Math.max(0, x);
  const oy = Math.max(0, y);
  const oz = Math.max(0, z);
  return inside + Math.sqrt(ox * ox + oy * oy + oz * oz);
}

/** Distance to a cone in its half plane: the nearer of the base and the wall. */
function coneDistance(radius: number, half: number, across: number, z: number): number {
  const baseAcross = Math.max(0, across - radius);
  const base = Math.sqrt(baseAcross * baseAcross + (z + half) * (z + half));
  // The wall from (radius, -half) to (0, half).
  const along = Math.min(
    1,
    Math.max(0, ((across - radius) * -radius + (z + half) * 2 * half) / (radius * radius + 4 * half * half)),
  );
  const wx = across - radius * (1 - along);
  const wz = z + half - 2 * half * along;
  const wall = Math.sqrt(wx * wx + wz * wz);
  const isInside = z > -half && across * 2 * half < radius * (half - z);
  return isInside ? -Math.min(z + half, wall) : Math.min(base, wall);
}

const known = new WeakMap<object, readonly [number[], number[]]>();

function bounds(shape: Extract<Shape, { kind: 'mesh' }>): readonly [number[], number[]] {
  const cached = known.get(shape);
  if (cached !== undefined) return cached;
  const least = [0, 1, 2].map((k) => minimum(shape.verticesM, k, 1));
  const most = [0, 1, 2].map((k) => -minimum(shape.verticesM, k, -1));
  known.set(shape, [least, most]);
  return [least, most];
}

function minimum(vertices: readonly number[], first: number, sign: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = first; i < vertices.length; i += 3) least = Math.min(least, sign * vertices[i]!);
  return least;
}

/** Radius at which a body's surface bends where it is touched; for flat faces half the body's smallest width, m. */
export function contactRadiusM(shape: Shape): number {
  switch (shape.kind) {
    case 'box':
      return Math.min(...shape.halfExtentsM);
    case 'mesh': {
      const [least, most] = bounds(shape);
      return Math.min(...least.map((value, k) => (most[k]! - value) / 2));
    }
    default:
      return shape.radiusM;
  }
}
