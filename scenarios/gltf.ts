import type { Mesh, Object3D } from 'three';
import { describeCause, UmweltError } from '../core/errors.js';

/** Triangles in a body's frame, as a scenario's mesh shape holds them. */
export interface MeshData {
  readonly verticesM: number[];
  readonly triangles: number[];
}

/** Bounds of what one file may hold: a body needs a shape, not a film set. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_VERTICES = 100_000;
const MOST_TRIANGLES = 100_000;
const MOST_NODES = 10_000;

const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BINARY_CHUNK = 0x004e4942;

/** Extensions without which the shape is the same. */
const HARMLESS =
  /^(KHR_mesh_quantization$|KHR_materials_|KHR_texture_|EXT_texture_|MSFT_texture_|KHR_lights_)/;

// biome-ignore lint/suspicious/noExplicitAny: a document of a stranger; every key that is used is checked.
type Json = any;

/**
 * Reads the triangles of a glTF 2.0 file: all meshes of its scene, in place, as one. Colours, textures, skins and
 * animations are left out. glTF has y up and faces +z; here z is up and x forward, so (x, y, z) becomes (z, x, y).
 *
 * @param file its name, for messages.
 * @param bytes of a .glb or a .gltf.
 * @param readBuffer reads a file that the document names beside itself.
 * @throws UmweltError `malformed-file` when it is cut short, no glTF, beyond the bounds or compressed in a way that is not
 * understood; what `readBuffer` throws.
 */
export async function readGltf(
  file: string,
  bytes: Uint8Array,
  readBuffer: (uri: string) => Promise<Uint8Array>,
): Promise<MeshData> {
  if (bytes.length > MOST_BYTES) throw malformed(file, `at most ${MOST_BYTES} bytes`, `${bytes.length}`);
  try {
    const { document, binary } = splitContainer(bytes, file);
    requireDocument(document, file);
    const body = await joinBuffers(document, binary, file, readBuffer);
    const { GLTFLoader } = await import('three/examples/jsm/loaders/GLTFLoader.js');
    const { scene } = await new GLTFLoader().parseAsync(packContainer(document, body), '');
    scene.updateMatrixWorld(true);
    return mergeMeshes(scene, file);
  } catch (cause) {
    if (cause instanceof UmweltError) throw cause;
    throw malformed(file, 'a glTF 2.0 file', describeCause(cause), cause);
  }
}

function splitContainer(bytes: Uint8Array, file: string): { document: Json; binary?: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = bytes;
  let binary: Uint8Array | undefined;
  if (bytes.length >= 4 && view.getUint32(0, true) === MAGIC) {
    if (bytes.length >= 8 && view.getUint32(4, true) !== 2)
      throw malformed(file, 'a glTF 2.0 file', `version ${view.getUint32(4, true)}`);
    if (bytes.length < 20 || view.getUint32(8, true) !== bytes.length)
      throw malformed(file, 'as many bytes as its header says', `${bytes.length}; it may be cut short`);
    const length = view.getUint32(12, true);
    if (view.getUint32(16, true) !== JSON_CHUNK || 20 + length > bytes.length)
      throw malformed(file, 'a chunk of JSON first', 'another; it may be cut short');
    text = bytes.subarray(20, 20 + length);
    const at = 20 + length;
    if (at + 8 <= bytes.length && view.getUint32(at + 4, true) === BINARY_CHUNK) {
      const end = at + 8 + view.getUint32(at, true);
      if (end > bytes.length) throw malformed(file, 'a whole chunk of data', 'part of one; it is cut short');
      binary = bytes.subarray(at + 8, end);
    }
  }
  try {
    return {
      document: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)),
      ...(binary && { binary }),
    };
  } catch (cause) {
    throw malformed(file, 'a glTF 2.0 file', describeCause(cause), cause);
  }
}

