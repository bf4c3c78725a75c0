/** Numbers of the kinds of shapes, as the shaders know them. */
export const SHAPE_KINDS = { box: 0, sphere: 1, cylinder: 2, capsule: 3, cone: 4, mesh: 5 } as const;

/** Vectors of four that describe a body: what never changes, and where it is as seen from the camera. */
export const SHAPE_VECTORS = 5;
export const FRAME_VECTORS = 5;
/** Vectors of four a triangle (a vertex, two edges) and a node of a hierarchy (least and greatest corner). */
export const TRIANGLE_VECTORS = 3;
export const NODE_VECTORS = 2;
/** A leaf is written as its first triangle times this, plus how many it has. */
export const LEAF_FACTOR = 8;

/**
 * Rays against shapes in WGSL: the closed forms of sensors/camera/intersection.ts in float32.
 *
 * `shapes` [bodies, 5]: half sizes and kind; albedo and specular; the texture's other colour and roughness; texture kind, size, two
 * halves of the seed or first texel; width, height, levels of the image and first node of the mesh. `frames` [bodies, 5]: the
 * rows of the 3 x 4 matrix from the camera's frame to the body's; then present (0 or 1) and lit (0 or 1); then the
 * body's origin in the camera's frame and how far the body reaches from there.
 */
