import { conjugate, rotate } from '../../core/math/quaternion.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { createNoise } from '../noise.js';
import { readPose } from '../ticks.js';
import { findImpacts, type Impact } from './impacts.js';
import { bodyModes, type Mode } from './modes.js';
import { createSourceLine, distanceM, type SourceLine, SPEED_OF_SOUND_MPS } from './propagation.js';
import { createResonators, type ResonatorBank } from './resonators.js';
import type { AudioSpecification } from './specification.js';

const AIR_DENSITY_KGPM3 = 1.204;

/** One body as a source of sound. */
interface Source {
  readonly body: number;
  readonly isFixed: boolean;
  readonly modes: readonly Mode[];
  readonly resonators: ResonatorBank;
  readonly line: SourceLine;
  /** A moving body sounds from its origin, a fixed one from where it was last struck. */
  placeM: Vec3;
  heardFromM: Vec3;
}

/**
 * Creates microphones that hear bodies strike each other.
 *
 * Each impact pushes the modes of both bodies with a half-sine of the solver's impulse and of Hertz' duration. A mode
 * radiates as a monopole of the body's surface S, with the efficiency (ka)^2 / (1 + (ka)^2) of a pulsating sphere of that
 * surface: p = rho S efficiency / (4 pi r) x acceleration. Sound arrives after distance / c, fainter by 1 / distance.
 * Scraping, rolling and rooms are not modelled. Field: `pressurePa` float32 [microphones, samplesPerRow], clipped at
 * `fullScalePa`; a row's time is its first sample's, and a last row that would be incomplete is not emitted.
 */
export const createAudio: CreateSensor<AudioSpecification> = (name, specification, spec) => {
  const { rateHz, samplesPerRow, microphones } = specification;
  const sources = spec.bodies.flatMap((body, index) => createSource(body, index, rateHz));
  const row = microphones.map(() => new Float64Array(samplesPerRow));
  let filled = 0;
  let rows = 0;
  let rendered = 0;
  let before: SimFrame | null = null;

  const emit = (): SensorSample => {
    const pressurePa = new Float32Array(microphones.length * samplesPerRow);
    for (const [index, samples] of row.entries()) pressurePa.set(samples, index * samplesPerRow);
    finish(pressurePa, name, rows, specification, spec);
    const timeNs = tickTimeNs(rows * samplesPerRow, rateHz);
    filled = 0;
    rows += 1;
    return { stream: name, timeNs, values: { pressurePa } };
  };

  const sense = (frame: SimFrame): SensorSample[] => {
    const samples: SensorSample[] = [];
    if (before !== null) strike(sources, findImpacts(before, frame, spec.bodies), frame);
    const until = samplesUntil(frame, rateHz);
    const block = microphones.map(() => new Float64Array(until - rendered));
    renderBlock(block, sources, microphones);
    for (let index = 0; index < until - rendered; index++) {
      for (const [microphone, samplesOf] of row.entries()) samplesOf[filled] = block[microphone]![index]!;
      filled += 1;
      if (filled === samplesPerRow) samples.push(emit());
    }
    rendered = until;
    before = frame;
    return samples;
  };
  return { stream: describe(name, specification), sense };
};

/** How many samples lie at or before a frame; the first is at time 0. */
function samplesUntil({ timeNs }: SimFrame, rateHz: number): number {
  return Number((timeNs * BigInt(rateHz)) / 1_000_000_000n) + 1;
}

function createSource(body: BodySpec, index: number, rateHz: number): Source[] {
  const modes = bodyModes(body, rateHz);
  if (modes.length === 0) return [];
  const surface = surfaceM2(body);
  const radius = Math.sqrt(surface / (4 * Math.PI));
  const weights = Float64Array.from(modes, ({ frequencyHz }) => {
    const ka = (2 * Math.PI * frequencyHz * radius) / SPEED_OF_SOUND_MPS;
    return ((AIR_DENSITY_KGPM3 * surface) / (4 * Math.PI)) * ((ka * ka) / (1 + ka * ka));
  });
  const placeM = body.pose.positionM;
  return [
    {
      body: index,
      isFixed: body.motion === 'fixed',
      modes,
      resonators: createResonators(modes, weights, body.massKg, rateHz),
      line: createSourceLine(rateHz),
      placeM,
      heardFromM: placeM,
    },
  ];
}

function surfaceM2({ shape }: BodySpec): number {
  switch (shape.kind) {
    case 'box': {
      const [x, y, z] = shape.halfExtentsM;
      return 8 * (x * y + y * z + z * x);
    }
    case 'sphere':
      return 4 * Math.PI * shape.radiusM * shape.radiusM;
    case 'cylinder':
      return 2 * Math.PI * shape.radiusM * (shape.radiusM + 2 * shape.halfHeightM);
  }
}

/** Pushes the modes of both bodies of each impact, and moves the sources to where they sound from. */
function strike(sources: readonly Source[], impacts: readonly Impact[], frame: SimFrame): void {
  for (const source of sources) {
    const pose = readPose(frame.poses, source.body);
    source.heardFromM = source.placeM;
    const isFixed = frame.velocities
      .subarray(source.body * 6, source.body * 6 + 6)
      .every((value) => value === 0);
    if (!isFixed) source.placeM = pose.positionM;
    for (const { contact, impulseNs, durationS } of impacts) {
      if (contact.bodyA !== source.body && contact.bodyB !== source.body) continue;
      const local = rotate(conjugate(pose.orientation), subtract(contact.pointM, pose.positionM));
      source.resonators.push(
        impulseNs,
        durationS,
        Float64Array.from(source.modes, ({ shapeAt }) => shapeAt(local)),
      );
      if (source.isFixed) source.placeM = contact.pointM;
    }
  }
}

function renderBlock(
  block: readonly Float64Array[],
  sources: readonly Source[],
  microphones: AudioSpecification['microphones'],
): void {
  const count = block[0]!.length;
  const sound = new Float64Array(count);
  for (const source of sources) {
    sound.fill(0);
    source.resonators.render(sound);
    source.line.write(sound);
    for (const [index, { positionM }] of microphones.entries()) {
      source.line.hear(
        block[index]!,
        distanceM(source.heardFromM, positionM),
        distanceM(source.placeM, positionM),
      );
    }
  }
}

/** Adds the microphones' own noise and clips. */
function finish(
  pressurePa: Float32Array,
  name: string,
  row: number,
  { microphones, samplesPerRow, noise, selfNoisePa, fullScalePa }: AudioSpecification,
  spec: SimSpec,
): void {
  for (const [microphone, { name: microphoneName }] of microphones.entries()) {
    const source = noise
      ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, microphoneName, row)
      : null;
    for (let index = microphone * samplesPerRow; index < (microphone + 1) * samplesPerRow; index++) {
      const sample = pressurePa[index]! + (source === null ? 0 : selfNoisePa * source.next());
      pressurePa[index] = sample > fullScalePa ? fullScalePa : sample < -fullScalePa ? -fullScalePa : sample;
    }
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
