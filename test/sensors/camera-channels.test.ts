import { describe, expect, it } from 'vitest';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { uniformRotation } from '../../core/math/rotation.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { randomStream } from '../../core/random.js';
import type { BodySpec, Shape } from '../../scenarios/contract.js';
import { STILL } from '../../sensors/camera/exposure.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from '../../sensors/camera/intersection.js';
import { intersectCapsule, intersectCone } from '../../sensors/camera/intersection-round.js';
import { type CameraFrame, createRenderer, renderFrame } from '../../sensors/camera/render-frame.js';
import type { CameraSpecification } from '../../sensors/camera/specification.js';
import { body, scene } from './scene.js';
import { cameraAt, sphere } from './view.js';

const SIZE = 40;
const GEOMETRY = ['depth', 'instance', 'normal', 'flow', 'boxes'] as const;
const NO_BEND = { k1: 0, k2: 0, k3: 0 };

/** A lens with its own formulas here: where slopes to the right and down fall, in focal lengths, and back by bisection. */
interface Bend {
  readonly lens: CameraSpecification['lens'];
  readonly horizontalFovRad: number;
  readonly fall: (radius: number) => number;
}
const fisheye: Bend = {
  lens: { kind: 'kannala-brandt', k1: -0.03, k2: 0.004, k3: 0, k4: 0 },
  horizontalFovRad: 2.4,
  fall: (radius) => {
    const t = Math.atan(radius);
    return t * (1 - 0.03 * t ** 2 + 0.004 * t ** 4);
  },
};
const barrel: Bend = {
  lens: { kind: 'brown-conrady', ...NO_BEND, k1: -0.2, k2: 0.04, p1: 0, p2: 0 },
  horizontalFovRad: 1.4,
  fall: (r) => r * (1 - 0.2 * r ** 2 + 0.04 * r ** 4),
};
const straight: Bend = { lens: { kind: 'pinhole' }, horizontalFovRad: 1.2, fall: (r) => r };
const BENDS: [string, Bend][] = [
  ['a fisheye', fisheye],
  ['a barrel', barrel],
  ['a pinhole', straight],
];

const focalOf = ({ fall, horizontalFovRad }: Bend): number => SIZE / 2 / fall(Math.tan(horizontalFovRad / 2));

function look({ lens, horizontalFovRad }: Bend): CameraSpecification {
  return cameraAt([0, 0, 0], [1, 0, 0], {
    width: SIZE,
    height: SIZE,
    lens,
    horizontalFovRad,
    channels: [...GEOMETRY],
  });
}

/** Slopes y / x and z / x of a pixel's ray; null beyond 1.55 rad. */
function rayOf(bend: Bend, pixel: number): readonly [number, number] | null {
  const right = ((pixel % SIZE) + 0.5 - SIZE / 2) / focalOf(bend);
  const down = (Math.floor(pixel / SIZE) + 0.5 - SIZE / 2) / focalOf(bend);
  const target = Math.hypot(right, down);
  let [low, high] = [0, Math.tan(1.55)];
  if (bend.lens.kind === 'brown-conrady') high = 2;
  if (target >= bend.fall(high)) return null;
  for (let halving = 0; halving < 200; halving++) {
    const middle = (low + high) / 2;
    if (bend.fall(middle) < target) low = middle;
    else high = middle;
  }
  return [(-right * low) / target, (-down * low) / target];
}

/** Column and row, px from the top left corner, of a point before the camera. */
function project(bend: Bend, [x, y, z]: Vec3): readonly [number, number] {
  const radius = Math.hypot(y / x, z / x);
  const scale = (focalOf(bend) * bend.fall(radius)) / radius;
  return [SIZE / 2 - (y / x) * scale, SIZE / 2 - (z / x) * scale];
}

