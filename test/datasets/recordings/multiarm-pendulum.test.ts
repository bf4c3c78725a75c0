import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { importRecordings, listRecordings } from '../../../datasets/recordings/import.js';
import { multiarmPendulum } from '../../../datasets/recordings/multiarm-pendulum.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';
import { matFile, type SampleMatValue } from './mat-file.js';

const REAL = '../shared/recordings/multiarm-pendulum';
const SINGLE = 'SinglePendulumDataForParameterEstimation.mat';
const DOUBLE_CSV = 'double_pendulum_1khz.csv';

const column = (values: readonly number[]): SampleMatValue => ({ rows: values.length, columns: 1, values });
const state = (values: readonly number[]): SampleMatValue => ({
  rows: 2,
  columns: values.length / 2,
  values,
});

/** Two chunks of two samples and one of one that follows them; `change` may break it. */
function single(change: (variables: Record<string, SampleMatValue>) => void = () => {}): Buffer {
  const variables: Record<string, SampleMatValue> = {
    Time_id: { cells: [column([0, 0.001]), column([0.002, 0.0029999999])] },
    Y_id: { cells: [state([Math.PI, 1, Math.PI + 0.1, 2]), state([3, 3, 4, 4])] },
    Time_vad: { cells: [column([0.004])] },
    Y_vad: { cells: [state([5, 5])] },
  };
  change(variables);
  return matFile(variables, { compressed: true });
}

const HEADER = 'split,chunk,t_s,theta1_rad,theta2_rad,omega1_radps,omega2_radps';
const csv = (...lines: string[]): Buffer => Buffer.from([HEADER, ...lines, ''].join('\n'));
const DOUBLE = csv('id,0,1.000,3,4,5,6', 'id,0,1.001,3.1,4.1,5.1,6.1', 'vad,2,9.5,1,2,3,4');

