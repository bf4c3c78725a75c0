import { exp } from '../../core/math/exact.js';
import { conjugate, type Pose, rotate } from '../../core/math/quaternion.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { createSlab } from '../../core/slab.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { createMount, mountPoseAt } from '../mount.js';
import { addNoise, createNoise } from '../noise.js';
import { createTicks, type Instant, poseAt } from '../ticks.js';
import { createLoads, type Loads } from './loads.js';
import { createPressureField } from './pressure-field.js';
import { createSkin, type Skin } from './skin.js';
import type { TactileSpecification } from './specification.js';
import { createSpread } from './spread.js';

/** Readings that share one allocation. */
const READINGS_PER_BLOCK = 64;

/**
 * Creates a skin of taxels on a flat, cylindrical or spherical patch of a body.
 *
 * Fields (float32): `pressurePa` [rows, columns], along each cell's normal; `shearPa` [rows, columns, 2], friction on the skin along the
 * patch's x and y. A reading is the mean force since the last one, laid out by where the bodies are now: pressure x cell area x
 * normal sums to the solver's normal force of the contacts on the patch, shear to their friction, in proportion to the pressure.
 * The gel spreads what it feels over `spreadM` and follows changes late: `p = (1 - h) q + h m, m' = (q - m) / relaxationS`.
 *
 * A contact counts where its point lies over the patch. Where two bodies touch in several places, their imprints add up.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body.
 */
export const createTactile: CreateSensor<TactileSpecification> = (name, specification, spec) => {
  const mount = createMount(name, specification, spec);
  const skin = createSkin(specification.patch, specification.rows, specification.columns);
  const loads = createLoads(mount.body, spec.bodies.length);
  const imprint = createImprint(skin, specification, spec);
  const ticksUntil = createTicks(specification.rateHz);
  const noise = specification.noise
    ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading')
    : null;
  const cells = skin.areasM2.length;
  const allocate = createSlab(Float32Array, READINGS_PER_BLOCK * cells * 3);
  let before: SimFrame | null = null;
  let lastNs = 0n;

  const read = (instant: Instant): SensorSample => {
    const intervalS = Number(instant.timeNs - lastNs) / 1e9;
    lastNs = instant.timeNs;
    const pressurePa = allocate(cells);
    const shearPa = allocate(cells * 2);
    imprint(pressurePa, shearPa, loads, mountPoseAt(mount, instant), instant, intervalS);
    loads.clear();
    if (noise !== null) {
      addNoise(pressurePa, specification.pressureNoisePa, noise);
      addNoise(shearPa, specification.shearNoisePa, noise);
    }
    return { stream: name, timeNs: instant.timeNs, values: { pressurePa, shearPa } };
  };

  return {
    stream: describe(name, specification, skin),
    sense(frame) {
      const start = before ?? frame;
      before = frame;
      const samples: SensorSample[] = [];
      let felt = 0;
      for (const instant of ticksUntil(frame)) {
        loads.add(frame.contacts, instant.fraction - felt);
        felt = instant.fraction;
        samples.push(read(instant));
      }
      if (start !== frame) loads.add(frame.contacts, 1 - felt);
      return samples;
    },
  };
};

/** Turns loads into what the cells feel; keeps the gel's memory. */
function createImprint(skin: Skin, { patch, gel }: TactileSpecification, spec: SimSpec) {
  const cells = skin.areasM2.length;
  const field = createPressureField(skin, gel);
  const spread = gel.spreadM === 0 ? null : createSpread(skin, gel.spreadM);
  const alone = new Float64Array(cells);
  const felt = new Float64Array(cells * 3);
  const memory = gel.hysteresis === 0 ? null : new Float64Array(cells * 3);
  return (
    pressurePa: Float32Array,
    shearPa: Float32Array,
    loads: Loads,
    worldFromPatch: Pose,
    instant: Instant,
    intervalS: number,
  ): void => {
    const loaded = intervalS > 0 && loads.bodies.length > 0;
    if (!loaded && memory === null) return;
    felt.fill(0);
    if (loaded) {
      const patchFromWorld = conjugate(worldFromPatch.orientation);
      const isOver = (pointM: Vec3): boolean =>
        liesOver(patch, rotate(patchFromWorld, subtract(pointM, worldFromPatch.positionM)));
      for (const body of loads.bodies) {
        const impulse = loads.impulseOn(body, isOver);
        if (impulse === null) continue;
        const [x, y, z] = rotate(patchFromWorld, impulse);
        const forceN = -z / intervalS;
        if (!(forceN > 0)) continue;
        field.press(alone, worldFromPatch, spec.bodies[body]!, poseAt(instant, body), forceN);
        for (let cell = 0; cell < cells; cell++) {
          const pressure = alone[cell]!;
          if (pressure === 0) continue;
          const share = pressure * skin.normals[cell * 3 + 2]!;
          felt[cell]! += pressure;
          felt[cells + cell * 2]! += (share * x) / -z;
          felt[cells + cell * 2 + 1]! += (share * y) / -z;
        }
      }
      spread?.(felt);
    }
    if (memory !== null) remember(felt, memory, gel.hysteresis, exp(-intervalS / gel.relaxationS));
    for (let cell = 0; cell < cells; cell++) pressurePa[cell] = felt[cell]!;
    for (let index = 0; index < cells * 2; index++) shearPa[index] = felt[cells + index]!;
  };
}

/** Lets a share of the readings follow late. */
function remember(felt: Float64Array, memory: Float64Array, share: number, keep: number): void {
  for (let index = 0; index < felt.length; index++) {
    const late = felt[index]! + keep * (memory[index]! - felt[index]!);
    memory[index] = late;
    felt[index] = (1 - share) * felt[index]! + share * late;
  }
}

/** Whether a point of the patch's frame lies over it: across from its middle, and on the side that it faces. */
function liesOver(patch: TactileSpecification['patch'], [x, y, z]: Vec3): boolean {
  switch (patch.kind) {
    case 'flat':
      return Math.abs(x) <= patch.sizeM[0] / 2 && Math.abs(y) <= patch.sizeM[1] / 2;
    case 'cylinder':
      return Math.abs(x) <= patch.lengthM / 2 && z > -patch.radiusM;
    case 'sphere':
      return z > -patch.radiusM;
  }
}

function describe(
  name: string,
  { rateHz, rows, columns, patch, body, positionM, orientation }: TactileSpecification,
  { pitchM }: Skin,
): StreamDescription {
  return {
    name,
    kind: 'tactile',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'pressurePa',
        dataType: 'float32',
        shape: [rows, columns],
        unit: 'Pa',
        description:
          'along the normal of each cell; rows along x, columns along y of the patch, from the negative side',
      },
      {
        name: 'shearPa',
        dataType: 'float32',
        shape: [rows, columns, 2],
        unit: 'Pa',
        description: 'friction on the skin along x and y of the patch',
      },
    ],
    metadata: { body, positionM, orientation, patch, pitchM },
  };
}
