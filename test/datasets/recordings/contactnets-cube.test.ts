import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../core/digest.js';
import { conjugate, multiply, type Quaternion } from '../../../core/math/quaternion.js';
import { openDataset } from '../../../datasets/reader.js';
import { CUBE_SHA256 } from '../../../datasets/recordings/contactnets-cube-digests.js';
import { importRecordings, listRecordings } from '../../../datasets/recordings/import.js';
import { contentOf, temporaryFolder } from '../sample-dataset.js';
import { torchFile } from './torch-file.js';

const REAL = '../shared/recordings/contactnets-cube';

/** Frame `t` of a toss: position t, 2t, 3t half-widths, a quarter turn about z, spin about the body's x. */
function row(t: number, change: (row: number[]) => void = () => {}): number[] {
  const half = Math.SQRT1_2;
  const values = [t, 2 * t, 3 * t, half, 0, 0, half, 1, -1, 0.5, 2, 0, 1, 0, 0, 0, 0, 0, 0];
  change(values);
  return values;
}

function toss(frames: number, change?: (row: number[], frame: number) => void): Buffer {
  const values = Array.from({ length: frames }, (_, t) => row(t, (r) => change?.(r, t))).flat();
  return torchFile(values, { shape: [1, frames, values.length / frames] });
}

async function folderWith(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'contactnets-cube');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('importRecordings', () => {
  it('converts units, frames and time, and keeps where each toss is from', async () => {
    const files = { '10.pt': toss(3), '2.pt': toss(2), 'SOURCE.md': Buffer.from('about') };
    const folder = await folderWith(files);
    const directory = join(await temporaryFolder(), 'data');
    const manifest = await importRecordings(folder, directory, { versions: { umwelt: '1' } });
    expect(manifest).toMatchObject({
      name: 'contactnets-cube',
      origin: 'recorded',
      seed: null,
      versions: { umwelt: '1' },
    });
    expect(JSON.stringify(manifest.configuration)).toMatch(
      /BSD-3-Clause.*c3dc21c94577ff4ed99123f0b00bfe57bb2d1d90/,
    );
    expect(JSON.stringify(manifest)).not.toContain(folder);
    expect(manifest.episodes.map(({ attributes }) => attributes)).toEqual([
      { sourceFile: '2.pt', sourceSha256: sha256(files['2.pt']), originalIndex: 2 },
      { sourceFile: '10.pt', sourceSha256: sha256(files['10.pt']), originalIndex: 10 },
    ]);
    const { streams, durationS } = await (await openDataset(directory)).readEpisode(1);
    expect(durationS).toBe(2 / 148);
    const { timeNs, values, description } = streams.state!;
    expect(description).toMatchObject({
      kind: 'truth',
      rateHz: 148,
      metadata: { bodies: [{ name: 'cube', shape: { kind: 'box' } }] },
    });
    expect([...timeNs]).toEqual([0n, 6756756n, 13513513n]);
    expect([...values.positionM!.slice(3, 6)]).toEqual([0.0524, 2 * 0.0524, 3 * 0.0524]);
    expect([...values.linearVelocityMps!.slice(0, 3)]).toEqual([0.0524, -0.0524, 0.5 * 0.0524]);
    // A quarter turn about z takes the body's x to the world's y; z stays.
    const expected = [0, 2, 1];
    for (const [axis, value] of expected.entries()) {
      expect(values.angularVelocityRadps![axis]).toBeCloseTo(value, 12);
    }
    expect(Math.hypot(...values.orientation!.slice(0, 4))).toBeCloseTo(1, 14);
  });

  it('takes the selected recordings only, and refuses to take none', async () => {
    const folder = await folderWith({ '0.pt': toss(1), '1.pt': toss(1), '12.pt': toss(1) });
    expect((await listRecordings(join(folder, '..'))).map(({ name }) => name)).toEqual([
      '0.pt',
      '1.pt',
      '12.pt',
    ]);
    const directory = join(await temporaryFolder(), 'data');
    const manifest = await importRecordings(folder, directory, { select: (name) => name !== '1.pt' });
    expect(manifest.episodes.map(({ attributes }) => attributes.sourceFile)).toEqual(['0.pt', '12.pt']);
    await expect(importRecordings(folder, directory, { select: () => false })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('leaves a finished import alone, and refuses to mix it with changed files', async () => {
    const folder = await folderWith({ '0.pt': toss(2) });
    const directory = join(await temporaryFolder(), 'data');
    await importRecordings(folder, directory);
    const before = await contentOf(directory);
    await importRecordings(folder, directory);
    expect(await contentOf(directory)).toEqual(before);
    await writeFile(join(folder, '0.pt'), toss(3));
    await expect(importRecordings(folder, directory)).rejects.toThrow(/configuration.recordingsSha256 was/);
  });

  it('goes on after an interruption to the same bytes', async () => {
    const files = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`${i}.pt`, toss(1 + (i % 3))]));
    const folder = await folderWith(files);
    const [whole, parts] = [join(await temporaryFolder(), 'a'), join(await temporaryFolder(), 'b')];
    await importRecordings(folder, whole);
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 100) controller.abort();
    };
    const first = importRecordings(folder, parts, { signal: controller.signal, onProgress });
    await expect(first).rejects.toMatchObject({ code: 'interrupted' });
    await importRecordings(folder, parts);
    expect(await contentOf(parts)).toEqual(await contentOf(whole));
  });

  const nan = toss(4, (r, t) => {
    if (t === 2) r[8] = Number.NaN;
  });
  const bent = toss(4, (r, t) => {
    if (t === 3) r[3] = 0.9;
  });
  it.each([
    ['a value that is not a number', nan, /1\.pt, row 2: column 8 is NaN/],
    ['a quaternion that is not one', bent, /1\.pt, row 3: the quaternion in columns 3 to 6 has norm 1\.14/],
    [
      'another number of columns',
      torchFile(Array(36).fill(0), { shape: [1, 2, 18] }),
      /1\.pt: expected a tensor of shape \[1, frames, 19\], got \[1, 2, 18\]/,
    ],
    ['no frames', torchFile([], { shape: [1, 0, 19] }), /got \[1, 0, 19\]/],
    ['a toss cut short', toss(4).subarray(0, 500), /1\.pt, byte \d+: \d+ more bytes/],
  ])('names the file and the place of %s, and leaves nothing', async (_, bytes, message) => {
    const folder = await folderWith({ '0.pt': toss(1), '1.pt': bytes });
    const directory = join(await temporaryFolder(), 'data');
    const importing = importRecordings(folder, directory);
    await expect(importing).rejects.toThrow(message);
    await expect(importing).rejects.toMatchObject({ code: 'malformed-file' });
    expect(Object.keys(await contentOf(directory))).toEqual(['plan.json']);
  });

  it('takes a quaternion that is rounded a little', async () => {
    const folder = await folderWith({ '0.pt': toss(1, (r) => (r[3] = 0.712)) });
    const manifest = await importRecordings(folder, join(await temporaryFolder(), 'data'));
    expect(manifest.streams[0]!.rows).toBe(1);
  });
});

