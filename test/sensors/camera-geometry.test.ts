import { describe, expect, it } from 'vitest';
import { fromAxisAngle, uniformRotation } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import type { BodySpec, Shape, SimSpec } from '../../scenarios/contract.js';
import { createCamera } from '../../sensors/camera/camera.js';
import { STILL } from '../../sensors/camera/exposure.js';
import { createRenderer, renderFrame } from '../../sensors/camera/render-frame.js';
import type { CameraSpecification } from '../../sensors/camera/specification.js';
import { body, scene, scripted } from './scene.js';
import { cameraAt, pixels, slopes, sphere, table } from './view.js';

const float32 = (value: number): number => 2 ** -23 * Math.max(1, Math.abs(value));

function poses(...bodies: readonly BodySpec[]): Float64Array {
  return Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
}

const moved = (one: BodySpec, positionM: readonly [number, number, number], angleRad = 0): BodySpec => ({
  ...one,
  pose: { positionM, orientation: fromAxisAngle([0, 0, 1], angleRad) },
});

describe('projection', () => {
  it('images a sphere as the ellipse of its tangent cone', () => {
    const [x, y, z, radius] = [2, 0.5, -0.3, 0.4];
    const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 96, height: 96, horizontalFovRad: 1.2 });
    const { instance } = renderFrame(scene([sphere('ball', radius, [x, y, z])]), camera);
    let shown = 0;
    pixels(camera, (pixel, u, v) => {
      // A ray (1, u, v) meets the sphere where (d . c)^2 >= d^2 (c^2 - r^2): a conic in u and v.
      const along = x + u * y + v * z;
      const conic = along * along - (1 + u * u + v * v) * (x * x + y * y + z * z - radius * radius);
      if (Math.abs(conic) < 1e-12) return;
      expect(instance[pixel]).toBe(conic > 0 ? 1 : 0);
      shown += conic > 0 ? 1 : 0;
    });
    expect(shown).toBeGreaterThan(300);
  });

  it('measures the depth of a slanted plane to float32 rounding', () => {
    const slab = body('slab', 'fixed', { kind: 'box', halfExtentsM: [5, 5, 0.5] }, 'wood', {
      pose: { positionM: [3, 0, 0], orientation: fromAxisAngle([0, 1, 0], -1) },
    });
    const camera = cameraAt([0, 0, 0], [1, 0, 0]);
    const { depthM } = renderFrame(scene([slab]), camera);
    // The face that looks at the camera has the normal n = R z and passes through 3 x - 0.5 (-n) ...
    const n = [-Math.sin(1), 0, Math.cos(1)] as const;
    const facing = 3 * n[0] < 0 ? 1 : -1;
    const offset = 3 * n[0] + facing * 0.5;
    pixels(camera, (pixel, u, v) => {
      const depth = offset / (n[0] + u * n[1] + v * n[2]);
      if (depth > 0 && depth < 5) expect(Math.abs(depthM[pixel]! - depth)).toBeLessThan(float32(depth));
    });
  });

  it('looks through a lens where the lens says', () => {
    const lens = { kind: 'kannala-brandt', k1: -0.02, k2: 0.003, k3: 0, k4: 0 } as const;
    const camera = cameraAt([0, 0, 0], [1, 0, 0], { width: 80, height: 60, horizontalFovRad: 2.6, lens });
    const wall = body('wall', 'fixed', { kind: 'sphere', radiusM: 0.05 }, 'wood');
    for (const angle of [0, 0.5, 1, 1.25]) {
      const at = [2 * Math.cos(angle), -2 * Math.sin(angle), 0] as const;
      const { instance } = renderFrame(scene([moved(wall, at)]), camera);
      const columns = [...instance.keys()]
        .filter((pixel) => instance[pixel] === 1)
        .map((pixel) => pixel % 80);
      const mean = columns.reduce((sum, column) => sum + column, 0) / columns.length;
      const fall = (t: number): number => t * (1 - 0.02 * t * t + 0.003 * t ** 4);
      expect(Math.abs(mean + 0.5 - (40 + (40 / fall(1.3)) * fall(angle)))).toBeLessThan(0.6);
    }
  });

  it('refuses a lens that folds the image, an empty image, and a pose that is not a number', () => {
    const folding = { kind: 'brown-conrady', k1: -0.6, k2: 0, k3: 0, p1: 0, p2: 0 } as const;
    const wide = cameraAt([0, 0, 1], [0, 0, 0], { lens: folding, horizontalFovRad: 1.35 });
    expect(() => renderFrame(scene([table]), wide)).toThrow(/sensors\.camera\.lens: .*singular inverse/);
    expect(() => renderFrame(scene([table]), cameraAt([0, 0, 1], [0, 0, 0], { width: 0 }))).toThrow(/0 x 64/);
    const nowhere = Float64Array.of(Number.NaN, 0, 0, 1, 0, 0, 0);
    expect(() => renderFrame(scene([table]), cameraAt([0, 0, 1], [0, 0, 0]), nowhere)).toThrow(
      /finite pose of body table/,
    );
  });

  it('turns the picture with the roll and shifts it with the principal point', () => {
    const ball = sphere('ball', 0.1, [0, 0.4, 0]);
    const centre = (overrides: Partial<CameraSpecification>): readonly [number, number] => {
      const { instance } = renderFrame(scene([ball]), cameraAt([-2, 0, 0], [0, 0, 0], overrides));
      const hits = [...instance.keys()].filter((pixel) => instance[pixel] === 1);
      const mean = (of: (pixel: number) => number) =>
        hits.reduce((sum, p) => sum + of(p) + 0.5, 0) / hits.length;
      return [mean((p) => p % 64) - 32, mean((p) => Math.floor(p / 64)) - 32];
    };
    const [x, y] = centre({});
    expect(x).toBeLessThan(-8);
    expect(Math.abs(y)).toBeLessThan(0.5);
    // The camera turns clockwise, so the picture turns the other way: left goes down.
    const [rolledX, rolledY] = centre({ rollRad: Math.PI / 2 });
    expect(Math.abs(rolledX)).toBeLessThan(0.5);
    expect(Math.abs(rolledY - -x)).toBeLessThan(0.5);
    const [shiftedX] = centre({ principalShiftPx: [5, 0] });
    expect(Math.abs(shiftedX - (x + 5))).toBeLessThan(0.5);
  });
});