/** Checks what the loader takes on trust: a cycle of nodes would keep it waiting for ever, a large count fill the memory. */
function requireDocument(document: Json, file: string): void {
  if (!String(document?.asset?.version).startsWith('2.'))
    throw malformed(file, 'a glTF 2.0 file', `version ${JSON.stringify(document?.asset?.version)}`);
  for (const key of ['nodes', 'meshes', 'accessors', 'bufferViews', 'buffers', 'scenes'])
    if (!Array.isArray(document[key] ?? []))
      throw malformed(file, `an array of ${key}`, typeof document[key]);
  const odd = (document.extensionsRequired ?? []).find((name: unknown) => !HARMLESS.test(String(name)));
  if (odd !== undefined)
    throw malformed(
      file,
      'no required extensions that change the shape',
      `${odd}; export it without compression`,
    );
  const nodes: Json[] = document.nodes ?? [];
  if (nodes.length > MOST_NODES) throw malformed(file, `at most ${MOST_NODES} nodes`, `${nodes.length}`);
  requireTree(nodes, file);
  for (const { count, type, sparse } of document.accessors ?? []) {
    for (const each of [count, sparse?.count ?? 0])
      if (!(Number.isInteger(each) && each >= 0 && each <= 3 * MOST_TRIANGLES))
        throw malformed(file, `accessors of at most ${3 * MOST_TRIANGLES} elements`, `${each} of ${type}`);
  }
}

function requireTree(nodes: readonly Json[], file: string): void {
  const parents = new Map<number, number>();
  for (const [parent, node] of nodes.entries())
    for (const child of node?.children ?? []) {
      if (!Number.isInteger(child) || child < 0 || child >= nodes.length || parents.has(child))
        throw malformed(file, 'a tree of nodes', `node ${child} below node ${parent}`);
      parents.set(child, parent);
    }
  const safe = new Set<number>();
  for (let start = 0; start < nodes.length; start++) {
    const above: number[] = [];
    for (let at: number | undefined = start; at !== undefined && !safe.has(at); at = parents.get(at)) {
      if (above.length > nodes.length) throw malformed(file, 'a tree of nodes', `node ${start} above itself`);
      above.push(at);
    }
    for (const node of above) safe.add(node);
  }
}

