import { UmweltError } from '../../core/errors.js';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { add, cross, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { createSlab, type Slab } from '../../core/slab.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { addNoise, createNoise, type NoiseSource } from '../noise.js';
import { createTicks, readPose } from '../ticks.js';
import type { HapticsSpecification } from './specification.js';
import { spreadAlong } from './spread.js';

/** What the plate has taken up since its last reading. */
interface Load {
  /** Impulse on the plate, N s, then angular impulse about the centre of the sensitive area, N m s; body frame. */
  readonly wrench: Float64Array;
  /** [rows, columns], impulse by area, N s / m2. */
  readonly pressure: Float64Array;
  isEmpty: boolean;
}

/** Readings that share one allocation. */
const READINGS_PER_BLOCK = 64;

/**
 * Creates a force plate with a pressure map under the top (+z) surface of a box body.
 *
 * A reading is the mean over the interval since the last one: `forceN` [3] and `torqueNm` [3] (about the centre of the
 * sensitive area) that other bodies exert on the plate, in the plate body's frame; `pressurePa` [rows, columns], rows
 * along x and columns along y, each from the negative side. A step that spans two readings is shared between them by
 * time. The pressure of a point load is a Gaussian of `spreadM`, integrated over the cells; what would fall beyond the
 * edge stays inside the area, so that pressure times cell area sums to the normal force. Loads beside the sensitive
 * area, or on another face (leaning more than 45 degrees from +z), are not felt.
 *
 * @throws UmweltError `invalid-input` when the body is not a box of the scenario.
 */
export const createHaptics: CreateSensor<HapticsSpecification> = (name, specification, spec) => {
  const plate = findPlate(name, specification, spec);
  const addContacts = createLoader(plate, specification);
  const ticksUntil = createTicks(specification.rateHz);
  const noise = specification.noise
    ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading')
    : null;
  const load: Load = {
    wrench: new Float64Array(6),
    pressure: new Float64Array(specification.rows * specification.columns),
    isEmpty: true,
  };
  const allocate = createSlab(Float32Array, READINGS_PER_BLOCK * (6 + load.pressure.length));
  let before: SimFrame | null = null;

  const sense = (frame: SimFrame): SensorSample[] => {
    const start = before ?? frame;
    before = frame;
    const onPlate = frame.contacts.filter(
      ({ bodyA, bodyB }) => bodyA === plate.index || bodyB === plate.index,
    );
    const samples: SensorSample[] = [];
    let felt = 0;
    for (const { tick, timeNs, fraction } of ticksUntil(frame)) {
      addContacts(load, onPlate, start, fraction - felt);
      felt = fraction;
      samples.push({ stream: name, timeNs, values: read(load, tick, specification, noise, allocate) });
    }
    addContacts(load, onPlate, start, 1 - felt);
    return samples;
  };
  return { stream: describe(name, specification), sense };
};

interface Plate {
  readonly index: number;
  /** Centre of the sensitive area, body frame. */
  readonly centreM: Vec3;
}

function findPlate(name: string, { body }: HapticsSpecification, spec: SimSpec): Plate {
  const index = spec.bodies.findIndex((candidate) => candidate.name === body);
  const shape = spec.bodies[index]?.shape;
  if (shape?.kind !== 'box') {
    const boxes = spec.bodies.filter((candidate) => candidate.shape.kind === 'box').map((box) => box.name);
    throw new UmweltError(
      'invalid-input',
      { sensor: name, body, boxes },
      `sensors.${name}.body: expected the name of a box (${boxes.join(', ')}), got "${body}"`,
    );
  }
  return { index, centreM: [0, 0, shape.halfExtentsM[2]] };
}

function describe(name: string, specification: HapticsSpecification): StreamDescription {
  const { rateHz, rows, columns, sizeM, body } = specification;
  return {
    name,
    kind: 'haptics',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'forceN',
        dataType: 'float32',
        shape: [3],
        unit: 'N',
        description: 'force on the plate, plate frame',
      },
      {
        name: 'torqueNm',
        dataType: 'float32',
        shape: [3],
        unit: 'N m',
        description: 'torque on the plate about the centre of its top surface, plate frame',
      },
      {
        name: 'pressurePa',
        dataType: 'float32',
        shape: [rows, columns],
        unit: 'Pa',
        description: 'normal pressure; rows along x, columns along y of the plate, from the negative side',
      },
    ],
    metadata: { body, sizeM, cellM: [sizeM[0] / rows, sizeM[1] / columns] },
  };
}

