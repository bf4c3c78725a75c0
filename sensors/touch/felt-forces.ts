import { UmweltError } from '../../core/errors.js';
import { frictionAtTemperature } from '../../core/materials.js';
import { conjugate, multiply, type Pose, rotate } from '../../core/math/quaternion.js';
import { length, subtract } from '../../core/math/vector.js';
import { boundingRadiusM } from '../../core/shape.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { createMount, mountPoseAt } from '../mount.js';
import { type Instant, poseAt } from '../ticks.js';
import { contactModulusPa } from './indentation.js';
import { createPairLoads, type PairLoad } from './pair-loads.js';
import type { PatchSpecification } from './patch-specification.js';
import { type CellForces, createPress, type PressedIn } from './press.js';
import { createSurfacePatch, type PatchPoints, type SurfacePatch } from './surface-patch.js';

/** Contacts must lean less than 60 degrees from the patch's normal. */
const LEAST_FACING = 0.5;

/** A patch of a body that feels what presses on it. */
export interface FeelingPatch {
  readonly patch: SurfacePatch;
  readonly cells: PatchPoints;
  /** Takes up a share of the step that led to `after`. */
  take(before: SimFrame, after: SimFrame, share: number): void;
  /**
   * Lays the mean of what was taken up since the last call on the cells.
   *
   * @param forces overwritten.
   * @param perS one over the interval's length.
   * @param each told of every body that pressed by a face or a curve, not by a point.
   * @returns false where nothing touched.
   */
  read(forces: CellForces, instant: Instant, perS: number, each?: (pressed: PressedIn) => void): boolean;
}

/**
 * Makes a feeling patch of `rows` x `columns` cells.
 *
 * @param leastSamples along rows and columns: a coarser grid is worked out on a finer one and added up cell by cell.
 * @throws UmweltError `invalid-input` when the scene has no such body or the orientation is zero.
 */
export function createFeelingPatch(
  name: string,
  specification: PatchSpecification,
  rows: number,
  columns: number,
  spec: SimSpec,
  leastSamples = 1,
): FeelingPatch {
  const mount = createMount(name, specification, spec);
  const own = spec.bodies[mount.body]!;
  const patch = createSurfacePatch(specification.patch);
  const cells = patch.sample(patch.bounds, rows, columns);
  const [down, across] = [Math.ceil(leastSamples / rows), Math.ceil(leastSamples / columns)];
  const isFine = down * across > 1;
  const samples = isFine ? patch.sample(patch.bounds, rows * down, columns * across) : cells;
  const press = createPress(patch, samples, rows * down, columns * across);
  const fine = isFine ? createCellForces(samples.count) : null;
  const pairs = createPairLoads(mount, (point, force) => patch.facing(point, force) <= -LEAST_FACING);
  const pressers = spec.bodies.map((body) => ({
    shape: body.shape,
    modulusPa: contactModulusPa(specification.gel, body.material),
    friction: pairFriction(own, body),
    asperityM: specification.texture ? body.material.asperityM : 0,
    reachM: boundingRadiusM(body.shape),
  }));
  const addLoad = (
    forces: CellForces,
    load: PairLoad,
    worldFromPatch: Pose,
    instant: Instant,
    perS: number,
  ) => {
    const presser = pressers[load.partner]!;
    const patchFromBody = relative(worldFromPatch, poseAt(instant, load.partner));
    // Pressed elsewhere on the same body.
    if (length(patchFromBody.positionM) > 1.05 * (presser.reachM + patch.reachM)) return null;
    return press.add(forces, load, { ...presser, patchFromBody }, perS);
  };
  return {
    patch,
    cells,
    take: pairs.add,
    read(forces, instant, perS, each) {
      if (pairs.loads.length === 0) return false;
      const worldFromPatch = mountPoseAt(mount, instant);
      const target = fine ?? forces;
      for (const values of [target.normalN, target.rowsN, target.columnsN]) values.fill(0);
      for (const load of pairs.loads) {
        const pressed = addLoad(target, load, worldFromPatch, instant, perS);
        if (pressed !== null) each?.(pressed);
      }
      pairs.clear();
      if (fine !== null) {
        addUp(fine.normalN, forces.normalN, columns, down, across);
        addUp(fine.rowsN, forces.rowsN, columns, down, across);
        addUp(fine.columnsN, forces.columnsN, columns, down, across);
      }
      return true;
    },
  };
}

/** Adds the values of a fine grid up, `down` x `across` of them a cell of a coarse one. */
function addUp(
  fine: Float64Array,
  coarse: Float64Array,
  columns: number,
  down: number,
  across: number,
): void {
  coarse.fill(0);
  for (let index = 0; index < fine.length; index++) {
    const row = Math.floor(index / (columns * across));
    const column = index - row * columns * across;
    coarse[Math.floor(row / down) * columns + Math.floor(column / across)]! += fine[index]!;
  }
}

/** Makes the arrays for the forces on `count` cells. */
export function createCellForces(count: number): CellForces {
  return {
    normalN: new Float64Array(count),
    rowsN: new Float64Array(count),
    columnsN: new Float64Array(count),
  };
}

/** Coulomb friction of two bodies at their temperatures: the mean, as the solver has it. */
export function pairFriction(a: BodySpec, b: BodySpec): number {
  const own = frictionAtTemperature(a.friction, a.material, a.temperatureC);
  return (own + frictionAtTemperature(b.friction, b.material, b.temperatureC)) / 2;
}

/** A from B, of world from A and world from B. */
function relative(worldFromA: Pose, worldFromB: Pose): Pose {
  const aFromWorld = conjugate(worldFromA.orientation);
  return {
    positionM: rotate(aFromWorld, subtract(worldFromB.positionM, worldFromA.positionM)),
    orientation: multiply(aFromWorld, worldFromB.orientation),
  };
}

/**
 * Checks that contacts, which exist per step only, are not asked for more often than there are steps.
 *
 * @throws UmweltError `invalid-input` when the rate is above the solver's.
 */
export function requireStepRate(name: string, rateHz: number, { physics }: SimSpec): void {
  if (rateHz <= physics.stepHz) return;
  throw new UmweltError(
    'invalid-input',
    { sensor: name, rateHz, stepHz: physics.stepHz },
    `sensors.${name}.rateHz: expected at most physics.stepHz (${physics.stepHz}), since contacts exist per step only, got ${rateHz}`,
  );
}