/** Lays all buffers out one behind the other; the loader would fetch them, which needs a browser. */
async function joinBuffers(
  document: Json,
  binary: Uint8Array | undefined,
  file: string,
  readBuffer: (uri: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const starts: number[] = [];
  let total = 0;
  for (const [index, { uri, byteLength }] of (document.buffers ?? []).entries()) {
    let part: Uint8Array | undefined;
    if (uri === undefined && index === 0) part = binary;
    else if (typeof uri === 'string') part = await readUri(uri, file, readBuffer);
    if (part === undefined || !(byteLength <= part.length))
      throw malformed(file, `${byteLength} bytes in buffer ${index}`, `${part?.length ?? 'none'}`);
    starts.push(total);
    parts.push(part);
    total += Math.ceil(part.length / 4) * 4;
    if (total > MOST_BYTES) throw malformed(file, `at most ${MOST_BYTES} bytes of buffers`, `${total}`);
  }
  const body = new Uint8Array(total);
  for (const [index, part] of parts.entries()) body.set(part, starts[index]);
  for (const [index, view] of (document.bufferViews ?? []).entries()) {
    const start = starts[view?.buffer];
    const offset = view?.byteOffset ?? 0;
    if (
      start === undefined ||
      !(offset >= 0 && view.byteLength >= 0 && offset + view.byteLength <= parts[view.buffer]!.length)
    )
      throw malformed(file, `bytes of a buffer in bufferViews.${index}`, 'some outside of it');
    view.byteOffset = start + offset;
    view.buffer = 0;
  }
  return body;
}

async function readUri(
  uri: string,
  file: string,
  readBuffer: (uri: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const data = /^data:[^,]*;base64,/.exec(uri);
  if (data) return new Uint8Array(Buffer.from(uri.slice(data[0].length), 'base64'));
  const path = decodeURIComponent(uri);
  if (/^[a-z][a-z0-9+.-]*:|^[/\\]|(^|[/\\])\.\.([/\\]|$)/i.test(path))
    throw malformed(file, 'buffers beside the file', JSON.stringify(uri));
  return readBuffer(path);
}

/** Writes what the shape needs, and nothing else, as a .glb. */
function packContainer(document: Json, body: Uint8Array): ArrayBuffer {
  const pick = (object: Json, keys: readonly string[]): Json =>
    Object.fromEntries(keys.filter((key) => object?.[key] !== undefined).map((key) => [key, object[key]]));
  const kept = {
    asset: { version: '2.0' },
    ...pick(document, ['scene']),
    accessors: (document.accessors ?? []).map((accessor: Json) =>
      pick(accessor, ['bufferView', 'byteOffset', 'componentType', 'normalized', 'count', 'type', 'sparse']),
    ),
    bufferViews: (document.bufferViews ?? []).map((view: Json) =>
      pick(view, ['buffer', 'byteOffset', 'byteLength', 'byteStride']),
    ),
    scenes: document.scenes ?? [{ nodes: (document.nodes ?? []).map((_: Json, index: number) => index) }],
    nodes: (document.nodes ?? []).map((node: Json) =>
      pick(node, ['children', 'matrix', 'translation', 'rotation', 'scale', 'mesh']),
    ),
    meshes: (document.meshes ?? []).map(({ primitives }: Json) => ({
      primitives: primitives.map((primitive: Json) => ({
        ...pick(primitive, ['indices', 'mode']),
        attributes: pick(primitive.attributes, ['POSITION']),
      })),
    })),
    buffers: [{ byteLength: body.length }],
    extensionsUsed: ['KHR_mesh_quantization'],
  };
  const json = new TextEncoder().encode(JSON.stringify({ scene: 0, ...kept }));
  const padded = Math.ceil(json.length / 4) * 4;
  const out = new Uint8Array(28 + padded + body.length);
  const view = new DataView(out.buffer);
  for (const [at, value] of [MAGIC, 2, out.length, padded, JSON_CHUNK].entries())
    view.setUint32(at * 4, value, true);
  out.fill(0x20, 20, 20 + padded);
  out.set(json, 20);
  view.setUint32(20 + padded, body.length, true);
  view.setUint32(24 + padded, BINARY_CHUNK, true);
  out.set(body, 28 + padded);
  return out.buffer;
}

function mergeMeshes(scene: Object3D, file: string): MeshData {
  const verticesM: number[] = [];
  const triangles: number[] = [];
  scene.traverse((object) => {
    const mesh = object as Mesh;
    if (mesh.isMesh) addMesh(mesh, verticesM, triangles, file);
  });
  if (triangles.length === 0) throw malformed(file, 'triangles in its scene', 'none');
  return { verticesM, triangles };
}

function addMesh(mesh: Mesh, verticesM: number[], triangles: number[], file: string): void {
  const position = mesh.geometry.getAttribute('position');
  const index = mesh.geometry.getIndex();
  const first = verticesM.length / 3;
  const corners = index ? index.count : (position?.count ?? 0);
  if (first + (position?.count ?? 0) > MOST_VERTICES || triangles.length + corners > 3 * MOST_TRIANGLES)
    throw malformed(
      file,
      `at most ${MOST_VERTICES} vertices and ${MOST_TRIANGLES} triangles`,
      'more; simplify it',
    );
  const m = mesh.matrixWorld.elements;
  const isMirrored = mesh.matrixWorld.determinant() < 0;
  for (let i = 0; position && i < position.count; i++) {
    const x = position.getX(i);
    const y = position.getY(i);
    const z = position.getZ(i);
    const at = (row: number): number => m[row]! * x + m[row + 4]! * y + m[row + 8]! * z + m[row + 12]!;
    const place = [at(2), at(0), at(1)];
    if (!place.every(Number.isFinite)) throw malformed(file, 'finite coordinates', `[${place}]`);
    verticesM.push(...place);
  }
  for (let i = 0; i + 2 < corners; i += 3) {
    const corner = (k: number): number => first + (index ? index.getX(i + k) : i + k);
    const all = isMirrored ? [corner(0), corner(2), corner(1)] : [corner(0), corner(1), corner(2)];
    const beyond = all.find((each) => each >= verticesM.length / 3);
    if (beyond !== undefined)
      throw malformed(file, `indices of ${position?.count ?? 0} vertices`, `${beyond - first}`);
    triangles.push(...all);
  }
}

function malformed(file: string, expected: string, got: string, cause?: unknown): UmweltError {
  return new UmweltError(
    'malformed-file',
    { file, expected, got },
    `mesh ${file}: expected ${expected}, got ${got}`,
    cause,
  );
}
