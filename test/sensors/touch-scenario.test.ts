import { describe, expect, it } from 'vitest';
import { compileEpisode } from '../../scenarios/compile.js';
import { parseScenario } from '../../scenarios/schema.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createRig } from '../../sensors/rig.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { digest } from './scene.js';

const patch = { kind: 'flat', sizeM: [0.1, 0.1] };

/** A warm finger pushes a puck across a plate that feels it in every way. */
// biome-ignore lint/suspicious/noExplicitAny: tests edit it into documents that are wrong on purpose.
function plate(): any {
  return {
    name: 'plate',
    description: 'a puck on a plate',
    durationS: 0.3,
    bodies: {
      plate: {
        semantic: 'plate',
        motion: 'fixed',
        shape: { kind: 'box', halfExtentsM: [0.2, 0.2, 0.02] },
        material: 'steel',
        positionM: [0, 0, -0.02],
      },
      puck: {
        semantic: 'puck',
        shape: { kind: 'cylinder', radiusM: 0.02, halfHeightM: 0.01 },
        material: 'wood',
        massKg: 0.2,
        temperatureC: 60,
        positionM: [0, 0, 0.0101],
        forces: [{ fromS: 0.1, toS: 0.2, forceN: [2, 0, 0] }],
      },
    },
    sensors: {
      skin: {
        kind: 'tactile',
        body: 'plate',
        positionM: [0, 0, 0.02],
        patch,
        gel: { spreadM: 0.002, hysteresis: 0.1, relaxationS: 0.01 },
      },
      gel: { kind: 'tactile-image', body: 'plate', positionM: [0, 0, 0.02], patch, markers: [6, 6] },
      wrist: { kind: 'wrist', body: 'puck' },
      events: { kind: 'contact-events' },
      tremor: { kind: 'vibration', body: 'puck' },
      warmth: { kind: 'temperature', body: 'plate' },
    },
  };
}

async function run(document: unknown): Promise<SensorSample[]> {
  const spec = compileEpisode(parseScenario(document), 3, 0);
  const rig = createRig(spec);
  const world = await createWorld(spec);
  const samples = [...simulate(world, spec.durationS)].flatMap((frame) => rig.sense(frame));
  world.free();
  return samples;
}

describe('all senses of touch in one scenario', () => {
  it('tell of the same push: the puck weighs, slips, trembles, and warms', async () => {
    const samples = await run(plate());
    const last = (stream: string) => samples.filter((sample) => sample.stream === stream).at(-1)!.values;
    const cellM2 = (0.1 / 16) ** 2;
    const standing = samples.find(({ stream, timeNs }) => stream === 'skin' && timeNs === 90_000_000n)!;
    const pressurePa = standing.values.pressurePa as Float32Array;
    const weight = pressurePa.reduce((sum, pressure) => sum + pressure * cellM2, 0);
    expect(weight / (0.2 * 9.81)).toBeCloseTo(1, 1);
    const kinds = samples
      .filter(({ stream }) => stream === 'events')
      .flatMap(({ values }) => Array.from({ length: values.count![0]! }, (_, i) => values.event![i * 3]));
    expect(kinds[0]).toBe(1);
    expect(kinds).toContain(3);
    const level = (fromS: number, toS: number) => {
      const heard = samples
        .filter(
          ({ stream, timeNs }) =>
            stream === 'tremor' && Number(timeNs) >= fromS * 1e9 && Number(timeNs) < toS * 1e9,
        )
        .flatMap(({ values }) => [...values.accelerationMps2!]);
      return Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
    };
    expect(level(0.15, 0.2)).toBeGreaterThan(2 * level(0.05, 0.1));
    expect(last('warmth').temperatureC![0]!).toBeGreaterThan(20.5);
    expect(Math.min(...last('gel').heightM!)).toBeLessThan(0);
  });

  it('have noise of their own: without the others each gives the same bytes, today as then', async () => {
    const all = await run(plate());
    const digests: Record<string, string> = {};
    for (const [name, sensor] of Object.entries(plate().sensors)) {
      const alone = await run({ ...plate(), sensors: { [name]: sensor } });
      digests[name] = digest(alone);
      expect(digest(all.filter(({ stream }) => stream === name))).toBe(digests[name]);
    }
    expect(digests).toMatchInlineSnapshot(`
      {
        "events": "2e5c39428db460f9177bdc917fb10e84b6305b1bbd5d7f4f528db53e6c4e9ed4",
        "gel": "82cb5fd1161858b257f8ec3f73fac5a31822cb1889179d33e39cacc311949acb",
        "skin": "646f3eec06d8e7142a3077666caefcb44a6a479937dbe1a0e25f7ae6d0060f73",
        "tremor": "4b81b653e8f7080716654d2f6d4e607092f8ffa74bf4b21108b181d816708353",
        "warmth": "3488ff7d00c6a4d78fc6c66d12551887241e0fda421624ab1fdb9bb53511b4d4",
        "wrist": "18c670266792203949d5445b661568afea6b27f58245a10e3b5039803a250083",
      }
    `);
  });
});

describe('touch that does not fit the scenario', () => {
  const refusal = (change: (document: ReturnType<typeof plate>) => void) => () => {
    const document = plate();
    change(document);
    return parseScenario(document);
  };

  it.each([
    ['skin', { rateHz: 2000 }, /rateHz: expected at most physics\.stepHz \(1000\).*got 2000/],
    ['gel', { body: 'plat' }, /sensors\.gel\.body.*did you mean plate/],
    ['gel', { gel: { hysteresis: 0.8, slowHysteresis: 0.5 } }, /of at most 1 together, got up to 1\.3/],
    ['wrist', { joint: 'hinge' }, /sensors\.wrist\.joint/],
    ['wrist', { body: undefined }, /expected either joint or body, got neither/],
    [
      'tremor',
      { samplesPerRow: 2000 },
      /rows no longer than the shortest episode \(0\.3 s\), got 2000 samples/,
    ],
    ['skin', { patch: { kind: 'sphere', radiusM: 0.01, angleRad: 7 } }, /angleRad/],
    ['skin', { rows: 0 }, /rows/],
    ['skin', { orientation: [Number.NaN, 0, 0, 0] }, /orientation/],
    ['gel', { width: 0 }, /width/],
  ] as const)('%s %j is refused', (name, change, message) => {
    expect(refusal((document) => Object.assign(document.sensors[name], change))).toThrow(message);
  });
});
