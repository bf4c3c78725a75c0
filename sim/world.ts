import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type { Quaternion } from '../core/math/quaternion.js';
import { IDENTITY } from '../core/math/quaternion.js';
import { inertiaOfShape } from '../core/shape.js';
import { createSlab, type Slab } from '../core/slab.js';
import { tickTimeNs } from '../core/time.js';
import type { BodySpec, Shape, SimSpec } from '../scenarios/contract.js';
import { requirePossible } from './admission.js';
import type { Contact, SimFrame, World } from './contract.js';
import { findFriction } from './friction.js';
import { impulseOfContacts } from './momentum.js';
import { decodeSnapshot, encodeSnapshot } from './snapshot.js';
import { type BodyInWorld, indexByCollider, readPatches, toContacts } from './world-contacts.js';

let ready: Promise<void> | null = null;

/**
 * Starts a world at step 0.
 *
 * Steps are exactly 1 / stepHz long. Bodies never sleep, so that a resting body keeps reporting the force that carries
 * it. Rapier computes in float32; poses and velocities come out widened. It caps speed at 400 lengthUnitM a second and
 * rotation at an eighth of a turn a step.
 *
 * @throws UmweltError `invalid-input` when a body has a size, mass or speed that the engine would cap or cannot compute with.
 */
export async function createWorld(spec: SimSpec): Promise<World> {
  requirePossible(spec);
  ready ??= RAPIER.init();
  await ready;
  const [x, y, z] = spec.physics.gravityMps2;
  let world = new RAPIER.World({ x, y, z });
  world.timestep = 1 / spec.physics.stepHz;
  world.lengthUnit = spec.physics.lengthUnitM;
  world.numSolverIterations = spec.physics.solverIterations;
  let bodies = spec.bodies.map((body) => addBody(world, body));
  const indices = indexByCollider(bodies);
  const specDigest = jsonDigest(spec);
  const allocate = createSlab(Float64Array, bodies.length * 13 * FRAMES_PER_BLOCK);
  let current = readFrame(bodies, spec, 0, allocate);
  let freed = false;

  return {
    spec,
    frame: () => current,
    step(count = 1) {
      if (!Number.isInteger(count) || count < 1)
        throw new UmweltError(
          'invalid-input',
          { count },
          `step: expected a whole number of at least 1, got ${count}`,
        );
      for (let skipped = 1; skipped < count; skipped++) world.step();
      // Contacts are placed by the poses before their step.
      const before = count > 1 ? readFrame(bodies, spec, current.step + count - 1, allocate) : current;
      world.step();
      const after = readFrame(bodies, spec, before.step + 1, allocate);
      current = { ...after, contacts: readContacts(world, bodies, indices, before, after, spec) };
      return current;
    },
    snapshot: () =>
      encodeSnapshot({
        specDigest,
        step: current.step,
        contacts: current.contacts,
        engine: world.takeSnapshot(),
      }),
    restore(bytes) {
      const { step, contacts, engine } = decodeSnapshot(bytes, specDigest);
      const restored = restoreEngine(engine);
      world.free();
      world = restored;
      bodies = bodies.map((known) => ({
        ...known,
        body: restored.getRigidBody(known.body.handle),
        collider: restored.getCollider(known.collider.handle),
      }));
      current = { ...readFrame(bodies, spec, step, allocate), contacts };
    },
    free() {
      if (!freed) world.free();
      freed = true;
    },
  };
}

function readContacts(
  world: RAPIER.World,
  bodies: readonly BodyInWorld[],
  indices: ReadonlyMap<number, number>,
  before: SimFrame,
  after: SimFrame,
  spec: SimSpec,
): readonly Contact[] {
  const patches = readPatches(world, bodies, indices, before.poses);
  if (patches.length === 0) return [];
  const friction = findFriction(patches, (index) =>
    bodies[index]!.isDynamic
      ? impulseOfContacts(bodies[index]!, index, before, after, spec.physics)
      : undefined,
  );
  return toContacts(patches, friction);
}

/** World.restoreSnapshot leaves two objects of the engine behind; this frees them. */
function restoreEngine(engine: Uint8Array): RAPIER.World {
  const pipeline = new RAPIER.SerializationPipeline();
  try {
    const shell = pipeline.raw.deserializeAll(engine);
    if (shell) {
      const restored = RAPIER.World.fromRaw(shell);
      shell.free();
      return restored;
    }
  } finally {
    pipeline.free();
  }
  throw new UmweltError(
    'malformed-file',
    { engineBytes: engine.length },
    'the engine cannot read this snapshot, though its digest fits: take a new one with this version of umwelt',
  );
}

