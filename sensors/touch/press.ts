import type { Pose } from '../../core/math/quaternion.js';
import type { Shape } from '../../core/shape.js';
import { measureGaps } from './gaps.js';
import { type Indentation, indent } from './indentation.js';
import type { PairLoad } from './pair-loads.js';
import { roughen } from './rough-surface.js';
import type { PatchPoints, SurfacePatch } from './surface-patch.js';
import { createSurroundings } from './surroundings.js';

/** Forces on the cells of a patch, N: along the inward normal, and by friction along rows and along columns. */
export interface CellForces {
  readonly normalN: Float64Array;
  readonly rowsN: Float64Array;
  readonly columnsN: Float64Array;
}

/** What presses, and how. */
export interface Presser {
  readonly shape: Shape;
  /** Pose in the patch's frame. */
  readonly patchFromBody: Pose;
  /** E* of the soft layer and the body. */
  readonly modulusPa: number;
  /** Coulomb friction of the pair. */
  readonly friction: number;
  /** Radius of a sphere about the body's origin that holds it. */
  readonly reachM: number;
  /** Root mean square height of the body's asperities; 0 presses smoothly. */
  readonly asperityM: number;
}

/** Lays loads on the cells of a patch. */
export interface Press {
  /**
   * Adds one body's load to the forces.
   *
   * @param perS turns impulses into mean forces: one over the interval's length.
   * @returns how the body sits in the surface and the gap of each cell (the press' own array, valid until the next call);
   * null where the contact is a point or the body is of no known form.
   */
  add(forces: CellForces, load: PairLoad, presser: Presser, perS: number): PressedIn | null;
}

export interface PressedIn extends Indentation {
  /** [cells] above the point that is met first. */
  readonly gapM: Float64Array;
}

/** Fewer cells than this do not show a form: the load is a point. */
const FEWEST_CELLS = 6;

/**
 * Makes a press for a grid of cells.
 *
 * The solver says how much force there is and where its centre is; the geometry of the body that presses says how it
 * spreads (`indent`). Pressure is tilted linearly until its centre is the solver's. Friction follows Mindlin's partial
 * slip by Jaeger's and Ciavarella's theorem (1998): the tangential traction is mu times the pressure under the load N less
 * that under N - T / mu, so that slip creeps in from the rim and is everywhere at T = mu N; T is capped there. Forces of a
 * curved patch add up as vectors. What a contact carries beside the patch (a box that overlaps its edge) is left out.
 */
export function createPress(patch: SurfacePatch, cells: PatchPoints, rows: number, columns: number): Press {
  const surroundings = createSurroundings(patch);
  const rims = new Map<number, number>();
  const stuckRims = new Map<number, number>();
  const pitchM = Math.sqrt(cells.areaM2[0]!);
  let scratch = createScratch(cells, null);
  const byBeside = new Map<PatchPoints | null, Scratch>([[null, scratch]]);
  return {
    add(forces, load, presser, perS) {
      const { partner, sizeNs } = load;
      if (!(sizeNs > 0)) return null;
      if (Math.PI * presser.reachM * presser.reachM < FEWEST_CELLS * pitchM * pitchM) {
        spreadPoints(forces, load, perS, patch, rows, columns);
        return null;
      }
      const beside = surroundings.around(load.points);
      scratch = byBeside.get(beside) ?? createScratch(cells, beside);
      byBeside.set(beside, scratch);
      const field = scratch;
      let least = measureGaps(cells, presser.shape, presser.patchFromBody, field.gapM);
      if (presser.asperityM > 0 && Number.isFinite(least))
        least = roughenUntil(rims.get(partner), cells, presser, field.gapM, pitchM, partner, least);
      if (beside !== null) {
        const { shape, patchFromBody } = presser;
        least = Math.min(least, measureGaps(beside, shape, patchFromBody, field.gapM, cells.count));
      }
      const [normalN, frictionN] = [lengthOf(load.normalNs) * perS, lengthOf(load.frictionNs) * perS];
      if (!Number.isFinite(least) || !(normalN > 0)) {
        spreadPoints(forces, load, perS, patch, rows, columns);
        return null;
      }
      for (let index = 0; index < field.count; index++) field.gapM[index]! -= least;
      const pressed = indent(field, normalN, presser.modulusPa, field.weight, rims.get(partner) ?? 0);
      rims.set(partner, pressed.rimM);
      if (pressed.touched < FEWEST_CELLS) {
        spreadPoints(forces, load, perS, patch, rows, columns);
        return null;
      }
      tilt(field, load, patch);
      toForces(field, load, normalN, field.weight);
      const stuckRim = shear(
        field,
        load,
        presser,
        normalN,
        frictionN,
        stuckRims.get(partner) ?? pressed.rimM,
      );
      stuckRims.set(partner, stuckRim);
      addTo(forces, field, load, cells);
      return { ...pressed, gapM: field.gapM };
    },
  };
}

