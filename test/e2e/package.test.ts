import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT, run, temporaryFolder } from './run.js';

const isOffline = (await run('npm', ['ping'])).status !== 0;

describe('the package', () => {
  // Needs the npm registry, as any installation does.
  it.skipIf(isOffline)(
    'installs from its tarball as a command and as a library',
    { timeout: 240_000 },
    async () => {
      const folder = temporaryFolder();
      const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
        cwd: PROJECT,
      });
      expect(packed.status, packed.stderr).toBe(0);
      const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
      const user = join(folder, 'user');
      mkdirSync(user);
      writeFileSync(
        join(user, 'package.json'),
        JSON.stringify({ name: 'user', private: true, type: 'module' }),
      );
      writeFileSync(join(user, '.npmrc'), 'onnxruntime-node-install=skip\n');
      const installed = await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: user });
      expect(installed.status, installed.stderr).toBe(0);

      const help = await run('npx', ['umwelt', '--help'], { cwd: user });
      expect(help.status).toBe(0);
      expect(help.stdout).toContain('quickstart');

      const script = `
      import { compileEpisode, createWorld, findScenario, simulate } from 'umwelt';
      const spec = compileEpisode(findScenario('cube-toss'), 1, 0);
      const world = await createWorld(spec);
      let frames = 0;
      for (const frame of simulate(world, 0.1)) frames += frame.poses.length > 0 ? 1 : 0;
      world.free();
      console.log(frames);`;
      writeFileSync(join(user, 'use.js'), script);
      const used = await run(process.execPath, ['use.js'], { cwd: user });
      expect(used.stderr).toBe('');
      expect(used.stdout.trim()).toBe('101');
    },
  );
});
