import { describe, expect, it } from 'vitest';
import { createReward } from '../../sensors/reward/reward.js';
import { type RewardSpecification, rewardSpecification } from '../../sensors/reward/specification.js';
import { body, scene, scripted } from './scene.js';

const box = body('box', 'dynamic', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'wood');
const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [1, 1, 0.1] }, 'wood');
const spec = scene([table, box]);
const goal = { positionM: [0.3, 0.4, 0], radiusM: 0.1 };

function specification(document: object = {}): RewardSpecification {
  const parsed = rewardSpecification.parse({ kind: 'reward', rateHz: 50, body: 'box', goal, ...document });
  return parsed as RewardSpecification;
}

/** Reward and end a sample, while the box is at `place(t)`. */
function record(place: (timeS: number) => readonly [number, number, number]) {
  const sensor = createReward('reward', specification(), spec);
  const frames = scripted(spec, (step) => ({
    poses: [0, 0, 0, 1, 0, 0, 0, ...place(step / 1000), 1, 0, 0, 0],
  }));
  const samples = frames.flatMap((frame) => sensor.sense(frame));
  return {
    stream: sensor.stream,
    reward: samples.map(({ values }) => values.reward![0]!),
    end: samples.map(({ values }) => values.end![0]!),
  };
}

describe('a reward', () => {
  it('is minus the distance to the goal, in metres', () => {
    const { stream, reward } = record((t) => [0.3 * t, 0.4 * t, 0]);
    expect(reward).toHaveLength(51);
    for (const [i, value] of reward.entries()) expect(value).toBeCloseTo(-0.5 * (1 - i / 50), 6);
    expect(stream).toMatchObject({
      kind: 'reward',
      rateHz: 50,
      fields: [
        { name: 'reward', dataType: 'float32', shape: [], unit: 'm' },
        { name: 'end', dataType: 'uint8', shape: [] },
      ],
      metadata: { body: 'box', goal },
    });
  });

  it('ends with the first sample within the radius, and has ended when the body leaves again', () => {
    // Out along the line, through the goal: within 0.1 m of it for |1.5 t - 0.5| <= 0.1.
    const { reward, end } = record((t) => [0.6 * 1.5 * t, 0.8 * 1.5 * t, 0]);
    const first = end.indexOf(1);
    expect(first).toBe(14);
    expect(reward[first]).toBeGreaterThan(-0.1);
    expect(reward[first - 1]).toBeLessThan(-0.1);
    expect(reward.at(-1)).toBeLessThan(-0.9);
    expect(end).toEqual([...Array(14).fill(0), ...Array(37).fill(1)]);
  });

  it('never ends where the body never arrives', () => {
    expect(record(() => [0.3, 0.4, 0.11]).end).toEqual(Array(51).fill(0));
    expect(record(() => [0.3, 0.4, 0.0999]).end).toEqual(Array(51).fill(1));
  });

  it('starts anew with each episode', () => {
    expect(record(() => [0.3, 0.4, 0]).end[0]).toBe(1);
    expect(record(() => [9, 0.4, 0]).end[0]).toBe(0);
  });

  it('refuses a body that is not there, a goal of no size, and names a body without a place', () => {
    expect(() => createReward('r', specification({ body: 'bix' }), spec)).toThrow(
      'sensors.r.body: expected the name of a body (table, box), got "bix"',
    );
    expect(() => specification({ goal: { ...goal, radiusM: 0 } })).toThrow();
    expect(() => specification({ goal: { positionM: [0, 0] } })).toThrow();
    expect(() => record((t) => [t > 0.5 ? Number.NaN : 0, 0, 0])).toThrow(
      /sensors\.reward: expected a finite position of box at 0\.5\d* s, got \[NaN/,
    );
  });
});
