import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { jsonDigest } from '../core/digest.js';
import { drivenStateAt, pushAt } from '../core/drive.js';
import { UmweltError } from '../core/errors.js';
import type { Quaternion } from '../core/math/quaternion.js';
import { scale, type Vec3 } from '../core/math/vector.js';
import { createSlab } from '../core/slab.js';
import type { JointSpec, SimSpec } from '../scenarios/contract.js';
import { requirePossible } from './admission.js';
import { findBroken, findFragile } from './breakage.js';
import { type PairImpulses, readPairImpulses } from './composite-contacts.js';
import type { Contact, SimFrame, World } from './contract.js';
import { applyBreakage, FRAMES_PER_BLOCK, readFrame, readState, stateOf } from './frames.js';
import { findFriction } from './friction.js';
import { impulseOfContacts } from './momentum.js';
import { effortOf, isGentle } from './motors.js';
import { slidingFriction } from './sliding.js';
import { decodeSnapshot, encodeSnapshot } from './snapshot.js';
import { addBody, type BodyInWorld } from './world-bodies.js';
import { indexByCollider, readPatches, toContacts } from './world-contacts.js';
import { addJoint } from './world-joints.js';

const NO_IMPULSES: PairImpulses = new Map();

let ready: Promise<void> | null = null;

/**
 * Starts a world at step 0.
 *
 * Steps are exactly 1 / stepHz long. Bodies never sleep, so that a resting body keeps reporting the force that carries
 * it. Rapier computes in float32; poses and velocities come out widened. It caps speed at 400 lengthUnitM a second and
 * rotation at an eighth of a turn a step. Kinematic bodies are where `drivenStateAt` says, in float64; pushes act for a
 * whole step, by the time at its start.
 *
 * @throws UmweltError `invalid-input` when a body has a size, mass or speed that the engine would cap or cannot compute with.
 */
export async function createWorld(spec: SimSpec): Promise<World> {
  requirePossible(spec);
  ready ??= RAPIER.init();
  await ready;
  return new RapierWorld(spec);
}

class RapierWorld implements World {
  readonly spec: SimSpec;
  readonly #indices: ReadonlyMap<number, number>;
  readonly #fragile: ReturnType<typeof findFragile>;
  readonly #isJointed: readonly boolean[];
  /** Joints whose motors are not left to the engine. */
  readonly #motors: readonly JointSpec[];
  readonly #isPushed: readonly boolean[];
  readonly #allocate;
  #world: RAPIER.World;
  #bodies: readonly BodyInWorld[];
  #broken: readonly number[] = [];
  #breaking: readonly number[] = [];
  #current: SimFrame;
  #isFreed = false;
  #knownDigest: string | undefined;
  /** Only where a mesh needs it. */
  readonly #events: RAPIER.EventQueue | undefined;

  constructor(spec: SimSpec) {
    const [x, y, z] = spec.physics.gravityMps2;
    const world = new RAPIER.World({ x, y, z });
    world.timestep = 1 / spec.physics.stepHz;
    world.lengthUnit = spec.physics.lengthUnitM;
    world.numSolverIterations = spec.physics.solverIterations;
    this.spec = spec;
    this.#world = world;
    this.#bodies = spec.bodies.map((body) => addBody(world, body));
    const { stepHz } = spec.physics;
    this.#motors = spec.joints.filter((joint) => {
      const [parent, child] = [this.#bodies[joint.parent]!, this.#bodies[joint.child]!];
      return isGentle(joint, loadOf(parent), loadOf(child), stepHz);
    });
    for (const joint of spec.joints) addJoint(world, joint, this.#bodies, !this.#motors.includes(joint));
    this.#isPushed = spec.bodies.map(
      ({ motion, forces }, index) =>
        motion === 'dynamic' &&
        (forces.length > 0 || this.#motors.some(({ parent, child }) => parent === index || child === index)),
    );
    this.#isJointed = spec.bodies.map((_, index) =>
      spec.joints.some(({ parent, child }) => parent === index || child === index),
    );
    this.#indices = indexByCollider(this.#bodies);
    if (this.#bodies.some(({ isComposite }) => isComposite)) this.#events = new RAPIER.EventQueue(true);
    this.#fragile = findFragile(spec);
    this.#allocate = createSlab(Float64Array, spec.bodies.length * 13 * FRAMES_PER_BLOCK);
    this.#current = this.#read(0);
  }

  frame(): SimFrame {
    return this.#current;
  }

  step(count = 1): SimFrame {
    if (!Number.isInteger(count) || count < 1)
      throw new UmweltError(
        'invalid-input',
        { count },
        `step: expected a whole number of at least 1, got ${count}`,
      );
    if (this.#fragile.length > 0) {
      // Whether a body breaks shows in the contacts of every step.
      for (let done = 0; done < count; done++) this.#stepOnce(this.#current);
      return this.#current;
    }
    const from = this.#current.step;
    for (let skipped = 1; skipped < count; skipped++) this.#advance(from + skipped - 1);
    // Contacts are placed by the poses before their step.
    this.#stepOnce(count > 1 ? this.#read(from + count - 1) : this.#current);
    return this.#current;
  }

  snapshot(): Uint8Array {
    return encodeSnapshot({
      specDigest: this.#specDigest,
      step: this.#current.step,
      broken: this.#broken,
      breaking: this.#breaking,
      contacts: this.#current.contacts,
      engine: this.#world.takeSnapshot(),
    });
  }