/** Roughens gaps as far as the contact may reach: twice the rim of the last instant, if there was one. */
function roughenUntil(
  rimM: number | undefined,
  cells: PatchPoints,
  { patchFromBody, asperityM }: Presser,
  gapM: Float64Array,
  pitchM: number,
  seed: number,
  leastM: number,
): number {
  const farthestM = rimM === undefined ? Number.MAX_VALUE : 2 * rimM + 6 * asperityM;
  return roughen(cells, patchFromBody, gapM, asperityM, pitchM, seed, leastM, farthestM);
}

/** A patch's cells, then what lies beside it. */
interface Scratch {
  readonly count: number;
  readonly gapM: Float64Array;
  readonly areaM2: Float64Array;
  readonly chartM: Float64Array;
  readonly normal: Float64Array;
  /** Pressure up to a factor, then normal force, N. */
  readonly weight: Float64Array;
  /** By how much the pressure is tilted. */
  readonly factor: Float64Array;
  /** Tangential force, N. */
  readonly drag: Float64Array;
}

function createScratch(cells: PatchPoints, beside: PatchPoints | null): Scratch {
  const join = (key: 'areaM2' | 'chartM' | 'normal'): Float64Array =>
    beside === null ? cells[key] : Float64Array.from([...cells[key], ...beside[key]]);
  const count = cells.count + (beside?.count ?? 0);
  const empty = (): Float64Array => new Float64Array(count);
  return {
    count,
    gapM: empty(),
    areaM2: join('areaM2'),
    chartM: join('chartM'),
    normal: join('normal'),
    weight: empty(),
    factor: empty(),
    drag: empty(),
  };
}

/** Finds the linear factor that moves the centre of pressure to that of the solver's points, and applies it. */
function tilt(field: Scratch, load: PairLoad, { locate }: SurfacePatch): void {
  let [cx, cy] = [0, 0];
  for (let at = 0; at < load.points.length; at += 4) {
    const [s, t] = locate(load.points[at]!, load.points[at + 1]!, load.points[at + 2]!);
    cx += (load.points[at + 3]! / load.sizeNs) * s;
    cy += (load.points[at + 3]! / load.sizeNs) * t;
  }
  const { weight, areaM2, chartM, factor } = field;
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXx = 0;
  let sumYy = 0;
  let sumXy = 0;
  for (let index = 0; index < field.count; index++) {
    if (weight[index] === 0) continue;
    const w = weight[index]! * areaM2[index]!;
    const x = chartM[index * 2]!;
    const y = chartM[index * 2 + 1]!;
    sum += w;
    sumX += w * x;
    sumY += w * y;
    sumXx += w * x * x;
    sumYy += w * y * y;
    sumXy += w * x * y;
  }
  const [mx, my] = [sumX / sum, sumY / sum];
  const [xx, yy, xy] = [sumXx / sum - mx * mx, sumYy / sum - my * my, sumXy / sum - mx * my];
  const determinant = xx * yy - xy * xy;
  const isThin = !(determinant > 1e-6 * (xx + yy) * (xx + yy));
  const gx = isThin ? 0 : (yy * (cx - mx) - xy * (cy - my)) / determinant;
  const gy = isThin ? 0 : (xx * (cy - my) - xy * (cx - mx)) / determinant;
  for (let index = 0; index < field.count; index++) {
    if (weight[index] === 0) continue;
    const change = 1 + gx * (chartM[index * 2]! - mx) + gy * (chartM[index * 2 + 1]! - my);
    factor[index] = Math.max(0, change);
  }
}

