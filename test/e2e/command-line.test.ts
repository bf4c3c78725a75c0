import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, umwelt } from './run.js';

const COMMANDS = [
  'scenarios',
  'generate',
  'inspect',
  'render',
  'contact-sheet',
  'train',
  'rollout',
  'export',
  'evaluate',
  'leaderboard',
  'rank-policies',
  'recordings',
  'quickstart',
];

describe('the command line', () => {
  it.each(COMMANDS)('%s --help shows an example and exits with 0', async (command) => {
    const { status, stdout } = await umwelt([command, '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Examples?:/m);
    expect(stdout).toContain(`$ umwelt ${command}`);
  });

  it('lists the presets', async () => {
    const { stdout } = await umwelt(['scenarios', '--json']);
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['cube-toss', 'drop-and-roll']));
  });

  it.each([
    [['generate', 'no-such-scenario', '--out', 'x'], /no-such-scenario.*cube-toss/s],
    [['generate', 'cube-toss', '--episodes', '0', '--out', 'x'], /whole number of at least 1/],
    [['generate', 'cube-toss', '--episodes', 'many', '--out', 'x'], /whole number/],
    [['generate', 'cube-toss'], /--out/],
    [['inspect', '/nowhere/at/all'], /\/nowhere\/at\/all/],
    [['train', '/nowhere/at/all', '--out', 'x'], /\/nowhere\/at\/all/],
    [['rollout', '/nowhere/model', '/nowhere/data', '--out', 'x'], /\/nowhere\/data/],
    [
      ['rollout', 'm', 'd', '--episodes', '7-', '--out', 'x'],
      /count \(4\), a list \(0,3,7\) or a range \(4-7\)/,
    ],
    [['rollout', 'm', 'd', '--episodes', '9-4', '--out', 'x'], /range \(4-7\)/],
    [['evaluate', '--recordings', '/nowhere/at/all', '--out', 'x'], /\/nowhere\/at\/all/],
    [['evaluate', '--baseline', 'crystal-ball', '--out', 'x'], /crystal-ball/],
    [['render', 'cube-toss', '--at', '99', '--out', 'x'], /--at: expected a time within episode 0.*got 99 s/],
    [['render', 'cube-toss', '--at', 'noon', '--out', 'x'], /time of at least 0/],
    [['contact-sheet', 'no-such-scenario', '--out', 'x.png'], /no-such-scenario.*cube-toss/s],
    [['frobnicate'], /unknown command/],
  ])('%j is wrong usage: exit status 2 and a message that names it', async (args, message) => {
    const { status, stdout, stderr } = await umwelt(args, { cwd: temporaryFolder() });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
  });

  it('refuses a sheet that cannot be written before anything is dreamt', async () => {
    const out = join(temporaryFolder(), 'dreams');
    const { status, stderr } = await umwelt([
      'rollout',
      'm',
      'd',
      '--out',
      out,
      '--sheet',
      '/dev/null/x.png',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('"/dev/null": it is a file, not a folder');
    expect(existsSync(out)).toBe(false);
  });

  it('reports an error as one JSON object when asked for JSON', async () => {
    const { status, stderr } = await umwelt(['inspect', '/nowhere', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stderr).error.code).toBe('not-found');
  });

  it('names the path, the value and what was expected in a wrong scenario', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ name: 'wrong', bodies: { ball: { massG: 3 } } }));
    const { status, stderr } = await umwelt(['generate', file, '--out', join(folder, 'data')]);
    expect(status).toBe(2);
    expect(stderr).toContain('bodies.ball.massG');
    expect(stderr).toContain('massKg');
  });

  it('renders the senses of an episode, and lays one out as a sheet, from a scenario and from a dataset', async () => {
    const folder = temporaryFolder();
    const render = ['render', 'drop-and-roll', '--at', '0.3', '--out', join(folder, 'pictures'), '--json'];
    const { files, atS } = JSON.parse((await umwelt(render)).stdout);
    expect(atS).toBe(0.3);
    const names = files.map((file: string) => basename(file));
    expect(names).toEqual(
      expect.arrayContaining(['audio.wav', 'audio.png', 'camera-colour.png', 'touch.png']),
    );
    for (const file of files) expect(statSync(file).size).toBeGreaterThan(100);
    const sheet = join(folder, 'sheet.png');
    expect((await umwelt(['contact-sheet', 'cube-toss', '--out', sheet])).stdout).toBe(`${sheet}\n`);
    const fromScenario = readFileSync(sheet);
    await umwelt(['generate', 'cube-toss', '--episodes', '1', '--out', join(folder, 'data')]);
    await umwelt(['contact-sheet', join(folder, 'data'), '--out', sheet]);
    expect(readFileSync(sheet).equals(fromScenario)).toBe(true);
  });

  it('inspect --verify exits with 1 and names the file when one byte differs', async () => {
    const data = join(temporaryFolder(), 'data');
    await umwelt(['generate', 'cube-toss', '--episodes', '1', '--out', data]);
    const healthy = await umwelt(['inspect', data, '--verify']);
    expect(healthy.status).toBe(0);
    for (const word of [
      'cube-toss',
      'camera',
      'audio',
      'touch',
      'state',
      '148 Hz',
      '16000 Hz',
      '500 Hz',
      '30 Hz',
    ]) {
      expect(healthy.stdout).toContain(word);
    }
    const { files } = JSON.parse((await umwelt(['inspect', data, '--verify', '--json'])).stdout);
    expect(files).toBeUndefined();
    appendFileSync(join(data, 'shards/00000/touch.arrow'), 'x');
    const broken = await umwelt(['inspect', data, '--verify']);
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain('shards/00000/touch.arrow');
  });

  it('refuses to write into a folder that holds something else', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.txt'), 'ten years of work');
    const { status, stderr } = await umwelt(['generate', 'cube-toss', '--episodes', '1', '--out', folder]);
    expect(status).toBe(2);
    expect(stderr).toContain(folder);
  });
});
