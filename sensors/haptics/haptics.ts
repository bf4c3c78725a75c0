import { UmweltError } from '../../core/errors.js';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { add, cross, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { Contact, SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { createNoise } from '../noise.js';
import { createTicks, readPose } from '../ticks.js';
import type { HapticsSpecification } from './specification.js';
import { spreadAlong } from './spread.js';

/** What the plate has taken up since its last reading. */
interface Load {
  /** Impulse on the plate, N s, in the plate body's frame. */
  impulse: Vec3;
  /** Angular impulse about the centre of the sensitive area, N m s. */
  angularImpulse: Vec3;
  /** [rows, columns], N s / m2. */
  readonly pressureImpulse: Float64Array;
}

/**
 * Creates a force plate with a pressure map under the top (+z) surface of a box body.
 *
 * A reading is the mean over the interval since the last: `forceN` [3] and `torqueNm` [3] (about the centre of the
 * sensitive area) that other bodies exert on the plate, in the plate body's frame; `pressurePa` [rows, columns], rows
 * along x and columns along y, each from the negative side. The pressure of a point load is a Gaussian of `spreadM`
 * integrated over the cells and kept inside the area, so that pressure times cell area always sums to the normal force.
 * Contacts outside the sensitive area are not felt.
 *
 * @throws UmweltError `invalid-input` when the body is not a box of the scenario.
 */
export const createHaptics: CreateSensor<HapticsSpecification> = (name, specification, spec) => {
  const plate = findPlate(name, specification, spec);
  const { rows, columns, rateHz } = specification;
  const ticksUntil = createTicks(rateHz);
  let load = emptyLoad(rows * columns);
  let previousNs = 0n;

  const sense = (frame: SimFrame): SensorSample[] => {
    const startNs = previousNs;
    previousNs = frame.timeNs;
    const onPlate = frame.contacts.filter(
      ({ bodyA, bodyB }) => bodyA === plate.index || bodyB === plate.index,
    );
    const samples: SensorSample[] = [];
    let felt = 0;
    for (const { tick, timeNs, fraction } of ticksUntil(frame)) {
      if (frame.timeNs > startNs) addContacts(load, onPlate, frame, fraction - felt, plate, specification);
      felt = fraction;
      samples.push({ stream: name, timeNs, values: reading(load, tick, name, specification, spec) });
      load = emptyLoad(rows * columns);
    }
    if (felt < 1) addContacts(load, onPlate, frame, 1 - felt, plate, specification);
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

function emptyLoad(cells: number): Load {
  return { impulse: [0, 0, 0], angularImpulse: [0, 0, 0], pressureImpulse: new Float64Array(cells) };
}

/** Adds a share of one step's contacts to the load. */
function addContacts(
  load: Load,
  contacts: readonly Contact[],
  frame: SimFrame,
  share: number,
  plate: Plate,
  { sizeM, spreadM, rows, columns }: HapticsSpecification,
): void {
  if (share <= 0 || contacts.length === 0) return;
  const pose = readPose(frame.poses, plate.index);
  const plateFromWorld = conjugate(pose.orientation);
  const rowWeights = new Float64Array(rows);
  const columnWeights = new Float64Array(columns);
  const cellArea = (sizeM[0] / rows) * (sizeM[1] / columns);
  for (const contact of contacts) {
    const arm = subtract(rotate(plateFromWorld, subtract(contact.pointM, pose.positionM)), plate.centreM);
    if (Math.abs(arm[0]) > sizeM[0] / 2 || Math.abs(arm[1]) > sizeM[1] / 2) continue;
    const onB = add(scale(contact.normal, contact.normalImpulseNs), contact.tangentImpulseNs);
    const impulse = rotate(plateFromWorld, scale(onB, contact.bodyB === plate.index ? share : -share));
    load.impulse = add(load.impulse, impulse);
    load.angularImpulse = add(load.angularImpulse, cross(arm, impulse));
    spreadAlong(rowWeights, arm[0] + sizeM[0] / 2, sizeM[0], spreadM);
    spreadAlong(columnWeights, arm[1] + sizeM[1] / 2, sizeM[1], spreadM);
    const pressed = -impulse[2] / cellArea;
    for (let row = 0; row < rows; row++) {
      const inRow = pressed * rowWeights[row]!;
      if (inRow === 0) continue;
      for (let column = 0; column < columns; column++) {
        load.pressureImpulse[row * columns + column]! += inRow * columnWeights[column]!;
      }
    }
  }
}

function reading(load: Load, tick: number, name: string, specification: HapticsSpecification, spec: SimSpec) {
  const { rateHz, forceNoiseN, torqueNoiseNm, pressureNoisePa } = specification;
  const intervalS = Number(tickTimeNs(tick + 1, rateHz) - tickTimeNs(tick, rateHz)) / 1e9;
  const forceN = Float32Array.from(load.impulse, (value) => value / intervalS);
  const torqueNm = Float32Array.from(load.angularImpulse, (value) => value / intervalS);
  const pressurePa = Float32Array.from(load.pressureImpulse, (value) => value / intervalS);
  if (specification.noise) {
    const noise = createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading', tick);
    for (let axis = 0; axis < 3; axis++) forceN[axis]! += forceNoiseN * noise.next();
    for (let axis = 0; axis < 3; axis++) torqueNm[axis]! += torqueNoiseNm * noise.next();
    for (let cell = 0; cell < pressurePa.length; cell++) pressurePa[cell]! += pressureNoisePa * noise.next();
  }
  return { forceN, torqueNm, pressurePa };
}
