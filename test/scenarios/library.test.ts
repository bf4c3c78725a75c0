import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findScenario, listScenarios, scenarioDocument } from '../../scenarios/library.js';
import { loadScenario } from '../../scenarios/load.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'umwelt-scenarios-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the library', () => {
  it('lists presets that parse, under their own names', () => {
    expect(listScenarios().map(({ name }) => name)).toEqual([
      'break-cup',
      'cube-toss',
      'drop-and-roll',
      'finger-slide',
      'push-box',
      'street-pass',
    ]);
    for (const { name, description } of listScenarios()) {
      const scenario = findScenario(name);
      expect(scenario.name).toBe(name);
      expect(scenario.description).toBe(description);
    }
  });

  it.each(['cube-toss', 'drop-and-roll'])('gives %s every sense at its own rate', (name) => {
    expect(findScenario(name).sensors).toMatchObject({
      camera: { kind: 'camera', rateHz: 30, width: 64, height: 64 },
      audio: { kind: 'audio', rateHz: 16000, samplesPerRow: 320, microphones: [{}, {}] },
      touch: { kind: 'haptics', rateHz: 500, rows: 16, columns: 16 },
      state: { kind: 'truth', rateHz: 148 },
    });
  });

  it('hands out copies', () => {
    const mine = scenarioDocument('cube-toss') as { name: string };
    mine.name = 'mine';
    expect(scenarioDocument('cube-toss').name).toBe('cube-toss');
  });

  it('lists what it knows when asked for what it does not', () => {
    const known = listScenarios().map(({ name }) => name);
    expect(() => findScenario('cube-tos')).toThrow(
      `unknown scenario "cube-tos": expected one of ${known.join(', ')}, or the path of a .json file; did you mean cube-toss?`,
    );
    expect(() => findScenario('__proto__')).toThrow('unknown scenario "__proto__"');
  });
});

describe('loadScenario', () => {
  it('finds presets by name and files by path', async () => {
    const path = join(directory, 'mine.json');
    await writeFile(path, JSON.stringify({ ...scenarioDocument('cube-toss'), name: 'mine' }));
    expect((await loadScenario('drop-and-roll')).name).toBe('drop-and-roll');
    expect((await loadScenario(path)).name).toBe('mine');
  });

  it('tells a missing file from a broken one and from a wrong one', async () => {
    await expect(loadScenario(join(directory, 'none.json'))).rejects.toMatchObject({ code: 'not-found' });
    await writeFile(join(directory, 'broken.json'), '{"name": ');
    await expect(loadScenario(join(directory, 'broken.json'))).rejects.toMatchObject({
      code: 'malformed-file',
    });
    await writeFile(join(directory, 'wrong.json'), '{"name": "wrong"}');
    await expect(loadScenario(join(directory, 'wrong.json'))).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(loadScenario('nonesuch')).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
