import { describe, expect, it } from 'vitest';
import { rotate } from '../../core/math/quaternion.js';
import { add, type Vec3 } from '../../core/math/vector.js';
import { packBodies, placeInView } from '../../sensors/camera/gpu/bodies.js';
import {
  FRAME_VECTORS,
  LEAF_FACTOR,
  NODE_VECTORS,
  SHAPE_KINDS,
  SHAPE_VECTORS,
} from '../../sensors/camera/gpu/intersection-shader.js';
import { lightingLength, packLighting } from '../../sensors/camera/gpu/lighting.js';
import { createPinhole } from '../../sensors/camera/pinhole.js';
import { body, scene } from './scene.js';
import { cameraAt, sphere } from './view.js';

/** A strip of triangles along x, enough of them for a hierarchy of several levels. */
function strip(triangles: number) {
  const verticesM = Array.from({ length: triangles + 2 }, (_, k) => [k, k % 2, 0]).flat();
  return {
    kind: 'mesh',
    file: 'strip.glb',
    verticesM,
    triangles: Array.from({ length: triangles }, (_, k) => [k, k + 1, k + 2]).flat(),
  } as const;
}

/** Walks a hierarchy as a ray does that meets the boxes of nodes for which `meets` says so; lists the triangles asked. */
function walk(nodes: Float32Array, root: number, meets: (node: number) => boolean): number[] {
  const asked: number[] = [];
  let node = root;
  for (let steps = 0; node >= 0; steps++) {
    if (steps > nodes.length) throw new Error('the walk goes round');
    const at = node * NODE_VECTORS * 4;
    const leaf = nodes[at + 7]!;
    if (meets(node) && leaf >= 0) {
      const first = Math.floor(leaf / LEAF_FACTOR);
      for (let k = 0; k < leaf % LEAF_FACTOR; k++) asked.push(first + k);
    }
    node = meets(node) && leaf < 0 ? node + 1 : nodes[at + 3]!;
  }
  return asked;
}

