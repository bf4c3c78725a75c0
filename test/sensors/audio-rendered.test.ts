import { describe, expect, it } from 'vitest';
import { MATERIALS } from '../../core/materials.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { createAudio } from '../../sensors/audio/audio.js';
import { type FittedMode, fitModes } from '../../sensors/audio/modal-fit.js';
import { type AudioSpecification, audioSpecification } from '../../sensors/audio/specification.js';
import { joinRows } from '../../sensors/audio/tracks.js';
import { body, contact, scene, scripted } from './scene.js';

const RATE = 48000;
/** So small and far that nothing of it is heard. */
const anvil = body('anvil', 'fixed', { kind: 'sphere', radiusM: 0.002 }, 'steel');

/** Strikes a body at a point of the world and fits what a microphone records from 10 ms after the blow. */
function strike(struck: BodySpec, pointM: Vec3, most: number, forS: number): FittedMode[] {
  const spec = scene([anvil, struck], {}, 0.1 + forS);
  const specification = audioSpecification.parse({
    kind: 'audio',
    rateHz: RATE,
    samplesPerRow: 480,
    microphones: [{ name: 'm', positionM: [0.2, 0.3, 1] }],
    fullScalePa: 1e4,
    noise: false,
  }) as AudioSpecification;
  const still = [0, 0, 0, 0, 0, 0];
  const frames = scripted(spec, (step) => {
    if (step === 80) return { velocities: [...still, 0, 0, -1, 0, 0, 0] };
    if (step !== 81) return {};
    return { velocities: [...still, ...still], contacts: [contact(pointM, 0.05)] };
  });
  const sensor = createAudio('audio', specification, spec);
  const rows = frames.flatMap((frame) => sensor.sense(frame)).map(({ values }) => values.pressurePa!);
  const track = joinRows(rows as Float32Array[], 1, 480)[0]!;
  return fitModes(track.subarray(Math.round(0.093 * RATE)), RATE, { most, rangeDb: 90 });
}

function expectTone(
  found: readonly FittedMode[],
  hz: number,
  { alpha, beta }: { alpha: number; beta: number },
) {
  const nearest = found.reduce((best, other) =>
    Math.abs(other.frequencyHz - hz) < Math.abs(best.frequencyHz - hz) ? other : best,
  );
  expect(Math.abs(nearest.frequencyHz / hz - 1)).toBeLessThan(0.01);
  const decay = (alpha + beta * (2 * Math.PI * nearest.frequencyHz) ** 2) / 2;
  expect(Math.abs(nearest.decayPerS / decay - 1)).toBeLessThan(0.01);
}

const damping = ({ rayleighAlphaPerS, rayleighBetaS }: BodySpec['material']) => ({
  alpha: rayleighAlphaPerS,
  beta: rayleighBetaS,
});

describe('what is heard of a blow, against closed forms: pitch and decay within 1 %', () => {
  it('a steel bar of 500 x 10 mm: Euler-Bernoulli, free ends', () => {
    const bar = body('bar', 'dynamic', { kind: 'cylinder', radiusM: 0.005, halfHeightM: 0.25 }, 'steel', {
      pose: { positionM: [0, 0, 0.005], orientation: [Math.SQRT1_2, 0, Math.SQRT1_2, 0] },
    });
    const found = strike(bar, [0.25, 0, 0], 12, 1.4);
    const { youngPa, densityKgpm3 } = bar.material;
    for (const root of [4.7300407, 7.8532046, 10.9956078, 14.1371655]) {
      const hz = ((root / 0.5) ** 2 * 0.0025 * Math.sqrt(youngPa / densityKgpm3)) / (2 * Math.PI);
      expectTone(found, hz, damping(bar.material));
    }
  });

  it('a glass plate of 300 x 300 x 5 mm: a free square (Leissa, Liew)', () => {
    // The published values are for Poisson 0.3.
    const plate: BodySpec = {
      ...body('plate', 'dynamic', { kind: 'box', halfExtentsM: [0.15, 0.15, 0.0025] }, 'glass', {
        pose: { positionM: [0, 0, 0.0025], orientation: [1, 0, 0, 0] },
      }),
      material: { ...MATERIALS.glass, poisson: 0.3 },
    };
    const found = strike(plate, [0.15, 0.13, 0], 24, 1.4);
    const { youngPa, densityKgpm3, poisson } = plate.material;
    const stiffness = (youngPa * 0.005 ** 3) / (12 * (1 - poisson ** 2));
    const unit = Math.sqrt(stiffness / (densityKgpm3 * 0.005)) / 0.3 ** 2 / (2 * Math.PI);
    for (const value of [13.468, 19.596, 24.27, 34.801, 61.093])
      expectTone(found, value * unit, damping(plate.material));
  });

  it('a wooden block of 1 m: the Lamé mode of a cube, c / (sqrt 2 side), which is exact', () => {
    const block = body('block', 'dynamic', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.5] }, 'wood', {
      pose: { positionM: [0, 0, 0.5], orientation: [1, 0, 0, 0] },
    });
    const found = strike(block, [0.45, 0.1, 0], 24, 0.4);
    const { youngPa, densityKgpm3, poisson } = block.material;
    const lame = Math.sqrt(youngPa / (2 * (1 + poisson) * densityKgpm3)) / Math.SQRT2;
    expectTone(found, lame, damping(block.material));
  });
});
