import { FRAME_VECTORS, SHAPE_KINDS, SHAPE_VECTORS, TRIANGLE_VECTORS } from './intersection-shader.js';

const BUFFER = 'ptr<storage, array<vec4<f32>>, read>';

/** Surfaces nearer than this to the camera are not seen, m. */
export const NEAREST_M = 1e-4;

/** `lens` is the focal length over half the width and over half the height, and where in clip space the axis is. */
export const CLIP_SHADER = /* wgsl */ `
fn intoClip(p: vec3<f32>, lens: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(lens.z * p.x - lens.x * p.y, lens.w * p.x + lens.y * p.z, ${NEAREST_M}, p.x);
}
`;

/**
 * Places a corner of the box around a primitive, in clip space: fragments of its back faces cover every pixel that may
 * see the primitive. `corner` is of the cube from -1 to 1; `pixel` is a pixel's width at a depth of 1. Depth runs from 1 at the
 * nearest to 0 at infinity.
 */
export const PLACE_BOX = /* wgsl */ `
fn placeBox(frames: ${BUFFER}, shapes: ${BUFFER}, body: u32, corner: vec3<f32>, pixel: f32, lens: vec4<f32>) -> vec4<f32> {
  let shape = shapes[body * ${SHAPE_VECTORS}u];
  let present = frames[body * ${FRAME_VECTORS}u + 3u].x;
  if (present == 0.0 || u32(shape.w) == ${SHAPE_KINDS.mesh}u) { return vec4<f32>(0.0, 0.0, -1.0, 1.0); }
  let origin = intoBody(frames, body, vec4<f32>(0.0, 0.0, 0.0, 1.0));
  var size = shape.xyz;
  if (u32(shape.w) == ${SHAPE_KINDS.capsule}u) { size.z += size.x; }
  /* Half a pixel more: rasterisers move corners to a grid of a sixteenth of a pixel or finer. */
  size += 0.5 * pixel * (length(origin) + length(size));
  let p = outOfBody(frames, body, corner * size - origin);
  return intoClip(p, lens);
}
`;

/**
 * Meets the ray of a pixel with a primitive: its normal in the camera's frame, and its depth; the fragment is
 * discarded where it passes by. `slope` is y / x and z / x of the ray.
 */
export const SEE_PRIMITIVE = /* wgsl */ `
fn seePrimitive(frames: ${BUFFER}, shapes: ${BUFFER}, body: u32, slope: vec2<f32>) -> vec4<f32> {
  let shape = shapes[body * ${SHAPE_VECTORS}u];
  let kind = u32(shape.w);
  let o = intoBody(frames, body, vec4<f32>(0.0, 0.0, 0.0, 1.0));
  let d = intoBody(frames, body, vec4<f32>(1.0, slope, 0.0));
  let t = intersectShape(kind, shape.xyz, o, d);
  if (t >= MISS) { discard; }
  return vec4<f32>(outOfBody(frames, body, normalOfShape(kind, shape.xyz, o + t * d)), t);
}
`;

/** Places a vertex of a mesh's triangle in clip space. `faces` holds the body and the triangle of each drawn face. */
export const PLACE_VERTEX = /* wgsl */ `
fn placeVertex(frames: ${BUFFER}, triangles: ${BUFFER}, face: vec2<u32>, corner: u32, lens: vec4<f32>) -> vec4<f32> {
  if (frames[face.x * ${FRAME_VECTORS}u + 3u].x == 0.0) { return vec4<f32>(0.0, 0.0, -1.0, 1.0); }
  let at = face.y * ${TRIANGLE_VECTORS}u;
  var v = triangles[at].xyz;
  if (corner > 0u) { v += triangles[at + corner].xyz; }
  let p = outOfBody(frames, face.x, v - intoBody(frames, face.x, vec4<f32>(0.0, 0.0, 0.0, 1.0)));
  return intoClip(p, lens);
}
`;

/**
 * Meets the ray of a pixel with the plane of a triangle that the rasteriser found there, as `seePrimitive` does. The normal
 * is on the side that is seen. Rasterisers move vertices to a grid, which would tilt a plane that is seen at a grazing angle.
 */
export const SEE_TRIANGLE = /* wgsl */ `
fn seeTriangle(frames: ${BUFFER}, triangles: ${BUFFER}, face: vec2<u32>, slope: vec2<f32>) -> vec4<f32> {
  let o = intoBody(frames, face.x, vec4<f32>(0.0, 0.0, 0.0, 1.0));
  let d = intoBody(frames, face.x, vec4<f32>(1.0, slope, 0.0));
  let forward = intoBody(frames, face.x, vec4<f32>(1.0, 0.0, 0.0, 0.0));
  let at = face.y * ${TRIANGLE_VECTORS}u;
  let v = triangles[at].xyz - o;
  let e = triangles[at + 1u].xyz;
  let f = triangles[at + 2u].xyz;
  let normal = cross(e, f);
  let area = length(normal);
  let towards = dot(normal, d);
  if (area == 0.0 || towards == 0.0) { discard; }
  /* At its rim a triangle may be asked for a pixel that it just misses: its plane goes on, its depth does not. */
  let a = dot(forward, v);
  let b = a + dot(forward, e);
  let c = a + dot(forward, f);
  let t = clamp(dot(normal, v) / towards, min(a, min(b, c)), max(a, max(b, c)));
  if (!(t > 0.0)) { discard; }
  let seen = normal * (select(1.0, -1.0, towards > 0.0) / area);
  return vec4<f32>(outOfBody(frames, face.x, seen), t);
}
`;
