import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import type { TickObservation, WorldModel } from '../../worldmodel/contract.js';
import { rolloutSamples, rolloutStreams } from '../../worldmodel/observation/senses.js';
import { loadWorldModel } from '../../worldmodel/rollout.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-dream-'));
let pushes: Dataset;
let episode: Episode;
let model: WorldModel;

beforeAll(async () => {
  const directory = join(folder, 'pushes');
  await generateDataset({ scenario: 'push-box', directory, episodes: 3, seed: 1 });
  pushes = await openDataset(directory);
  episode = await pushes.readEpisode(2);
  await trainWorldModel({
    datasets: [pushes],
    directory: join(folder, 'model'),
    steps: 16,
    seed: 0,
    size: 'tiny',
    threads: 1,
    validationShare: 0.5,
  });
  model = await loadWorldModel(join(folder, 'model'));
}, 120_000);
afterAll(async () => {
  await model.release();
  rmSync(folder, { recursive: true, force: true });
});

describe('a model of something that is pushed', () => {
  it('takes actions, and predicts reward and end beside the senses', async () => {
    expect(model.configuration.action).toMatchObject({ name: 'action', width: 9 });
    const forms = Object.fromEntries(model.configuration.channels.map(({ name, form }) => [name, form]));
    expect(forms).toEqual({
      audio: 'vector',
      'audio/wave': 'wave',
      camera: 'picture',
      reward: 'reward',
      'reward/end': 'end',
      touch: 'vector',
    });
    const { channels } = await model.rollout(episode, 0.2, 0.5);
    expect(channels['reward/end']!.mean.every((p) => p > 0 && p < 1)).toBe(true);
  });

  it('foresees other things for other actions, and the recorded ones by default', async () => {
    const ticks = 19;
    const width = 9;
    const pushed = new Float32Array(ticks * width).fill(0.5);
    const still = new Float32Array(ticks * width);
    const end = async (actions?: Float32Array) =>
      (await model.rollout(episode, 0.2, 0.5, actions === undefined ? {} : { actions })).state.positionM.mean;
    expect(await end(pushed)).not.toEqual(await end(still));
    expect(await end()).not.toEqual(await end(still));
    const asked: number[] = [];
    const { state } = await model.rollout(episode, 0.2, 0.5, {
      actions: (tick, { position }) => {
        asked.push(tick);
        expect(position.length).toBe(3);
        return still.subarray(0, width);
      },
    });
    expect(state.positionM.mean).toEqual(await end(still));
    expect(asked).toEqual(Array.from({ length: ticks }, (_, i) => i));
  });

  it('spreads samples that differ, the same for the same seed', async () => {
    const dream = (seed: number) => model.rollout(episode, 0.2, 0.5, { samples: 8, seed });
    const [one, again, other] = [await dream(1), await dream(1), await dream(2)];
    expect(again).toEqual(one);
    expect(other.state.positionM.mean).not.toEqual(one.state.positionM.mean);
    expect(one.disagreement.at(-1)).toBeGreaterThan(0);
    await expect(model.rollout(episode, 0.2, 0.5, { samples: 3 })).rejects.toThrow(
      /multiple of the ensemble's 4/,
    );
  });

  it('streams a tick a call what a rollout gives at once', async () => {
    const view = model.view(episode);
    const contextTicks = 5;
    const bodies = model.configuration.bodies;
    const actions = new Float32Array(30 * 9);
    const { state, channels } = await model.rollout(episode, contextTicks / 37, 4 / 37, { actions });
    const dream = await model.start();
    const observe = (tick: number): TickObservation => ({
      state: {
        position: view.state!.position.slice(tick * bodies * 3, (tick + 1) * bodies * 3),
        orientation: view.state!.orientation.slice(tick * bodies * 4, (tick + 1) * bodies * 4),
        linearVelocity: view.state!.linearVelocity.slice(tick * bodies * 3, (tick + 1) * bodies * 3),
        angularVelocity: view.state!.angularVelocity.slice(tick * bodies * 3, (tick + 1) * bodies * 3),
      },
      channels: Object.fromEntries(
        ['camera', 'audio', 'touch'].flatMap((name) => {
          const { values, sensed, shape } = view.channels[name]!;
          const width = shape.reduce((a, b) => a * b);
          return sensed[tick] === 1 ? [[name, values.slice(tick * width, (tick + 1) * width)]] : [];
        }),
      ),
    });
    const recorded = pushesActions(episode, contextTicks);
    let last = null;
    for (let tick = 0; tick < contextTicks + 4; tick++) {
      const action = tick < contextTicks ? recorded[tick]! : new Float32Array(9);
      last = await dream.step(tick <= contextTicks ? observe(tick) : null, action);
    }
    for (const [i, x] of last!.state.position.entries()) {
      expect(state.positionM.mean[3 * bodies * 3 + i]).toBeCloseTo(x, 4);
    }
    const touch = last!.channels.touch!.mean;
    for (const [i, x] of touch.entries())
      expect(channels.touch!.mean[3 * touch.length + i]).toBeCloseTo(x, 3);
  });

  it('says what is wrong with what it is given', async () => {
    const dream = await model.start();
    await expect(dream.step(null, [1, 2])).rejects.toThrow(
      /action "action": expected 9 numbers a tick, got 2/,
    );
    await expect(dream.step({ channels: { touch: new Float32Array(3) } })).rejects.toThrow(/channel "touch"/);
  });

  it('does without any sense, and without the state', async () => {
    const without = (...names: string[]): Episode => ({
      ...episode,
      streams: Object.fromEntries(Object.entries(episode.streams).filter(([name]) => !names.includes(name))),
    });
    const all = await model.rollout(episode, 0.2, 0.3);
    for (const names of [
      ['camera'],
      ['audio', 'touch'],
      ['camera', 'audio', 'touch', 'action', 'reward'],
      ['state'],
    ]) {
      const some = await model.rollout(without(...names), 0.2, 0.3);
      expect(some.channels.camera!.mean.every(Number.isFinite)).toBe(true);
      expect(some.state.positionM.mean.every(Number.isFinite)).toBe(true);
      expect(some.channels.camera!.mean).not.toEqual(all.channels.camera!.mean);
    }
  });

  it('never leaves what the training data held by more than the margins in 300 ticks', async () => {
    const { lowM, highM } = model.configuration.stateRange;
    const { state, channels } = await model.rollout(episode, 0.1, 300 / 37);
    for (const [i, x] of state.positionM.mean.entries()) {
      expect(x).toBeGreaterThanOrEqual(lowM[i % 3]! - 0.1001);
      expect(x).toBeLessThanOrEqual(highM[i % 3]! + 0.1001);
    }
    expect(channels.camera!.mean.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
  });

  it('turns back into streams with the fields, units and sizes of the senses', async () => {
    const rollout = await model.rollout(episode, 0.2, 0.2);
    const streams = rolloutStreams(model.configuration, rollout);
    expect(streams.map(({ name }) => name).sort()).toEqual(['audio', 'camera', 'reward', 'state', 'touch']);
    const samples = rolloutSamples(model.configuration, rollout);
    expect(samples.length).toBe(streams.length * rollout.ticks);
    for (const { stream, values } of samples) {
      const { fields } = streams.find(({ name }) => name === stream)!;
      expect(Object.keys(values)).toEqual(fields.map(({ name }) => name));
      for (const { name, shape } of fields)
        expect(values[name]!.length).toBe(shape.reduce((a, b) => a * b, 1));
    }
    const touch = samples.find(({ stream }) => stream === 'touch')!.values;
    const symlog = rollout.channels.touch!.mean[2]!;
    expect(touch.forceN![2]).toBeCloseTo(Math.sign(symlog) * Math.expm1(Math.abs(symlog)), 4);
  });
});

/** What was commanded at the first ticks, as the model reads it. */
function pushesActions({ streams }: Episode, ticks: number): Float32Array[] {
  const { timeNs, values } = streams.action!;
  return Array.from({ length: ticks }, (_, tick) => {
    let row = 0;
    while (Number(timeNs[row + 1]) / 1e9 <= tick / 37 + 1e-6) row++;
    return Float32Array.from(values.value!.subarray(row * 9, (row + 1) * 9));
  });
}
