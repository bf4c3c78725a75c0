import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commonroadNgsim } from '../../../datasets/recordings/commonroad-ngsim.js';
import { identify } from '../../../datasets/recordings/identity.js';
import { importRecordings } from '../../../datasets/recordings/import.js';
import { temporaryFolder } from '../sample-dataset.js';
import { cruise, laneletXml, obstacleXml, sceneXml, stateXml } from './commonroad-scene.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';

const REAL = join(process.env.UMWELT_RECORDINGS ?? '../shared/recordings', 'commonroad-ngsim');
const NAME = 'USA_Test-1_1_T-1.xml';

async function read(text: string) {
  const reader = await readerOf(commonroadNgsim);
  const [recording] = await reader(Buffer.from(text), NAME);
  return recording!;
}

const LANES = [
  laneletXml(
    7,
    0,
    50,
    0,
    '<successor ref="8"/><adjacentLeft ref="9" drivingDir="opposite"/><trafficSignRef ref="70"/>',
  ),
  laneletXml(8, 50, 100, 0, '<predecessor ref="7"/>'),
  laneletXml(9, 0, 50, 3.5),
  '<trafficSign id="70"><trafficSignElement><trafficSignID>R2-1</trafficSignID><additionalValue>13.4</additionalValue></trafficSignElement></trafficSign>',
].join('\n');
const SCENE = sceneXml(
  [
    LANES,
    obstacleXml(cruise(1, 0, 10, 3), { id: 5 }),
    obstacleXml(cruise(30, 0, 4, 2, 1), { id: 6, shape: '<circle><radius>0.5</radius></circle>' }),
    obstacleXml(cruise(40, 1, 0, 1), { id: 4, role: 'static' }),
    `<planningProblem id="99">${stateXml('initialState', [2, 3, 0.5, 0, 6, 0])}</planningProblem>`,
  ].join('\n'),
);

