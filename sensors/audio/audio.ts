import { conjugate, rotate } from '../../core/math/quaternion.js';
import { length, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { addNoise, createNoise } from '../noise.js';
import { readPose } from '../ticks.js';
import { SPEED_OF_SOUND_MPS } from './air.js';
import { createFrictionGains, middleOf } from './friction-gains.js';
import { createFrictionSound, type FrictionForce } from './friction-sound.js';
import { findImpacts, type Impact } from './impacts.js';
import { type BodyModes, bodyModes } from './modes.js';
import { createSourceLine, FARTHEST_M, NEAREST_M } from './propagation.js';
import { createResonators, RESONATOR_LAG } from './resonators.js';
import type { AudioSpecification } from './specification.js';

/** One body as a source of sound. */
interface Source {
  /** Begins a blow on the body. */
  strike(impact: Impact, before: SimFrame): void;
  /** Rubs the body during the samples that are rendered next. */
  rub(force: FrictionForce, frame: SimFrame): void;
  /** Adds the next `count` samples, up to a frame, to what each microphone hears. */
  render(heard: readonly Float64Array[], count: number, before: SimFrame, frame: SimFrame): void;
}

/**
 * Creates microphones that hear bodies strike each other.
 *
 * Each blow pushes the modes of both bodies with a half-sine of the solver's impulse and of Hertz' duration, from the
 * beginning of its step. Sound arrives at every microphone after distance / c, fainter by 1 / distance: from the centre of
 * a moving body, from the point of each blow on a fixed one. Bodies that slide and roll drive the same modes with the force of
 * their roughness (`createFrictionSound`). Rooms are not modelled.
 *
 * Field: `pressurePa` float32 [microphones, samplesPerRow], clipped at `fullScalePa`; a row's time is its first sample's,
 * and a last row that would be incomplete is not emitted.
 */
export const createAudio: CreateSensor<AudioSpecification> = (name, specification, spec) => {
  const { rateHz, samplesPerRow, microphones, selfNoisePa, fullScalePa } = specification;
  const places = microphones.map(({ positionM }) => positionM);
  const sources = spec.bodies.map((body, index) => {
    const modes = bodyModes(body, rateHz);
    if (modes.frequencyHz.length === 0) return null;
    return body.motion === 'fixed'
      ? createFixedSource(index, modes, rateHz, places)
      : createMovingSource(index, modes, rateHz, places);
  });
  const friction = createFrictionSound(spec, rateHz);
  const selfNoise = createSelfNoise(name, specification, spec);
  const row = new Float64Array(microphones.length * samplesPerRow);
  let heard: Float64Array[] = [];
  let filled = 0;
  let rows = 0;
  let rendered = 0;
  let before: SimFrame | null = null;

  const emit = (): SensorSample => {
    const pressurePa = Float32Array.from(row);
    for (const [m, source] of selfNoise.entries())
      addNoise(pressurePa.subarray(m * samplesPerRow, (m + 1) * samplesPerRow), selfNoisePa, source);
    clip(pressurePa, fullScalePa);
    const timeNs = tickTimeNs(rows * samplesPerRow, rateHz);
    filled = 0;
    rows += 1;
    return { stream: name, timeNs, values: { pressurePa } };
  };

  const sense = (frame: SimFrame): SensorSample[] => {
    const samples: SensorSample[] = [];
    const start = before ?? frame;
    for (const impact of findImpacts(start, frame, spec)) {
      sources[impact.bodyA]?.strike(impact, start);
      sources[impact.bodyB]?.strike(impact, start);
    }
    const count = samplesUntil(frame, rateHz) - rendered;
    for (const force of friction.excite(frame, count)) {
      sources[force.bodyA]?.rub(force, frame);
      sources[force.bodyB]?.rub(force, frame);
    }
    if (heard[0] === undefined || heard[0].length < count) heard = places.map(() => new Float64Array(count));
    for (const samplesOf of heard) samplesOf.fill(0);
    for (const source of sources) source?.render(heard, count, start, frame);
    for (let index = 0; index < count; index++) {
      for (let m = 0; m < heard.length; m++) row[m * samplesPerRow + filled] = heard[m]![index]!;
      filled += 1;
      if (filled === samplesPerRow) samples.push(emit());
    }
    rendered += count;
    before = frame;
    return samples;
  };
  return { stream: describe(name, specification), sense };
};

/** How many samples lie at or before a frame; the first is at time 0. */
function samplesUntil({ timeNs }: SimFrame, rateHz: number): number {
  return Number((timeNs * BigInt(rateHz)) / 1_000_000_000n) + 1;
}

/** A body whose sound starts at its centre and is heard from where the body is now. */
function createMovingSource(body: number, modes: BodyModes, rateHz: number, places: readonly Vec3[]): Source {
  const resonators = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
  const line = createSourceLine(rateHz);
  const gains = createFrictionGains(modes, body);
  let sound = new Float64Array(0);
  return {
    rub(force, frame) {
      resonators.drive(gains(force, frame), force.impulsesNs);
    },
    strike(impact, before) {
      resonators.push(
        excite(modes, body, impact, before),
        startSample(before, rateHz),
        impact.durationS * rateHz,
      );
    },
    render(heard, count, before, frame) {
      if (sound.length < count) sound = new Float64Array(count);
      sound.fill(0);
      line.write(sound, count, resonators.render(sound, count));
      const from = readPose(before.poses, body).positionM;
      const to = readPose(frame.poses, body).positionM;
      for (let m = 0; m < places.length; m++) {
        line.hear(heard[m]!, count, distanceM(from, places[m]!), distanceM(to, places[m]!), RESONATOR_LAG);
      }
    },
  };
}

/**
 * A body at rest, whose sound starts wherever it is struck. Each microphone has resonators of its own, pushed when the
 * sound of the blow arrives and as strongly as it arrives: linear, so the delays are exact.
 */
function createFixedSource(body: number, modes: BodyModes, rateHz: number, places: readonly Vec3[]): Source {
  const banks = places.map(() =>
    createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz),
  );
  const rubbed = new Map<number, RubbedPlace>();
  return {
    rub(force, frame) {
      const other = force.bodyA === body ? force.bodyB : force.bodyA;
      const place = rubbed.get(other) ?? createRubbedPlace(body, modes, rateHz, places);
      rubbed.set(other, place);
      place.rub(force, frame);
    },
    strike(impact, before) {
      const impulses = excite(modes, body, impact, before);
      for (const [m, bank] of banks.entries()) {
        const distance = Math.max(NEAREST_M, distanceM(impact.pointM, places[m]!));
        if (distance > FARTHEST_M) continue;
        const delay = (distance / SPEED_OF_SOUND_MPS) * rateHz - RESONATOR_LAG;
        const fainter = impulses.map((impulse) => impulse / distance);
        bank.push(fainter, startSample(before, rateHz) + delay, impact.durationS * rateHz);
      }
    },
    render(heard, count) {
      for (const [m, bank] of banks.entries()) bank.render(heard[m]!, count);
      for (const place of rubbed.values()) place.render(heard, count);
    },
  };
}

