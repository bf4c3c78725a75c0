import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MATERIAL_NAMES } from '../../core/materials.js';
import type { Shape } from '../../core/shape.js';
import { bodyModes } from '../../sensors/audio/modes.js';
import { createResonators } from '../../sensors/audio/resonators.js';
import { body } from './scene.js';

const size = fc.double({ min: 0.01, max: 0.4, noNaN: true });
const share = fc.double({ min: 0.02, max: 0.9, noNaN: true });
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ kind: fc.constant('box' as const), halfExtentsM: fc.tuple(size, size, size) }),
  fc
    .tuple(size, share)
    .map(([radiusM, wall]) => ({ kind: 'sphere' as const, radiusM, wallM: wall * radiusM })),
  fc.record({ kind: fc.constant('sphere' as const), radiusM: size }),
  fc.record({ kind: fc.constant('cylinder' as const), radiusM: size, halfHeightM: size }),
  fc.tuple(size, size, share).map(([radiusM, halfHeightM, wall]) => ({
    kind: 'cylinder' as const,
    radiusM,
    halfHeightM,
    wallM: wall * Math.min(radiusM, halfHeightM),
  })),
  fc.record({ kind: fc.constant('capsule' as const), radiusM: size, halfHeightM: size }),
  fc.record({ kind: fc.constant('cone' as const), radiusM: size, halfHeightM: size }),
);
const unit = fc.double({ min: -1, max: 1, noNaN: true });
const anyBody = fc
  .tuple(anyShape, fc.constantFrom(...MATERIAL_NAMES), fc.constantFrom('fixed' as const, 'dynamic' as const))
  .map(([shape, material, motion]) => body('b', motion, shape, material));

describe('energy after a blow', () => {
  it('only falls, for any body, material, place, direction and length of blow', () => {
    fc.assert(
      fc.property(
        anyBody,
        fc.tuple(unit, unit, unit),
        fc.tuple(unit, unit, unit),
        fc.double({ min: 1e-5, max: 0.01, noNaN: true }),
        (struck, place, impulse, durationS) => {
          const rateHz = 48000;
          const modes = bodyModes(struck, rateHz);
          const bank = createResonators(modes.frequencyHz, modes.decayPerS, modes.radiation, rateHz);
          const pointM = [0.1 * place[0], 0.1 * place[1], 0.1 * place[2]] as const;
          bank.push(modes.excite([...pointM], [...impulse]), 0, durationS * rateHz);
          const out = new Float64Array(48);
          const blocks = Math.ceil((durationS * rateHz) / 48) + 1;
          for (let block = 0; block < blocks; block++) bank.render(out, 48);
          let before = bank.energyJ();
          expect(before).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(before)).toBe(true);
          for (let block = 0; block < 40; block++) {
            out.fill(0);
            bank.render(out, 48);
            const now = bank.energyJ();
            expect(now).toBeLessThanOrEqual(before);
            before = now;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is half the square of the modal impulse where the blow is short, and falls as exp(-2 d t)', () => {
    const bank = createResonators(Float64Array.of(700), Float64Array.of(30), Float64Array.of(1), 48000);
    bank.push(Float64Array.of(0.2), 0, 0.01);
    const out = new Float64Array(48);
    bank.render(out, 48);
    const early = bank.energyJ();
    expect(early / (0.5 * 0.2 ** 2 * Math.exp((-2 * 30 * 48) / 48000))).toBeCloseTo(1, 2);
    for (let block = 0; block < 20; block++) bank.render(out, 48);
    expect(bank.energyJ() / (early * Math.exp((-2 * 30 * 960) / 48000))).toBeCloseTo(1, 9);
  });
});

describe('a driven bank', () => {
  it('answers a drive of single samples as it answers short pushes, and forgets it after the call', () => {
    const make = () =>
      createResonators(Float64Array.of(900, 2500), Float64Array.of(30, 90), Float64Array.of(1, 0.5), 48000);
    const [driven, pushed] = [make(), make()];
    const impulses = new Float64Array(48);
    impulses[0] = 1;
    impulses[7] = -0.4;
    driven.drive(Float64Array.of(0.3, 0.7), impulses);
    // Sample 7 acts at instant 6: one sample before.
    pushed.push(Float64Array.of(0.3, 0.7), -1, 1e-9);
    pushed.push(Float64Array.of(-0.12, -0.28), 6, 1e-9);
    const [a, b] = [new Float64Array(96), new Float64Array(96)];
    for (const [bank, out] of [
      [driven, a],
      [pushed, b],
    ] as const) {
      bank.render(out.subarray(0, 48), 48);
      bank.render(out.subarray(48), 48);
    }
    for (let index = 0; index < 96; index++) expect(a[index]!).toBeCloseTo(b[index]!, 6);
  });
});