/** Turns pressure up to a factor into forces that add up, along the load, to `normalN`. */
function toForces(field: Scratch, { normalNs }: PairLoad, normalN: number, weight: Float64Array): void {
  const { count, areaM2, normal, factor } = field;
  const size = lengthOf(normalNs);
  const [x, y, z] = [-normalNs[0]! / size, -normalNs[1]! / size, -normalNs[2]! / size];
  let sum = 0;
  for (let index = 0; index < count; index++) {
    if (weight[index] === 0) continue;
    const facing = x * normal[index * 3]! + y * normal[index * 3 + 1]! + z * normal[index * 3 + 2]!;
    const force = facing > 0 ? weight[index]! * areaM2[index]! * factor[index]! : 0;
    weight[index] = force;
    sum += force * facing;
  }
  if (!(sum > 0)) return;
  const scale = normalN / sum;
  for (let index = 0; index < count; index++) weight[index]! *= scale;
}

/** @returns the rim of the part that sticks. */
function shear(
  field: Scratch,
  load: PairLoad,
  { friction, modulusPa }: Presser,
  normalN: number,
  frictionN: number,
  startM: number,
): number {
  const { drag, weight, count } = field;
  drag.fill(0);
  if (!(frictionN > 0) || !(friction > 0)) return startM;
  let rimM = startM;
  const stuckN = normalN - frictionN / friction;
  if (stuckN > 1e-3 * normalN) {
    rimM = indent(field, stuckN, modulusPa, drag, startM).rimM;
    toForces(field, load, stuckN, drag);
  }
  for (let index = 0; index < count; index++) drag[index] = friction * (weight[index]! - drag[index]!);
  return rimM;
}

function addTo(forces: CellForces, field: Scratch, { frictionNs }: PairLoad, cells: PatchPoints): void {
  const size = Math.max(lengthOf(frictionNs), Number.MIN_VALUE);
  const [x, y, z] = [frictionNs[0]! / size, frictionNs[1]! / size, frictionNs[2]! / size];
  const { alongRows, alongColumns } = cells;
  for (let index = 0; index < cells.count; index++) {
    const normalN = field.weight[index]!;
    if (normalN === 0) continue;
    forces.normalN[index]! += normalN;
    const drag = field.drag[index]!;
    if (drag === 0) continue;
    const at = index * 3;
    forces.rowsN[index]! += drag * (x * alongRows[at]! + y * alongRows[at + 1]! + z * alongRows[at + 2]!);
    forces.columnsN[index]! +=
      drag * (x * alongColumns[at]! + y * alongColumns[at + 1]! + z * alongColumns[at + 2]!);
  }
}

/** Lays each of the solver's points on the four cells around it, so that their centre is its place. */
function spreadPoints(
  forces: CellForces,
  load: PairLoad,
  perS: number,
  { bounds, locate }: SurfacePatch,
  rows: number,
  columns: number,
): void {
  const [s0, s1, t0, t1] = bounds;
  const [fx, fy] = [load.frictionNs[0]! / load.sizeNs, load.frictionNs[1]! / load.sizeNs];
  for (let at = 0; at < load.points.length; at += 4) {
    const [s, t] = locate(load.points[at]!, load.points[at + 1]!, load.points[at + 2]!);
    if (s < s0 || s > s1 || t < t0 || t > t1) continue;
    const normalN = load.points[at + 3]! * perS;
    const row = ((s - s0) / (s1 - s0)) * rows - 0.5;
    const column = ((t - t0) / (t1 - t0)) * columns - 0.5;
    for (const r of [Math.floor(row), Math.floor(row) + 1]) {
      for (const c of [Math.floor(column), Math.floor(column) + 1]) {
        const share = (1 - Math.abs(row - r)) * (1 - Math.abs(column - c)) * normalN;
        const index = inside(r, rows) * columns + inside(c, columns);
        forces.normalN[index]! += share;
        forces.rowsN[index]! += share * fx;
        forces.columnsN[index]! += share * fy;
      }
    }
  }
}

function inside(cell: number, cells: number): number {
  return Math.min(cells - 1, Math.max(0, cell));
}

function lengthOf(v: Float64Array): number {
  return Math.sqrt(v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!);
}
