import { normaliseQuaternion, type Pose } from '../../core/math/quaternion.js';
import { length, type Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { bodyIndex, compose } from '../mount.js';
import { addNoise, createNoise } from '../noise.js';
import { readPose } from '../ticks.js';
import { createAir } from './air.js';
import {
  type BodySound,
  createMovingSound,
  createPlacedSound,
  createStruckSound,
  sampleOf,
} from './body-sound.js';
import { createFrictionSound } from './friction-sound.js';
import type { Hall } from './hall.js';
import { createHighPass } from './high-pass.js';
import { findImpacts } from './impacts.js';
import { createLineSource } from './line-source.js';
import type { Placement } from './microphone.js';
import { bodyModes } from './modes.js';
import { createEchoes } from './room/echoes.js';
import { requireInside } from './room/response.js';
import { createSignal } from './sources/signal.js';
import type { AudioSpecification, Microphone } from './specification.js';

/**
 * Creates microphones that hear bodies strike, scrape and roll, and the scenario's sounds.
 *
 * Each blow pushes the modes of both bodies with a half-sine of the solver's impulse and of Hertz' duration, from the
 * beginning of its step; bodies that slide and roll drive the same modes with the force of their roughness
 * (`createFrictionSound`). Sound leaves the origin of a moving body, or where a fixed one is touched, and arrives after the way
 * that it has to go (`SourceLine`), from the walls of a room too (`roomResponse`).
 *
 * Field: `pressurePa` float32 [microphones, samplesPerRow], past `highPassHz` where given, with self-noise, clipped at `fullScalePa`; a row's time is its first sample's,
 * and a last row that would be incomplete is not emitted.
 *
 * @throws UmweltError `invalid-input` when a microphone's carrier is not in the scene, or a microphone not in the room.
 */
export const createAudio: CreateSensor<AudioSpecification> = (name, specification, spec) => {
  const { rateHz, samplesPerRow, microphones, selfNoisePa, fullScalePa } = specification;
  const carriers = microphones.map((microphone, m) => findCarrier(name, microphone, m, spec));
  const placements: Placement[] = microphones.map(({ positionM, orientation }, m) => {
    const start = carriers[m] === undefined ? STILL : spec.bodies[carriers[m]!]!.pose;
    const pose = compose(start, { positionM, orientation: normaliseQuaternion(orientation) });
    if (spec.acoustics.room !== undefined) requireInside(spec.acoustics.room, pose.positionM, 'microphone');
    return { before: pose, after: pose };
  });
  const seed = [spec.seed, spec.scenario, 'episode', spec.episode, name] as const;
  const space = {
    air: createAir(spec.acoustics, rateHz),
    acoustics: spec.acoustics,
    microphones,
    placements,
  };
  const { room } = spec.acoustics;
  const seeds = microphones.map((microphone) => [...seed, 'room', microphone.name]);
  const hall: Hall = { ...space, echoes: room === undefined ? null : createEchoes(space, room, seeds) };
  const bodySounds = createBodySounds(spec, hall, carriers);
  const otherSounds = createOtherSounds(spec, hall);
  const friction = createFrictionSound(spec, rateHz);
  const { highPassHz } = specification;
  const highPasses =
    highPassHz === undefined ? [] : microphones.map(() => createHighPass(highPassHz, rateHz));
  const selfNoise = specification.noise
    ? microphones.map((microphone) => createNoise(...seed, microphone.name))
    : [];
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
    for (const [m, carrier] of carriers.entries())
      if (carrier !== undefined) placements[m] = carried(microphones[m]!, carrier, start, frame);
    for (const impact of findImpacts(start, frame, spec)) {
      bodySounds[impact.bodyA]?.strike(impact, start);
      bodySounds[impact.bodyB]?.strike(impact, start);
    }
    const count = samplesUntil(frame, rateHz) - rendered;
    for (const force of friction.excite(frame, count)) {
      bodySounds[force.bodyA]?.rub(force, frame);
      bodySounds[force.bodyB]?.rub(force, frame);
    }
    if (heard[0] === undefined || heard[0].length < count)
      heard = microphones.map(() => new Float64Array(count));
    for (const samplesOf of heard) samplesOf.fill(0);
    for (const source of bodySounds) source?.render(heard, count, start, frame);
    for (const source of otherSounds) source(heard, count, start, frame);
    hall.echoes?.render(heard, count);
    for (const [m, highPass] of highPasses.entries()) highPass(heard[m]!, count);
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

const STILL: Pose = { positionM: [0, 0, 0], orientation: [1, 0, 0, 0] };

function findCarrier(name: string, { body }: Microphone, m: number, spec: SimSpec): number | undefined {
  return body === undefined ? undefined : bodyIndex(`sensors.${name}.microphones.${m}.body`, body, spec);
}

function carried(
  { positionM, orientation }: Microphone,
  carrier: number,
  start: SimFrame,
  frame: SimFrame,
): Placement {
  const mount = { positionM, orientation: normaliseQuaternion(orientation) };
  return {
    before: compose(readPose(start.poses, carrier), mount),
    after: compose(readPose(frame.poses, carrier), mount),
  };
}

/** How many samples lie at or before a frame; the first is at time 0. */
function samplesUntil({ timeNs }: SimFrame, rateHz: number): number {
  return Number((timeNs * BigInt(rateHz)) / 1_000_000_000n) + 1;
}

/** [bodies] null where a body has no mode that the rate can carry. */
function createBodySounds(
  spec: SimSpec,
  hall: Hall,
  carriers: readonly (number | undefined)[],
): readonly (BodySound | null)[] {
  const isPlain =
    spec.acoustics.room === undefined &&
    carriers.every((carrier) => carrier === undefined) &&
    hall.microphones.every(({ pattern, gainDb }) => pattern === 'omni' && gainDb === 0);
  return spec.bodies.map((body, index) => {
    const modes = bodyModes(body, hall.air.rateHz);
    if (modes.frequencyHz.length === 0) return null;
    if (body.motion !== 'fixed') return createMovingSound(index, modes, hall);
    return isPlain ? createStruckSound(index, modes, hall) : createPlacedSound(index, body, modes, hall);
  });
}

type OtherSound = (heard: readonly Float64Array[], count: number, before: SimFrame, frame: SimFrame) => void;

function createOtherSounds(spec: SimSpec, hall: Hall): OtherSound[] {
  const seed = [spec.seed, spec.scenario, 'episode', spec.episode, 'sound'] as const;
  return Object.entries(spec.sounds).map(([name, sound]): OtherSound => {
    const carrier = sound.body === undefined ? undefined : bodyIndex(`sounds.${name}.body`, sound.body, spec);
    if (sound.kind === 'wind') {
      // Turbulence arises at each microphone, so that no two hear the same.
      const winds = hall.microphones.map((microphone) =>
        createSignal(sound, hall.air.rateHz, [...seed, name, microphone.name]),
      );
      return (heard, count) => {
        const gust = new Float64Array(count);
        for (const [m, wind] of winds.entries())
          if (wind.fill(gust, count, 0)) for (let i = 0; i < count; i++) heard[m]![i]! += gust[i]!;
      };
    }
    const signal = createSignal(sound, hall.air.rateHz, [...seed, name]);
    const source = createLineSource(hall, carrier !== undefined);
    const placeAt = (frame: SimFrame): Vec3 =>
      carrier === undefined
        ? sound.positionM
        : compose(readPose(frame.poses, carrier), { ...STILL, positionM: sound.positionM }).positionM;
    return (heard, count, before, frame) => {
      const made = new Float64Array(count);
      const isThere = carrier === undefined || frame.present[carrier] !== 0;
      const speedMps = carrier === undefined ? 0 : speedOf(frame, carrier);
      const sounds = signal.fill(made, count, speedMps) && isThere;
      if (!isThere) made.fill(0);
      const [begins, ends] = [sampleOf(before, hall.air.rateHz), sampleOf(frame, hall.air.rateHz)];
      source.render(heard, made, count, sounds, begins, placeAt(before), ends, placeAt(frame), 0);
    };
  });
}

function speedOf({ velocities }: SimFrame, body: number): number {
  return length([velocities[body * 6]!, velocities[body * 6 + 1]!, velocities[body * 6 + 2]!]);
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
