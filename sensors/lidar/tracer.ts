import { intersectBody } from '../camera/body-ray.js';
import { MISS } from '../camera/intersection.js';
import { bodyNormal, found, meshNormalAlong } from '../camera/normals.js';
import { MESH, type Scene } from '../camera/scene.js';
import type { Mount } from '../mount.js';
import { type Motion, turnBody } from './motion.js';
import type { View } from './view.js';

/** Beyond this change of a quaternion in one interval, bounds on how far the sensor turns are not trusted. */
const LARGEST_TURN = 0.5;
/** Radians of turn a unit of a quaternion's change, with room for uneven turning. */
const TURN_BOUND = 2.5;

/** What a beam met last. */
export interface Hit {
  rangeM: number;
  /** Index of the body; -1 for nothing. */
  body: number;
  /** Cosine of the angle between beam and normal, 0 to 1. */
  incidence: number;
}

/** Casts rays into bodies that move. */
export interface Tracer {
  readonly hit: Hit;
  /**
   * Chooses, of all bodies, those that rays within a cone can meet between two fractions of the interval.
   *
   * @param cones [.., 5] axis in the sensor's frame, cosine and sine of the half angle; the one at `index` counts.
   */
  gather(cones: Float64Array, index: number, from: number, to: number): void;
  /** Chooses once more, of those that `gather` chose, for rays within a narrower cone. */
  narrow(cones: Float64Array, index: number, from: number, to: number): void;
  /** Casts a ray with a unit direction in the world at a fraction of the interval; writes `hit`. */
  cast(fraction: number, origin: Float64Array, dx: number, dy: number, dz: number): void;
}

/** Bodies that are looked at. */
interface Choice {
  readonly bodies: Int32Array;
  count: number;
}

/**
 * Makes a tracer. The body that carries the sensor is not seen.
 *
 * @param maxRangeM nothing is looked for beyond.
 */
export function createTracer(
  motion: Motion,
  mount: Mount,
  viewAt: (fraction: number) => View,
  maxRangeM: number,
): Tracer {
  const count = motion.moves.length;
  const others = Int32Array.from({ length: count }, (_, body) => body).filter((body) => body !== mount.body);
  const all: Choice = { bodies: others, count: others.length };
  const gathered: Choice = { bodies: new Int32Array(count), count: 0 };
  const chosen: Choice = { bodies: new Int32Array(count), count: 0 };
  const hit: Hit = { rangeM: MISS, body: -1, incidence: 0 };
  return {
    hit,
    gather(cones, index, from, to) {
      choose(gathered, all, motion, mount.body, maxRangeM, viewAt, cones, index * 5, from, to);
    },
    narrow(cones, index, from, to) {
      choose(chosen, gathered, motion, mount.body, maxRangeM, viewAt, cones, index * 5, from, to);
    },
    cast(fraction, origin, dx, dy, dz) {
      castRay(hit, motion, chosen, maxRangeM, fraction, origin, dx, dy, dz);
    },
  };
}

function choose(
  chosen: Choice,
  source: Choice,
  motion: Motion,
  carrier: number,
  maxRangeM: number,
  viewAt: (fraction: number) => View,
  cones: Float64Array,
  at: number,
  from: number,
  to: number,
): void {
  const { scene, radiiM, from: poses, change, moves } = motion;
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  const { origin, axes } = viewAt(middle);
  const [cx, cy, cz] = [cones[at]!, cones[at + 1]!, cones[at + 2]!];
  const ax = axes[0]! * cx + axes[3]! * cy + axes[6]! * cz;
  const ay = axes[1]! * cx + axes[4]! * cy + axes[7]! * cz;
  const az = axes[2]! * cx + axes[5]! * cy + axes[8]! * cz;
  const cosine = cones[at + 3]!;
  const sine = cones[at + 4]!;
  const turn = carrier < 0 ? 0 : TURN_BOUND * changeOf(change, carrier * 7 + 3, 4);
  const isCone = cosine > 0 && turn <= TURN_BOUND * LARGEST_TURN;
  const travel = carrier < 0 ? 0 : changeOf(change, carrier * 7, 3);
  const arm = carrier < 0 ? 0 : armOf(origin, poses, change, carrier * 7, middle);
  let count = 0;
  for (let k = 0; k < source.count; k++) {
    const body = source.bodies[k]!;
    if (scene.present[body] === 0) continue;
    if (isCone) {
      const p = body * 7;
      const x = poses[p]! + change[p]! * middle - origin[0]!;
      const y = poses[p + 1]! + change[p + 1]! * middle - origin[1]!;
      const z = poses[p + 2]! + change[p + 2]! * middle - origin[2]!;
      const squared = x * x + y * y + z * z;
      const distance = Math.sqrt(squared);
      const own = moves[body] === 0 ? 0 : changeOf(change, p, 3);
      const radius = radiiM[body]! * (1 + 1e-9) + half * (own + travel + turn * (distance + arm));
      if (distance - radius > maxRangeM) continue;
      if (distance > radius) {
        const along = x * ax + y * ay + z * az;
        const across = Math.sqrt(Math.max(0, squared - along * along));
        // Distance from the cone's wall; behind the tip the tip is nearest, and farther than the radius.
        if (across * cosine - along * sine > radius || along * cosine + across * sine < 0) continue;
      }
    }
    chosen.bodies[count] = body;
    count += 1;
  }
  chosen.count = count;
}

