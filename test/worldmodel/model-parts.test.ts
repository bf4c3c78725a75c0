import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { square, subtract } from '../../worldmodel/engine/elementwise.js';
import { gradients } from '../../worldmodel/engine/gradient.js';
import { createGraph, type Tensor } from '../../worldmodel/engine/graph.js';
import { mean } from '../../worldmodel/engine/reduction.js';
import { createSession } from '../../worldmodel/engine/session.js';
import { CORES } from '../../worldmodel/model/cores.js';
import { drawLatents, latentDivergence } from '../../worldmodel/model/latents.js';
import { createNetwork, ensembleLayers, type Network } from '../../worldmodel/model/layers.js';
import { REWARD_BINS, rewardOf, writeTwoHot } from '../../worldmodel/model/reward.js';
import { powerSpectrum } from '../../worldmodel/model/spectrum.js';
import { TINY_MODEL } from './tiny-model.js';

const network = (batch: number, heads: Network['heads'] = 'shared'): Network =>
  createNetwork(createGraph(), TINY_MODEL, batch, 0, heads);

/** Opens the transformer's gates, which begin closed. */
const OPEN = Object.fromEntries(
  [0, 1].map((index) => [`history/${index}/modulation/bias`, new Float32Array(6 * 32).fill(0.5)]),
);

async function run(
  outputs: Record<string, Tensor>,
  inputs: Record<string, Float32Array>,
  values: Record<string, Float32Array> = OPEN,
) {
  const session = await createSession(outputs, { threads: 1, values });
  try {
    return (await session.run(inputs)) as Record<string, Float32Array>;
  } finally {
    await session.release();
  }
}

const normal = (length: number, name = 'test'): Float32Array => {
  const random = randomStream(1, name);
  return Float32Array.from({ length }, () => random.normal());
};

