import { UmweltError } from '../../core/errors.js';
import type { Shape } from '../../scenarios/contract.js';

/**
 * Triangles in a bounding volume hierarchy, in the body's frame; built once a shape and never written to again. A node's
 * first child follows it at once; a leaf's triangles lie one after the other.
 */
export interface Mesh {
  /** [triangles, 9] a vertex, and the edges from it to the other two, m. */
  readonly triangles: Float64Array;
  /** [triangles] index of each in the shape. */
  readonly order: Int32Array;
  /** [nodes, 6] least x, y, z, greatest x, y, z, m; node 0 bounds all. */
  readonly bounds: Float64Array;
  /** [nodes, 2] of a leaf its first triangle and their number; of another node its second child and 0. */
  readonly links: Int32Array;
}

/** Centroids are sorted into at most this many slices along an axis, one a triangle, to look for the best cut. */
const BINS = 16;
/** More triangles than this are always cut. */
const LARGEST_LEAF = 4;
/** Cost of entering a node over that of testing a triangle. */
const NODE_COST = 1;
/** Deeper nodes are cut by halves, so that no mesh outgrows the stack of a ray. */
const DEEPEST_UNEVEN_CUT = 64;

const built = new WeakMap<Shape, Mesh>();

/** The last few that were built, by content: each episode has a copy of its own of the same shape. */
const recent: { readonly shape: MeshShape; readonly mesh: Mesh }[] = [];
const MOST_RECENT = 8;

type MeshShape = Extract<Shape, { kind: 'mesh' }>;

/**
 * Prepares a mesh for ray casting: a hierarchy by the surface area heuristic over binned centroids (Wald 2007). The same
 * shape is built once, also as a copy.
 *
 * @param body that has the shape, for messages.
 * @throws UmweltError `invalid-input` when there is no triangle, a coordinate is not finite, or an index points to no vertex.
 */
export function createMesh(body: string, shape: MeshShape): Mesh {
  const known = built.get(shape);
  if (known !== undefined) return known;
  const mesh = recent.find((other) => isSame(other.shape, shape))?.mesh ?? buildAnew(body, shape);
  built.set(shape, mesh);
  return mesh;
}

function buildAnew(body: string, shape: MeshShape): Mesh {
  checkMesh(body, shape);
  const mesh = build(cornersOf(shape));
  recent.unshift({ shape, mesh });
  recent.length = Math.min(recent.length, MOST_RECENT);
  return mesh;
}

