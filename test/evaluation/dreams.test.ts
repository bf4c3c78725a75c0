import { describe, expect, it } from 'vitest';
import type { Dataset, Episode } from '../../datasets/contract.js';
import { constantVelocity, copyLast, streamErrors } from '../../evaluation/dreams/errors.js';
import { type DreamErrors, judgeDreams } from '../../evaluation/dreams/judge.js';
import {
  coverageByName,
  disagreementCorrelation,
  meanByHorizon,
  meanOverHorizon,
  spearman,
} from '../../evaluation/dreams/summary.js';
import type { ChannelPrediction, EpisodeView, Rollout, WorldModel } from '../../worldmodel/contract.js';

const TICKS = 6;
/** One body that moves at 1 m/s along x at 10 Hz and does not turn; one channel of two numbers, sensed on even ticks. */
const view: EpisodeView = {
  ticks: TICKS,
  state: {
    position: Float32Array.from({ length: TICKS * 3 }, (_, i) => (i % 3 === 0 ? Math.floor(i / 3) / 10 : 0)),
    orientation: Float32Array.from({ length: TICKS * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
    linearVelocity: Float32Array.from({ length: TICKS * 3 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    angularVelocity: new Float32Array(TICKS * 3),
  },
  channels: {
    touch: {
      shape: [2],
      values: Float32Array.from({ length: TICKS * 2 }, (_, i) => Math.floor(i / 2)),
      sensed: Float32Array.from({ length: TICKS }, (_, i) => (i % 2 === 0 ? 1 : 0)),
    },
  },
};

describe('copy-last', () => {
  it('stays where the context ended, and repeats the last reading, however old', () => {
    const errors = streamErrors(copyLast(view, 2, 4), view, 2, 4);
    expect([...errors.position!].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect([...errors.rotation!]).toEqual([0, 0, 0, 0]);
    // The reading of tick 0 is all there was at tick 1; ticks 3 and 5 sensed nothing.
    expect([...errors.touch!]).toEqual([2, Number.NaN, 4, Number.NaN]);
  });
});

describe('constant velocity', () => {
  it('is exact for a body that nothing stops', () => {
    const errors = streamErrors(constantVelocity(view, 2, 4, 10), view, 2, 4);
    for (const error of errors.position!) expect(error).toBeLessThan(1e-6);
    expect(errors.touch).toBeUndefined();
  });

  it('knows nothing beyond the end of the episode', () => {
    const errors = streamErrors(constantVelocity(view, 4, 4, 10), view, 4, 4);
    expect([...errors.position!].map(Number.isNaN)).toEqual([false, false, true, true]);
  });
});

/** A model that foresees the motion of `view` exactly, with quaternions of the other sign, and touch 3 too high. */
const foresee = (deviation: number, known: EpisodeView): WorldModel => {
  const after = (values: Float32Array, width: number, shape: number[], change: (x: number) => number) =>
    ({
      shape,
      mean: values.slice(2 * width).map(change),
      standardDeviation: new Float32Array(4 * width).fill(deviation),
    }) satisfies ChannelPrediction;
  const { position, orientation, linearVelocity, angularVelocity } = view.state!;
  const rollout: Rollout = {
    tickHz: 10,
    ticks: 4,
    contextEndNs: 100_000_000n,
    samples: 8,
    disagreement: new Float32Array(4).fill(0.1),
    state: {
      positionM: after(position, 3, [1, 3], (x) => x),
      orientation: after(orientation, 4, [1, 4], (x) => -x),
      linearVelocityMps: after(linearVelocity, 3, [1, 3], (x) => x),
      angularVelocityRadps: after(angularVelocity, 3, [1, 3], (x) => x),
    },
    channels: { touch: after(view.channels.touch!.values, 2, [2], (x) => x + 3) },
  };
  return { tickHz: 10, rollout: async () => rollout, view: () => known } as unknown as WorldModel;
};

const judged = async (deviation: number, known = view): Promise<DreamErrors> => {
  const dataset = {
    async *episodes() {
      yield { episode: 0 } as Episode;
    },
  } as unknown as Dataset;
  for await (const one of judgeDreams(foresee(deviation, known), dataset, {
    contextTicks: 1,
    horizonTicks: 4,
    samples: 8,
  }))
    return one;
  throw new Error('nothing was judged');
};

describe('judging a dream', () => {
  it('counts what lies within 90 % intervals, whichever sign a quaternion has', async () => {
    const all = {
      positionM: [12, 12],
      orientation: [16, 16],
      linearVelocityMps: [12, 12],
      angularVelocityRadps: [12, 12],
    };
    expect((await judged(1)).covered).toEqual({ ...all, touch: [0, 4] });
    expect((await judged(2)).covered).toEqual({ ...all, touch: [4, 4] });
    expect([...(await judged(1)).model.rotation!]).toEqual([0, 0, 0, 0]);
  });

  it('judges a model of senses without a state', async () => {
    const one = await judged(1, { ...view, state: null });
    expect(one.sampleError).toBeNull();
    expect(disagreementCorrelation([one])).toBeNaN();
    expect([...one.model.touch!]).toEqual([3, Number.NaN, 3, Number.NaN]);
  });
});

const dream = (model: number[], disagreement: number[], covered: [number, number]): DreamErrors => ({
  episode: 0,
  model: { position: Float64Array.from(model) },
  copyLast: {},
  constantVelocity: {},
  covered: { touch: covered },
  disagreement: Float64Array.from(disagreement),
  sampleError: Float64Array.from(model),
});

describe('the summary', () => {
  const dreams = [
    dream([1, 2, Number.NaN], [0.1, 0.2, 0.3], [8, 10]),
    dream([3, 6, 9], [0.3, 0.6, 0.9], [19, 20]),
  ];

  it('means over the episodes that reach a horizon', () => {
    expect(meanByHorizon(dreams, 'model', 'position')).toEqual({ mean: [2, 4, 9], n: [2, 2, 1] });
    expect(meanByHorizon(dreams, 'model', 'smell')).toEqual({ mean: [], n: [] });
    expect(meanOverHorizon(dreams[0]!.model, 'position')).toBe(1.5);
    expect(meanOverHorizon(dreams[0]!.model, 'smell')).toBeNaN();
  });

  it('counts coverage over all components', () => {
    expect(coverageByName(dreams)).toEqual({ touch: 0.9 });
  });

  it('ranks disagreement with error', () => {
    expect(disagreementCorrelation(dreams)).toBeCloseTo(1, 10);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 10);
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 10);
  });
});
