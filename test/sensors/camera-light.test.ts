import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRollPitchYaw, uniformRotation } from '../../core/math/rotation.js';
import { normalise, subtract, type Vec3 } from '../../core/math/vector.js';
import { type BodySpec, SUN_ONLY } from '../../scenarios/contract.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from '../../sensors/camera/intersection.js';
import { createPinhole } from '../../sensors/camera/pinhole.js';
import { renderFrame } from '../../sensors/camera/render-frame.js';
import { alongAxis, BOX, createScene, type Scene, SPHERE } from '../../sensors/camera/scene.js';
import { body, scene } from './scene.js';
import { cameraAt, encode, pixels, sphere, table } from './view.js';

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

describe('light', () => {
  const light = {
    ...SUN_ONLY,
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
          lighting: {
            ...SUN_ONLY,
            sunDirection,
            sunRadiance: [1, 1, 1] as Vec3,
            skyRadiance: [0, 0, 0] as Vec3,
          },
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

  it('paints the sky brightest at the horizon, with haze below it', () => {
    const sky = (targetM: Vec3) => {
      const { colour } = renderFrame(
        { ...scene([]), lighting: light },
        cameraAt([0, 0, 0], normalise(targetM), { width: 1, height: 1 }),
      );
      return [...colour];
    };
    expect(sky([1, 0, 1e-9])).toEqual(light.skyRadiance.map((value) => encode(value * 1.6)));
    expect(sky([1, 0, -1e-9])).toEqual(sky([1, 0, 1e-9]));
    expect(sky([0, 0, 1])).toEqual(light.skyRadiance.map((value) => encode(value * 0.8)));
    expect(sky([Math.sqrt(0.96), 0, -0.2])).toEqual(light.skyRadiance.map((value) => encode(value)));
    expect(sky([1, 0, -1])).toEqual(light.skyRadiance.map((value) => encode(value * 0.5)));
  });
});
