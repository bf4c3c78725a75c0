import { BufferAttribute, BufferGeometry, DoubleSide, Ray } from 'three';
import { MeshBVH, SAH } from 'three-mesh-bvh';
import { materialByName } from '../core/materials.js';
import { tickTimeNs } from '../core/time.js';
import {
  type BodySpec,
  type LightingSpec,
  OUTDOORS,
  PLAIN,
  type SimSpec,
  SUN_ONLY,
} from '../scenarios/contract.js';
import { STILL } from '../sensors/camera/exposure.js';
import { createMesh } from '../sensors/camera/mesh.js';
import { intersectMesh } from '../sensors/camera/mesh-intersection.js';
import { createRenderer } from '../sensors/camera/render-frame.js';
import { type CameraSpecification, cameraSpecification } from '../sensors/camera/specification.js';
import { createEventCamera } from '../sensors/event-camera/event-camera.js';
import {
  type EventCameraSpecification,
  eventCameraSpecification,
} from '../sensors/event-camera/specification.js';
import type { BenchResult } from './contract.js';

const OBJECTS = 20;
const ROUNDS = 6;
const RAYS_ALONG = 200;

const lighting: LightingSpec = {
  ...SUN_ONLY,
  sunDirection: [0.48, 0.36, 0.8],
  sunRadiance: [0.7, 0.7, 0.65],
  skyRadiance: [0.2, 0.22, 0.28],
};

/** Rays a second at a mesh of 100,352 triangles, beside three-mesh-bvh's raycastFirst on a tree of the same heuristic. */
export async function benchMesh(): Promise<BenchResult> {
  const shape = bumpyBall(224);
  const startedAt = performance.now();
  const mesh = createMesh('bench', shape);
  const builtMs = performance.now() - startedAt;
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(Float32Array.from(shape.verticesM), 3));
  geometry.setIndex([...shape.triangles]);
  const theirsAt = performance.now();
  const bvh = new MeshBVH(geometry, { strategy: SAH });
  process.stderr.write(
    `  built in ${builtMs.toFixed(0)} ms; three-mesh-bvh in ${(performance.now() - theirsAt).toFixed(0)} ms\n`,
  );
  const hit = new Int32Array(1);
  const ray = new Ray();
  const ours = best(() =>
    overRays((y, z) => intersectMesh(mesh, -3, 0, 0.3, 1, y, z, Number.POSITIVE_INFINITY, hit)),
  );
  const theirs = best(() =>
    overRays((y, z) => {
      ray.origin.set(-3, 0, 0.3);
      ray.direction.set(1, y, z).normalize();
      return bvh.raycastFirst(ray, DoubleSide)?.distance ?? 0;
    }),
  );
  return result('camera.mesh.rays', ours, 'rays/s', 'three-mesh-bvh raycastFirst', theirs);
}

/** Frames of 64 x 64 a second with a soft sun, a soft lamp, gloss and textures on 20 bodies, beside the same bodies plain. */
export async function benchAppearance(): Promise<BenchResult> {
  const lamp = { name: 'lamp', positionM: [0, 0.5, 1], radiusM: 0.05, intensity: [0.4, 0.4, 0.4] } as const;
  const rich = { ...lighting, sunAngularRadiusRad: 0.02, lamps: [lamp] };
  const steps: [string, readonly BodySpec[], LightingSpec][] = [
    ['gloss', things({ specular: 0.04, roughness: 0.4 }), lighting],
    ['checker', things({ texture: { kind: 'checker', other: [0.1, 0.1, 0.1], sizeM: 0.05 } }), lighting],
    ['noise', things({ texture: { kind: 'noise', other: [0.1, 0.1, 0.1], sizeM: 0.05, seed: 1 } }), lighting],
    ['soft sun', things({}), { ...lighting, sunAngularRadiusRad: 0.02 }],
    ['hard lamp', things({}), { ...lighting, lamps: [{ ...lamp, radiusM: 0 }] }],
    ['soft lamp', things({}), { ...lighting, lamps: [lamp] }],
  ];
  for (const [name, bodies, light] of steps) {
    process.stderr.write(`  ${name}: ${framesPerSecond(bodies, light).toFixed(0)} frames/s\n`);
  }
  const all = things({
    specular: 0.04,
    roughness: 0.4,
    texture: { kind: 'checker', other: [0.1, 0.1, 0.1], sizeM: 0.05 },
  });
  const value = framesPerSecond(all, rich);
  return result(
    'camera.rich.fps',
    value,
    'frames/s',
    'plain frames/s',
    framesPerSecond(things({}), lighting),
  );
}

