import { DISC, LIGHT_SAMPLES } from '../light-samples.js';
import {
  FRAME_VECTORS,
  LEAF_FACTOR,
  NODE_VECTORS,
  SHAPE_KINDS,
  SHAPE_VECTORS,
  TRIANGLE_VECTORS,
} from './intersection-shader.js';

const BUFFER = 'ptr<storage, array<vec4<f32>>, read>';

/** Vectors of four of the lighting before the lights, and of each light. */
export const LIGHTING_VECTORS = 2;
export const LIGHT_VECTORS = 2;

const discPoints = Array.from(
  { length: LIGHT_SAMPLES },
  (_, k) => `vec2<f32>(${DISC[k * 2]!}, ${DISC[k * 2 + 1]!})`,
).join(', ');

/** Shadow rays in WGSL: the primitives in closed form, the meshes through their hierarchies. */
export const SHADOW_SHADER = /* wgsl */ `
const DISC = array<vec2<f32>, ${LIGHT_SAMPLES}>(${discPoints});

fn triangleBlocks(triangles: ${BUFFER}, triangle: u32, o: vec3<f32>, d: vec3<f32>, tMost: f32) -> bool {
  let at = triangle * ${TRIANGLE_VECTORS}u;
  let e = triangles[at + 1u].xyz;
  let f = triangles[at + 2u].xyz;
  let s = cross(d, f);
  let determinant = dot(e, s);
  if (determinant == 0.0) { return false; }
  let v = o - triangles[at].xyz;
  let a = dot(v, s) / determinant;
  let q = cross(v, e);
  let b = dot(d, q) / determinant;
  let t = dot(f, q) / determinant;
  return a >= 0.0 && b >= 0.0 && a + b <= 1.0 && t > 0.0 && t < tMost;
}

fn meshBlocks(nodes: ${BUFFER}, triangles: ${BUFFER}, root: i32, o: vec3<f32>, d: vec3<f32>, tMost: f32) -> bool {
  let inverse = 1.0 / awayFromZero(d);
  var node = root;
  while (node >= 0) {
    let least = nodes[u32(node) * ${NODE_VECTORS}u];
    let most = nodes[u32(node) * ${NODE_VECTORS}u + 1u];
    let a = (least.xyz - o) * inverse;
    let b = (most.xyz - o) * inverse;
    let near = min(a, b);
    let far = max(a, b);
    let enter = max(max(near.x, near.y), max(near.z, 0.0));
    /* A little more than float32 can be wrong by. */
    let leave = min(min(far.x, far.y), min(far.z, tMost)) * 1.00001 + 1e-9;
    if (!(enter <= leave)) {
      node = i32(least.w);
    } else if (most.w < 0.0) {
      node += 1;
    } else {
      let first = u32(most.w) / ${LEAF_FACTOR}u;
      let count = u32(most.w) % ${LEAF_FACTOR}u;
      for (var k = first; k < first + count; k++) {
        if (triangleBlocks(triangles, k, o, d, tMost)) { return true; }
      }
      node = i32(least.w);
    }
  }
  return false;
}

/* Whether a body stands between a point on the owner and a light; a convex body shades nothing of itself. */
fn isBlocked(frames: ${BUFFER}, shapes: ${BUFFER}, triangles: ${BUFFER}, nodes: ${BUFFER}, bodies: u32, owner: u32, point: vec3<f32>, towards: vec3<f32>, tMost: f32) -> bool {
  for (var body = 0u; body < bodies; body++) {
    let shape = shapes[body * ${SHAPE_VECTORS}u];
    let kind = u32(shape.w);
    if (frames[body * ${FRAME_VECTORS}u + 3u].x == 0.0) { continue; }
    if (body == owner && kind != ${SHAPE_KINDS.mesh}u) { continue; }
    /* Whether the ray comes near the body at all. */
    let ball = frames[body * ${FRAME_VECTORS}u + 4u];
    let v = ball.xyz - point;
    let along = clamp(dot(v, towards) / dot(towards, towards), 0.0, tMost);
    let gap = v - along * towards;
    if (dot(gap, gap) > ball.w * ball.w) { continue; }
    let o = intoBody(frames, body, vec4<f32>(point, 1.0));
    let d = intoBody(frames, body, vec4<f32>(towards, 0.0));
    if (kind == ${SHAPE_KINDS.mesh}u) {
      let root = i32(shapes[body * ${SHAPE_VECTORS}u + 4u].w);
      if (meshBlocks(nodes, triangles, root, o, d, tMost)) { return true; }
    } else if (intersectShape(kind, shape.xyz, o, d) < tMost) {
      return true;
    }
  }
  return false;
}

/* The share of a light that a point sees past all bodies; \`light\` leads to it. */
fn visibleShare(frames: ${BUFFER}, shapes: ${BUFFER}, triangles: ${BUFFER}, nodes: ${BUFFER}, bodies: u32, owner: u32, point: vec3<f32>, light: vec3<f32>, tMost: f32, radius: f32, pixel: vec2<f32>) -> f32 {
  if (radius == 0.0) {
    return select(1.0, 0.0, isBlocked(frames, shapes, triangles, nodes, bodies, owner, point, light, tMost));
  }
  let w = normalize(light);
  let side = select(1.0, -1.0, w.z < 0.0);
  let a = -1.0 / (side + w.z);
  let b = w.x * w.y * a;
  let u = vec3<f32>(1.0 + side * w.x * w.x * a, side * b, -side * w.x) * radius;
  let v = vec3<f32>(b, side + w.y * w.y * a, -w.y) * radius;
  let noise = fract(52.9829189 * fract(dot(pixel, vec2<f32>(0.06711056, 0.00583715))));
  let angle = floor(noise * 256.0) * ${(2 * Math.PI) / 256};
  let c = cos(angle);
  let s = sin(angle);
  var seen = 0.0;
  for (var k = 0; k < ${LIGHT_SAMPLES}; k++) {
    let p = DISC[k].x * c - DISC[k].y * s;
    let q = DISC[k].x * s + DISC[k].y * c;
    if (!isBlocked(frames, shapes, triangles, nodes, bodies, owner, point, light + p * u + q * v, tMost)) { seen += 1.0; }
  }
  return seen / ${LIGHT_SAMPLES}.0;
}
`;