/** Where another body rubs a fixed one: the fixed body's modes, heard from where they touch. */
interface RubbedPlace {
  rub(force: FrictionForce, frame: SimFrame): void;
  render(heard: readonly Float64Array[], count: number): void;
}

function createRubbedPlace(
  body: number,
  modes: BodyModes,
  rateHz: number,
  microphones: readonly Vec3[],
): RubbedPlace {
  const resonators = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
  const line = createSourceLine(rateHz);
  const gains = createFrictionGains(modes, body);
  let from: Vec3 | null = null;
  let to: Vec3 = [0, 0, 0];
  return {
    rub(force, frame) {
      resonators.drive(gains(force, frame), force.impulsesNs);
      to = middleOf(force.places);
    },
    render(heard, count) {
      const sound = new Float64Array(count);
      line.write(sound, count, resonators.render(sound, count));
      for (const [m, microphone] of microphones.entries())
        line.hear(
          heard[m]!,
          count,
          distanceM(from ?? to, microphone),
          distanceM(to, microphone),
          RESONATOR_LAG,
        );
      from = to;
    },
  };
}

/** The instant of a frame, in samples from time 0. */
function startSample({ timeNs }: SimFrame, rateHz: number): number {
  return (Number(timeNs) / 1e9) * rateHz;
}

/** Modal impulses of a blow on one of its two bodies. */
function excite(modes: BodyModes, body: number, { bodyB, pointM, impulseNs }: Impact, before: SimFrame) {
  const { positionM, orientation } = readPose(before.poses, body);
  const bodyFromWorld = conjugate(orientation);
  return modes.excite(
    rotate(bodyFromWorld, subtract(pointM, positionM)),
    rotate(bodyFromWorld, body === bodyB ? impulseNs : scale(impulseNs, -1)),
  );
}

function distanceM(a: Vec3, b: Vec3): number {
  return length(subtract(a, b));
}

/** One source of self-noise a microphone. */
function createSelfNoise(name: string, { microphones, noise }: AudioSpecification, spec: SimSpec) {
  if (!noise) return [];
  return microphones.map((microphone) =>
    createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, microphone.name),
  );
}

function clip(samples: Float32Array, limit: number): void {
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    if (sample > limit) samples[index] = limit;
    else if (sample < -limit) samples[index] = -limit;
  }
}

function describe(name: string, specification: AudioSpecification): StreamDescription {
  const { rateHz, samplesPerRow, microphones, fullScalePa } = specification;
  return {
    name,
    kind: 'audio',
    rateHz,
    samplesPerRow,
    fields: [
      {
        name: 'pressurePa',
        dataType: 'float32',
        shape: [microphones.length, samplesPerRow],
        unit: 'Pa',
        description: 'sound pressure, one line a microphone; consecutive samples at the native rate',
      },
    ],
    metadata: { microphones, fullScalePa },
  };
}