async function folderWith(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'multiarm-pendulum');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('multiarm-pendulum', () => {
  it('makes each chunk a recording, with angles from straight down and its place in the run', async () => {
    const folder = await folderWith({
      [SINGLE]: single(),
      [DOUBLE_CSV]: DOUBLE,
      LICENSE: Buffer.from('MIT'),
    });
    const directory = join(await temporaryFolder(), 'data');
    const manifest = await importRecordings(folder, directory);
    expect(manifest.streams.map(({ name, rows }) => [name, rows])).toEqual([
      ['single', 5],
      ['double', 3],
    ]);
    expect(manifest.episodes.map(({ attributes }) => attributes)).toMatchObject([
      {
        sourceFile: `${SINGLE}#id-0`,
        rig: 'single',
        part: 'id-0',
        startS: 0,
        follows: null,
        followedBy: 'id-1',
      },
      { sourceFile: `${SINGLE}#id-1`, startS: 0.002, follows: 'id-0', followedBy: 'vad-0' },
      { sourceFile: `${SINGLE}#vad-0`, startS: 0.004, follows: 'id-1', followedBy: null },
      { sourceFile: `${DOUBLE_CSV}#id-0`, rig: 'double', startS: 1, follows: null, followedBy: null },
      { sourceFile: `${DOUBLE_CSV}#vad-2`, startS: 9.5 },
    ]);
    const data = await openDataset(directory);
    const { streams } = await data.readEpisode(0, ['single']);
    expect([...streams.single!.timeNs]).toEqual([0n, 1_000_000n]);
    expect([...streams.single!.values.angleRad!]).toEqual([0, Math.PI + 0.1 - Math.PI]);
    expect([...streams.single!.values.angularVelocityRadps!]).toEqual([1, 2]);
    const pair = (await data.readEpisode(3, ['double'])).streams.double!;
    expect([...pair.values.angleRad!.slice(2)]).toEqual([3.1 - Math.PI, 4.1 - Math.PI]);
  });

  it('takes the published file where the same run lies there twice', async () => {
    const again = Buffer.from('split,chunk,t_s,theta1_rad,omega1_radps\nid,0,0,1,2\n');
    const folder = await folderWith({ [SINGLE]: single(), 'single_pendulum_1khz.csv': again });
    const names = (await listRecordings(folder)).map(({ name }) => name);
    expect(names).toEqual([`${SINGLE}#id-0`, `${SINGLE}#id-1`, `${SINGLE}#vad-0`]);
  });

  it('says where a MAT-file is wrong', async () => {
    const opened = async (change: (variables: Record<string, SampleMatValue>) => void) => {
      const folder = await folderWith({ [SINGLE]: single(change) });
      return readAll(multiarmPendulum, folder);
    };
    await expect(opened((v) => delete v.Y_vad)).rejects.toThrow(/missing Y_vad/);
    await expect(opened((v) => Object.assign(v, { Y_vad: { cells: [] } }))).rejects.toThrow(
      /Y_vad: expected 1 chunks.*got 0/,
    );
    await expect(opened((v) => Object.assign(v, { Y_vad: { cells: [column([1, 2, 3])] } }))).rejects.toThrow(
      /Y_vad\{1\}: expected 2 x 1 numbers, got 3 x 1/,
    );
    await expect(
      opened((v) => Object.assign(v, { Time_id: { cells: [column([0, -0.001]), column([0.002, 0.003])] } })),
    ).rejects.toThrow(/Y_id\{1\}, sample 1: time must run forwards/);
    await expect(
      opened((v) => Object.assign(v, { Time_id: { cells: [column([0, 0.01]), column([0.002, 0.003])] } })),
    ).rejects.toThrow(/sample 1: the rate must be 1 kHz/);
    await expect(
      opened((v) => Object.assign(v, { Y_vad: { cells: [state([Number.NaN, 1])] } })),
    ).rejects.toThrow(/Y_vad\{1\}, sample 0: expected finite numbers, got NaN/);
  });

  it('says where a CSV is wrong', async () => {
    const opened = async (bytes: Buffer) =>
      readAll(multiarmPendulum, await folderWith({ [DOUBLE_CSV]: bytes }));
    await expect(opened(csv('id,0,0,1,2,3,4', 'id,0,0,1,2,3,4'))).rejects.toThrow(
      /line 3: time must run forwards/,
    );
    await expect(opened(csv('id,0,0,1,2,nan,4'))).rejects.toThrow(/line 2, column omega1_radps/);
    await expect(opened(csv('test,0,0,1,2,3,4'))).rejects.toThrow(/line 2, column split: expected id or vad/);
    await expect(opened(csv('id,-1,0,1,2,3,4'))).rejects.toThrow(/column chunk/);
    await expect(opened(csv('id,0,0,1,2,3,4', 'id,1,1,1,2,3,4', 'id,0,2,1,2,3,4'))).rejects.toThrow(
      /line 4.*id-0 goes on/,
    );
    await expect(opened(Buffer.from('split,chunk,t_s,theta1_rad\nid,0,0,1\n'))).rejects.toThrow(
      /no column theta2_rad/,
    );
  });

  it('answers to hostile bytes with what they hold or an error that names the file', async () => {
    const read = await readerOf(multiarmPendulum);
    await expectSafeFromHostileBytes(read, { fileName: SINGLE, valid: single(), runs: 40 });
    await expectSafeFromHostileBytes(read, { fileName: DOUBLE_CSV, valid: DOUBLE, runs: 40 });
  });
});

describe.skipIf(!existsSync(REAL))('the real swings (needs shared recordings)', () => {
  it('are 58 chunks whose energy falls', async () => {
    const entries = await listRecordings(REAL);
    expect(entries).toHaveLength(6 + 26 + 26);
    const set = await multiarmPendulum.open(REAL);
    // A pendulum that nothing drives only loses energy: per m g a of the single arm, 0.5 (omega / omega0)^2 - cos(angle).
    const OMEGA0_SQUARED = 9.81 / 0.1528;
    const energies: number[] = [];
    for (const entry of set.entries.slice(0, 6)) {
      const samples = [
        ...((await set.read(entry)).samples as Iterable<{ values: Record<string, Float64Array> }>),
      ];
      const { angleRad, angularVelocityRadps } = samples[0]!.values;
      energies.push((0.5 * angularVelocityRadps![0]! ** 2) / OMEGA0_SQUARED - Math.cos(angleRad![0]!));
    }
    for (const [i, energy] of energies.slice(1).entries()) expect(energy).toBeLessThan(energies[i]! - 0.05);
    expect(energies.at(-1)).toBeGreaterThan(-1);
  });
});
