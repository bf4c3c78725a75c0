import { SHAPE_VECTORS } from './intersection-shader.js';
import { TEXTURE_KINDS } from './texture-kinds.js';

/** Textures in WGSL: what sensors/camera/texture.ts does, in float32. */
export const TEXTURE_SHADER = /* wgsl */ `
fn triangleWave(x: f32) -> f32 {
  let phase = x - 2.0 * floor(x / 2.0);
  return select(2.0 - phase, phase, phase < 1.0);
}

/* Average of a square wave (+1 in [0, 1), -1 in [1, 2), period 2) over a window about x. */
fn squareWave(x: f32, width: f32) -> f32 {
  /* In float32 the difference of integrals loses its digits before it does in float64. */
  if (width < 1e-4) { return select(-1.0, 1.0, x - 2.0 * floor(x / 2.0) < 1.0); }
  return (triangleWave(x + width / 2.0) - triangleWave(x - width / 2.0)) / width;
}

fn latticeValue(p: vec3<i32>, seed: u32) -> f32 {
  let c = vec3<u32>(p);
  var bits = (c.x * 0x8da6b343u) ^ (c.y * 0xd8163841u) ^ (c.z * 0xcb1ab31fu) ^ seed;
  bits = (bits ^ (bits >> 16u)) * 0x7feb352du;
  bits = (bits ^ (bits >> 15u)) * 0x846ca68bu;
  return f32(bitcast<i32>(bits ^ (bits >> 16u))) / 2147483648.0;
}

fn valueNoise(p: vec3<f32>, seed: u32) -> f32 {
  let low = floor(p);
  let f = p - low;
  let q = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
  var value = 0.0;
  for (var corner = 0; corner < 8; corner++) {
    let step = vec3<i32>(corner & 1, (corner >> 1) & 1, corner >> 2);
    let share = select(1.0 - q, q, step == vec3<i32>(1));
    value += share.x * share.y * share.z * latticeValue(vec3<i32>(low) + step, seed);
  }
  return value;
}

fn fractalNoise(p: vec3<f32>, width: f32, seed: u32) -> f32 {
  var sum = 0.0;
  var amplitude = 0.5;
  var scale = 1.0;
  for (var octave = 0u; octave < 5u; octave++) {
    let visible = 2.0 - 2.0 * width * scale;
    if (visible <= 0.0) { break; }
    sum += amplitude * min(visible, 1.0) * valueNoise(p * scale, seed + octave * 0x9e3779b9u);
    amplitude /= 2.0;
    scale *= 2.0;
  }
  return smoothstep(0.0, 1.0, 0.5 + sum);
}

fn bilinear(texels: ptr<storage, array<vec4<f32>>, read>, first: u32, size: vec2<u32>, at: vec2<f32>) -> vec3<f32> {
  let p = fract(at) * vec2<f32>(size) - 0.5;
  let corner = floor(p);
  let f = p - corner;
  let whole = vec2<i32>(size);
  let a = vec2<u32>((vec2<i32>(corner) + whole) % whole);
  let b = vec2<u32>((vec2<i32>(corner) + 1) % whole);
  let above = mix(texels[first + a.y * size.x + a.x].xyz, texels[first + a.y * size.x + b.x].xyz, f.x);
  let below = mix(texels[first + b.y * size.x + a.x].xyz, texels[first + b.y * size.x + b.x].xyz, f.x);
  return mix(above, below, f.y);
}

fn imageColour(texels: ptr<storage, array<vec4<f32>>, read>, first: u32, full: vec2<u32>, levels: u32, sizeM: f32, p: vec3<f32>, n: vec3<f32>, widthM: f32) -> vec3<f32> {
  let facing = abs(n);
  let side = select(vec3<f32>(1.0), vec3<f32>(-1.0), n < vec3<f32>(0.0));
  var right = -side.y * p.x;
  var up = p.z;
  if (facing.z >= facing.x && facing.z >= facing.y) {
    right = side.z * p.x;
    up = p.y;
  } else if (facing.x >= facing.y) {
    right = side.x * p.y;
  }
  let at = vec2<f32>(0.5 + right / sizeM, 0.5 - up * f32(full.x) / (sizeM * f32(full.y)));
  var width = widthM * f32(full.x) / sizeM;
  var offset = first;
  var size = full;
  var level = 1u;
  while (width > 2.0 && level < levels) {
    width /= 2.0;
    offset += size.x * size.y;
    size = (size + 1u) / 2u;
    level += 1u;
  }
  let sharp = bilinear(texels, offset, size, at);
  if (level >= levels || width <= 1.0) { return sharp; }
  return mix(sharp, bilinear(texels, offset + size.x * size.y, (size + 1u) / 2u, at), width - 1.0);
}

/* The albedo of a body at a point with an outward normal, both in its own frame. */
fn albedoAt(shapes: ptr<storage, array<vec4<f32>>, read>, texels: ptr<storage, array<vec4<f32>>, read>, body: u32, p: vec3<f32>, n: vec3<f32>, widthM: f32) -> vec3<f32> {
  let at = body * ${SHAPE_VECTORS}u;
  let albedo = shapes[at + 1u].xyz;
  let texture = shapes[at + 3u];
  let kind = u32(texture.x);
  if (kind == 0u) { return albedo; }
  let sizeM = texture.y;
  if (kind == ${TEXTURE_KINDS.image}u) {
    let image = shapes[at + 4u];
    return imageColour(texels, u32(texture.z), vec2<u32>(image.xy), u32(image.z), sizeM, p, n, widthM);
  }
  var share = 0.0;
  if (kind <= ${TEXTURE_KINDS.stripes}u) {
    let q = p / sizeM - 1e-3 * n;
    let width = widthM / sizeM * sqrt(max(vec3<f32>(0.0), 1.0 - n * n));
    var wave = squareWave(q.x, width.x);
    if (kind == ${TEXTURE_KINDS.checker}u) { wave *= squareWave(q.y, width.y) * squareWave(q.z, width.z); }
    share = 0.5 - 0.5 * wave;
  } else {
    let along = select(sizeM, sizeM * 10.0, kind == ${TEXTURE_KINDS.wood}u);
    let seed = u32(texture.z) | (u32(texture.w) << 16u);
    share = fractalNoise(vec3<f32>(p.x / along, p.yz / sizeM), widthM / sizeM, seed);
  }
  return mix(albedo, shapes[at + 2u].xyz, share);
}
`;