describe('flow', () => {
  const flowOf = (bodies: BodySpec[], then: BodySpec[], camera: CameraSpecification): Float32Array => {
    const render = createRenderer('camera', scene(bodies), camera);
    render(() => ({ poses: poses(...then), worldFromCarrier: STILL }), null);
    return render(() => ({ poses: poses(...bodies), worldFromCarrier: STILL }), null).flowPx!;
  };
  const asking = cameraAt([0, 0, 0], [1, 0, 0], { channels: ['depth', 'instance', 'flow'] });
  const focal = 32 / Math.tan(0.5);

  it('is f v / z for a wall that moves across, and zero for what rests', () => {
    const wall = body('wall', 'fixed', { kind: 'box', halfExtentsM: [0.1, 2, 2] }, 'wood');
    const flow = flowOf([moved(wall, [2.1, 0, 0])], [moved(wall, [2.1, 0.02, 0.01])], asking);
    pixels(asking, (pixel) => {
      // It moved by -0.02 m to the left and -0.01 m up, at depth 2 m: to the right and down.
      expect(Math.abs(flow[pixel * 2]! - (focal * 0.02) / 2)).toBeLessThan(1e-5);
      expect(Math.abs(flow[pixel * 2 + 1]! - (focal * 0.01) / 2)).toBeLessThan(1e-5);
    });
    const still = flowOf([moved(wall, [2.1, 0, 0])], [moved(wall, [2.1, 0, 0])], asking);
    expect(Math.max(...still.map(Math.abs))).toBeLessThan(1e-5);
  });

  it('follows a turning body point by point', () => {
    const cube = body('cube', 'fixed', { kind: 'box', halfExtentsM: [0.4, 0.4, 0.4] }, 'wood');
    const now = moved(cube, [2, 0, 0], 0.5);
    const flow = flowOf([now], [moved(cube, [2, 0.05, 0], 0.42)], asking);
    const { depthM, instance } = renderFrame(scene([now]), asking);
    let checked = 0;
    pixels(asking, (pixel, u, v) => {
      if (instance[pixel] === 0) return;
      const depth = depthM[pixel]!;
      // Back by 0.08 rad about the body's z, then to where it was.
      const [dx, dy] = [depth - 2, depth * u];
      const [c, s] = [Math.cos(-0.08), Math.sin(-0.08)];
      const [px, py, pz] = [2 + c * dx - s * dy, 0.05 + s * dx + c * dy, depth * v];
      const [wasX, wasY] = [32 - (focal * py) / px, 32 - (focal * pz) / px];
      expect(Math.abs(flow[pixel * 2]! - ((pixel % 64) + 0.5 - wasX))).toBeLessThan(2e-4);
      expect(Math.abs(flow[pixel * 2 + 1]! - (Math.floor(pixel / 64) + 0.5 - wasY))).toBeLessThan(2e-4);
      checked += 1;
    });
    expect(checked).toBeGreaterThan(300);
  });

  it('sees the sky turn with the camera', () => {
    const car = body('car', 'dynamic', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'steel');
    const spec: SimSpec = { ...scene([car]), durationS: 0.2 };
    const mounted = {
      ...asking,
      body: 'car',
      positionM: [0.2, 0, 0],
      targetM: [1, 0, 0],
      rateHz: 10,
    } as const;
    const camera = createCamera('camera', { ...mounted, channels: ['flow'] }, spec);
    const frames = scripted(spec, (step) => ({
      poses: [0, 0, 0, ...fromAxisAngle([0, 0, 1], step * 1e-4)],
    }));
    const samples = frames.flatMap((frame) => camera.sense(frame));
    const flow = samples[2]!.values.flowPx!;
    // Turning left by 0.01 rad, the centre of the picture goes to the right by f tan(0.01).
    const middle = (32 * 64 + 31) * 2;
    expect(Math.abs(flow[middle]! - focal * Math.tan(0.01))).toBeLessThan(2e-3);
    const pose = samples[2]!.values.worldFromCamera!;
    expect(pose[0]).toBeCloseTo(0.2 * Math.cos(0.02), 9);
    expect(pose[6]).toBeCloseTo(Math.sin(0.01), 9);
  });
});

