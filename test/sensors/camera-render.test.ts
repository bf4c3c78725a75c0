import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rotate } from '../../core/math/quaternion.js';
import { fromRollPitchYaw, uniformRotation } from '../../core/math/rotation.js';
import { dot, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { createPinhole, worldFromCamera } from '../../sensors/camera/pinhole.js';
import { renderFrame } from '../../sensors/camera/render-frame.js';
import { createScene, extentAlong } from '../../sensors/camera/scene.js';
import type { CameraSpecification } from '../../sensors/camera/specification.js';
import { body, scene } from './scene.js';
import { cameraAt, pixels, slopes, sphere, table } from './view.js';

describe('projection', () => {
  it("draws a sphere's outline as the closed form of its ellipse, pixel for pixel", () => {
    fc.assert(
      fc.property(
        fc.tuple(
          fc.double({ min: 0.6, max: 4, noNaN: true }),
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.double({ min: -1, max: 1, noNaN: true }),
        ),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        (centre, radius) => {
          const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 48, height: 40 });
          const { instance } = renderFrame(scene([sphere('ball', radius, centre)]), camera);
          // The image of a cone of half angle alpha whose axis is theta off the optical axis.
          const sine = radius / Math.hypot(...centre);
          const theta = Math.atan2(Math.hypot(centre[1], centre[2]), centre[0]);
          const gap = Math.cos(theta) ** 2 - sine ** 2;
          const major = (sine * Math.sqrt(1 - sine ** 2)) / gap;
          const minor = sine / Math.sqrt(gap);
          const offset = (Math.sin(theta) * Math.cos(theta)) / gap;
          const roll = Math.atan2(centre[2], centre[1]);
          const wrong: number[] = [];
          pixels(camera, (pixel, u, v) => {
            const along = u * Math.cos(roll) + v * Math.sin(roll) - offset;
            const across = v * Math.cos(roll) - u * Math.sin(roll);
            const inside = 1 - (along / major) ** 2 - (across / minor) ** 2;
            if (Math.abs(inside) > 1e-9 && instance[pixel] !== (inside > 0 ? 1 : 0)) wrong.push(pixel);
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('measures the depth of a slanted face along the optical axis, to float32', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        (pitch, yaw) => {
          const orientation = fromRollPitchYaw(0, pitch, yaw);
          const wall = body('wall', 'fixed', { kind: 'box', halfExtentsM: [0.5, 50, 50] }, 'wood', {
            pose: { positionM: [5, 0, 0], orientation },
          });
          const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 16, height: 16 });
          const { depthM, instance } = renderFrame(scene([wall]), camera);
          // The face towards the camera: normal n, the wall's own -x axis.
          const n = [-Math.cos(yaw) * Math.cos(pitch), -Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch)];
          pixels(camera, (pixel, u, v) => {
            const expected = (5 * n[0]! + 0.5) / (n[0]! + u * n[1]! + v * n[2]!);
            expect(Math.abs(depthM[pixel]! - expected)).toBeLessThanOrEqual(expected * 2 ** -23);
            expect(instance[pixel]).toBe(1);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('loses no pixel of any shape to the bounds on the image', () => {
    const shapes: BodySpec['shape'][] = [
      { kind: 'box', halfExtentsM: [0.3, 0.2, 0.1] },
      { kind: 'cylinder', radiusM: 0.2, halfHeightM: 0.3 },
      { kind: 'sphere', radiusM: 0.3 },
    ];
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.tuple(unit, unit, unit),
        fc.tuple(unit, unit, unit),
        (shape, q, p) => {
          const thing = body('thing', 'fixed', shape, 'wood', {
            pose: {
              positionM: [2 * p[0] - 0.5, 2 * p[1] - 1, 2 * p[2] - 1],
              orientation: uniformRotation(...q),
            },
          });
          const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 24, height: 24, horizontalFovRad: 1.5 });
          const drawn = renderFrame(scene([thing]), camera);
          // Through a window of a single pixel, bounds can only cut by the whole.
          const focal = 12 / Math.tan(0.75);
          for (const [row, column] of [
            [0, 0],
            [5, 17],
            [12, 11],
            [20, 3],
          ] as const) {
            const [u, v] = slopes(camera, row, column);
            const peephole = cameraAt([0, 0, 0], [1, u, v], {
              width: 1,
              height: 1,
              horizontalFovRad: 1 / focal,
            });
            const seen = renderFrame(scene([thing]), peephole);
            const depth = drawn.depthM[row * 24 + column]!;
            expect(drawn.instance[row * 24 + column]).toBe(seen.instance[0]);
            if (seen.instance[0] === 1) {
              expect(depth * Math.hypot(1, u, v)).toBeCloseTo(seen.depthM[0]!, 5);
            } else expect(depth).toBe(Number.POSITIVE_INFINITY);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('shows left on the left, up on top and near before far', () => {
    const left = sphere('left', 0.1, [2, 0.5, 0]);
    const high = sphere('high', 0.1, [2, 0, 0.5]);
    const far = sphere('far', 2, [8, 0, 0]);
    const { instance, depthM } = renderFrame(scene([left, high, far]), cameraAt([0, 0, 0], [1, 0, 0]));
    const focal = 32 / Math.tan(0.5);
    expect(instance[32 * 64 + Math.floor(32 - 0.25 * focal)]).toBe(1);
    expect(instance[Math.floor(32 - 0.25 * focal) * 64 + 32]).toBe(2);
    expect(instance[32 * 64 + 32]).toBe(3);
    expect(depthM[32 * 64 + 32]).toBeCloseTo(6, 2);
  });

  it('keeps the nearest of overlapping bodies, whatever their order', () => {
    const bodies = [0, 1, 2, 3].map((k) => sphere(`s${k}`, 0.4, [2 + 0.3 * k, 0.2 * k, 0]));
    const camera = cameraAt([0, 0, 0], [1, 0, 0]);
    const forwards = renderFrame(scene(bodies), camera);
    const backwards = renderFrame(scene([...bodies].reverse()), camera);
    expect(backwards.depthM).toEqual(forwards.depthM);
    expect([...backwards.instance].map((label) => (label === 0 ? 0 : 5 - label))).toEqual([
      ...forwards.instance,
    ]);
  });

  it('reports the pose that maps its own axes to the world', () => {
    const unit = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(unit, unit, unit), (target) => {
        fc.pre(Math.hypot(...target) > 1e-3);
        const camera = createPinhole('camera', cameraAt([0, 0, 0], target));
        const { orientation } = worldFromCamera(camera);
        const [w, x, y, z] = orientation;
        const forward = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
        const up = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
        for (const k of [0, 1, 2]) {
          expect(forward[k]).toBeCloseTo(camera.forward[k]!, 12);
          expect(up[k]).toBeCloseTo(camera.up[k]!, 12);
        }
      }),
    );
  });

  it.each([
    ['up', 1],
    ['down', -1],
  ])('looks straight %s with the world’s y to the left', (_, sign) => {
    const bodies = [sphere('ahead', 0.3, [0, 0, 2 * sign]), sphere('aside', 0.1, [0, 0.6, 2 * sign])];
    const { instance } = renderFrame(scene(bodies), cameraAt([0, 0, 0], [0, 0, sign]));
    expect(instance[32 * 64 + 32]).toBe(1);
    expect(instance[32 * 64 + Math.floor(32 - 0.3 * (32 / Math.tan(0.5)))]).toBe(2);
  });
});

describe('bounds in space', () => {
  it('measures how far a shape reaches, as its own surface does', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const circle = Array.from({ length: 240 }, (_, k) => (k * Math.PI) / 120);
    const surfaces: [BodySpec['shape'], Vec3[]][] = [
      [
        { kind: 'box', halfExtentsM: [3, 2, 1] },
        [-3, 3].flatMap((x) => [-2, 2].flatMap((y) => [-1, 1].map((z): Vec3 => [x, y, z]))),
      ],
      [
        { kind: 'cylinder', radiusM: 2, halfHeightM: 3 },
        circle.flatMap((a) => [-3, 3].map((z): Vec3 => [2 * Math.cos(a), 2 * Math.sin(a), z])),
      ],
      [
        { kind: 'sphere', radiusM: 2 },
        circle.flatMap((a) =>
          circle.map(
            (b): Vec3 => [2 * Math.cos(a) * Math.sin(b), 2 * Math.sin(a) * Math.sin(b), 2 * Math.cos(b)],
          ),
        ),
      ],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...surfaces),
        fc.tuple(unit, unit, unit),
        fc.tuple(unit, unit, unit),
        (surface, q, d) => {
          const [shape, points] = surface;
          const orientation = uniformRotation(...q);
          const direction = rotate(uniformRotation(...d), [1, 0, 0]);
          const all = createScene([
            body('thing', 'fixed', shape, 'wood', { pose: { positionM: [5, 6, 7], orientation } }),
          ]);
          const furthest = points.reduce(
            (most, p) => Math.max(most, dot(rotate(orientation, p), direction)),
            0,
          );
          const extent = extentAlong(all, 0, ...direction);
          expect(extent).toBeGreaterThan(furthest - 1e-9);
          expect(extent).toBeLessThan(furthest + 2e-3);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the camera among bodies', () => {
  it('sees nothing of bodies behind it', () => {
    const bodies = [
      sphere('ball', 0.5, [-2, 0, 0]),
      { ...table, pose: { ...table.pose, positionM: [-3, 0, 0] as Vec3 } },
    ];
    const { instance, depthM } = renderFrame(scene(bodies), cameraAt([0, 0, 0], [1, 0, 0]));
    expect(instance.every((label) => label === 0)).toBe(true);
    expect(depthM.every((depth) => depth === Number.POSITIVE_INFINITY)).toBe(true);
  });

  it.each<[string, BodySpec['shape']]>([
    ['box', { kind: 'box', halfExtentsM: [1, 1, 1] }],
    ['sphere', { kind: 'sphere', radiusM: 1 }],
    ['cylinder', { kind: 'cylinder', radiusM: 1, halfHeightM: 1 }],
  ])('sees the dark inner wall of the %s that it is in', (_, shape) => {
    const shell = body('shell', 'fixed', shape, 'wood');
    const { instance, depthM, colour } = renderFrame(
      scene([shell]),
      cameraAt([0, 0, 0], [1, 0, 0], { width: 9, height: 9 }),
    );
    expect(instance.every((label) => label === 1)).toBe(true);
    expect(depthM[40]).toBe(1);
    expect(colour.every((value) => value === 0)).toBe(true);
  });
});

describe('hostile input', () => {
  const render =
    (overrides: Partial<CameraSpecification>, bodies: BodySpec[] = [table]) =>
    () =>
      renderFrame(scene(bodies), cameraAt([-1, 0, 1], [0, 0, 0], overrides));

  it.each<[string, Partial<CameraSpecification>, RegExp]>([
    ['no width', { width: 0 }, /camera.*width.*0 x 64/],
    ['half a row', { height: 1.5 }, /64 x 1\.5/],
    ['no field of view', { horizontalFovRad: 0 }, /horizontalFovRad.*got 0/],
    ['a field of view of pi', { horizontalFovRad: Math.PI }, /horizontalFovRad/],
    ['a field of view that is not a number', { horizontalFovRad: Number.NaN }, /got NaN/],
    ['a target where it stands', { targetM: [-1, 0, 1] }, /targetM.*apart.*\[-1, 0, 1\]/],
    ['a position that is not a number', { positionM: [Number.NaN, 0, 0] }, /finite.*NaN/],
    ['a target at infinity', { targetM: [0, 0, Number.POSITIVE_INFINITY] }, /finite.*Infinity/],
  ])('names %s', (_, overrides, message) => {
    expect(render(overrides)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    expect(render(overrides)).toThrow(message);
  });

  it('names the body whose pose is not finite', () => {
    const lost = sphere('lost', 0.1, [0, Number.NaN, 0]);
    expect(render({}, [table, lost])).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    expect(render({}, [table, lost])).toThrow(/body lost.*\[0, NaN, 0\]/);
  });

  it('names a sun without a direction', () => {
    const dark = { ...scene([table]), lighting: { ...scene([]).lighting, sunDirection: [0, 0, 0] as Vec3 } };
    expect(() => renderFrame(dark, cameraAt([-1, 0, 1], [0, 0, 0]))).toThrow(/sunDirection.*unit vector/);
  });

  it('draws a scene without bodies', () => {
    const { instance, colour } = render({}, [])();
    expect(instance.every((label) => label === 0)).toBe(true);
    expect(colour.some((value) => value > 0)).toBe(true);
  });
});
