import { describe, expect, it } from 'vitest';
import {
  advance,
  type ChainParameters,
  energyOf,
  followChain,
} from '../../evaluation/tasks/multiarm-pendulum/chain.js';
import {
  DEFAULT_ENGINE,
  FINE_ENGINE,
  followInEngine,
} from '../../evaluation/tasks/multiarm-pendulum/engine.js';
import {
  modelOf,
  modelParameters,
  nominalModel,
  valuesOf,
} from '../../evaluation/tasks/multiarm-pendulum/model.js';
import { createWorld } from '../../sim/world.js';

const DEGREE = Math.PI / 180;

/** All arms pulled well aside and at rest: chaotic for two and three. */
function aside(arms: number): Float64Array {
  return Float64Array.from({ length: 2 * arms }, (_, i) => (i < arms ? 1.6 + 0.4 * i : 0));
}

function drift(chain: ChainParameters, path: Float64Array, start: Float64Array): number {
  const size = start.length;
  const first = energyOf(chain, start);
  let worst = 0;
  for (let at = 0; at < path.length; at += size) {
    worst = Math.max(worst, Math.abs(energyOf(chain, path.subarray(at, at + size)) / first - 1));
  }
  return worst;
}

describe('the chain of arms', () => {
  it('swings with the period of the simple pendulum of its length', () => {
    const { chain } = nominalModel(1);
    expect(chain.lengthM[0]).toBeCloseTo((2 / 3) * 0.1727, 12);
    const periodS = 2 * Math.PI * Math.sqrt(chain.lengthM[0]! / chain.gravityMps2);
    const path = followChain(chain, Float64Array.of(0.001, 0), 10_000 / periodS, 10_000);
    expect(path.at(-2)).toBeCloseTo(0.001, 9);
    expect(path[2 * 4999]).toBeCloseTo(-0.001, 9);
  });

  it('has the two modes of a double pendulum of point masses', () => {
    // Two equal masses on strings of length l: omega^2 = (2 -+ sqrt 2) g / l, with theta_2 = +- sqrt 2 theta_1.
    const chain: ChainParameters = {
      ...nominalModel(2).chain,
      lengthM: [0.2, 0.2],
      momentShare: [1, 0.5],
      jointDistanceM: [0.2],
    };
    for (const sign of [1, -1]) {
      const omega = Math.sqrt((2 - sign * Math.SQRT2) * (9.81 / 0.2));
      const state = Float64Array.of(1e-4, sign * Math.SQRT2 * 1e-4, 0, 0);
      advance(chain, state, (2 * Math.PI) / omega / 2000, 2000);
      expect(state[0]! / 1e-4).toBeCloseTo(1, 6);
      expect(state[1]! / 1e-4).toBeCloseTo(sign * Math.SQRT2, 6);
    }
  });

  for (const [arms, most] of [
    [1, 1e-10],
    [2, 1e-6],
    [3, 1e-5],
  ] as const) {
    it(`keeps the energy of ${arms} arms over 10 s at 1 kHz, and goes back where it came from`, () => {
      const { chain } = nominalModel(arms);
      const start = aside(arms);
      expect(drift(chain, followChain(chain, start, 1000, 10_000), start)).toBeLessThan(most);
      const state = Float64Array.from(start);
      advance(chain, state, 1e-3, 1000);
      advance(chain, state, -1e-3, 1000);
      for (const [i, value] of state.entries()) expect(value).toBeCloseTo(start[i]!, 6);
    });
  }

  it('loses energy to each kind of friction, as fast as its power says', () => {
    for (const key of ['viscousMps', 'dryMps2', 'dragM'] as const) {
      const chain = { ...nominalModel(1).chain, [key]: [0.01] };
      const start = Float64Array.of(0, 4);
      const state = Float64Array.from(start);
      advance(chain, state, 1e-4, 10);
      const powers = { viscousMps: 0.01 * 16, dryMps2: 0.01 * 4, dragM: 0.01 * 64 };
      expect((energyOf(chain, start) - energyOf(chain, state)) / 1e-3 / powers[key]).toBeCloseTo(1, 2);
    }
  });

  it('is the same after a trip through its list of parameters', () => {
    const model = { ...nominalModel(3), biasRad: [0.01, -0.02, 0.03] };
    expect(modelOf(3, valuesOf(model))).toEqual(model);
    expect(modelParameters(3).map(({ name }) => name)).toHaveLength(valuesOf(model).length);
    expect(modelParameters(2).map(({ name }) => name)).toEqual([
      ...[
        'length_1_m',
        'length_2_m',
        'moment_share_2',
        'joint_distance_1_m',
        'viscous_1_mps',
        'viscous_2_mps',
      ],
      ...['dry_1_mps2', 'dry_2_mps2', 'drag_1_m', 'drag_2_m', 'bias_1_rad', 'bias_2_rad'],
    ]);
  });
});

describe('the chain in the engine', () => {
  for (const arms of [1, 2, 3]) {
    it(`moves ${arms} arms as the equations say, with joint friction`, async () => {
      const { chain } = nominalModel(arms);
      const rubbed = { ...chain, viscousMps: chain.viscousMps.map(() => 0.01) };
      const start = aside(arms).map((angle, i) => (i < arms ? angle / 2 : 0.5 * (i - arms)));
      const path = await followInEngine(createWorld, rubbed, start, 1000, 250, FINE_ENGINE);
      const expected = followChain(rubbed, start, 1000, 250);
      for (let i = 0; i < path.length; i++) {
        const tolerance = i % (2 * arms) < arms ? 0.1 * DEGREE : 0.05;
        expect(Math.abs(path[i]! - expected[i]!)).toBeLessThan(tolerance);
      }
    });
  }

  it('loses energy by its steps: the finer, the less', async () => {
    const { chain } = nominalModel(1);
    const loss = async (settings: typeof DEFAULT_ENGINE) =>
      drift(chain, await followInEngine(createWorld, chain, aside(1), 1000, 800, settings), aside(1));
    const [coarse, fine] = [await loss(DEFAULT_ENGINE), await loss(FINE_ENGINE)];
    expect(coarse).toBeGreaterThan(0.002);
    expect(fine).toBeLessThan(coarse / 3);
  });
});