describe('the shutter', () => {
  it('shows a moving edge row by row where it was when the row was read', () => {
    const bar = body('bar', 'kinematic', { kind: 'box', halfExtentsM: [0.05, 0.5, 3] }, 'wood');
    const spec: SimSpec = { ...scene([bar]), durationS: 0.2 };
    const speed = 4;
    const frames = scripted(spec, (step) => ({
      poses: [2.05, -0.5 - speed * 0.1 + (speed * step) / 1000, 0, 1, 0, 0, 0],
    }));
    const rolling = cameraAt([0, 0, 0], [1, 0, 0], { rateHz: 10, rollingShutterS: 0.05, height: 64 });
    const camera = createCamera('camera', rolling, spec);
    const picture = frames.flatMap((frame) => camera.sense(frame))[1]!.values;
    const focal = 32 / Math.tan(0.5);
    for (let row = 0; row < 64; row += 7) {
      // The bar's left edge is at y = 0 when the frame is taken (t = 0.1 s); a row is read earlier.
      const lagS = 0.05 * (1 - (row + 1) / 64);
      const edge = 32 - (focal * -speed * lagS) / 2;
      const first = Array.from({ length: 64 }, (_, column) => column).find(
        (column) => picture.instance![row * 64 + column] === 1,
      )!;
      expect(Math.abs(first - edge)).toBeLessThanOrEqual(1);
    }
  });

  it('blurs a moving edge into a ramp as wide as its way', () => {
    const white = { albedo: [1, 1, 1] as const, specular: 0 };
    const board = body('board', 'kinematic', { kind: 'box', halfExtentsM: [0.05, 2, 3] }, 'wood', white);
    const spec: SimSpec = {
      ...scene([board]),
      durationS: 0.2,
      lighting: { ...scene([]).lighting, sunRadiance: [0, 0, 0], skyRadiance: [0.5, 0.5, 0.5] },
    };
    const speed = 8;
    const frames = scripted(spec, (step) => ({
      poses: [2.05, -2 - speed * 0.1 + (speed * step) / 1000, 0, 1, 0, 0, 0],
    }));
    const blurred = cameraAt([0, 0, 0], [1, 0, 0], {
      rateHz: 10,
      exposureTimeS: 0.05,
      blurSamples: 50,
      height: 1,
    });
    const camera = createCamera('camera', blurred, spec);
    const { colour } = frames.flatMap((frame) => camera.sense(frame))[1]!.values;
    const focal = 32 / Math.tan(0.5);
    const decode = (byte: number): number => {
      const s = byte / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    };
    const level = Array.from({ length: 64 }, (_, column) => decode(colour![column * 3]!));
    const [sky, wall] = [level[2]!, level[62]!];
    // From column 32 + f v T / z, where the edge was first, to column 32, where it is last.
    const width = (focal * speed * 0.05) / 2;
    for (let column = 34; column < 32 + width - 2; column++) {
      const share = (column + 0.5 - 32) / width;
      expect(Math.abs((level[column]! - sky) / (wall - sky) - share)).toBeLessThan(0.05);
    }
  });

  it('softens jagged edges with four rays a pixel, and leaves geometry as it is', () => {
    const ball = sphere('ball', 0.4, [0, 0, 0], [1, 1, 1]);
    const plain = cameraAt([-2, 0, 0], [0, 0, 0]);
    const once = renderFrame(scene([ball]), plain);
    const four = renderFrame(scene([ball]), { ...plain, samplesPerPixel: 4 });
    expect(four.depthM).toEqual(once.depthM);
    expect(four.instance).toEqual(once.instance);
    const edges = (colour: Uint8Array): number => new Set(colour.filter((_, i) => i % 3 === 0)).size;
    expect(edges(four.colour)).toBeGreaterThan(edges(once.colour));
  });
});

