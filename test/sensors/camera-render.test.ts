import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rotate } from '../../core/math/quaternion.js';
import { fromRollPitchYaw, uniformRotation } from '../../core/math/rotation.js';
import { dot, normalise, subtract, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from '../../sensors/camera/intersection.js';
import { createPinhole, worldFromCamera } from '../../sensors/camera/pinhole.js';
import { renderFrame } from '../../sensors/camera/render-frame.js';
import { alongAxis, BOX, createScene, extentAlong, type Scene, SPHERE } from '../../sensors/camera/scene.js';
import { type CameraSpecification, cameraSpecification } from '../../sensors/camera/specification.js';
import { body, scene } from './scene.js';

function cameraAt(
  positionM: Vec3,
  targetM: Vec3,
  overrides: Partial<CameraSpecification> = {},
): CameraSpecification {
  const parsed = cameraSpecification.parse({ kind: 'camera', positionM, targetM, noise: false });
  return { ...(parsed as CameraSpecification), ...overrides };
}

const sphere = (name: string, radiusM: number, positionM: Vec3, albedo: Vec3 = [0.5, 0.5, 0.5]) =>
  body(name, 'fixed', { kind: 'sphere', radiusM }, 'wood', {
    pose: { positionM, orientation: [1, 0, 0, 0] },
    albedo,
  });
const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [2, 2, 0.1] }, 'wood', {
  pose: { positionM: [0, 0, -0.1], orientation: [1, 0, 0, 0] },
  albedo: [0.5, 0.4, 0.3],
});

/** Slopes y / x and z / x of the ray through a pixel's centre, from the field of view alone. */
function slopes({ width, height, horizontalFovRad }: CameraSpecification, row: number, column: number) {
  const perPixel = (2 * Math.tan(horizontalFovRad / 2)) / width;
  return [((width - 1) / 2 - column) * perPixel, ((height - 1) / 2 - row) * perPixel] as const;
}

/** Visits every pixel with the slopes of its ray. */
function pixels(camera: CameraSpecification, visit: (pixel: number, u: number, v: number) => void): void {
  for (let row = 0; row < camera.height; row++) {
    for (let column = 0; column < camera.width; column++) {
      visit(row * camera.width + column, ...slopes(camera, row, column));
    }
  }
}

/** Asks every body whether a ray meets it, by the tested intersections alone. */
function meetsAnything(all: Scene, point: Vec3, direction: Vec3): boolean {
  return [...all.kinds].some((kind, index) => {
    const local = (v: Vec3): Vec3 =>
      [0, 1, 2].map((axis) => alongAxis(all, index, axis, ...v)) as unknown as Vec3;
    const o = local(
      subtract(point, [...all.positionsM.subarray(index * 3, index * 3 + 3)] as unknown as Vec3),
    );
    const d = local(direction);
    const [a, b, c] = [...all.sizesM.subarray(index * 3, index * 3 + 3)] as unknown as Vec3;
    if (kind === BOX) return intersectBox(a, b, c, ...o, ...d) !== MISS;
    return (kind === SPHERE ? intersectSphere(a, ...o, ...d) : intersectCylinder(a, c, ...o, ...d)) !== MISS;
  });
}

const encode = (linear: number): number =>
  Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));

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

