import { describe, expect, it } from 'vitest';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createRig, senseAll } from '../../sensors/rig.js';
import { type SensorSpecification, sensorSpecification } from '../../sensors/specification.js';
import { body, contact, digest, scene, scripted } from './scene.js';

const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.5, 0.02] }, 'wood');
const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'plastic', {
  pose: { positionM: [0, 0, 0.07], orientation: [1, 0, 0, 0] },
});

function specification(document: unknown): SensorSpecification {
  return sensorSpecification.parse(document) as SensorSpecification;
}

const ALL: SimSpec['sensors'] = {
  touch: specification({ kind: 'haptics', body: 'table', sizeM: [0.4, 0.4] }),
  camera: specification({
    kind: 'camera',
    width: 16,
    height: 12,
    positionM: [-1, 0, 0.5],
    targetM: [0, 0, 0],
  }),
  audio: specification({ kind: 'audio', microphones: [{ name: 'left', positionM: [0.5, 0.3, 0.2] }] }),
  state: specification({ kind: 'truth' }),
  'camera-2': specification({
    kind: 'camera',
    width: 16,
    height: 12,
    positionM: [1, 0, 0.5],
    targetM: [0, 0, 0],
  }),
};

const bodies = [table, cube];
const frames = scripted(scene(bodies, ALL, 0.3), (step) => ({
  velocities: [0, 0, 0, 0, 0, 0, 0, 0, step === 50 ? -1 : 0, 0, 0, 0],
  contacts: step > 50 ? [contact([0.01, 0.02, 0.02], step === 51 ? 1 : 0.01)] : [],
}));

function record(sensors: SimSpec['sensors']): SensorSample[] {
  return [...senseAll(frames, scene(bodies, sensors, 0.3))];
}

describe('createRig', () => {
  it('lists streams by name, in code-unit order', () => {
    expect(createRig(scene(bodies, ALL)).streams.map(({ name }) => name)).toEqual([
      'audio',
      'camera',
      'camera-2',
      'state',
      'touch',
    ]);
  });

  it('yields every sample at its native rate, streams in order within a frame, times in order within a stream', () => {
    const samples = record(ALL);
    const counts = new Map<string, number>();
    const times = new Map<string, bigint>();
    for (const { stream, timeNs } of samples) {
      counts.set(stream, (counts.get(stream) ?? 0) + 1);
      expect(timeNs).toBeGreaterThan(times.get(stream) ?? -1n);
      times.set(stream, timeNs);
    }
    expect(Object.fromEntries(counts)).toEqual({
      audio: 15,
      camera: 10,
      'camera-2': 10,
      state: 45,
      touch: 151,
    });
    const rig = createRig(scene(bodies, ALL));
    const names = rig.streams.map(({ name }) => name);
    for (const frame of frames) {
      const order = rig.sense(frame).map(({ stream }) => names.indexOf(stream));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  it('gives each field the length of its shape and the type it names', () => {
    const streams = new Map(createRig(scene(bodies, ALL)).streams.map((stream) => [stream.name, stream]));
    for (const { stream, values } of record(ALL)) {
      const { fields } = streams.get(stream)!;
      expect(Object.keys(values).sort()).toEqual(fields.map(({ name }) => name).sort());
      for (const { name, shape, dataType } of fields) {
        expect(values[name]!.length).toBe(shape.reduce((product, size) => product * size, 1));
        expect(values[name]!.constructor.name.toLowerCase()).toBe(`${dataType}array`);
      }
    }
  });

  it('lets no sensor change another: alone, each records the same bytes as among all', () => {
    const together = record(ALL);
    for (const name of Object.keys(ALL)) {
      const alone = record({ [name]: ALL[name]! });
      expect(digest(alone)).toBe(digest(together.filter(({ stream }) => stream === name)));
    }
  });

  it('gives noise of its own to each sensor, episode and seed', () => {
    const only = { touch: ALL.touch! };
    const spec = scene(bodies, only, 0.3);
    const run = (other: SimSpec) => digest([...senseAll(frames, other)]);
    expect(run({ ...spec, seed: 8 })).not.toBe(run(spec));
    expect(run({ ...spec, episode: 1 })).not.toBe(run(spec));
    const twin = record({ a: ALL.touch!, b: ALL.touch! });
    const field = (stream: string) =>
      twin.filter((sample) => sample.stream === stream).map(({ values }) => values.pressurePa);
    expect(field('a')).not.toEqual(field('b'));
  });

  it('stamps and hands out each sample when it arrives, and loses what the end overtakes', () => {
    const late = { ...ALL.state!, latencyS: 0.0305 } as SensorSpecification;
    const prompt = record({ state: ALL.state! });
    const delayed = record({ state: late });
    expect(delayed.length).toBe(prompt.filter(({ timeNs }) => timeNs + 30_500_000n <= 300_000_000n).length);
    for (const [i, { timeNs, values }] of delayed.entries()) {
      expect(timeNs).toBe(prompt[i]!.timeNs + 30_500_000n);
      expect(values).toEqual(prompt[i]!.values);
    }
    const rig = createRig(scene(bodies, { state: late }, 0.3));
    expect(rig.streams[0]!.metadata.latencyS).toBe(0.0305);
    for (const frame of frames)
      for (const { timeNs } of rig.sense(frame)) expect(timeNs).toBeLessThanOrEqual(frame.timeNs);
  });

  it('hands over arrays that it never writes to again', () => {
    const samples = record(ALL);
    const before = digest(samples);
    record(ALL);
    expect(digest(samples)).toBe(before);
    // Arrays may share an allocation, never a byte.
    const arrays = samples.flatMap(({ values }) => Object.values(values));
    const byBuffer = new Map<ArrayBufferLike, { from: number; to: number }[]>();
    for (const { buffer, byteOffset, byteLength } of arrays) {
      const ranges = byBuffer.get(buffer) ?? [];
      byBuffer.set(buffer, [...ranges, { from: byteOffset, to: byteOffset + byteLength }]);
    }
    for (const ranges of byBuffer.values()) {
      ranges.sort((a, b) => a.from - b.from);
      for (let i = 1; i < ranges.length; i++) {
        expect(ranges[i]!.from).toBeGreaterThanOrEqual(ranges[i - 1]!.to);
      }
    }
  });
});
