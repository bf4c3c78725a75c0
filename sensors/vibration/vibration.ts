import { add, cross, dot, length, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { bodyIndex } from '../mount.js';
import { createNoise, type NoiseSource } from '../noise.js';
import { createTicks } from '../ticks.js';
import { contactModulusPa } from '../touch/indentation.js';
import { createLattice, type Lattice } from './autoregression.js';
import type { VibrationSpecification } from './specification.js';
import { createTexture, ORDER, type Texture } from './texture.js';
import { accelerationDensity } from './texture-spectrum.js';

/** Slower than this nothing slides: the solver's own creep. */
const LEAST_SPEED_MPS = 1e-4;

/** One body that is slid over. */
interface Partner {
  readonly texture: Texture;
  readonly lattice: Lattice;
  readonly excitation: NoiseSource;
  /** Reflection coefficients of the last step. */
  readonly reflection: Float64Array;
  /** Standard deviation of the vibration at the last frame and the one before, m/s2. */
  levelMps2: number;
  levelBeforeMps2: number;
}

/**
 * Creates the vibration of a fingertip that slides over textures.
 *
 * Field: `accelerationMps2` float32 [samplesPerRow] along the fingertip, whatever its direction (as in Landin's reduction of
 * three axes to one); a row's time is its first sample's, and a last row that would be incomplete is not emitted. White noise
 * through an autoregressive filter for each body that is touched (`createTexture`), chosen by the normal force and the
 * sliding speed of the contact in each step; where nothing slides there is only the accelerometer's noise.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body.
 */
export const createVibration: CreateSensor<VibrationSpecification> = (name, specification, spec) => {
  const { rateHz, samplesPerRow, noise, noiseMps2 } = specification;
  const body = bodyIndex(`sensors.${name}.body`, specification.body, spec);
  const own = noise ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading') : null;
  const partners = new Map<number, Partner>();
  const ticksUntil = createTicks(rateHz);
  let row = new Float32Array(samplesPerRow);
  let filled = 0;
  let rows = 0;
  let isFirst = true;

  const sample = (fraction: number): number => {
    let sum = own === null ? 0 : noiseMps2 * own.next();
    for (const partner of partners.values()) {
      const { levelMps2, levelBeforeMps2, lattice, excitation, reflection } = partner;
      if (levelMps2 === 0 && levelBeforeMps2 === 0) continue;
      const level = levelBeforeMps2 + (levelMps2 - levelBeforeMps2) * fraction;
      sum += level * lattice.next(excitation.next(), reflection);
    }
    return sum;
  };
  const sense = (frame: SimFrame): SensorSample[] => {
    for (const partner of partners.values()) {
      partner.levelBeforeMps2 = partner.levelMps2;
      partner.levelMps2 = 0;
    }
    for (const { other, forceN, speedMps } of findSlides(frame, body, spec)) {
      const known = partners.get(other);
      const partner = known ?? createPartner(name, specification, spec, body, other);
      if (!known) partners.set(other, partner);
      partner.levelMps2 = partner.texture.at(forceN, speedMps, partner.reflection);
    }
    const samples: SensorSample[] = [];
    for (const { fraction } of ticksUntil(frame)) {
      row[filled] = isFirst ? 0 : sample(fraction);
      isFirst = false;
      filled += 1;
      if (filled < samplesPerRow) continue;
      const timeNs = tickTimeNs(rows * samplesPerRow, rateHz);
      samples.push({ stream: name, timeNs, values: { accelerationMps2: row } });
      row = new Float32Array(samplesPerRow);
      filled = 0;
      rows += 1;
    }
    return samples;
  };
  return { stream: describe(name, specification), sense };
};

function createPartner(
  name: string,
  { rateHz, tip }: VibrationSpecification,
  spec: SimSpec,
  body: number,
  other: number,
): Partner {
  const surfaces = [spec.bodies[body]!.material, spec.bodies[other]!.material] as const;
  const modulusPa = contactModulusPa(tip, surfaces[1]);
  return {
    texture: createTexture(
      (frequencyHz, forceN, speedMps) =>
        accelerationDensity(frequencyHz, forceN, speedMps, surfaces, modulusPa, tip),
      rateHz,
    ),
    lattice: createLattice(ORDER),
    excitation: createNoise(
      spec.seed,
      spec.scenario,
      'episode',
      spec.episode,
      name,
      'texture',
      spec.bodies[other]!.name,
    ),
    reflection: new Float64Array(ORDER),
    levelMps2: 0,
    levelBeforeMps2: 0,
  };
}

/** How hard and fast a body slides on another during the step that led to a frame. */
interface Slide {
  readonly other: number;
  readonly forceN: number;
  readonly speedMps: number;
}

/** Finds what a body slides on, in the order of contacts: mean normal force, and speed in the plane of contact. */
function findSlides(frame: SimFrame, body: number, { physics }: SimSpec): Slide[] {
  const sums = new Map<number, { normalNs: number; speedNs: number }>();
  for (const { bodyA, bodyB, pointM, normal, normalImpulseNs } of frame.contacts) {
    if (bodyA !== body && bodyB !== body) continue;
    const other = bodyA === body ? bodyB : bodyA;
    const relative = subtract(velocityAt(frame, bodyB, pointM), velocityAt(frame, bodyA, pointM));
    const speed = length(subtract(relative, scale(normal, dot(relative, normal))));
    const sum = sums.get(other) ?? { normalNs: 0, speedNs: 0 };
    sum.normalNs += normalImpulseNs;
    sum.speedNs += normalImpulseNs * speed;
    sums.set(other, sum);
  }
  const slides: Slide[] = [];
  for (const [other, { normalNs, speedNs }] of sums) {
    const speedMps = speedNs / normalNs;
    if (speedMps >= LEAST_SPEED_MPS) slides.push({ other, forceN: normalNs * physics.stepHz, speedMps });
  }
  return slides;
}

function velocityAt({ poses, velocities }: SimFrame, body: number, pointM: Vec3): Vec3 {
  const [p, v] = [body * 7, body * 6];
  const arm: Vec3 = [pointM[0] - poses[p]!, pointM[1] - poses[p + 1]!, pointM[2] - poses[p + 2]!];
  const spin: Vec3 = [velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!];
  return add([velocities[v]!, velocities[v + 1]!, velocities[v + 2]!], cross(spin, arm));
}

function describe(
  name: string,
  { rateHz, samplesPerRow, body, tip }: VibrationSpecification,
): StreamDescription {
  return {
    name,
    kind: 'vibration',
    rateHz,
    samplesPerRow,
    fields: [
      {
        name: 'accelerationMps2',
        dataType: 'float32',
        shape: [samplesPerRow],
        unit: 'm/s2',
        description: 'vibration of the fingertip',
      },
    ],
    metadata: { body, tip },
  };
}