function changeOf(change: Float64Array, at: number, length: number): number {
  let squares = 0;
  for (let k = at; k < at + length; k++) squares += change[k]! * change[k]!;
  return Math.sqrt(squares);
}

/** How far the sensor is from the origin of its carrier. */
function armOf(
  origin: Float64Array,
  poses: Float64Array,
  change: Float64Array,
  at: number,
  fraction: number,
): number {
  let squares = 0;
  for (let k = 0; k < 3; k++) {
    const gap = origin[k]! - poses[at + k]! - change[at + k]! * fraction;
    squares += gap * gap;
  }
  return Math.sqrt(squares);
}

/** The ray in the frame of the body that it met: origin, direction. */
const local = new Float64Array(6);

function castRay(
  hit: Hit,
  motion: Motion,
  chosen: Choice,
  maxRangeM: number,
  fraction: number,
  origin: Float64Array,
  dx: number,
  dy: number,
  dz: number,
): void {
  const { scene, radiiM, from, change, turns } = motion;
  const { axes } = scene;
  let best = MISS;
  let nearest = -1;
  for (let k = 0; k < chosen.count; k++) {
    const body = chosen.bodies[k]!;
    const p = body * 7;
    const x = origin[0]! - from[p]! - change[p]! * fraction;
    const y = origin[1]! - from[p + 1]! - change[p + 1]! * fraction;
    const z = origin[2]! - from[p + 2]! - change[p + 2]! * fraction;
    const radius = radiiM[body]! * (1 + 1e-9);
    const squared = x * x + y * y + z * z;
    const square = radius * radius;
    if (squared > square) {
      const ahead = -(x * dx + y * dy + z * dz);
      if (ahead <= 0 || ahead - radius >= best || squared - ahead * ahead > square) continue;
    }
    if (turns[body] === 1) turnBody(motion, body, fraction);
    const a = body * 9;
    const ox = axes[a]! * x + axes[a + 1]! * y + axes[a + 2]! * z;
    const oy = axes[a + 3]! * x + axes[a + 4]! * y + axes[a + 5]! * z;
    const oz = axes[a + 6]! * x + axes[a + 7]! * y + axes[a + 8]! * z;
    const lx = axes[a]! * dx + axes[a + 1]! * dy + axes[a + 2]! * dz;
    const ly = axes[a + 3]! * dx + axes[a + 4]! * dy + axes[a + 5]! * dz;
    const lz = axes[a + 6]! * dx + axes[a + 7]! * dy + axes[a + 8]! * dz;
    const t = intersectBody(scene, body, ox, oy, oz, lx, ly, lz, best);
    if (t >= best) continue;
    best = t;
    nearest = body;
    local[0] = ox;
    local[1] = oy;
    local[2] = oz;
    local[3] = lx;
    local[4] = ly;
    local[5] = lz;
  }
  const isNear = best <= maxRangeM;
  hit.body = isNear ? nearest : -1;
  hit.rangeM = isNear ? best : MISS;
  hit.incidence = isNear ? incidenceOf(scene, nearest, best) : 0;
}

/** Cosine between the ray in `local` and the normal where it meets a body. */
function incidenceOf(scene: Scene, body: number, t: number): number {
  const [ox, oy, oz] = [local[0]!, local[1]!, local[2]!];
  const [dx, dy, dz] = [local[3]!, local[4]!, local[5]!];
  if (scene.kinds[body] === MESH) meshNormalAlong(scene, body, ox, oy, oz, dx, dy, dz);
  else bodyNormal(scene, body, ox + t * dx, oy + t * dy, oz + t * dz);
  return Math.abs(found[0]! * dx + found[1]! * dy + found[2]! * dz);
}
