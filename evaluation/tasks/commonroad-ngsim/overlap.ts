/** A rectangle in the plane: its centre, its heading as a unit vector and its size. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly dirX: number;
  readonly dirY: number;
  readonly lengthM: number;
  readonly widthM: number;
}

/**
 * Says whether two rectangles overlap, by the separating axis theorem: they do not, when on one of their four axes the
 * distance of their centres is at least the sum of their half-widths. Exact; rectangles that touch do not overlap.
 */
export function overlaps(a: Rectangle, b: Rectangle): boolean {
  return !isSeparated(a, b, a.dirX, a.dirY) && !isSeparated(a, b, b.dirX, b.dirY);
}

/** Tries the axis along a heading and the one across it. */
function isSeparated(a: Rectangle, b: Rectangle, axisX: number, axisY: number): boolean {
  const [x, y] = [b.x - a.x, b.y - a.y];
  const along = Math.abs(x * axisX + y * axisY) >= halfWidth(a, axisX, axisY) + halfWidth(b, axisX, axisY);
  return (
    along || Math.abs(y * axisX - x * axisY) >= halfWidth(a, -axisY, axisX) + halfWidth(b, -axisY, axisX)
  );
}

function halfWidth({ dirX, dirY, lengthM, widthM }: Rectangle, axisX: number, axisY: number): number {
  const along = Math.abs(dirX * axisX + dirY * axisY);
  const across = Math.abs(dirX * axisY - dirY * axisX);
  return (lengthM * along + widthM * across) / 2;
}
