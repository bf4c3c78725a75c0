import { UmweltError } from '../../core/errors.js';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { add } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { compose, createMount, type Mount } from '../mount.js';
import { createNoise } from '../noise.js';
import { createTicks, readPose } from '../ticks.js';
import { childSide, createLoadDynamics } from './load.js';
import type { WristSpecification } from './specification.js';

/**
 * Creates a six-axis force and torque sensor between a load and what holds it: at a joint (the load is its child side) or at a
 * body.
 *
 * A reading is the mean over the interval since the last one: `forceN` [3] and `torqueNm` [3] (about the sensor) that the load
 * exerts on the sensor, in the sensor's frame, which is fixed to the load: a hanging 1 kg reads 9.81 N downwards. They come from
 * inverse dynamics (`createLoadDynamics`): weight less what contacts carry, and inertia. Then cross-talk, bias, noise and
 * saturation, in this order.
 *
 * @throws UmweltError `invalid-input` when the scene has no such joint or body, when both or neither is named, or when the
 * joint does not carry its child side alone.
 */
export const createWrist: CreateSensor<WristSpecification> = (name, specification, spec) => {
  const { rateHz } = specification;
  const { mount, load } = findLoad(name, specification, spec);
  const dynamics = createLoadDynamics(load, spec);
  const distort = createDistortion(name, specification, spec);
  const ticksUntil = createTicks(rateHz);
  /** Impulse on the sensor, then angular impulse; sensor frame. */
  const taken = new Float64Array(6);
  const step = new Float64Array(6);
  let before: SimFrame | null = null;

  const measureStep = (start: SimFrame, frame: SimFrame): void => {
    const worldFromSensor = compose(readPose(start.poses, mount.body), mount.carrierFromSensor);
    const { linearNs, angularNms } = dynamics(start, frame, worldFromSensor.positionM);
    const sensorFromWorld = conjugate(worldFromSensor.orientation);
    step.set(rotate(sensorFromWorld, linearNs));
    step.set(rotate(sensorFromWorld, angularNms), 3);
  };
  const take = (share: number): void => {
    for (let axis = 0; axis < 6; axis++) taken[axis]! -= step[axis]! * share;
  };
  const read = (tick: number): SensorSample['values'] => {
    const perS = 1e9 / Number(tickTimeNs(tick, rateHz) - tickTimeNs(tick - 1, rateHz));
    const wrench = distort(taken.map((impulse) => impulse * perS));
    taken.fill(0);
    return {
      forceN: Float32Array.from(wrench.subarray(0, 3)),
      torqueNm: Float32Array.from(wrench.subarray(3)),
    };
  };
  const sense = (frame: SimFrame): SensorSample[] => {
    if (before !== null) measureStep(before, frame);
    before = frame;
    let felt = 0;
    const samples = ticksUntil(frame).map(({ tick, timeNs, fraction }) => {
      take(fraction - felt);
      felt = fraction;
      return { stream: name, timeNs, values: read(tick) };
    });
    take(1 - felt);
    return samples;
  };
  return { stream: describe(name, specification, load, spec), sense };
};

function findLoad(
  name: string,
  specification: WristSpecification,
  spec: SimSpec,
): { readonly mount: Mount; readonly load: readonly number[] } {
  const { joint, body, positionM } = specification;
  if ((joint === undefined) === (body === undefined)) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, joint, body },
      `sensors.${name}: expected either joint or body, got ${joint === undefined ? 'neither' : 'both'}`,
    );
  }
  if (joint === undefined) {
    const mount = createMount(name, specification, spec);
    return { mount, load: [mount.body] };
  }
  const index = spec.joints.findIndex((candidate) => candidate.name === joint);
  const found = spec.joints[index];
  if (found === undefined) {
    const known = spec.joints.map((candidate) => candidate.name);
    throw new UmweltError(
      'invalid-input',
      { sensor: name, joint, known },
      `sensors.${name}.joint: expected the name of a joint (${known.join(', ') || 'there is none'}), got "${joint}"`,
    );
  }
  const place = { ...specification, body: spec.bodies[found.child]!.name };
  const mount = createMount(name, { ...place, positionM: add(found.anchorInChildM, positionM) }, spec);
  return { mount, load: childSide(`sensors.${name}.joint`, index, spec) };
}

/** Makes what the sensor's imperfections do to a wrench. */
function createDistortion(
  name: string,
  specification: WristSpecification,
  spec: SimSpec,
): (wrench: Float64Array) => Float64Array {
  const { crossTalk, noise, forceRangeN, torqueRangeNm } = specification;
  const open = (purpose: string) =>
    createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, purpose);
  const perAxis = (force: number, torque: number): Float64Array =>
    Float64Array.of(force, force, force, torque, torque, torque);
  const drawn = open('bias');
  const bias = perAxis(specification.forceBiasN, specification.torqueBiasNm).map(
    (size) => size * drawn.next(),
  );
  const deviation = perAxis(specification.forceNoiseN, specification.torqueNoiseNm);
  const range = perAxis(forceRangeN, torqueRangeNm);
  const source = noise ? open('reading') : null;
  return (wrench) =>
    wrench.map((own, axis) => {
      let value = own;
      if (crossTalk)
        for (let other = 0; other < 6; other++) value += crossTalk[axis]![other]! * wrench[other]!;
      if (source !== null) value += bias[axis]! + deviation[axis]! * source.next();
      return Math.min(range[axis]!, Math.max(-range[axis]!, value));
    });
}

function describe(
  name: string,
  { rateHz, joint, body, forceRangeN, torqueRangeNm }: WristSpecification,
  load: readonly number[],
  { bodies }: SimSpec,
): StreamDescription {
  return {
    name,
    kind: 'wrist',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'forceN',
        dataType: 'float32',
        shape: [3],
        unit: 'N',
        description: 'force of the load on the sensor, sensor frame',
      },
      {
        name: 'torqueNm',
        dataType: 'float32',
        shape: [3],
        unit: 'N m',
        description: 'torque of the load on the sensor about its origin, sensor frame',
      },
    ],
    metadata: {
      ...(joint === undefined ? { body } : { joint }),
      load: load.map((index) => bodies[index]!.name),
      forceRangeN,
      torqueRangeNm,
    },
  };
}