describe('bodies packed for shaders', () => {
  const long = strip(37);
  const bodies = [
    sphere('ball', 0.3, [0, 0, 0]),
    body('first', 'fixed', strip(5), 'wood', { massKg: 1 }),
    body('second', 'fixed', long, 'wood', { massKg: 1 }),
    body('third', 'fixed', long, 'wood', { massKg: 1 }),
  ];
  const packed = packBodies(bodies);
  const rootOf = (index: number) => packed.shapes[(index * SHAPE_VECTORS + 4) * 4 + 3]!;

  it('threads each hierarchy so that a walk asks every triangle once and ends', () => {
    const everywhere = walk(packed.nodes, rootOf(2), () => true);
    expect(everywhere.sort((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (_, k) => 5 + k));
    expect(walk(packed.nodes, rootOf(1), () => true)).toHaveLength(5);
    expect(walk(packed.nodes, rootOf(2), () => false)).toEqual([]);
  });

  it('goes on past a part that a ray misses', () => {
    const root = rootOf(2);
    const without = walk(packed.nodes, root, (node) => node !== root + 1);
    const inside = walk(packed.nodes, root + 1, () => true).filter((triangle) => !without.includes(triangle));
    expect(without.length).toBeGreaterThan(0);
    expect(inside.length).toBeGreaterThan(0);
    expect(without.length + inside.length).toBe(37);
  });

  it('uploads a mesh that two bodies share once, and draws it twice', () => {
    expect(rootOf(3)).toBe(rootOf(2));
    expect(packed.triangles.length / 12).toBe(5 + 37);
    expect(packed.faces.length / 2).toBe(5 + 37 + 37);
    expect([...packed.faces.slice(-2)]).toEqual([3, 41]);
  });

  it('writes kinds, sizes and both halves of a seed', () => {
    const spec = body('log', 'fixed', { kind: 'cylinder', radiusM: 0.25, halfHeightM: 0.5 }, 'wood', {
      texture: { kind: 'noise', other: [1, 0, 0], sizeM: 0.5, seed: 0xfedcba98 },
      roughness: 0.25,
    });
    const { shapes } = packBodies([spec]);
    expect([...shapes.slice(0, 4)]).toEqual([0.25, 0.25, 0.5, SHAPE_KINDS.cylinder]);
    expect(shapes[11]).toBe(0.25);
    expect(shapes[14]! + shapes[15]! * 0x10000).toBe(0xfedcba98);
  });

  it('maps the camera to each body', () => {
    const pinhole = createPinhole('camera', cameraAt([-2, 0.5, 1], [0, 0, 0]));
    const pose = { positionM: [0.3, -0.2, 0.1] as Vec3, orientation: [0.5, 0.5, -0.5, 0.5] as const };
    const frames = new Float32Array(2 * FRAME_VECTORS * 4);
    placeInView(frames, pinhole, bodies[0]!, 0.3, 1, pose, true);
    const seen: Vec3 = [1.5, 0.2, -0.4];
    const rows = [0, 1, 2].map((row) =>
      frames.slice((FRAME_VECTORS + row) * 4, (FRAME_VECTORS + row + 1) * 4),
    );
    const own = rows.map((row) => row[0]! * seen[0] + row[1]! * seen[1] + row[2]! * seen[2] + row[3]!);
    const world = add(pose.positionM, rotate(pose.orientation, own as unknown as Vec3));
    const { positionM, forward, left, up } = pinhole;
    for (const axis of [0, 1, 2] as const) {
      const expected = positionM[axis] + seen[0] * forward[axis] + seen[1] * left[axis] + seen[2] * up[axis];
      expect(world[axis]).toBeCloseTo(expected, 6);
    }
    expect([...frames.slice(0, FRAME_VECTORS * 4)].every((value) => value === 0)).toBe(true);
  });

  it.each([
    ['box', { kind: 'box', halfExtentsM: [0.3, 0.2, 0.1] }, [0.29, 0.19, 0.09], [0.29, 0.19, 0.11]],
    ['sphere', { kind: 'sphere', radiusM: 0.3 }, [0.17, 0.17, 0.17], [0.18, 0.18, 0.18]],
    ['cylinder', { kind: 'cylinder', radiusM: 0.3, halfHeightM: 0.1 }, [0.2, 0.2, 0.09], [0.22, 0.22, 0]],
    ['capsule', { kind: 'capsule', radiusM: 0.3, halfHeightM: 0.1 }, [0, 0, 0.39], [0.2, 0.2, 0.3]],
    ['cone', { kind: 'cone', radiusM: 0.4, halfHeightM: 0.2 }, [0.19, 0, 0], [0.21, 0, 0]],
  ] as const)('knows when the camera is inside a %s', (_, shape, inside, outside) => {
    const pinhole = createPinhole('camera', cameraAt([1, 2, 3], [2, 2, 3]));
    const lit = (at: Vec3) => {
      const frames = new Float32Array(FRAME_VECTORS * 4);
      const positionM: Vec3 = [1 - at[0], 2 - at[1], 3 - at[2]];
      const pose = { positionM, orientation: [1, 0, 0, 0] as const };
      placeInView(frames, pinhole, body('it', 'fixed', shape, 'wood'), 1, 0, pose, true);
      return frames[13];
    };
    expect(lit(inside)).toBe(0);
    expect(lit(outside)).toBe(1);
  });

  it('turns lights into the camera and leaves out those that do not shine', () => {
    const lamp = { radiusM: 0.1, intensity: [1, 2, 3] as Vec3 };
    const lighting = {
      ...scene([]).lighting,
      sunRadiance: [0, 0, 0] as Vec3,
      lamps: [{ ...lamp, name: 'lamp', positionM: [2, 0, 1] as Vec3 }],
    };
    const packed = new Float32Array(lightingLength(lighting));
    packLighting(packed, lighting, createPinhole('camera', cameraAt([1, 0, 0], [1, 2, 0])), 7);
    const expected = [0, 0, 1, 1, ...lighting.skyRadiance, 7, 0, -1, 1, 0, 1, 2, 3, lamp.radiusM];
    expect(packed).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expect(packed[index]).toBeCloseTo(value, 6);
  });
});