/** Cosine of the lean beyond which a contact is not on the top face. */
const TOP_FACE = Math.SQRT1_2;

/** Makes the function that adds a share of one step's contacts, placed by the poses before the step, to a load. */
function createLoader(plate: Plate, { sizeM, spreadM, rows, columns }: HapticsSpecification) {
  const rowWeights = new Float64Array(rows);
  const columnWeights = new Float64Array(columns);
  const cellAreaM2 = (sizeM[0] / rows) * (sizeM[1] / columns);
  return (load: Load, contacts: readonly Contact[], before: SimFrame, share: number): void => {
    if (share <= 0 || contacts.length === 0) return;
    const { positionM, orientation } = readPose(before.poses, plate.index);
    const plateFromWorld = conjugate(orientation);
    for (const { bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs } of contacts) {
      const sign = bodyB === plate.index ? share : -share;
      const arm = subtract(rotate(plateFromWorld, subtract(pointM, positionM)), plate.centreM);
      const inward = rotate(plateFromWorld, scale(normal, sign / share));
      const x = arm[0] + sizeM[0] / 2;
      const y = arm[1] + sizeM[1] / 2;
      if (inward[2] > -TOP_FACE || x < 0 || x > sizeM[0] || y < 0 || y > sizeM[1]) continue;
      const impulse = rotate(
        plateFromWorld,
        scale(add(scale(normal, normalImpulseNs), tangentImpulseNs), sign),
      );
      const moment = cross(arm, impulse);
      for (let axis = 0; axis < 3; axis++) {
        load.wrench[axis]! += impulse[axis]!;
        load.wrench[axis + 3]! += moment[axis]!;
      }
      spreadAlong(rowWeights, x, sizeM[0], spreadM);
      spreadAlong(columnWeights, y, sizeM[1], spreadM);
      addProduct(load.pressure, rowWeights, columnWeights, -impulse[2] / cellAreaM2);
      load.isEmpty = false;
    }
  };
}

/** Adds `factor` times the outer product of two vectors to a [rows, columns] matrix. */
function addProduct(matrix: Float64Array, rows: Float64Array, columns: Float64Array, factor: number): void {
  for (let row = 0; row < rows.length; row++) {
    const inRow = factor * rows[row]!;
    if (inRow === 0) continue;
    const at = row * columns.length;
    for (let column = 0; column < columns.length; column++) matrix[at + column]! += inRow * columns[column]!;
  }
}

/** Turns a load into a reading, and empties it. */
function read(
  load: Load,
  tick: number,
  specification: HapticsSpecification,
  noise: NoiseSource | null,
  allocate: Slab<Float32Array>,
) {
  const { rateHz, forceNoiseN, torqueNoiseNm, pressureNoisePa } = specification;
  const forceN = allocate(3);
  const torqueNm = allocate(3);
  const pressurePa = allocate(load.pressure.length);
  if (!load.isEmpty) {
    const perS = 1e9 / Number(tickTimeNs(tick, rateHz) - tickTimeNs(tick - 1, rateHz));
    for (let axis = 0; axis < 3; axis++) forceN[axis] = load.wrench[axis]! * perS;
    for (let axis = 0; axis < 3; axis++) torqueNm[axis] = load.wrench[axis + 3]! * perS;
    for (let cell = 0; cell < pressurePa.length; cell++) pressurePa[cell] = load.pressure[cell]! * perS;
    load.wrench.fill(0);
    load.pressure.fill(0);
    load.isEmpty = true;
  }
  if (noise !== null) {
    addNoise(forceN, forceNoiseN, noise);
    addNoise(torqueNm, torqueNoiseNm, noise);
    addNoise(pressurePa, pressureNoisePa, noise);
  }
  return { forceN, torqueNm, pressurePa };
}
