import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import type { Calibrated } from '../../evaluation/calibrate/calibrate.js';
import type { CalibrationProblem } from '../../evaluation/calibrate/contract.js';
import { bestValues, overlayDigest, overlayOf, readOverlay } from '../../evaluation/calibrate/overlay.js';
import { requireOverlay } from '../../evaluation/tasks/contactnets-cube/calibrated.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import { CUBE, cubeOverlay, cubePosterior } from './sample-overlay.js';

async function readText(text: string | Uint8Array) {
  const path = join(await temporaryFolder(), 'overlay.json');
  await writeFile(path, text);
  return readOverlay(path);
}

/** Changes one field of a good overlay, by its dotted path; undefined removes it. */
function changed(path: string, value: unknown): string {
  const document = JSON.parse(JSON.stringify(cubeOverlay(['a'.repeat(64)])));
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((node, key) => node[key], document);
  parent[keys.at(-1)!] = value;
  return JSON.stringify(document);
}

describe('an overlay', () => {
  it('is read as it was written, and has a name for its contents', async () => {
    const overlay = cubeOverlay(['a'.repeat(64)]);
    const read = await readText(JSON.stringify(overlay));
    expect(read).toEqual(overlay);
    expect(overlayDigest(read)).toBe(overlayDigest(overlay));
    expect(overlayDigest(await readText(changed('provenance.seed', 1)))).not.toBe(overlayDigest(overlay));
    expect(bestValues(read)).toEqual(overlay.posterior[0]);
  });

  it.each<[string, unknown, RegExp]>([
    ['format', 'umwelt-dataset', /format: expected umwelt-overlay/],
    ['formatVersion', 2, /formatVersion: expected 1, got 2/],
    ['task', '', /task: expected text/],
    ['scenario', undefined, /scenario: expected a string, got nothing/],
    ['patch', [], /patch: expected an object/],
    ['posterior', [], /posterior: expected an array of at least 1/],
    ['posterior.0', { 'engine.friction': 'slippery' }, /posterior\.0\.engine\.friction: expected a number/],
    ['posterior.1', { 'engine.friction': null }, /posterior\.1\.engine\.friction: expected a number/],
    [
      'parameters.0.standardDeviation',
      -1,
      /parameters\.0\.standardDeviation: expected a number of at least 0/,
    ],
    ['parameters.0.hint', 1, /parameters\.0\.hint: expected no such key/],
    ['provenance.use', 'test', /provenance\.use: expected one of train, all/],
    ['provenance.versions', { umwelt: 1 }, /provenance\.versions\.umwelt: expected a string/],
    ['searches.0.startLoss', null, /searches\.0\.startLoss: expected a number/],
  ])('with a wrong %s is refused by its name', async (path, value, message) => {
    const refused = readText(changed(path, value));
    await expect(refused).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(refused).rejects.toThrow(message);
  });

  it('with a number beyond all numbers is refused by its name', async () => {
    const text = changed('posterior.0', { 'engine.friction': 123456 }).replace('123456', '1e999');
    await expect(readText(text)).rejects.toThrow(
      /posterior\.0\.engine\.friction: expected a number, got Infinity/,
    );
  });

  it('that was written before sides were noted counts as fitted to the train side', async () => {
    expect((await readText(changed('provenance.use', undefined))).provenance.use).toBe('train');
  });

  it('with a patch that goes too deep is refused, not followed', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const text = changed('patch', { deep: 'HERE' }).replace('"HERE"', deep);
    await expect(readText(text)).rejects.toThrow(/patch: expected at most 32 objects/);
  });

  it('that is no JSON, or not there, says so', async () => {
    for (const text of ['', '{"format":', 'overlay', Uint8Array.of(0xff, 0xfe, 0)]) {
      await expect(readText(text)).rejects.toMatchObject({ code: 'malformed-file' });
    }
    await expect(readOverlay('/nowhere/overlay.json')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of any other content is read or refused, never more', async () => {
    const good = JSON.stringify(cubeOverlay());
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.nat(good.length), fc.nat(20), async (json, at, cut) => {
        for (const text of [json, good.slice(0, at), good.slice(0, at) + good.slice(at + cut)]) {
          await readText(text).catch((thrown) => expect(thrown).toBeInstanceOf(UmweltError));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('an overlay of tosses', () => {
  it('gives a corner model a member, also of thousands', () => {
    const { beliefs, best } = requireOverlay(cubeOverlay([], cubePosterior(3000)), CUBE);
    expect(beliefs).toHaveLength(3000);
    expect(best['corners.exponent']).toBe(cubePosterior(1)[0]!['corners.exponent']);
  });

  it('is refused where it is of something else, lacks a value or goes beyond a range', () => {
    const overlay = cubeOverlay();
    expect(() => requireOverlay({ ...overlay, task: 'multiarm-pendulum' }, CUBE)).toThrow(
      /expected one of contactnets-cube, got one of multiarm-pendulum/,
    );
    const { 'beliefs.stretch': _, ...lacking } = overlay.posterior[1]!;
    expect(() => requireOverlay({ ...overlay, posterior: [overlay.posterior[0]!, lacking] }, CUBE)).toThrow(
      /overlay, posterior\.1: expected beliefs\.stretch between .*, got nothing/,
    );
    const beyond = { ...overlay.posterior[0]!, 'engine.friction': 9 };
    expect(() => requireOverlay({ ...overlay, posterior: [beyond] }, CUBE)).toThrow(
      /overlay, posterior\.0: expected engine\.friction between 0\.05 and 0\.4 1, got 9/,
    );
  });
});

describe('overlayOf', () => {
  const problem = (name: string, parameter: string): CalibrationProblem => ({
    name,
    parameters: [
      { name: parameter, unit: 'm', description: parameter, lo: 0, hi: 4, start: 1, scale: 'linear' },
    ],
    cases: ['b', 'a', 'b'].map((sha256, i) => ({
      name: `${i}`,
      recording: { name: `${i}`, sha256 },
      episode: i,
      startS: 0,
      horizonS: 1,
    })),
    loss: async () => 0,
  });
  const calibrated = (posterior: Calibrated['posterior']): Calibrated => ({
    best: posterior[0]!,
    posterior,
    startLoss: 2,
    bestLoss: 1,
    restartLosses: [1],
    evaluations: 13,
  });

  it('joins the members of each problem, and says mean, spread and recordings', () => {
    const overlay = overlayOf(
      { problems: [], scenario: 'toss', patch: (members) => ({ members: members.length }) },
      [
        { problem: problem('one', 'x'), calibrated: calibrated([{ x: 1 }, { x: 2 }, { x: 3 }]) },
        { problem: problem('two', 'y'), calibrated: calibrated([{ y: 4 }]) },
      ],
      { task: 't', dataSha256: 'd', seed: 3, use: 'all', contextFrames: 2, versions: {} },
    );
    expect(overlay.posterior).toEqual([
      { x: 1, y: 4 },
      { x: 2, y: 4 },
      { x: 3, y: 4 },
    ]);
    expect(overlay.parameters).toMatchObject([
      { problem: 'one', name: 'x', best: 1, mean: 2, standardDeviation: 1, lo: 0, hi: 4 },
      { problem: 'two', name: 'y', best: 4, mean: 4, standardDeviation: 0 },
    ]);
    expect(overlay.patch).toEqual({ members: 3 });
    expect(overlay.provenance).toMatchObject({ recordingSha256: ['a', 'b'], use: 'all', seed: 3 });
  });
});