/** Microfacet gloss in WGSL: what sensors/camera/reflection.ts does, in float32. */
export const REFLECTION_SHADER = /* wgsl */ `
fn fifth(cosine: f32) -> f32 {
  let m = max(0.0, 1.0 - cosine);
  return m * m * m * m * m;
}

fn fresnel(specular: f32, cosine: f32) -> f32 {
  return specular + (1.0 - specular) * fifth(cosine);
}

fn glossyReflection(specular: f32, roughness: f32, nl: f32, nv: f32, nh: f32, vh: f32) -> f32 {
  if (!(specular > 0.0 && nl > 0.0 && nv > 0.0)) { return 0.0; }
  let alpha = max(roughness * roughness, 0.0025);
  let square = alpha * alpha;
  /* 1 - (n.h)^2 (1 - a^2), in an order that keeps float32's digits where n.h is nearly 1. */
  let spread = (1.0 - nh) * (1.0 + nh) + nh * nh * square;
  let masking = nl * sqrt(square + (1.0 - square) * nv * nv) + nv * sqrt(square + (1.0 - square) * nl * nl);
  return square / (spread * spread) * fresnel(specular, vh) * nl / (2.0 * masking);
}

fn throughGloss(specular: f32, nl: f32, nv: f32) -> f32 {
  if (specular == 0.0) { return 1.0; }
  return (1.0 - fresnel(specular, nl)) * (1.0 - fresnel(specular, nv));
}

fn glossyAmbient(specular: f32, roughness: f32, nv: f32) -> f32 {
  if (specular == 0.0) { return 0.0; }
  return specular + (max(1.0 - roughness, specular) - specular) * fifth(nv);
}

fn skyBrightness(elevation: f32) -> f32 {
  if (elevation > 0.0) { return 1.6 - 0.8 * elevation; }
  return select(0.5, 1.6 + 3.0 * elevation, elevation > ${-1.1 / 3});
}
`;

