import { UmweltError } from '../../../core/errors.js';
import { normaliseQuaternion, type Pose, rotate } from '../../../core/math/quaternion.js';
import { dot, subtract, type Vec3 } from '../../../core/math/vector.js';
import type { BodySpec } from '../../../scenarios/contract.js';
import { createMesh, type Mesh } from '../mesh.js';
import type { Pinhole } from '../pinhole.js';
import { type PreparedTexture, prepareTexture } from '../texture.js';
import {
  FRAME_VECTORS,
  LEAF_FACTOR,
  NODE_VECTORS,
  SHAPE_KINDS,
  SHAPE_VECTORS,
  TRIANGLE_VECTORS,
} from './intersection-shader.js';
import { TEXTURE_KINDS } from './texture-kinds.js';

/** What the shaders need to know of the bodies: vectors of four float32. Layout: see intersection-shader.ts. */
export interface PackedBodies {
  /** [bodies, SHAPE_VECTORS, 4] what never changes. */
  readonly shapes: Float32Array;
  /** [triangles, TRIANGLE_VECTORS, 4] of all meshes, a vertex and two edges; at least one, of zeros. */
  readonly triangles: Float32Array;
  /** [nodes, NODE_VECTORS, 4] of all hierarchies: least corner and the node to go on with past this one; greatest corner and leaf. */
  readonly nodes: Float32Array;
  /** [faces, 2] body and triangle of each triangle that is drawn. */
  readonly faces: Uint32Array;
  /** [texels, 4] linear RGB of all images, level by level. */
  readonly texels: Float32Array;
}

/** Whole numbers are exact in a float32 up to here. */
const EXACT = 2 ** 24;

/**
 * Packs bodies into the buffers that the shaders read.
 *
 * @throws UmweltError `invalid-input` when a mesh or an image is not what it must be, or all of them are too many.
 */
export function packBodies(bodies: readonly BodySpec[]): PackedBodies {
  const shapes = new Float32Array(Math.max(1, bodies.length) * SHAPE_VECTORS * 4);
  const meshes = new Map<Mesh, { firstNode: number; firstTriangle: number }>();
  const faces: number[] = [];
  const textures: PreparedTexture[] = [];
  let nodes = 0;
  let triangles = 0;
  let texels = 0;
  for (const [body, spec] of bodies.entries()) {
    const at = body * SHAPE_VECTORS * 4;
    shapes.set([...sizeOf(spec), SHAPE_KINDS[spec.shape.kind], ...spec.albedo, spec.specular], at);
    shapes[at + 11] = spec.roughness;
    if (spec.shape.kind === 'mesh') {
      const mesh = createMesh(spec.name, spec.shape);
      if (!meshes.has(mesh)) {
        meshes.set(mesh, { firstNode: nodes, firstTriangle: triangles });
        nodes += mesh.links.length / 2;
        triangles += mesh.triangles.length / 9;
      }
      const { firstNode, firstTriangle } = meshes.get(mesh)!;
      shapes[at + 19] = firstNode;
      for (let k = 0; k < mesh.triangles.length / 9; k++) faces.push(body, firstTriangle + k);
    }
    if (spec.texture !== undefined) {
      const prepared = prepareTexture(spec.texture, spec.albedo);
      shapes.set(describeTexture(prepared, texels), at + 8);
      shapes[at + 11] = spec.roughness;
      textures.push(prepared);
      for (const level of prepared.levels) texels += level.width * level.height;
    }
  }
  checkCounts(bodies.length, { nodes, triangles: triangles * LEAF_FACTOR, texels });
  return {
    shapes,
    triangles: packTriangles([...meshes.keys()], triangles),
    nodes: packNodes(meshes, nodes),
    faces: Uint32Array.from(faces),
    texels: packTexels(textures, texels),
  };
}

function checkCounts(bodies: number, counts: Readonly<Record<string, number>>): void {
  for (const [what, count] of Object.entries(counts)) {
    if (count < EXACT) continue;
    throw new UmweltError(
      'invalid-input',
      { bodies, ...counts },
      `GPU renderer: expected fewer ${what} in all meshes and images, got ${count} over a limit of ${EXACT}; simplify them, or render on the CPU`,
    );
  }
}

function sizeOf({ shape }: BodySpec): Vec3 {
  switch (shape.kind) {
    case 'box':
      return shape.halfExtentsM;
    case 'sphere':
      return [shape.radiusM, shape.radiusM, shape.radiusM];
    case 'mesh':
      return [0, 0, 0];
    default:
      return [shape.radiusM, shape.radiusM, shape.halfHeightM];
  }
}

/** Numbers 8 to 18 of a shape; the roughness, 11, is left 0. */
function describeTexture({ texture, levels }: PreparedTexture, firstTexel: number): number[] {
  const kind = TEXTURE_KINDS[texture.kind];
  if (texture.kind === 'image') {
    const { width, height, sizeM } = texture;
    return [0, 0, 0, 0, kind, sizeM, firstTexel, 0, width, height, levels.length];
  }
  const seed = 'seed' in texture ? texture.seed : 0;
  return [...texture.other, 0, kind, texture.sizeM, seed & 0xffff, (seed >>> 16) & 0xffff, 0, 0, 0];
}