  restore(bytes: Uint8Array): void {
    const { step, broken, breaking, contacts, engine } = decodeSnapshot(bytes, this.#specDigest);
    const restored = restoreEngine(engine);
    this.#world.free();
    this.#world = restored;
    this.#bodies = this.#bodies.map((known) => ({
      ...known,
      body: restored.getRigidBody(known.body.handle),
      collider: restored.getCollider(known.collider.handle),
    }));
    this.#broken = broken;
    this.#breaking = breaking;
    this.#current = { ...this.#read(step), contacts };
  }

  free(): void {
    if (this.#isFreed) return;
    this.#world.free();
    this.#events?.free();
    this.#isFreed = true;
  }

  /** Worked out when it is needed: a spec may hold meshes and images. */
  get #specDigest(): string {
    this.#knownDigest ??= jsonDigest(this.spec);
    return this.#knownDigest;
  }

  #stepOnce(before: SimFrame): void {
    this.#advance(before.step);
    const unmarked = readFrame(this.#bodies, this.spec, before.step + 1, this.#allocate);
    const impulses = this.#events
      ? readPairImpulses(this.#events, this.#indices, this.spec.physics.stepHz)
      : NO_IMPULSES;
    const patches = readPatches(this.#world, this.#bodies, this.#indices, before.poses, impulses);
    const contacts = patches.length === 0 ? [] : this.#toContacts(patches, before, unmarked);
    this.#breaking = findBroken(this.#fragile, patches, this.spec.physics.stepHz).filter(
      (whole) => !this.#broken.includes(whole),
    );
    applyBreakage(unmarked, this.#fragile, { broken: this.#broken, breaking: this.#breaking });
    this.#current = { ...unmarked, contacts };
  }

  /** Makes one step in the engine from the end of step `step`. */
  #advance(step: number): void {
    this.#swapBroken();
    for (const [index, there] of this.#bodies.entries()) {
      if (there.spec.motion === 'kinematic') drive(there, (step + 1) / this.spec.physics.stepHz);
      if (this.#isPushed[index]) push(there, step / this.spec.physics.stepHz);
    }
    for (const motor of this.#motors) this.#turn(motor, step);
    this.#world.step(this.#events);
  }

  #turn(joint: JointSpec, step: number): void {
    const parent = this.#bodies[joint.parent]!;
    const child = this.#bodies[joint.child]!;
    if (!parent.body.isEnabled() || !child.body.isEnabled()) return;
    const timeS = step / this.spec.physics.stepHz;
    const effort = effortOf(joint, stateOf(parent, timeS), stateOf(child, timeS));
    if (!effort) return;
    for (const [{ body, isDynamic }, sign] of [
      [child, 1],
      [parent, -1],
    ] as const) {
      if (!isDynamic) continue;
      if ('torqueNm' in effort) body.addTorque(vectorOf(scale(effort.torqueNm, sign)), false);
      else body.addForceAtPoint(vectorOf(scale(effort.forceN, sign)), vectorOf(effort.pointM), false);
    }
  }

  /** Puts the pieces of what broke during the last step where the last frame has them. */
  #swapBroken(): void {
    for (const { whole, pieces } of this.#fragile) {
      if (!this.#breaking.includes(whole)) continue;
      this.#bodies[whole]!.body.setEnabled(false);
      for (const { body: index } of pieces) {
        const { body } = this.#bodies[index]!;
        const { pose, linearVelocityMps: v, angularVelocityRadps: spin } = readState(this.#current, index);
        body.setTranslation(vectorOf(pose.positionM), false);
        body.setRotation(rotationOf(pose.orientation), false);
        body.setEnabled(true);
        body.setLinvel(vectorOf(v), true);
        body.setAngvel(vectorOf(spin), true);
      }
    }
    if (this.#breaking.length > 0) this.#broken = [...this.#broken, ...this.#breaking].sort((a, b) => a - b);
    this.#breaking = [];
  }

  #read(step: number): SimFrame {
    const frame = readFrame(this.#bodies, this.spec, step, this.#allocate);
    applyBreakage(frame, this.#fragile, { broken: this.#broken, breaking: this.#breaking });
    return frame;
  }

  #toContacts(
    patches: ReturnType<typeof readPatches>,
    before: SimFrame,
    after: SimFrame,
  ): readonly Contact[] {
    const { physics } = this.spec;
    const friction = findFriction(
      patches,
      (index) => {
        const body = this.#bodies[index]!;
        // What a joint does to a body is not known, so its momentum does not tell what contacts did.
        if (!body.isDynamic || this.#isJointed[index]) return undefined;
        const push =
          body.spec.forces.length === 0 ? undefined : pushAt(body.spec, before.step / physics.stepHz);
        return impulseOfContacts(body, index, before, after, physics, push);
      },
      (patch) => slidingFriction(patch, after),
    );
    return toContacts(patches, friction);
  }
}

function drive({ spec, body }: BodyInWorld, timeS: number): void {
  const { positionM, orientation } = drivenStateAt(spec, timeS).pose;
  body.setNextKinematicTranslation(vectorOf(positionM));
  body.setNextKinematicRotation(rotationOf(orientation));
}

function push({ spec, body }: BodyInWorld, timeS: number): void {
  body.resetForces(false);
  body.resetTorques(false);
  const pushed = pushAt(spec, timeS);
  if (!pushed) return;
  body.addForce(vectorOf(pushed.forceN), false);
  body.addTorque(vectorOf(pushed.torqueNm), false);
}

function loadOf(body: BodyInWorld): BodyInWorld | undefined {
  return body.isDynamic ? body : undefined;
}

function vectorOf([x, y, z]: Vec3): RAPIER.Vector {
  return { x, y, z };
}

function rotationOf([w, x, y, z]: Quaternion): RAPIER.Rotation {
  return { w, x, y, z };
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
