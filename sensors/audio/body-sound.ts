import { conjugate, rotate } from '../../core/math/quaternion.js';
import { length, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { readPose } from '../ticks.js';
import { createFrictionGains, middleOf } from './friction-gains.js';
import type { FrictionForce } from './friction-sound.js';
import type { Hall } from './hall.js';
import type { Impact } from './impacts.js';
import { createLineSource } from './line-source.js';
import type { BodyModes } from './modes.js';
import { FARTHEST_M, NEAREST_M } from './propagation.js';
import { createResonators, RESONATOR_LAG } from './resonators.js';

/** One body as a source of sound. */
export interface BodySound {
  /** Begins a blow on the body. */
  strike(impact: Impact, before: SimFrame): void;
  /** Rubs the body during the samples that are rendered next. */
  rub(force: FrictionForce, frame: SimFrame): void;
  /** Adds the next `count` samples, up to a frame, to what each microphone hears. */
  render(heard: readonly Float64Array[], count: number, before: SimFrame, frame: SimFrame): void;
}

/** Makes the sound of a body that moves: it starts at the body's origin. */
export function createMovingSound(body: number, modes: BodyModes, hall: Hall): BodySound {
  const { rateHz } = hall.air;
  const resonators = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
  const source = createLineSource(hall, false);
  const gains = createFrictionGains(modes, body);
  let sound = new Float64Array(0);
  return {
    rub(force, frame) {
      resonators.drive(gains(force, frame), force.impulsesNs);
    },
    strike(impact, before) {
      resonators.push(
        excite(modes, body, impact, before),
        sampleOf(before, rateHz),
        impact.durationS * rateHz,
      );
    },
    render(heard, count, before, frame) {
      if (sound.length < count) sound = new Float64Array(count);
      sound.fill(0);
      const sounds = resonators.render(sound, count);
      const from = readPose(before.poses, body).positionM;
      const to = readPose(frame.poses, body).positionM;
      const [begins, ends] = [sampleOf(before, rateHz), sampleOf(frame, rateHz)];
      source.render(heard, sound, count, sounds, begins, from, ends, to, RESONATOR_LAG);
    },
  };
}

/**
 * Makes the sound of a body at rest before plain microphones at rest, outdoors: it starts wherever the body is struck. Each
 * microphone has resonators of its own, pushed when the sound of the blow arrives and as strongly as it arrives: linear, so the
 * delays are exact.
 */
export function createStruckSound(body: number, modes: BodyModes, hall: Hall): BodySound {
  const { rateHz, samplesPerM } = hall.air;
  const banks = hall.placements.map(() =>
    createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz),
  );
  const rubbed = createRubbedPlaces(body, modes, hall);
  return {
    rub: rubbed.rub,
    strike(impact, before) {
      const impulses = excite(modes, body, impact, before);
      for (const [m, bank] of banks.entries()) {
        const apart = subtract(impact.pointM, hall.placements[m]!.after.positionM);
        const distance = Math.max(NEAREST_M, length(apart));
        if (distance > FARTHEST_M) continue;
        const delay = distance * samplesPerM - RESONATOR_LAG;
        const fainter = impulses.map((impulse) => impulse / distance);
        bank.push(fainter, sampleOf(before, rateHz) + delay, impact.durationS * rateHz);
      }
    },
    render(heard, count, before, frame) {
      for (const [m, bank] of banks.entries()) bank.render(heard[m]!, count);
      rubbed.render(heard, count, before, frame);
    },
  };
}

/** Makes the sound of a body at rest before any microphones: it starts where the body was struck last. */
export function createPlacedSound(body: number, spec: BodySpec, modes: BodyModes, hall: Hall): BodySound {
  const { rateHz } = hall.air;
  const resonators = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
  const source = createLineSource(hall, false);
  const rubbed = createRubbedPlaces(body, modes, hall);
  let place = spec.pose.positionM;
  let sound = new Float64Array(0);
  return {
    rub: rubbed.rub,
    strike(impact, before) {
      place = impact.pointM;
      resonators.push(
        excite(modes, body, impact, before),
        sampleOf(before, rateHz),
        impact.durationS * rateHz,
      );
    },
    render(heard, count, before, frame) {
      if (sound.length < count) sound = new Float64Array(count);
      sound.fill(0);
      const sounds = resonators.render(sound, count);
      const [begins, ends] = [sampleOf(before, rateHz), sampleOf(frame, rateHz)];
      source.render(heard, sound, count, sounds, begins, place, ends, place, RESONATOR_LAG);
      rubbed.render(heard, count, before, frame);
    },
  };
}

/** Where other bodies rub a fixed one: the fixed body's modes, heard from where they touch. */
function createRubbedPlaces(body: number, modes: BodyModes, hall: Hall): Pick<BodySound, 'rub' | 'render'> {
  const places = new Map<number, Pick<BodySound, 'rub' | 'render'>>();
  return {
    rub(force, frame) {
      const other = force.bodyA === body ? force.bodyB : force.bodyA;
      const place = places.get(other) ?? createRubbedPlace(body, modes, hall);
      places.set(other, place);
      place.rub(force, frame);
    },
    render(heard, count, before, frame) {
      for (const place of places.values()) place.render(heard, count, before, frame);
    },
  };
}

function createRubbedPlace(body: number, modes: BodyModes, hall: Hall): Pick<BodySound, 'rub' | 'render'> {
  const { rateHz } = hall.air;
  const resonators = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
  const source = createLineSource(hall, false);
  const gains = createFrictionGains(modes, body);
  let from: Vec3 | null = null;
  let to: Vec3 = [0, 0, 0];
  let sound = new Float64Array(0);
  return {
    rub(force, frame) {
      resonators.drive(gains(force, frame), force.impulsesNs);
      to = middleOf(force.places);
    },
    render(heard, count, before, frame) {
      if (sound.length < count) sound = new Float64Array(count);
      sound.fill(0);
      const sounds = resonators.render(sound, count);
      const [begins, ends] = [sampleOf(before, rateHz), sampleOf(frame, rateHz)];
      source.render(heard, sound, count, sounds, begins, from ?? to, ends, to, RESONATOR_LAG);
      from = to;
    },
  };
}

/** The instant of a frame, in samples from time 0. */
export function sampleOf({ timeNs }: SimFrame, rateHz: number): number {
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
