import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { importRecordings } from '../../datasets/recordings/import.js';
import { evaluateRecordings } from '../../evaluation/evaluate.js';
import type { Case, OpenTask } from '../../evaluation/task.js';
import type { TrafficMotion } from '../../evaluation/tasks/commonroad-ngsim/motion.js';
import { replayScene } from '../../evaluation/tasks/commonroad-ngsim/replay.js';
import { type Scene, sceneOf } from '../../evaluation/tasks/commonroad-ngsim/scene.js';
import { hitBy } from '../../evaluation/tasks/commonroad-ngsim/score.js';
import { commonroadNgsimTask } from '../../evaluation/tasks/commonroad-ngsim/task.js';
import { createWorld } from '../../sim/world.js';
import { cruise, laneletXml, obstacleXml, sceneXml } from '../datasets/recordings/commonroad-scene.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';

const REAL = join(process.env.UMWELT_RECORDINGS ?? '../shared/recordings', 'commonroad-ngsim');

async function imported(folder: string): Promise<Dataset> {
  const directory = join(await temporaryFolder(), 'data');
  await importRecordings(folder, directory);
  return openDataset(directory);
}

/** Scenes of three cars on one lane; the last one leaves after half a second. */
async function madeScenes(count: number): Promise<Dataset> {
  const folder = join(await temporaryFolder(), 'commonroad-ngsim');
  await mkdir(folder);
  for (let i = 0; i < count; i++) {
    const cars = [
      obstacleXml(cruise(0, 0, 8 + i, 71), { id: 11 }),
      obstacleXml(cruise(30, 0, 8, 26), { id: 12 }),
      obstacleXml(cruise(60, 0, 9, 6), { id: 13 }),
      obstacleXml(cruise(90, 3, 0, 1), { id: 14, role: 'static' }),
    ];
    const scene = sceneXml([laneletXml(1, -10, 200, 0), ...cars].join('\n'));
    await writeFile(join(folder, `USA_Made-${i + 1}_1_T-1.xml`), scene);
  }
  return imported(folder);
}

const opened = (recordings: Dataset, contextFrames = 1): Promise<OpenTask> =>
  commonroadNgsimTask.open({ recordings, createWorld, models: [], contextFrames, seed: 0, overlay: null });

describe('the traffic task', () => {
  it('has a case for each car that stays, in each window of a scene', async () => {
    const { cases, horizonsS, load } = await opened(await madeScenes(2));
    expect(cases.map(({ name, horizonS }) => [name, horizonS])).toEqual([
      ['USA_Made-1_1_T-1.xml@0#11', 5],
      ['USA_Made-1_1_T-1.xml@0#12', 2.5],
      ['USA_Made-1_1_T-1.xml@5#11', 2],
      ['USA_Made-2_1_T-1.xml@0#11', 5],
      ['USA_Made-2_1_T-1.xml@0#12', 2.5],
      ['USA_Made-2_1_T-1.xml@5#11', 2],
    ]);
    expect(horizonsS(cases)).toEqual([0.5, 1, 2, 3, 4, 5]);
    expect(horizonsS(cases.slice(1, 2))).toEqual([0.5, 1, 2]);
    // One car is one unit, however many windows it is in, and scenes are strata.
    expect(new Set(cases.map(({ unit }) => unit)).size).toBe(4);
    expect(new Set(cases.map(({ stratum }) => stratum)).size).toBe(2);
    const { context, truth } = (await load(cases[2]!)) as {
      context: { scene: { cars: { id: number }[] } };
      truth: object;
    };
    expect(context.scene.cars.map(({ id }) => id)).toEqual([11, 14]);
    expect(truth).toMatchObject({ subject: 11, cars: [{ id: 11 }, { id: 14 }] });
  });

  it('is judged from the import on, with everybody alike on both sides', async () => {
    const recordings = await madeScenes(3);
    const baselines = ['constant-velocity', 'idm-mobil-published', 'log-replay'];
    const options = { recordings, createWorld, baselines, gallery: false };
    const result = await evaluateRecordings(options);
    expect(result.heldout.every(({ name }) => name.startsWith('USA_Made'))).toBe(true);
    const [velocity, published, replay] = result.methods;
    // These cars do keep their velocity.
    expect(velocity!.overall.displacement_m!.mean).toBeLessThan(1e-9);
    expect(published!.overall.displacement_m!.mean).toBeGreaterThan(0.1);
    expect(replay!.overall.displacement_m!.mean).toBeLessThan(1e-6);
    expect(replay!.parameters).toMatchObject({ tracks: 12 });
    const all = await evaluateRecordings({ ...options, baselines: ['constant-velocity'], holdOutAll: true });
    expect(all.heldout).toHaveLength(9);
  });

  it('calibrates drivers on the train side only, and takes no world model', async () => {
    const recordings = await madeScenes(2);
    const task = await opened(recordings);
    const train: readonly Case[] = task.cases.slice(0, 3);
    const [problem] = task.calibration!(train).problems;
    expect(problem!.cases.map(({ name }) => name).sort()).toEqual(train.map(({ name }) => name).sort());
    const steady = { ownSpeed: 1, ownHeadway: 1, accelerationMemoryS: 0.05 };
    const eager = { ownSpeed: 0, ownHeadway: 0, accelerationMemoryS: 0.05 };
    expect(await problem!.loss(steady, train[0]!)).toBeLessThan(await problem!.loss(eager, train[0]!));
    const names = (cases: readonly Case[]) => task.methods(cases).map(({ name }) => name);
    expect(names(train)).toContain('idm-mobil');
    expect(names([])).not.toContain('idm-mobil');
    const models = [{ name: 'dreamer' }] as never;
    const setup = { recordings, createWorld, models, contextFrames: 1, seed: 0, overlay: null };
    await expect(commonroadNgsimTask.open(setup)).rejects.toThrow('no world model reads the tracks');
  });
});

describe.skipIf(!existsSync(REAL))(`recorded traffic (skipped where ${REAL} is absent)`, () => {
  it('is replayed to a centimetre at every step of every track', async () => {
    const scenes: Scene[] = [];
    for await (const episode of (await imported(REAL)).episodes()) scenes.push(sceneOf(episode));
    let states = 0;
    for (const scene of scenes) {
      const replay = await replayScene(createWorld, scene);
      expect(replay.largestErrorM).toBeLessThan(0.01);
      expect(replay.largestAngleRad).toBeLessThan(0.001);
      states += replay.states;
    }
    expect(states).toBe(
      scenes.flatMap(({ tracks }) => tracks).reduce((sum, track) => sum + track.states.length, 0),
    );
  });

  it('has no car that hit another, and agents by the papers drive nobody down either', async () => {
    const recordings = await imported(REAL);
    const task = await opened(recordings);
    expect(task.cases.length).toBeGreaterThan(90);
    for (const chosen of task.cases) {
      const truth = (await task.load(chosen)).truth as TrafficMotion;
      expect(hitBy(truth, truth).at(-1), chosen.name).toBe(0);
    }
    const baselines = ['constant-velocity', 'idm-mobil-published'];
    const options = { recordings, createWorld, baselines, gallery: false, holdOutAll: true };
    const { methods } = await evaluateRecordings(options);
    const rate = (index: number) => methods[index]!.overall.collision_rate!.mean;
    expect(rate(0)).toBeGreaterThan(0.05);
    expect(rate(1)).toBeLessThan(0.02);
  });
});