function isSame(a: MeshShape, b: MeshShape): boolean {
  return isEqual(a.verticesM, b.verticesM) && isEqual(a.triangles, b.triangles);
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function checkMesh(body: string, { file, verticesM, triangles }: MeshShape): void {
  const vertices = verticesM.length / 3;
  const fail = (expected: string, got: string): never => {
    throw new UmweltError(
      'invalid-input',
      { body, file, vertices, triangles: triangles.length / 3 },
      `bodies.${body}.shape: expected ${expected}, got ${got}`,
    );
  };
  if (triangles.length === 0) {
    fail(
      'triangles',
      `none; load the scenario from its file, which reads ${file}, or write verticesM and triangles`,
    );
  }
  if (triangles.length % 3 !== 0 || verticesM.length % 3 !== 0) {
    fail('three numbers a vertex and a triangle', `${verticesM.length} and ${triangles.length} numbers`);
  }
  for (const index of triangles) {
    if (!(Number.isInteger(index) && index >= 0 && index < vertices)) {
      fail(`indices of the ${vertices} vertices, from 0 on`, `${index}`);
    }
  }
  for (const value of verticesM) {
    if (!Number.isFinite(value)) fail('finite vertices', `${value}`);
  }
}

/** [triangles, 9] the three vertices of each. */
function cornersOf({ verticesM, triangles }: MeshShape): Float64Array {
  const corners = new Float64Array(triangles.length * 3);
  for (let corner = 0; corner < triangles.length; corner++) {
    for (let axis = 0; axis < 3; axis++)
      corners[corner * 3 + axis] = verticesM[triangles[corner]! * 3 + axis]!;
  }
  return corners;
}

/** What the cuts need to know of each triangle. */
interface Pool {
  /** [triangles, 6] least and greatest x, y, z. */
  readonly boxes: Float64Array;
  /** [triangles] sorted in place, so that each node's are neighbours. */
  readonly order: Int32Array;
}

function build(corners: Float64Array): Mesh {
  const count = corners.length / 9;
  const boxes = new Float64Array(count * 6);
  for (let triangle = 0; triangle < count; triangle++) {
    for (let axis = 0; axis < 3; axis++) {
      const a = corners[triangle * 9 + axis]!;
      const b = corners[triangle * 9 + 3 + axis]!;
      const c = corners[triangle * 9 + 6 + axis]!;
      boxes[triangle * 6 + axis] = Math.min(a, b, c);
      boxes[triangle * 6 + 3 + axis] = Math.max(a, b, c);
    }
  }
  const pool = { boxes, order: Int32Array.from({ length: count }, (_, index) => index) };
  const bounds = new Float64Array(count * 12);
  const links = new Int32Array(count * 4);
  const nodes = divide(pool, bounds, links);
  const triangles = new Float64Array(count * 9);
  for (const [place, triangle] of pool.order.entries()) {
    for (let k = 0; k < 9; k++) {
      const first = k < 3 ? 0 : corners[triangle * 9 + (k % 3)]!;
      triangles[place * 9 + k] = corners[triangle * 9 + k]! - first;
    }
  }
  return {
    triangles,
    order: pool.order,
    bounds: bounds.slice(0, nodes * 6),
    links: links.slice(0, nodes * 2),
  };
}

/** Writes the nodes, each before its children, and returns how many there are. */
function divide(pool: Pool, bounds: Float64Array, links: Int32Array): number {
  const waiting = [{ begin: 0, end: pool.order.length, parent: -1, depth: 0 }];
  let nodes = 0;
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const { begin, end, parent, depth } = range;
    const node = nodes++;
    if (parent >= 0) links[parent * 2] = node;
    const box = bounds.subarray(node * 6, node * 6 + 6);
    boundRange(pool, begin, end, box);
    const middle =
      depth > DEEPEST_UNEVEN_CUT && end - begin > LARGEST_LEAF
        ? (begin + end) >> 1
        : cut(pool, begin, end, box);
    if (middle < 0) {
      links[node * 2] = begin;
      links[node * 2 + 1] = end - begin;
      continue;
    }
    // The first child is popped next and so follows its parent; the second learns its place later.
    waiting.push(
      { begin: middle, end, parent: node, depth: depth + 1 },
      { begin, end: middle, parent: -1, depth: depth + 1 },
    );
  }
  return nodes;
}

function boundRange({ boxes, order }: Pool, begin: number, end: number, box: Float64Array): void {
  emptyBox(box, 0);
  for (let place = begin; place < end; place++) growBox(box, 0, boxes, order[place]! * 6);
}

function emptyBox(box: Float64Array, at: number): void {
  box.fill(Number.POSITIVE_INFINITY, at, at + 3);
  box.fill(Number.NEGATIVE_INFINITY, at + 3, at + 6);
}

/** Widens one box until it holds another. */
function growBox(box: Float64Array, at: number, boxes: Float64Array, from: number): void {
  if (boxes[from]! < box[at]!) box[at] = boxes[from]!;
  if (boxes[from + 1]! < box[at + 1]!) box[at + 1] = boxes[from + 1]!;
  if (boxes[from + 2]! < box[at + 2]!) box[at + 2] = boxes[from + 2]!;
  if (boxes[from + 3]! > box[at + 3]!) box[at + 3] = boxes[from + 3]!;
  if (boxes[from + 4]! > box[at + 4]!) box[at + 4] = boxes[from + 4]!;
  if (boxes[from + 5]! > box[at + 5]!) box[at + 5] = boxes[from + 5]!;
}