export const INTERSECTION_SHADER = /* wgsl */ `
const MISS = 1e30;

fn nearestOf(enter: f32, leave: f32) -> f32 {
  if (!(enter <= leave) || leave <= 0.0) { return MISS; }
  return select(leave, enter, enter > 0.0);
}

/* A division by zero has no defined result in WGSL. */
fn awayFromZero(d: vec3<f32>) -> vec3<f32> {
  return select(d, vec3<f32>(1e-18), abs(d) < vec3<f32>(1e-18));
}

fn intersectBox(size: vec3<f32>, o: vec3<f32>, d: vec3<f32>) -> f32 {
  let inverse = 1.0 / awayFromZero(d);
  let a = (-size - o) * inverse;
  let b = (size - o) * inverse;
  let near = min(a, b);
  let far = max(a, b);
  return nearestOf(max(near.x, max(near.y, near.z)), min(far.x, min(far.y, far.z)));
}

/* The interval of a ray in a ball about (0, 0, z); empty where x > y. */
fn ballInterval(radius: f32, z: f32, o: vec3<f32>, d: vec3<f32>) -> vec2<f32> {
  let c = o - vec3<f32>(0.0, 0.0, z);
  let a = dot(d, d);
  let s = dot(c, d) / a;
  let p = c - s * d;
  let discriminant = radius * radius - dot(p, p);
  if (discriminant < 0.0) { return vec2<f32>(MISS, -MISS); }
  let half = sqrt(discriminant / a);
  return vec2<f32>(-s - half, -s + half);
}

fn tubeInterval(radius: f32, halfHeight: f32, o: vec3<f32>, d: vec3<f32>) -> vec2<f32> {
  let a = dot(d.xy, d.xy);
  let s = select(dot(o.xy, d.xy) / max(a, 1e-36), 0.0, a == 0.0);
  let p = o.xy - s * d.xy;
  let discriminant = radius * radius - dot(p, p);
  if (discriminant < 0.0) { return vec2<f32>(MISS, -MISS); }
  let half = select(sqrt(discriminant / max(a, 1e-36)), MISS, a == 0.0);
  let inverse = 1.0 / awayFromZero(d).z;
  let first = (-halfHeight - o.z) * inverse;
  let second = (halfHeight - o.z) * inverse;
  return vec2<f32>(max(min(first, second), -s - half), min(max(first, second), -s + half));
}

/* A tube with a ball on each end is convex: its interval reaches from the first entry to the last exit. */
fn capsuleInterval(radius: f32, halfHeight: f32, o: vec3<f32>, d: vec3<f32>) -> vec2<f32> {
  let tube = tubeInterval(radius, halfHeight, o, d);
  let low = ballInterval(radius, -halfHeight, o, d);
  let high = ballInterval(radius, halfHeight, o, d);
  var enter = min(low.x, high.x);
  var leave = max(low.y, high.y);
  if (tube.x <= tube.y) {
    enter = min(enter, tube.x);
    leave = max(leave, tube.y);
  }
  return vec2<f32>(enter, leave);
}

/* x^2 + y^2 = (slope (halfHeight - z))^2 with its tip at the top, and a disc at the bottom. */
fn coneInterval(radius: f32, halfHeight: f32, o: vec3<f32>, d: vec3<f32>) -> vec2<f32> {
  let slope = radius / (2.0 * halfHeight);
  let down = slope * (halfHeight - o.z);
  let fall = -slope * d.z;
  let a = dot(d.xy, d.xy) - fall * fall;
  let b = dot(o.xy, d.xy) - down * fall;
  let c = dot(o.xy, o.xy) - down * down;
  var enter = MISS;
  var leave = -MISS;
  let discriminant = b * b - a * c;
  if (discriminant >= 0.0) {
    /* The sum that does not cancel; the other root follows from their product. */
    let q = -(b + select(sqrt(discriminant), -sqrt(discriminant), b < 0.0));
    let first = select(q / a, MISS, a == 0.0);
    let second = select(c / q, MISS, q == 0.0);
    for (var k = 0; k < 2; k++) {
      let t = select(first, second, k == 1);
      let z = o.z + t * d.z;
      if (abs(t) < MISS && abs(z) <= halfHeight) {
        enter = min(enter, t);
        leave = max(leave, t);
      }
    }
  }
  let t = (-halfHeight - o.z) / awayFromZero(d).z;
  let at = o.xy + t * d.xy;
  if (dot(at, at) <= radius * radius) {
    enter = min(enter, t);
    leave = max(leave, t);
  }
  return vec2<f32>(enter, leave);
}

/* The smallest t > 0 with o + t d on the primitive. */
fn intersectShape(kind: u32, size: vec3<f32>, origin: vec3<f32>, d: vec3<f32>) -> f32 {
  if (kind == ${SHAPE_KINDS.box}u) { return intersectBox(size, origin, d); }
  /* From the point nearest to the centre: far away, squares of the distance would swallow the shape. */
  let shift = -dot(origin, d) / dot(d, d);
  let o = origin + shift * d;
  var interval = vec2<f32>(MISS, -MISS);
  switch (kind) {
    case ${SHAPE_KINDS.sphere}u: { interval = ballInterval(size.x, 0.0, o, d); }
    case ${SHAPE_KINDS.cylinder}u: { interval = tubeInterval(size.x, size.z, o, d); }
    case ${SHAPE_KINDS.capsule}u: { interval = capsuleInterval(size.x, size.z, o, d); }
    case ${SHAPE_KINDS.cone}u: { interval = coneInterval(size.x, size.z, o, d); }
    default: { return MISS; }
  }
  return nearestOf(interval.x + shift, interval.y + shift);
}

/* The outward unit normal of a primitive at a point on it. */
fn normalOfShape(kind: u32, size: vec3<f32>, p: vec3<f32>) -> vec3<f32> {
  if (kind == ${SHAPE_KINDS.box}u) {
    let gap = size - abs(p);
    let side = select(vec3<f32>(1.0), vec3<f32>(-1.0), p < vec3<f32>(0.0));
    if (gap.x <= gap.y && gap.x <= gap.z) { return vec3<f32>(side.x, 0.0, 0.0); }
    if (gap.y <= gap.z) { return vec3<f32>(0.0, side.y, 0.0); }
    return vec3<f32>(0.0, 0.0, side.z);
  }
  if (kind == ${SHAPE_KINDS.sphere}u) { return normalize(p); }
  if (kind == ${SHAPE_KINDS.capsule}u) {
    return normalize(p - vec3<f32>(0.0, 0.0, clamp(p.z, -size.z, size.z)));
  }
  let radial = length(p.xy);
  if (kind == ${SHAPE_KINDS.cylinder}u) {
    if (size.z - abs(p.z) < size.x - radial) { return vec3<f32>(0.0, 0.0, sign(p.z)); }
    return vec3<f32>(p.xy / radial, 0.0);
  }
  let slope = size.x / (2.0 * size.z);
  if (size.z + p.z < (slope * (size.z - p.z) - radial) / sqrt(1.0 + slope * slope)) {
    return vec3<f32>(0.0, 0.0, -1.0);
  }
  if (radial == 0.0) { return vec3<f32>(0.0, 0.0, 1.0); }
  return normalize(vec3<f32>(p.xy / radial, slope));
}

/* A point or direction (w = 1 or 0) of the camera's frame in a body's. */
fn intoBody(frames: ptr<storage, array<vec4<f32>>, read>, body: u32, v: vec4<f32>) -> vec3<f32> {
  let at = body * ${FRAME_VECTORS}u;
  return vec3<f32>(dot(frames[at], v), dot(frames[at + 1u], v), dot(frames[at + 2u], v));
}

/* A direction of a body's frame in the camera's. */
fn outOfBody(frames: ptr<storage, array<vec4<f32>>, read>, body: u32, v: vec3<f32>) -> vec3<f32> {
  let at = body * ${FRAME_VECTORS}u;
  return frames[at].xyz * v.x + frames[at + 1u].xyz * v.y + frames[at + 2u].xyz * v.z;
}
`;