/**
 * Lights a pixel in WGSL as sensors/camera/sky-light.ts and lights.ts do; returns linear radiance and the instance.
 *
 * `lighting`: the world's z in the camera's frame and the number of lights; the sky's radiance and the number of bodies; then
 * of each light its place in the camera's frame (the direction of a distant one) and 1 if it is distant, its colour and its radius.
 */
export const SHADE_PIXEL = /* wgsl */ `
fn shadePixel(lighting: ${BUFFER}, frames: ${BUFFER}, shapes: ${BUFFER}, triangles: ${BUFFER}, nodes: ${BUFFER}, texels: ${BUFFER}, surface: vec4<f32>, instance: f32, pixel: vec2<f32>, slope: vec2<f32>, focalPx: f32) -> vec4<f32> {
  let ray = vec3<f32>(1.0, slope);
  let up = lighting[0].xyz;
  let sky = lighting[1].xyz;
  if (instance == 0.0) { return vec4<f32>(sky * skyBrightness(dot(up, ray) / length(ray)), 0.0); }
  let body = u32(instance) - 1u;
  if (frames[body * ${FRAME_VECTORS}u + 3u].y == 0.0) { return vec4<f32>(0.0, 0.0, 0.0, instance); }
  let n = surface.xyz;
  let p = surface.w * ray;
  let viewer = -normalize(ray);
  let nv = dot(n, viewer);
  let widthM = surface.w / focalPx / max(abs(nv), 0.25);
  let albedo = albedoAt(shapes, texels, body, intoBody(frames, body, vec4<f32>(p, 1.0)), intoBody(frames, body, vec4<f32>(n, 0.0)), widthM);
  let specular = shapes[body * ${SHAPE_VECTORS}u + 1u].w;
  let roughness = shapes[body * ${SHAPE_VECTORS}u + 2u].w;
  let nz = dot(n, up);
  var matt = 0.5 + 0.5 * nz;
  var shine = 0.0;
  if (specular > 0.0 && nv > 0.0) {
    let mirrored = 2.0 * nv * nz - dot(viewer, up);
    let seen = mix(skyBrightness(mirrored), 0.5 + 0.5 * mirrored, roughness);
    shine = seen * glossyAmbient(specular, roughness, nv);
    matt *= throughGloss(specular, 0.5, nv);
  }
  var radiance = sky * (albedo * matt + shine);
  /* Off the surface by a little more than float32 can be wrong by there. */
  let point = p + n * (2e-6 * (1.0 + 4.0 * surface.w));
  let lights = u32(lighting[0].w);
  for (var k = 0u; k < lights; k++) {
    let place = lighting[${LIGHTING_VECTORS}u + k * ${LIGHT_VECTORS}u];
    let colour = lighting[${LIGHTING_VECTORS}u + k * ${LIGHT_VECTORS}u + 1u];
    let distant = place.w == 1.0;
    let light = select(place.xyz - p, place.xyz, distant);
    let l = normalize(light);
    let nl = dot(n, l);
    if (!(nl > 0.0)) { continue; }
    let share = visibleShare(frames, shapes, triangles, nodes, u32(lighting[1].w), body, point, light, select(1.0, MISS, distant), colour.w, pixel);
    if (share == 0.0) { continue; }
    var strength = share;
    if (!distant) { strength /= max(dot(light, light), colour.w * colour.w); }
    var direct = nl;
    var glint = 0.0;
    if (specular > 0.0) {
      let h = normalize(l + viewer);
      glint = glossyReflection(specular, roughness, nl, nv, dot(n, h), dot(viewer, h));
      direct *= throughGloss(specular, nl, nv);
    }
    radiance += colour.xyz * strength * (albedo * direct + glint);
  }
  return vec4<f32>(radiance, instance);
}
`;