/** Turns Rapier's cylinder axis (y) to ours (z): a quarter turn about x. */
const CYLINDER_ORIENTATION: Quaternion = [Math.SQRT1_2, Math.SQRT1_2, 0, 0];

function addBody(world: RAPIER.World, spec: BodySpec): BodyInWorld {
  const isDynamic = spec.motion === 'dynamic';
  const [w, qx, qy, qz] = spec.pose.orientation;
  const [x, y, z] = spec.pose.positionM;
  const [vx, vy, vz] = spec.linearVelocityMps;
  const [wx, wy, wz] = spec.angularVelocityRadps;
  const description = isDynamic ? RAPIER.RigidBodyDesc.dynamic() : RAPIER.RigidBodyDesc.fixed();
  description.setTranslation(x, y, z).setRotation({ w, x: qx, y: qy, z: qz }).setCanSleep(false);
  description.setLinvel(vx, vy, vz).setAngvel({ x: wx, y: wy, z: wz });
  const collider = describeShape(spec.shape);
  collider.setFriction(spec.friction).setRestitution(spec.restitution);
  collider.setFrictionCombineRule(RAPIER.CoefficientCombineRule.Average);
  collider.setRestitutionCombineRule(RAPIER.CoefficientCombineRule.Average);
  if (spec.inertiaKgm2 === undefined) {
    collider.setMass(spec.massKg);
  } else {
    const [ix, iy, iz] = spec.inertiaKgm2;
    collider.setDensity(0);
    description.setAdditionalMassProperties(
      spec.massKg,
      { x: 0, y: 0, z: 0 },
      { x: ix, y: iy, z: iz },
      { w: 1, x: 0, y: 0, z: 0 },
    );
  }
  const body = world.createRigidBody(description);
  return {
    body,
    collider: world.createCollider(collider, body),
    isDynamic,
    massKg: spec.massKg,
    friction: spec.friction,
    colliderOrientation: spec.shape.kind === 'cylinder' ? CYLINDER_ORIENTATION : IDENTITY,
    inertiaKgm2: spec.inertiaKgm2 ?? inertiaOfShape(spec.shape, spec.massKg),
  };
}

function describeShape(shape: Shape): RAPIER.ColliderDesc {
  switch (shape.kind) {
    case 'box':
      return RAPIER.ColliderDesc.cuboid(...shape.halfExtentsM);
    case 'sphere':
      return RAPIER.ColliderDesc.ball(shape.radiusM);
    case 'cylinder': {
      const [w, x, y, z] = CYLINDER_ORIENTATION;
      return RAPIER.ColliderDesc.cylinder(shape.halfHeightM, shape.radiusM).setRotation({ w, x, y, z });
    }
  }
}

const vector = new RAPIER.Vector3(0, 0, 0);
const rotation = new RAPIER.Quaternion(0, 0, 0, 1);

/** Frames that share one allocation. */
const FRAMES_PER_BLOCK = 64;

function readFrame(
  bodies: readonly BodyInWorld[],
  spec: SimSpec,
  step: number,
  allocate: Slab<Float64Array>,
): SimFrame {
  const allPresent = new Uint8Array(bodies.length).fill(1);
  const poses = allocate(bodies.length * 7);
  const velocities = allocate(bodies.length * 6);
  for (let index = 0; index < bodies.length; index++) {
    const { body } = bodies[index]!;
    const pose = index * 7;
    const p = body.translation(vector);
    poses[pose] = p.x;
    poses[pose + 1] = p.y;
    poses[pose + 2] = p.z;
    const q = body.rotation(rotation);
    poses[pose + 3] = q.w;
    poses[pose + 4] = q.x;
    poses[pose + 5] = q.y;
    poses[pose + 6] = q.z;
    const velocity = index * 6;
    const v = body.linvel(vector);
    velocities[velocity] = v.x;
    velocities[velocity + 1] = v.y;
    velocities[velocity + 2] = v.z;
    const w = body.angvel(vector);
    velocities[velocity + 3] = w.x;
    velocities[velocity + 4] = w.y;
    velocities[velocity + 5] = w.z;
  }
  return {
    step,
    timeNs: tickTimeNs(step, spec.physics.stepHz),
    poses,
    velocities,
    present: allPresent,
    contacts: [],
  };
}