describe('a CommonRoad scene', () => {
  it('becomes rows of road users by step, with the road as attributes', async () => {
    const { durationS, samples, attributes } = await read(SCENE);
    expect(durationS).toBe(0.2);
    const rows = samples.map(({ timeNs, values }) => [
      Number(timeNs) / 1e8,
      values.trackId![0],
      values.positionM![0],
      values.speedMps![0],
    ]);
    expect(rows).toEqual([
      [0, 5, 1, 10],
      [0, 4, 40, 0],
      [1, 5, 2, 10],
      [1, 6, 30, 4],
      [1, 4, 40, 0],
      [2, 5, 3, 10],
      [2, 6, 30.4, 4],
      [2, 4, 40, 0],
    ]);
    expect(attributes.tracks).toEqual([
      {
        id: 5,
        kind: 'car',
        isStatic: false,
        outline: { kind: 'rectangle', lengthM: 4.5, widthM: 2 },
        lengthM: 4.5,
        widthM: 2,
      },
      {
        id: 6,
        kind: 'car',
        isStatic: false,
        outline: { kind: 'circle', radiusM: 0.5 },
        lengthM: 1,
        widthM: 1,
      },
      {
        id: 4,
        kind: 'car',
        isStatic: true,
        outline: { kind: 'rectangle', lengthM: 4.5, widthM: 2 },
        lengthM: 4.5,
        widthM: 2,
      },
    ]);
    expect(attributes.lanelets).toMatchObject([
      {
        id: 7,
        left: [
          [0, 1.75],
          [50, 1.75],
        ],
        successors: [8],
        adjacentLeft: { id: 9, sameDirection: false },
        speedLimitMps: 13.4,
      },
      { id: 8, predecessors: [7] },
      {
        id: 9,
        right: [
          [0, 1.75],
          [50, 1.75],
        ],
      },
    ]);
    expect(attributes.planningProblems).toEqual([{ id: 99, positionM: [2, 3], yawRad: 0.5, speedMps: 6 }]);
  });

  it('of 2018b says the same', async () => {
    const old = sceneXml(
      [
        laneletXml(7, 0, 50, 0, '<speedLimit>13.4</speedLimit>'),
        obstacleXml(cruise(1, 0, 10, 3), { version: '2018b' }),
        obstacleXml(cruise(9, 0, 0, 1), { version: '2018b', id: 2, role: 'static' }),
      ].join('\n'),
      'commonRoadVersion="2018b" timeStepSize="0.1"',
    );
    const fresh = sceneXml(
      [
        laneletXml(7, 0, 50, 0, '<trafficSignRef ref="70"/>'),
        '<trafficSign id="70"><trafficSignElement><trafficSignID>274</trafficSignID><additionalValue>13.4</additionalValue></trafficSignElement></trafficSign>',
        obstacleXml(cruise(1, 0, 10, 3)),
        obstacleXml(cruise(9, 0, 0, 1), { id: 2, role: 'static' }),
      ].join('\n'),
    );
    const [a, b] = [await read(old), await read(fresh)];
    expect(a.samples).toEqual(b.samples);
    expect({ ...a.attributes, commonRoadVersion: '2020a' }).toEqual(b.attributes);
  });

  it('turns a heading into an orientation, and fills in a missing acceleration from the past', async () => {
    const quarter = obstacleXml([
      [0, 0, Math.PI / 2, 0, 5, 1],
      [0, 0.5, Math.PI / 2, 1, 6, 2],
    ]);
    const whole = await read(sceneXml(quarter));
    expect(whole.samples[0]!.values.orientation![3]).toBeCloseTo(Math.SQRT1_2, 12);
    const without = quarter.replaceAll(/<acceleration>.*?<\/acceleration>/g, '');
    const { samples } = await read(sceneXml(without));
    expect(samples.map(({ values }) => values.accelerationMps2![0])).toEqual([0, 10]);
  });

  const car = obstacleXml(cruise(1, 0, 10, 4), { id: 5 });
  const put = (from: string | RegExp, to: string) => sceneXml(car.replace(from, to));
  it.each([
    [
      'a step that is missing',
      sceneXml(car.replace('<time><exact>2<', '<time><exact>3<')),
      /line \d+: obstacle 5: expected step 2 next, got step 3/,
    ],
    [
      'time that runs backwards',
      sceneXml(car.replace('<time><exact>2<', '<time><exact>0<')),
      /obstacle 5: expected step 2 next, got step 0/,
    ],
    [
      'a time between steps',
      put('<time><exact>2<', '<time><exact>1.5<'),
      /expected a whole number below 2\^31 in <exact>, got 1.5/,
    ],
    [
      'a number that is none',
      put('<y>0</y>', '<y>NaN</y>'),
      /line 6: expected a number of at most 2147483647 in <y>, got "NaN"/,
    ],
    ['an absurd number', put('<y>0</y>', '<y>1e300</y>'), /got "1e300"/],
    [
      'an interval',
      put('<exact>10</exact>', '<intervalStart>9</intervalStart><intervalEnd>11</intervalEnd>'),
      /obstacle 5, step 0: expected an exact <velocity>, as a recording has it, got an interval/,
    ],
    [
      'an area',
      put(/<point>.*?<\/point>/s, '<circle><radius>1</radius></circle>'),
      /obstacle 5, step 0: expected an exact <position>.*got an area \(<circle>\)/,
    ],
    [
      'a heading that is missing',
      put(/<orientation>.*?<\/orientation>/s, ''),
      /obstacle 5, step 0: there is no <orientation>/,
    ],
    [
      'a position that is missing',
      put(/<position>.*?<\/position>/s, ''),
      /line 6: <initialState> has no <position>/,
    ],
    ['a car of no length', put('<length>4.5<', '<length>0<'), /expected a length above 0 in <length>, got 0/],
    [
      'a shape off its place',
      put('<length>', '<center><x>1</x><y>0</y></center><length>'),
      /an offset of 1, 0/,
    ],
    [
      'an occupancy set',
      put(/<trajectory>.*<\/trajectory>/s, '<occupancySet/>'),
      /obstacle 5 has no <trajectory>/,
    ],
    ['two cars of one id', sceneXml(car + car), /there are two obstacles 5/],
    [
      'a lanelet that is not there',
      sceneXml(laneletXml(7, 0, 9, 0, '<successor ref="8"/>') + car),
      /lanelet 7 refers to lanelet 8, which is not there/,
    ],
    [
      'bounds that do not pair',
      sceneXml(laneletXml(7, 0, 9, 0).replace(/<point>.*?<\/point>/, '') + car),
      /lanelet 7: expected two bounds/,
    ],
    [
      'another release',
      sceneXml(car, 'commonRoadVersion="2017a" timeStepSize="0.1"'),
      /line 2: expected commonRoadVersion 2018b or 2020a, got "2017a"/,
    ],
    [
      'another rate',
      sceneXml(car, 'commonRoadVersion="2020a" timeStepSize="0.04"'),
      /expected a timeStepSize of 0.1 s.*got 0.04/,
    ],
    ['a scene without cars', sceneXml(LANES), /there is no obstacle/],
    ['another document', '<OpenSCENARIO/>', /line 1: expected <commonRoad>, got <OpenSCENARIO>/],
    ['tags that do not match', put('</shape>', '</shapes>'), /line 5: Expected closing tag 'shape'/],
    ['a file cut short', SCENE.slice(0, 900), /line \d+: /],
    [
      'entities that blow up',
      `<!DOCTYPE a [<!ENTITY a "ha">]>${SCENE.slice(21)}`,
      /line 1: a document type declaration is not taken/,
    ],
    ['elements 60 deep', sceneXml(`${'<a>'.repeat(60)}${'</a>'.repeat(60)}`), /Maximum nested tags/],
    ['a name that means something to JavaScript', sceneXml('<__proto__/>'), /__proto__/],
  ])('names the file and the line of %s', async (_, text, message) => {
    const reading = read(text);
    await expect(reading).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(NAME);
  });

  it('does not make rows up to a step that is absurd', async () => {
    const far = obstacleXml(cruise(1, 0, 10, 2, 2_000_000_000));
    await expect(read(sceneXml(far))).rejects.toThrow('expected at most 6000 steps, got step 2000000001');
  });

  it('is safe from hostile bytes', async () => {
    const reader = await readerOf(commonroadNgsim);
    await expectSafeFromHostileBytes(reader, {
      fileName: NAME,
      valid: Buffer.from(SCENE),
      lengths: 40,
      runs: 25,
    });
  });

  it('is the same dataset when it is imported again', async () => {
    const folder = join(await temporaryFolder(), 'commonroad-ngsim');
    await mkdir(folder);
    await writeFile(join(folder, NAME), SCENE);
    const digests = ['a', 'b'].map(async (name) => {
      const manifest = await importRecordings(folder, join(await temporaryFolder(), name));
      return manifest.dataSha256;
    });
    const [first, second] = await Promise.all(digests);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  it('is known by its name', async () => {
    expect(commonroadNgsim.holds(['USA_US101-3_3_T-1.xml'], '')).toBe(true);
    expect(commonroadNgsim.holds(['C-USA_US101-3_3_T-1.xml'], '')).toBe(true);
    expect(commonroadNgsim.holds(['scenario.xml', 'SOURCE.md', 'USA_US101-3_3_T-1.xml.bak'], '')).toBe(false);
    const folder = join(await temporaryFolder(), 'x');
    await mkdir(folder);
    for (const name of ['USA_A-10_1_T-1.xml', 'USA_A-2_1_T-1.xml', 'other.xml'])
      await writeFile(join(folder, name), SCENE);
    const { entries } = await commonroadNgsim.open(folder);
    expect(entries.map(({ name }) => name)).toEqual(['USA_A-2_1_T-1.xml', 'USA_A-10_1_T-1.xml']);
  });
});

describe.skipIf(!existsSync(REAL))(`the real scenes (skipped where ${REAL} is absent)`, () => {
  let recordings: ReturnType<typeof readAll>;
  beforeAll(() => {
    recordings = readAll(commonroadNgsim, REAL);
  });

  it('have the published digests, and as many cars and states as SOURCE.md counts', async () => {
    const { entries } = await commonroadNgsim.open(REAL);
    for (const { name, sha256 } of await identify(REAL, entries)) {
      const published = commonroadNgsim.publication!.sha256[name];
      if (published !== undefined) expect(sha256).toBe(published);
    }
    const counts: Record<string, number[]> = {
      'USA_Lanker-1_1_T-1.xml': [24, 938, 91],
      'USA_Lanker-1_3_T-1.xml': [36, 1357, 95],
      'USA_US101-3_3_T-1.xml': [12, 384, 12],
      'USA_US101-4_1_T-1.xml': [22, 1271, 12],
    };
    const found = (await recordings).map(({ name, samples, attributes }) => {
      const { tracks, lanelets } = attributes as { tracks: unknown[]; lanelets: unknown[] };
      return [name, [tracks.length, samples.length, lanelets.length]] as const;
    });
    for (const [name, expected] of Object.entries(counts)) {
      expect(Object.fromEntries(found)[name]).toEqual(expected);
    }
  });

  it('have cars that go where they head, as fast as they say', async () => {
    const all = await recordings;
    let rows = 0;
    let distanceM = 0;
    let spokenM = 0;
    let sideways = 0;
    for (const { samples } of all) {
      const before = new Map<number, (typeof samples)[number]>();
      for (const sample of samples) {
        const id = sample.values.trackId![0]!;
        const last = before.get(id);
        before.set(id, sample);
        if (last === undefined) continue;
        const [x, y] = [0, 1].map((axis) => sample.values.positionM![axis]! - last.values.positionM![axis]!);
        const [w, , , z] = [...last.values.orientation!];
        const [cos, sin] = [1 - 2 * z! * z!, 2 * w! * z!];
        rows++;
        distanceM += x! * cos + y! * sin;
        spokenM += (last.values.speedMps![0]! + sample.values.speedMps![0]!) * 0.05;
        if (Math.abs(y! * cos - x! * sin) > 0.3) sideways++;
      }
    }
    expect(rows).toBeGreaterThan(3800);
    expect(Math.abs(distanceM / spokenM - 1)).toBeLessThan(0.02);
    expect(sideways / rows).toBeLessThan(0.01);
  });
});
