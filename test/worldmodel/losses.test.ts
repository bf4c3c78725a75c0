import { describe, expect, it } from 'vitest';
import { gradients } from '../../worldmodel/engine/gradient.js';
import { createGraph, type Tensor } from '../../worldmodel/engine/graph.js';
import { createSession } from '../../worldmodel/engine/session.js';
import type { BodyStates } from '../../worldmodel/model/kinematics.js';
import { createNetwork } from '../../worldmodel/model/layers.js';
import { guessLoss, stateLoss } from '../../worldmodel/model/losses.js';
import { TINY_MODEL } from './tiny-model.js';

const ROWS = 2;

function setUp() {
  const network = createNetwork(createGraph(), TINY_MODEL, ROWS, 0);
  const states = (name: string): BodyStates => ({
    position: network.graph.input(`${name}/position`, [ROWS, 3]),
    orientation: network.graph.input(`${name}/orientation`, [ROWS, 4]),
    linearVelocity: network.graph.input(`${name}/linearVelocity`, [ROWS, 3]),
    angularVelocity: network.graph.input(`${name}/angularVelocity`, [ROWS, 3]),
  });
  const logVariances = network.graph.input('logVariances', [ROWS, 4]);
  const counts = network.graph.input('counts', [ROWS, 1]);
  return { network, predicted: states('predicted'), target: states('target'), logVariances, counts };
}

/** Two bodies at rest at the origin, the first predicted to be `off` m away. */
function inputs(off: number): Record<string, Float32Array> {
  const still = (name: string, x: number) => ({
    [`${name}/position`]: Float32Array.of(x, 0, 0, 0, 0, 0),
    [`${name}/orientation`]: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0),
    [`${name}/linearVelocity`]: new Float32Array(ROWS * 3),
    [`${name}/angularVelocity`]: new Float32Array(ROWS * 3),
  });
  return {
    ...still('predicted', off),
    ...still('target', 0),
    logVariances: new Float32Array(ROWS * 4).fill(-8),
    counts: Float32Array.of(1, 1),
  };
}

async function run(outputs: Record<string, Tensor>, given: Record<string, Float32Array>) {
  const session = await createSession(outputs, { threads: 1 });
  try {
    const names = new Set(session.inputs.map(({ name }) => name));
    const used = Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)));
    return (await session.run(used)) as Record<string, Float32Array>;
  } finally {
    await session.release();
  }
}

describe('stateLoss', () => {
  it('grows no faster than the error, and pulls no harder at the spread, however far off a state is', async () => {
    const { network, predicted, target, logVariances, counts } = setUp();
    const { loss } = stateLoss(network, predicted, target, logVariances, counts);
    const [pull] = gradients(loss, [logVariances]);
    const [near, far] = [
      await run({ loss, pull: pull! }, inputs(1)),
      await run({ loss, pull: pull! }, inputs(1000)),
    ];
    expect(far.loss![0]! / near.loss![0]!).toBeGreaterThan(100);
    expect(far.loss![0]! / near.loss![0]!).toBeLessThan(1200);
    expect(near.pull![0]).toBeLessThan(0);
    expect(far.pull![0]! / near.pull![0]!).toBeGreaterThan(0.99);
    expect(far.pull![0]! / near.pull![0]!).toBeLessThan(1.01);
  });

  it('does not count what is masked', async () => {
    const { network, predicted, target, logVariances, counts } = setUp();
    const { loss } = stateLoss(network, predicted, target, logVariances, counts);
    const masked = { counts: Float32Array.of(0, 1) };
    const [off, on] = [
      await run({ loss }, { ...inputs(1000), ...masked }),
      await run({ loss }, { ...inputs(0), ...masked }),
    ];
    expect(off.loss![0]).toBeCloseTo(on.loss![0]!, 6);
  });
});

describe('guessLoss', () => {
  it('is nothing where the guess is right, and reports the position error', async () => {
    const { network, predicted, target, counts } = setUp();
    const { loss, metrics } = guessLoss(network, predicted, target, counts);
    const outputs = { loss, rms: metrics.guessedPositionRms! };
    expect((await run(outputs, inputs(0))).loss![0]).toBeCloseTo(0, 6);
    const { rms, loss: off } = await run(outputs, inputs(0.2));
    expect(rms![0]).toBeCloseTo(0.2 / Math.SQRT2, 5);
    expect(off![0]).toBeCloseTo((Math.sqrt(1 + (0.2 / 0.05) ** 2) - 1) / 2, 4);
  });
});