function packTriangles(meshes: readonly Mesh[], count: number): Float32Array {
  const packed = new Float32Array(Math.max(1, count) * TRIANGLE_VECTORS * 4);
  let at = 0;
  for (const { triangles } of meshes) {
    for (let k = 0; k < triangles.length; k += 3) {
      packed[at] = triangles[k]!;
      packed[at + 1] = triangles[k + 1]!;
      packed[at + 2] = triangles[k + 2]!;
      at += 4;
    }
  }
  return packed;
}

/** Threads each hierarchy: a node knows where to go on when a ray misses it, so that the shader needs no stack. */
function packNodes(
  meshes: ReadonlyMap<Mesh, { firstNode: number; firstTriangle: number }>,
  count: number,
): Float32Array {
  const packed = new Float32Array(Math.max(1, count) * NODE_VECTORS * 4);
  for (const [{ bounds, links }, { firstNode, firstTriangle }] of meshes) {
    const own = links.length / 2;
    const next = new Int32Array(own).fill(-1);
    for (let node = 0; node < own; node++) {
      const leaf = links[node * 2 + 1]! > 0;
      if (!leaf) {
        next[node + 1] = links[node * 2]!;
        next[links[node * 2]!] = next[node]!;
      }
      const at = (firstNode + node) * NODE_VECTORS * 4;
      packed.set(bounds.subarray(node * 6, node * 6 + 3), at);
      packed[at + 3] = next[node]! < 0 ? -1 : firstNode + next[node]!;
      packed.set(bounds.subarray(node * 6 + 3, node * 6 + 6), at + 4);
      packed[at + 7] = leaf ? (firstTriangle + links[node * 2]!) * LEAF_FACTOR + links[node * 2 + 1]! : -1;
    }
  }
  return packed;
}

function packTexels(textures: readonly PreparedTexture[], count: number): Float32Array {
  const packed = new Float32Array(Math.max(1, count) * 4);
  let at = 0;
  for (const { levels } of textures) {
    for (const { texels } of levels) {
      for (let k = 0; k < texels.length; k += 3) {
        packed[at] = texels[k]!;
        packed[at + 1] = texels[k + 1]!;
        packed[at + 2] = texels[k + 2]!;
        at += 4;
      }
    }
  }
  return packed;
}

/**
 * Writes where a body is as seen from the camera, computed in float64: the distance from the camera keeps its digits.
 *
 * @param frames [bodies, FRAME_VECTORS, 4], overwritten at the body.
 * @param reachM how far the body reaches from its origin.
 * @param present whether the body is there now.
 * @throws UmweltError `invalid-input` when the pose is not finite.
 */
export function placeInView(
  frames: Float32Array,
  camera: Pinhole,
  { name, shape }: BodySpec,
  reachM: number,
  body: number,
  { positionM, orientation }: Pose,
  present: boolean,
): void {
  if (![...positionM, ...orientation].every(Number.isFinite)) {
    throw new UmweltError(
      'invalid-input',
      { body: name, positionM, orientation },
      `camera: expected a finite pose of body ${name}, got position [${positionM.join(', ')}] and ` +
        `orientation [${orientation.join(', ')}]; look for an impossible mass or velocity in the scenario`,
    );
  }
  const unit = normaliseQuaternion(orientation);
  const offset = subtract(camera.positionM, positionM);
  const at = body * FRAME_VECTORS * 4;
  const local: number[] = [];
  for (const [row, axis] of AXES.entries()) {
    const world = rotate(unit, axis);
    const own = dot(world, offset);
    local.push(own);
    frames.set(
      [dot(world, camera.forward), dot(world, camera.left), dot(world, camera.up), own],
      at + row * 4,
    );
  }
  frames.set(
    [-dot(camera.forward, offset), -dot(camera.left, offset), -dot(camera.up, offset), reachM * REACH_MARGIN],
    at + 16,
  );
  frames[at + 12] = present ? 1 : 0;
  frames[at + 13] = holds(shape, local[0]!, local[1]!, local[2]!) ? 0 : 1;
}

/** Beyond what float32 can be wrong by. */
const REACH_MARGIN = 1.001;

const AXES: readonly Vec3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** Tells whether a point of a body's frame lies inside it; never for a mesh, which may be open. */
function holds(shape: BodySpec['shape'], x: number, y: number, z: number): boolean {
  const radial = Math.sqrt(x * x + y * y);
  switch (shape.kind) {
    case 'box': {
      const [hx, hy, hz] = shape.halfExtentsM;
      return Math.abs(x) < hx && Math.abs(y) < hy && Math.abs(z) < hz;
    }
    case 'sphere':
      return Math.sqrt(radial * radial + z * z) < shape.radiusM;
    case 'cylinder':
      return radial < shape.radiusM && Math.abs(z) < shape.halfHeightM;
    case 'capsule': {
      const beyond = Math.max(0, Math.abs(z) - shape.halfHeightM);
      return Math.sqrt(radial * radial + beyond * beyond) < shape.radiusM;
    }
    case 'cone':
      return (
        z > -shape.halfHeightM && radial < (shape.radiusM * (shape.halfHeightM - z)) / (2 * shape.halfHeightM)
      );
    case 'mesh':
      return false;
  }
}