describe('boxes', () => {
  it('bound what shows, what would show, and the share between', () => {
    const random = randomStream(4, 'boxes');
    const shapes: Shape[] = [
      { kind: 'box', halfExtentsM: [0.2, 0.15, 0.1] },
      { kind: 'sphere', radiusM: 0.2 },
      { kind: 'cylinder', radiusM: 0.12, halfHeightM: 0.2 },
      { kind: 'capsule', radiusM: 0.1, halfHeightM: 0.15 },
      { kind: 'cone', radiusM: 0.18, halfHeightM: 0.2 },
    ];
    const bodies = shapes.flatMap((shape, index) =>
      [0, 1].map((copy) =>
        body(`body-${index}-${copy}`, 'dynamic', shape, 'wood', {
          pose: {
            positionM: [1.5 + random.uniform(), 1.2 * random.uniform() - 0.6, 1.2 * random.uniform() - 0.6],
            orientation: uniformRotation(random.uniform(), random.uniform(), random.uniform()),
          },
        }),
      ),
    );
    const camera = cameraAt([0, 0, 0], [1, 0, 0], { channels: ['instance', 'boxes'] });
    const all = renderFrame(scene(bodies), camera);
    for (const [index, one] of bodies.entries()) {
      const alone = renderFrame(scene([one]), camera).instance;
      const bounds = (labels: ArrayLike<number>, label: number): number[] => {
        const hits = Array.from(labels).flatMap((value, pixel) => (value === label ? [pixel] : []));
        if (hits.length === 0) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0];
        const [columns, rows] = [hits.map((p) => p % 64), hits.map((p) => Math.floor(p / 64))];
        return [
          Math.min(...columns),
          Math.min(...rows),
          Math.max(...columns) + 1,
          Math.max(...rows) + 1,
          hits.length,
        ];
      };
      const [whole, shown] = [bounds(alone, 1), bounds(all.instance, index + 1)];
      expect([...all.boxAmodalPx!.subarray(index * 4, index * 4 + 4)]).toEqual(whole.slice(0, 4));
      expect([...all.boxVisiblePx!.subarray(index * 4, index * 4 + 4)]).toEqual(shown.slice(0, 4));
      expect(all.visibility![index]).toBeCloseTo(whole[4] === 0 ? 0 : shown[4]! / whole[4]!, 6);
      expect(all.box3d![index * 10]).toBeCloseTo(one.pose.positionM[0], 5);
    }
    expect(all.visibility!.some((share) => share > 0 && share < 1)).toBe(true);
  });

  it('are NaN for a body that is not there, which is not seen either', () => {
    const ball = sphere('ball', 0.4, [0, 0, 0]);
    const camera = cameraAt([-2, 0, 0], [0, 0, 0], { channels: ['instance', 'boxes'] });
    const render = createRenderer('camera', scene([ball]), camera);
    const gone = { poses: poses(ball), present: Uint8Array.of(0), worldFromCarrier: STILL };
    const frame = render(() => gone, null);
    expect(frame.instance.every((label) => label === 0)).toBe(true);
    expect([...frame.box3d!, ...frame.boxVisiblePx!].every(Number.isNaN)).toBe(true);
  });
});