describe('drawLatents', () => {
  // The tiny model has four variables of four classes.
  it('draws every class as often as its probability says, one at a time', async () => {
    const rows = 500;
    const net = network(rows);
    const p = net.graph.input('p', [rows * 4, 4]);
    const u = net.graph.input('u', [rows * 4, 1]);
    const random = randomStream(1, 'draws');
    const shares = [0.1, 0.2, 0.3, 0.4];
    const { drawn } = await run(
      { drawn: drawLatents(net, p, u) },
      {
        p: Float32Array.from({ length: rows * 16 }, (_, i) => shares[i % 4]!),
        u: Float32Array.from({ length: rows * 4 }, () => 0.9999 * random.uniform()),
      },
    );
    for (let row = 0; row < rows * 4; row++) {
      const one = [...drawn!.subarray(row * 4, row * 4 + 4)].map((x) => Math.round(x * 1e6) / 1e6);
      expect([...one].sort()).toEqual([0, 0, 0, 1]);
    }
    for (const [index, expected] of shares.entries()) {
      const share = drawn!.reduce((sum, x, i) => sum + (i % 4 === index ? x : 0), 0) / (rows * 4);
      expect(Math.abs(share - expected)).toBeLessThan(0.03);
    }
  });

  it('lets the gradient through as if it had not drawn', async () => {
    const net = network(1);
    const p = net.graph.input('p', [4, 4]);
    const u = net.graph.input('u', [4, 1]);
    const target = net.graph.constant(normal(16), [1, 16]);
    const drawn = drawLatents(net, p, u);
    const [gradient] = gradients(mean(square(subtract(drawn, target))), [p]);
    const shares = Float32Array.from({ length: 16 }, () => 0.25);
    const uniform = Float32Array.of(0, 0.3, 0.6, 0.9);
    const out = await run({ gradient: gradient!, drawn }, { p: shares, u: uniform });
    const expected = out.drawn!.map((x, i) => (2 / 16) * (x - normal(16)[i]!));
    for (const [i, x] of out.gradient!.entries()) expect(x).toBeCloseTo(expected[i]!, 5);
    expect([...out.drawn!].map(Math.round)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });
});

describe('latentDivergence', () => {
  it('is the free nats for equal distributions and grows with the distance', async () => {
    const net = network(1);
    const a = net.graph.input('a', [4, 4]);
    const b = net.graph.input('b', [4, 4]);
    const even = new Float32Array(16).fill(0.25);
    const sharp = Float32Array.from({ length: 16 }, (_, i) => (i % 4 === 0 ? 0.97 : 0.01));
    const outputs = { nats: latentDivergence(net, a, b) };
    expect((await run(outputs, { a: even, b: even })).nats![0]).toBeCloseTo(1.1, 5);
    const kl = 4 * (0.97 * Math.log(0.97 / 0.25) + 0.03 * Math.log(0.01 / 0.25));
    expect((await run(outputs, { a: sharp, b: even })).nats![0]).toBeCloseTo(1.1 * kl, 3);
  });
});

describe('ensembleLayers', () => {
  const WIDTHS = { width: 6, outputs: 3, scale: 1 };

  it('deals the sequences out to the heads in turn, or gives every one the mean of all heads', async () => {
    const [sequences, rows] = [4, 2];
    const layers = (net: Network, count: number) =>
      ensembleLayers(net, 'heads', net.graph.input('x', [count * rows, 5]), count, WIDTHS);
    const x = normal(sequences * rows * 5);
    const each = await run({ y: layers(network(sequences), sequences) }, { x });
    const averaged = (await run({ y: layers(network(sequences, 'averaged'), sequences) }, { x })).y!;
    const sequence = (y: Float32Array, of: number) => [...y.subarray(of * rows * 3, (of + 1) * rows * 3)];
    /** What the sequence would be told if it were in the place of another. */
    const inPlaceOf = async (from: number, place: number) => {
      const moved = x.slice();
      moved.set(x.subarray(from * rows * 5, (from + 1) * rows * 5), place * rows * 5);
      return sequence((await run({ y: layers(network(sequences), sequences) }, { x: moved })).y!, place);
    };
    for (let of = 0; of < sequences; of++) {
      const own = sequence(each.y!, of);
      const sameHead = await inPlaceOf(of, (of + 2) % 4);
      const otherHead = await inPlaceOf(of, (of + 1) % 4);
      for (let i = 0; i < own.length; i++) {
        expect(sameHead[i]).toBeCloseTo(own[i]!, 5);
        expect(sequence(averaged, of)[i]).toBeCloseTo((own[i]! + otherHead[i]!) / 2, 5);
      }
      expect(otherHead).not.toEqual(own);
    }
  });
});

describe.each(['recurrent', 'transformer'] as const)('the %s core', (kind) => {
  const core = CORES[kind];
  const width = core.carriedWidth(TINY_MODEL);
  const unroll = (inputs: Float32Array, ticks: number) => {
    const net = network(1);
    let carried = net.graph.constant(0, [1, width]);
    let features = carried;
    for (let tick = 0; tick < ticks; tick++) {
      const input = net.graph.constant(inputs.slice(tick * 32, (tick + 1) * 32), [1, 32]);
      ({ carried, features } = core.step(net, carried, input, null));
    }
    return run({ features, carried }, {});
  };

  it('remembers what came before, and keeps its features within bounds', async () => {
    const inputs = normal(4 * 32);
    const other = inputs.slice();
    other[0]! += 3;
    const [one, two] = [await unroll(inputs, 4), await unroll(other, 4)];
    expect(one.features).not.toEqual(two.features);
    expect(one.features!.length).toBe(32);
    expect(Math.max(...one.features!.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it('forgets nothing it is not told to: the same inputs give the same features', async () => {
    expect((await unroll(normal(96), 3)).features).toEqual((await unroll(normal(96), 3)).features);
  });
});

describe('the transformer core', () => {
  const step = (carried: Float32Array, values = OPEN) => {
    const net = network(1);
    const input = net.graph.constant(0.5, [1, 32]);
    return run(CORES.transformer.step(net, net.graph.constant(carried, [1, 256]), input, null), {}, values);
  };
  const before = normal(256);
  const changed = (tick: number): Float32Array => before.slice().fill(9, tick * 32, (tick + 1) * 32);

  it('sees the last eight ticks and no more', async () => {
    const expected = await step(before);
    // What was carried from eight ticks ago makes room for the newest.
    expect((await step(changed(0))).features).toEqual(expected.features);
    for (const tick of [1, 4, 7]) expect((await step(changed(tick))).features).not.toEqual(expected.features);
    expect(expected.carried!.subarray(0, 224)).toEqual(before.subarray(32));
  });

  it('begins as the identity: with closed gates the newest tick alone counts', async () => {
    expect((await step(changed(5), {})).features).toEqual((await step(before, {})).features);
  });
});

describe('rewards', () => {
  it('come back from their two bins', () => {
    for (const reward of [0, 0.4, -3, 17, -250, 1e4]) {
      const shares = new Float32Array(REWARD_BINS.length);
      writeTwoHot(reward, shares, 0);
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      const logits = shares.map((share) => Math.log(share + 1e-30));
      // Between two bins the mean lies on the chord of symexp: above the value itself, by an eighth of its size at most.
      const { mean: back } = rewardOf(logits);
      expect(Math.abs(back - reward)).toBeLessThanOrEqual(0.13 * Math.abs(reward) + 1e-3);
    }
  });

  it('that are too large count as the last bin', () => {
    const shares = new Float32Array(REWARD_BINS.length);
    writeTwoHot(1e12, shares, 0);
    expect(shares.at(-1)).toBe(1);
  });
});

describe('powerSpectrum', () => {
  it('has a tone on its line, and white noise of variance 1 at 1', async () => {
    const samples = 432;
    const net = network(1);
    const x = net.graph.input('x', [2, samples]);
    const tone = Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * 20 * i) / samples));
    const { power } = await run(
      { power: powerSpectrum(x) },
      { x: Float32Array.of(...tone, ...normal(samples)) },
    );
    const lines = samples / 2 + 1;
    const first = [...power!.subarray(0, lines)];
    expect(first.indexOf(Math.max(...first))).toBe(20);
    expect(first[60]).toBeLessThan(1e-3 * first[20]!);
    const noise = power!.subarray(lines).reduce((a, b) => a + b, 0) / lines;
    expect(noise).toBeGreaterThan(0.8);
    expect(noise).toBeLessThan(1.25);
  });
});
