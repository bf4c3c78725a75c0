import { describe, expect, it } from 'vitest';
import { confine, energyLimits } from '../../worldmodel/confine.js';
import { horizonIndex, spreadFactor } from '../../worldmodel/spread.js';

const state = (position: number[], linearVelocity: number[], angularVelocity = [0, 0, 0]) => ({
  position: Float32Array.from(position),
  orientation: Float32Array.of(1, 0, 0, 0),
  linearVelocity: Float32Array.from(linearVelocity),
  angularVelocity: Float32Array.from(angularVelocity),
});
const RANGE = { lowM: [-1, -1, 0], highM: [1, 1, 1], speedMps: 5, spinRadps: 10 };

describe('confine', () => {
  it('leaves alone what can be', () => {
    const one = state([0.5, 0, 0.5], [1, 2, -3], [1, 2, 3]);
    const limits = energyLimits(one);
    confine(one, RANGE, limits);
    expect(one).toEqual(state([0.5, 0, 0.5], [1, 2, -3], [1, 2, 3]));
  });

  it('keeps positions, speed and spin within what was seen and a margin', () => {
    const one = state([3, -3, -2], [100, 0, 0], [0, 0, -50]);
    confine(one, RANGE, null);
    expect([...one.position]).toEqual([1.1, -1.1, -0.1].map(Math.fround));
    expect(one.linearVelocity[0]).toBeCloseTo(6, 5);
    expect(one.angularVelocity[2]).toBeCloseTo(-12, 5);
  });

  it('lets no undriven body gain energy: it may fall and speed up, and not rise and keep its speed', () => {
    const limits = energyLimits(state([0, 0, 0.5], [1, 0, 0]));
    const fallen = state([0, 0, 0.1], [2.9, 0, 0]);
    confine(fallen, RANGE, limits);
    expect(fallen.linearVelocity[0]).toBeCloseTo(2.9, 5);
    const risen = state([0, 0, 0.9], [3, 0, 0]);
    confine(risen, RANGE, limits);
    const energy = 0.5 * risen.linearVelocity[0]! ** 2 + 9.81 * risen.position[2]!;
    // 0.5 m and 1 m/s are worth 0.551 m, and 5 cm are allowed.
    expect(risen.position[2]).toBeCloseTo(0.5 + 0.5 / 9.81 + 0.05, 5);
    expect(energy).toBeLessThanOrEqual(limits[0]! + 1e-5);
    const driven = state([0, 0, 0.9], [3, 0, 0]);
    confine(driven, RANGE, null);
    expect(driven.linearVelocity[0]).toBe(3);
  });

  it('lets one of several bodies throw another that rests, with as much energy as there was', () => {
    const orientations = (bodies: number) =>
      Float32Array.from({ length: bodies * 4 }, (_, i) => +(i % 4 === 0));
    const scene = (position: number[], linearVelocity: number[], bodies: number) => ({
      ...state(position, linearVelocity, new Array(bodies * 3).fill(0)),
      orientation: orientations(bodies),
    });
    const before = scene([0, 0, 0.1, 0.5, 0, 0.1], [3, 0, 0, 0, 0, 0], 2);
    const limits = energyLimits(before, 2);
    expect(limits[1]).toBe(limits[0]);
    const thrown = scene([0, 0, 0.1, 0.5, 0, 0.1], [0, 0, 0, 2.9, 0, 0], 2);
    confine(thrown, RANGE, limits);
    expect(thrown.linearVelocity[3]).toBeCloseTo(2.9, 5);
    const fired = scene([0, 0, 0.1, 0.5, 0, 0.1], [0, 0, 0, 5, 0, 0], 2);
    confine(fired, RANGE, limits);
    expect(0.5 * fired.linearVelocity[3]! ** 2).toBeCloseTo(0.5 * 3 ** 2 + 0.05 * 9.81, 4);
  });

  it('shares energy within a sample, not between samples', () => {
    const both = {
      ...state([0, 0, 0.1, 0, 0, 0.1], [3, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0]),
      orientation: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0),
    };
    const [first, second] = energyLimits(both, 1);
    expect(first! - second!).toBeCloseTo(0.5 * (3 ** 2 - 1), 5);
    expect(energyLimits(both, 2)[1]).toBe(first);
  });
});

describe('spreadFactor', () => {
  it('is the factor of the horizon, and 1 where none is known', () => {
    expect([1, 2, 3, 5, 6, 47, 48, 999].map(horizonIndex)).toEqual([0, 0, 1, 1, 2, 4, 5, 5]);
    expect(spreadFactor({ touch: [1, 2, 3, 4, 5, 6] }, 'touch', 7)).toBe(3);
    expect(spreadFactor({ touch: [1, 2, 3, 4, 5, 6] }, 'camera', 7)).toBe(1);
    expect(spreadFactor(null, 'touch', 7)).toBe(1);
  });
});