describe('normals', () => {
  it('point out of every shape: against the slope of the depth around', () => {
    const shapes: Shape[] = [
      { kind: 'box', halfExtentsM: [0.3, 0.3, 0.3] },
      { kind: 'sphere', radiusM: 0.4 },
      { kind: 'cylinder', radiusM: 0.3, halfHeightM: 0.4 },
      { kind: 'capsule', radiusM: 0.25, halfHeightM: 0.3 },
      { kind: 'cone', radiusM: 0.35, halfHeightM: 0.4 },
    ];
    for (const shape of shapes) {
      const one = body('one', 'fixed', shape, 'wood', {
        pose: { positionM: [2, 0, 0], orientation: uniformRotation(0.3, 0.6, 0.2) },
      });
      const camera = cameraAt([0, 0, 0], [1, 0, 0], {
        width: 256,
        height: 256,
        channels: ['depth', 'normal'],
        horizontalFovRad: 0.5,
      });
      const { depthM, normal, instance } = renderFrame(scene([one]), camera);
      const point = (pixel: number): number[] => {
        const [u, v] = slopes(camera, Math.floor(pixel / 256), pixel % 256);
        const depth = depthM[pixel]!;
        return [depth, depth * u, depth * v];
      };
      let [agree, checked] = [0, 0];
      for (let pixel = 257; pixel < 256 * 255; pixel += 3) {
        const around = [pixel - 1, pixel + 1, pixel - 256, pixel + 256, pixel];
        if (!around.every((p) => instance[p] === 1)) continue;
        const [a, b, c, d] = around.map(point) as [number[], number[], number[], number[]];
        const x = b.map((value, k) => value - a[k]!);
        const y = d.map((value, k) => value - c[k]!);
        const n = [
          x[1]! * y[2]! - x[2]! * y[1]!,
          x[2]! * y[0]! - x[0]! * y[2]!,
          x[0]! * y[1]! - x[1]! * y[0]!,
        ];
        const length = Math.hypot(...n) * (n[0]! > 0 ? -1 : 1);
        const dot = n.reduce((sum, value, k) => sum + (value / length) * normal![pixel * 3 + k]!, 0);
        checked += 1;
        if (dot > 0.99) agree += 1;
      }
      expect(checked).toBeGreaterThan(500);
      expect(agree / checked).toBeGreaterThan(0.93);
    }
  });
});