function halfArea(box: Float64Array): number {
  const x = box[3]! - box[0]!;
  const y = box[4]! - box[1]!;
  const z = box[5]! - box[2]!;
  return x >= 0 ? x * y + y * z + z * x : 0;
}

/** Sorts a range into two and returns where the second begins; -1 where it had better stay whole. */
function cut(pool: Pool, begin: number, end: number, box: Float64Array): number {
  const count = end - begin;
  if (count === 1) return -1;
  const { boxes, order } = pool;
  const bins = count < BINS ? count : BINS;
  let least = count <= LARGEST_LEAF ? count * halfArea(box) : Number.POSITIVE_INFINITY;
  let best = -1;
  let bestBin = 0;
  let bestFrom = 0;
  let bestScale = 0;
  for (let axis = 0; axis < 3; axis++) {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (let place = begin; place < end; place++) {
      const at = order[place]! * 6 + axis;
      // Twice the centre does as well.
      const centre = boxes[at]! + boxes[at + 3]!;
      if (centre < from) from = centre;
      if (centre > to) to = centre;
    }
    const scale = (bins * (1 - 1e-9)) / (to - from);
    if (!(to > from) || !Number.isFinite(scale)) continue;
    sortIntoBins(pool, begin, end, bins, axis, from, scale);
    const bin = cheapestCut(bins);
    const total = NODE_COST * halfArea(box) + cutCosts[bin]!;
    if (total < least) {
      least = total;
      best = axis;
      bestBin = bin;
      bestFrom = from;
      bestScale = scale;
    }
  }
  if (best < 0) return count <= LARGEST_LEAF ? -1 : begin + (count >> 1);
  let middle = begin;
  for (let place = begin; place < end; place++) {
    const triangle = order[place]!;
    const at = triangle * 6 + best;
    if (Math.floor((boxes[at]! + boxes[at + 3]! - bestFrom) * bestScale) > bestBin) continue;
    order[place] = order[middle]!;
    order[middle] = triangle;
    middle += 1;
  }
  return middle;
}

const binCounts = new Int32Array(BINS);
const binBoxes = new Float64Array(BINS * 6);
const sweep = new Float64Array(6);
/** Of each bin as the last of the first side: the sum of each side's triangles times its half area. */
const cutCosts = new Float64Array(BINS);

function sortIntoBins(
  { boxes, order }: Pool,
  begin: number,
  end: number,
  bins: number,
  axis: number,
  from: number,
  scale: number,
): void {
  binCounts.fill(0);
  for (let bin = 0; bin < bins; bin++) emptyBox(binBoxes, bin * 6);
  for (let place = begin; place < end; place++) {
    const at = order[place]! * 6;
    const bin = Math.floor((boxes[at + axis]! + boxes[at + axis + 3]! - from) * scale);
    binCounts[bin]! += 1;
    growBox(binBoxes, bin * 6, boxes, at);
  }
}

/** Writes `cutCosts` and returns the last bin of the first side of the cheapest cut. */
function cheapestCut(bins: number): number {
  emptyBox(sweep, 0);
  let count = 0;
  for (let bin = 0; bin < bins; bin++) {
    growBox(sweep, 0, binBoxes, bin * 6);
    count += binCounts[bin]!;
    cutCosts[bin] = count * halfArea(sweep);
  }
  emptyBox(sweep, 0);
  count = 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let bin = bins - 1; bin > 0; bin--) {
    growBox(sweep, 0, binBoxes, bin * 6);
    count += binCounts[bin]!;
    const cost = cutCosts[bin - 1]! + count * halfArea(sweep);
    cutCosts[bin - 1] = cost;
    if (cost < least) {
      least = cost;
      best = bin - 1;
    }
  }
  return best;
}