/** How much faster than time an event camera of 64 x 64 runs, at 1,000 pictures a second of 20 bodies; beside real time. */
export async function benchEventCamera(): Promise<BenchResult> {
  const bodies = things({});
  const specification = eventCameraSpecification.parse({
    kind: 'event-camera',
    positionM: [-1, 0, 0.3],
  }) as EventCameraSpecification;
  const spec: SimSpec = {
    scenario: 'bench',
    seed: 1,
    episode: 0,
    durationS: 1,
    physics: { stepHz: 1000, gravityMps2: [0, 0, -9.81], lengthUnitM: 0.1, solverIterations: 4 },
    lighting,
    acoustics: OUTDOORS,
    bodies,
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
  const seconds = 0.3;
  const frames = Array.from({ length: seconds * 1000 + 1 }, (_, step) => {
    const poses = posesOf(bodies);
    for (let body = 1; body < bodies.length; body++) poses[body * 7 + 1]! += 5e-4 * step;
    return {
      step,
      timeNs: tickTimeNs(step, 1000),
      poses,
      velocities: new Float64Array(bodies.length * 6),
      present: new Uint8Array(bodies.length).fill(1),
      contacts: [],
    };
  });
  const value = best(() => {
    const camera = createEventCamera('bench', specification, spec);
    for (const frame of frames) camera.sense(frame);
    return seconds;
  });
  return result('event-camera.realtime', value, 'simulated s/s', 'real time', 1);
}

function result(
  name: string,
  value: number,
  unit: string,
  reference: string,
  referenceValue: number,
): BenchResult {
  return { name, value, unit, reference, reference_value: referenceValue, ratio: value / referenceValue };
}

/** Work done a second in the best of some rounds; `work` returns how much it did. */
function best(work: () => number): number {
  let most = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const done = work();
    most = Math.max(most, (1000 * done) / (performance.now() - startedAt));
  }
  return most;
}

function overRays(cast: (y: number, z: number) => number): number {
  let met = 0;
  for (let i = 0; i < RAYS_ALONG; i++) {
    for (let j = 0; j < RAYS_ALONG; j++) {
      const t = cast((i / RAYS_ALONG - 0.5) * 0.8, (j / RAYS_ALONG - 0.5) * 0.8 - 0.1);
      if (t > 0) met += 1;
    }
  }
  if (met === 0) throw new Error('no ray meets the mesh');
  return RAYS_ALONG * RAYS_ALONG;
}

function framesPerSecond(bodies: readonly BodySpec[], light: LightingSpec): number {
  const camera = cameraSpecification.parse({
    kind: 'camera',
    positionM: [-1, 0, 0.8],
    targetM: [0, 0, 0],
    channels: ['colour', 'depth', 'instance'],
  }) as CameraSpecification;
  const render = createRenderer('bench', { bodies, lighting: light }, camera);
  const poses = posesOf(bodies);
  const frames = 60;
  return best(() => {
    for (let frame = 0; frame < frames; frame++) render(() => ({ poses, worldFromCarrier: STILL }), null);
    return frames;
  });
}

function posesOf(bodies: readonly BodySpec[]): Float64Array {
  return Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
}

/** A table and boxes, balls and cylinders on it, all with the same finish. */
function things(finish: Partial<BodySpec>): BodySpec[] {
  const plain = {
    ...PLAIN,
    semantic: 'thing',
    motion: 'fixed',
    material: materialByName('wood'),
    massKg: 1,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.4, 0.3],
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
    ...finish,
  } as const;
  const at = (x: number, y: number, z: number): BodySpec['pose'] => ({
    positionM: [x, y, z],
    orientation: [1, 0, 0, 0],
  });
  const shapes: BodySpec['shape'][] = [
    { kind: 'box', halfExtentsM: [0.06, 0.05, 0.04] },
    { kind: 'sphere', radiusM: 0.06 },
    { kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.06 },
  ];
  const table: BodySpec = {
    ...plain,
    name: 'table',
    shape: { kind: 'box', halfExtentsM: [2, 2, 0.1] },
    pose: at(0, 0, -0.1),
  };
  return [
    table,
    ...Array.from({ length: OBJECTS - 1 }, (_, i) => ({
      ...plain,
      name: `thing-${i}`,
      shape: shapes[i % 3]!,
      // A lattice that never lines up: multiples of the golden ratio.
      pose: at(((i * 0.618034) % 1) - 0.5, i / OBJECTS - 0.5, 0.06),
    })),
  ];
}

function bumpyBall(rings: number): Extract<BodySpec['shape'], { kind: 'mesh' }> {
  const verticesM: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i <= rings; i++) {
    for (let j = 0; j < rings; j++) {
      const [a, b] = [(Math.PI * i) / rings, (2 * Math.PI * j) / rings];
      const r = 1 + 0.1 * Math.sin(5 * a) * Math.cos(7 * b);
      verticesM.push(r * Math.sin(a) * Math.cos(b), r * Math.sin(a) * Math.sin(b), r * Math.cos(a));
      if (i === rings) continue;
      const [here, next] = [i * rings + j, i * rings + ((j + 1) % rings)];
      triangles.push(here, here + rings, next, next, here + rings, next + rings);
    }
  }
  return { kind: 'mesh', file: 'ball.glb', verticesM, triangles };
}