const SHAPES: Shape[] = [
  { kind: 'box', halfExtentsM: [0.2, 0.15, 0.1] },
  { kind: 'box', halfExtentsM: [0.9, 0.5, 0.01] },
  { kind: 'sphere', radiusM: 0.2 },
  { kind: 'cylinder', radiusM: 0.12, halfHeightM: 0.2 },
  { kind: 'capsule', radiusM: 0.1, halfHeightM: 0.15 },
  { kind: 'cone', radiusM: 0.18, halfHeightM: 0.2 },
];

/** Depth at which the ray (1, u, v) from the origin meets a body. */
function meet({ shape, pose }: BodySpec, u: number, v: number): number {
  const turned = conjugate(pose.orientation);
  const o = rotate(turned, subtract([0, 0, 0], pose.positionM));
  const d = rotate(turned, [1, u, v]);
  switch (shape.kind) {
    case 'box':
      return intersectBox(...shape.halfExtentsM, ...o, ...d);
    case 'sphere':
      return intersectSphere(shape.radiusM, ...o, ...d);
    case 'cylinder':
      return intersectCylinder(shape.radiusM, shape.halfHeightM, ...o, ...d);
    case 'capsule':
      return intersectCapsule(shape.radiusM, shape.halfHeightM, ...o, ...d);
    case 'cone':
      return intersectCone(shape.radiusM, shape.halfHeightM, ...o, ...d);
    default:
      return MISS;
  }
}

/** A few bodies of every shape about the camera, some of them hidden by others, some behind it. */
function heap(seed: number): BodySpec[] {
  const random = randomStream(seed, 'heap');
  return Array.from({ length: 3 + random.integer(6) }, (_, index) => {
    const positionM: Vec3 = [
      1.6 * random.uniform() - 0.4,
      1.4 * random.uniform() - 0.7,
      1.4 * random.uniform() - 0.7,
    ];
    const orientation = uniformRotation(random.uniform(), random.uniform(), random.uniform());
    return body(`b${index}`, 'fixed', SHAPES[random.integer(SHAPES.length)]!, 'wood', {
      pose: { positionM, orientation },
    });
  });
}

/** Asks every body for every ray: what each would show alone, and in how many pixels the frame sees another body. */
function askAll(
  bodies: readonly BodySpec[],
  rays: readonly (readonly [number, number] | null)[],
  { depthM, instance }: CameraFrame,
) {
  const alone = bodies.map(() => ({ pixels: 0, seen: 0, box: [MISS, MISS, -MISS, -MISS] }));
  let wrong = 0;
  for (const [pixel, ray] of rays.entries()) {
    const depths = bodies.map((one) => (ray === null ? MISS : meet(one, ...ray)));
    const depth = Math.min(...depths);
    const label = depth === MISS ? 0 : 1 + depths.indexOf(depth);
    // The rays were found in two ways: where one grazes an outline their last digits decide.
    if (instance[pixel] !== label) wrong += 1;
    else if (label === 0) expect(depthM[pixel]).toBe(MISS);
    else expect(Math.abs(depthM[pixel]! - depth)).toBeLessThan(1e-5 * (1 + depth));
    for (const [index, one] of depths.entries()) {
      if (one === MISS) continue;
      const { box } = alone[index]!;
      alone[index]!.pixels += 1;
      if (label === index + 1) alone[index]!.seen += 1;
      box[0] = Math.min(box[0]!, pixel % SIZE);
      box[1] = Math.min(box[1]!, Math.floor(pixel / SIZE));
      box[2] = Math.max(box[2]!, (pixel % SIZE) + 1);
      box[3] = Math.max(box[3]!, Math.floor(pixel / SIZE) + 1);
    }
  }
  return { wrong, alone };
}