describe.skipIf(!existsSync(REAL))(`the real recordings (skipped where ${REAL} is absent)`, () => {
  it('are all imported, and every file has the published digest', async () => {
    const directory = join(await temporaryFolder(), 'data');
    const manifest = await importRecordings('../shared/recordings', directory);
    expect(manifest.episodes).toHaveLength(446);
    expect(manifest.dataSha256).toBe('0932c4368a2ed38b60dcada2c7ab3741d0ae7dc80c310eca293d6ec1f502c7f8');
    for (const { attributes } of manifest.episodes) {
      expect(attributes.sourceSha256).toBe(CUBE_SHA256[attributes.sourceFile as string]);
    }
    const dataset = await openDataset(directory);
    let resting = 0;
    for await (const { streams } of dataset.episodes()) {
      const { rows, values } = streams.state!;
      expect(rows).toBeGreaterThan(30);
      const last = values.positionM![rows * 3 - 1]!;
      if (Math.abs(last - 0.978 * 0.0524) < 0.001) resting++;
    }
    // SOURCE.md: resting cubes sit at 0.978 half-widths.
    expect(resting).toBeGreaterThan(400);
  });

  it('turn at the rate that their poses say, in the world frame', async () => {
    const folder = join(await temporaryFolder(), 'contactnets-cube');
    await mkdir(folder);
    for (const name of ['0.pt', '1.pt', '101.pt']) await cp(join(REAL, name), join(folder, name));
    const directory = join(await temporaryFolder(), 'data');
    await importRecordings(folder, directory);
    for await (const { streams } of (await openDataset(directory)).episodes()) {
      const { values } = streams.state!;
      const orientation = (frame: number) =>
        [...values.orientation!.subarray(frame * 4, frame * 4 + 4)] as unknown as Quaternion;
      const spin = (frame: number) => [...values.angularVelocityRadps!.subarray(frame * 3, frame * 3 + 3)];
      // q1 q0* is the turn over one frame, in the world's frame: twice its vector part over dt is the mean rate.
      const turn = multiply(orientation(1), conjugate(orientation(0)));
      for (const axis of [0, 1, 2]) {
        expect(Math.abs(2 * turn[axis + 1]! * 148 - spin(0)[axis]!)).toBeLessThan(0.5);
      }
    }
  });
});