describe('light', () => {
  const light = {
    sunDirection: [0, 0.6, 0.8] as Vec3,
    sunRadiance: [0.8, 0.7, 0.6] as Vec3,
    skyRadiance: [0.1, 0.15, 0.2] as Vec3,
  };
  /** Colour of the table's top, in closed form. */
  const tableColour = (cosine: number): number[] =>
    [0, 1, 2].map((k) => encode(table.albedo[k]! * (light.skyRadiance[k]! + light.sunRadiance[k]! * cosine)));
  const colourAt = (colour: Uint8Array, row: number, column: number): number[] => [
    ...colour.subarray((row * 64 + column) * 3, (row * 64 + column) * 3 + 3),
  ];

  it('casts a shadow away from the sun, of the shape that projection gives', () => {
    // A ball 0.4 m up: its shadow's centre lies 0.4 x 0.6 / 0.8 = 0.3 m from below it, towards -y.
    const spec = { ...scene([table, sphere('ball', 0.1, [0, 0, 0.4])]), lighting: light };
    const camera = cameraAt([0, 0, 3], [0, 0, 0], { horizontalFovRad: 0.5 });
    const { colour, instance } = renderFrame(spec, camera);
    let shaded = 0;
    pixels(camera, (pixel, u, v) => {
      if (instance[pixel] !== 1) return;
      // Looking down, the image's left is the world's y and its top the world's x.
      const y = 3 * u;
      const x = 3 * v;
      const across = Math.hypot(x, (y + 0.3) * 0.8);
      if (Math.abs(across - 0.1) < 1e-6) return;
      const actual = [...colour.subarray(pixel * 3, pixel * 3 + 3)];
      expect(actual).toEqual(tableColour(across < 0.1 ? 0 : 0.8));
      if (across < 0.1) shaded += 1;
    });
    expect(shaded).toBeGreaterThan(50);
  });

  it('lights each side of a box by its angle to the sun and its share of the sky', () => {
    const cube = body('cube', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.5] }, 'wood');
    const spec = { ...scene([cube]), lighting: light };
    const side = (positionM: Vec3): number[] =>
      colourAt(renderFrame(spec, cameraAt(positionM, [0, 0, 0])).colour, 32, 32);
    const expected = (cosine: number, sky: number): number[] =>
      [0, 1, 2].map((k) => encode(0.5 * (light.skyRadiance[k]! * sky + light.sunRadiance[k]! * cosine)));
    expect(side([0, 0, 3])).toEqual(expected(0.8, 1));
    expect(side([0, 3, 0])).toEqual(expected(0.6, 0.5));
    expect(side([0, -3, 0])).toEqual(expected(0, 0.5));
    expect(side([3, 0, 0])).toEqual(expected(0, 0.5));
    expect(side([0, 0, -3])).toEqual(expected(0, 0));
  });

  it('lights spheres and cylinders by their normals', () => {
    const expected = (cosine: number, sky: number): number[] =>
      [0, 1, 2].map((k) => encode(0.5 * (light.skyRadiance[k]! * sky + light.sunRadiance[k]! * cosine)));
    const centre = (bodies: BodySpec[], positionM: Vec3): number[] => {
      const camera = cameraAt(positionM, [0, 0, 0], { width: 65, height: 65 });
      const { colour } = renderFrame({ ...scene(bodies), lighting: light }, camera);
      return [...colour.subarray((32 * 65 + 32) * 3, (32 * 65 + 32) * 3 + 3)];
    };
    const lying = body('roll', 'fixed', { kind: 'cylinder', radiusM: 0.3, halfHeightM: 0.5 }, 'wood', {
      pose: { positionM: [0, 0, 0], orientation: fromRollPitchYaw(0, Math.PI / 2, 0) },
    });
    for (const bodies of [[sphere('ball', 0.3, [0, 0, 0])], [lying]]) {
      expect(centre(bodies, [0, 1.8, 2.4])).toEqual(expected(1, 0.9));
      expect(centre(bodies, [0, 3, 0])).toEqual(expected(0.6, 0.5));
      expect(centre(bodies, [3, 0, 0])).toEqual(expected(0, 0.5));
    }
  });

  it('shades by any shape, near and far, but not by what lies behind', () => {
    const shapes: BodySpec['shape'][] = [
      { kind: 'box', halfExtentsM: [0.2, 0.2, 0.2] },
      { kind: 'sphere', radiusM: 0.2 },
      { kind: 'cylinder', radiusM: 0.2, halfHeightM: 0.2 },
    ];
    const camera = cameraAt([-2, 0, 1], [0, 0, 0], { width: 65, height: 65 });
    for (const shape of shapes) {
      for (const [along, cosine] of [
        [1, 0],
        [500, 0],
        [-1, 0.8],
      ] as const) {
        const positionM: Vec3 = [0, 0.6 * along, 0.8 * along];
        const blocker = body('blocker', 'fixed', shape, 'wood', {
          pose: { positionM, orientation: [1, 0, 0, 0] },
        });
        const { colour } = renderFrame({ ...scene([table, blocker]), lighting: light }, camera);
        expect([...colour.subarray((32 * 65 + 32) * 3, (32 * 65 + 32) * 3 + 3)]).toEqual(tableColour(cosine));
      }
    }
  });

  it('finds every shadow in a heap, as asking every body for every pixel does', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const triple = fc.tuple(unit, unit, unit);
    const heap = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), triple, triple, triple), {
      minLength: 6,
      maxLength: 9,
    });
    fc.assert(
      fc.property(heap, triple, (things, sun) => {
        const bodies = things.map(([kind, place, turn, size], index) => {
          const [a, b, c] = size.map((s) => 0.03 + 0.12 * s) as [number, number, number];
          const shapes: BodySpec['shape'][] = [
            { kind: 'box', halfExtentsM: [a, b, c] },
            { kind: 'sphere', radiusM: a },
            { kind: 'cylinder', radiusM: a, halfHeightM: b },
          ];
          return body(`thing-${index}`, 'fixed', shapes[kind]!, 'wood', {
            pose: {
              positionM: [place[0] - 0.5, place[1] - 0.5, 0.5 * place[2]],
              orientation: uniformRotation(...turn),
            },
          });
        });
        const sunDirection = normalise([sun[0] - 0.5, sun[1] - 0.5, 0.03 + 0.4 * sun[2]]);
        const spec = {
          ...scene([table, ...bodies]),
          lighting: { sunDirection, sunRadiance: [1, 1, 1] as Vec3, skyRadiance: [0, 0, 0] as Vec3 },
        };
        const camera = cameraAt([-1.5, 0, 1.2], [0, 0, 0.1], { exposure: 100 });
        const { colour, depthM, instance } = renderFrame(spec, camera);
        const { forward, left, up, positionM } = createPinhole('camera', camera);
        const all = createScene(spec.bodies);
        let wrong = 0;
        pixels(camera, (pixel, u, v) => {
          if (instance[pixel] === 0) return;
          const point = positionM.map(
            (from, k) =>
              from + depthM[pixel]! * (forward[k]! + u * left[k]! + v * up[k]!) + 1e-4 * sunDirection[k]!,
          ) as unknown as Vec3;
          if (meetsAnything(all, point, sunDirection) !== (colour[pixel * 3] === 0)) wrong += 1;
        });
        // The rounding of depth to float32 may decide otherwise on an outline.

        expect(wrong).toBeLessThan(3);
      }),
      { numRuns: 25 },
    );
  });

  it('does not speckle two faces in one plane', () => {
    const inlay = body('inlay', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.05] }, 'wood', {
      pose: { positionM: [0, 0, -0.05], orientation: fromRollPitchYaw(0, 0, 0.7) },
      albedo: table.albedo,
    });
    const spec = { ...scene([table, inlay]), lighting: light };
    const camera = cameraAt([-0.9, 0.1, 0.7], [0, 0, 0], { horizontalFovRad: 0.4 });
    const { colour } = renderFrame(spec, camera);
    pixels(camera, (pixel) => {
      expect([...colour.subarray(pixel * 3, pixel * 3 + 3)]).toEqual(tableColour(0.8));
    });
  });

  it('brightens with exposure until it clips', () => {
    const bright = (exposure: number) =>
      colourAt(
        renderFrame({ ...scene([table]), lighting: light }, cameraAt([-1, 0, 1], [0, 0, 0], { exposure }))
          .colour,
        32,
        32,
      );
    expect(bright(0)).toEqual([0, 0, 0]);
    expect(bright(0.5)).toEqual(
      [0, 1, 2].map((k) =>
        encode(0.5 * table.albedo[k]! * (light.skyRadiance[k]! + light.sunRadiance[k]! * 0.8)),
      ),
    );
    expect(bright(1e3)).toEqual([255, 255, 255]);
  });

  it('paints the sky brightest at the horizon', () => {
    const sky = (targetM: Vec3) => {
      const { colour } = renderFrame(
        { ...scene([]), lighting: light },
        cameraAt([0, 0, 0], normalise(targetM), { width: 1, height: 1 }),
      );
      return [...colour];
    };
    expect(sky([1, 0, 1e-9])).toEqual(light.skyRadiance.map((value) => encode(value * 1.6)));
    expect(sky([0, 0, 1])).toEqual(light.skyRadiance.map((value) => encode(value * 0.8)));
    expect(sky([1, 0, -1])).toEqual(light.skyRadiance.map((value) => encode(value * 0.5)));
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