describe.each(BENDS)('through %s', (_, bend) => {
  const camera = look(bend);
  const rays = Array.from({ length: SIZE * SIZE }, (__, pixel) => rayOf(bend, pixel));

  it('every channel is that of asking every body for every ray', () => {
    let [agreed, hidden] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const bodies = heap(seed);
      const frame = renderFrame(scene(bodies), camera);
      const { wrong, alone } = askAll(bodies, rays, frame);
      expect(wrong, `heap ${seed}`).toBeLessThanOrEqual(1);
      if (wrong > 0) continue;
      agreed += 1;
      for (const [index, { pixels, seen, box }] of alone.entries()) {
        if (seen > 0 && seen < pixels) hidden += 1;
        const amodal = [...frame.boxAmodalPx!.subarray(index * 4, index * 4 + 4)];
        expect(amodal, `heap ${seed}`).toEqual(pixels === 0 ? Array(4).fill(Number.NaN) : box);
        expect(frame.visibility![index]).toBeCloseTo(pixels === 0 ? 0 : seen / pixels, 6);
      }
    }
    expect(agreed).toBeGreaterThan(35);
    expect(hidden).toBeGreaterThan(15);
  });

  it('points and normals lie on the ball that is seen, and its flow is where its points were', () => {
    const [now, was]: [Vec3, Vec3] = [
      [1.2, 0.25, -0.2],
      [1.25, 0.2, -0.16],
    ];
    const radius = 0.4;
    const orientation = uniformRotation(0.3, 0.6, 0.2);
    const spec = scene([sphere('ball', radius, now)]);
    const render = createRenderer('camera', spec, camera);
    const at = (positionM: Vec3) => ({
      poses: Float64Array.of(...positionM, ...orientation),
      worldFromCarrier: STILL,
    });
    render(() => at(was), null);
    const { depthM, instance, normal, flowPx } = render(() => at(now), null);
    let checked = 0;
    for (const [pixel, ray] of rays.entries()) {
      if (instance[pixel] === 0 || ray === null) continue;
      const depth = meet(spec.bodies[0]!, ...ray);
      // Near the outline a ray's last digits decide where it meets the ball.
      if (depth === MISS) continue;
      const point: Vec3 = [depth, depth * ray[0], depth * ray[1]];
      const outward = subtract(point, now);
      const facing = -(outward[0] + outward[1] * ray[0] + outward[2] * ray[1]);
      if (facing < 0.1 * radius) continue;
      expect(Math.abs(depthM[pixel]! - depth)).toBeLessThan(2 ** -23 * 2);
      for (const axis of [0, 1, 2]) {
        expect(Math.abs(normal![pixel * 3 + axis]! - outward[axis]! / radius)).toBeLessThan(2 ** -23);
      }
      const [column, row] = project(bend, subtract(point, subtract(now, was)));
      const flow = [(pixel % SIZE) + 0.5 - column, Math.floor(pixel / SIZE) + 0.5 - row];
      expect(Math.abs(flowPx![pixel * 2]! - flow[0]!)).toBeLessThan(2e-6);
      expect(Math.abs(flowPx![pixel * 2 + 1]! - flow[1]!)).toBeLessThan(2e-6);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(60);
  });

  it('the flow of a body that was not there, or of a point that was behind the camera, is not a number', () => {
    const ball = sphere('ball', 0.4, [1.2, 0, 0]);
    for (const before of [
      { positionM: [1.2, 0, 0], present: Uint8Array.of(0) },
      { positionM: [-1.2, 0, 0], present: Uint8Array.of(1) },
    ] as const) {
      const render = createRenderer('camera', scene([ball]), camera);
      const poses = Float64Array.of(...before.positionM, 1, 0, 0, 0);
      render(() => ({ poses, present: before.present, worldFromCarrier: STILL }), null);
      const here = Float64Array.of(1.2, 0, 0, 1, 0, 0, 0);
      const { instance, flowPx } = render(() => ({ poses: here, worldFromCarrier: STILL }), null);
      for (const [pixel, label] of instance.entries()) {
        if (label === 1) expect(flowPx![pixel * 2]).toBeNaN();
        else if (rays[pixel] !== null) expect(Math.abs(flowPx![pixel * 2]!)).toBeLessThan(1e-5);
      }
      expect(instance.some((label) => label === 1)).toBe(true);
    }
  });
});
