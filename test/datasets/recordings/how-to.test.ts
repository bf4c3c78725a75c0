import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bmclabForcePlate } from '../../../datasets/recordings/bmclab-force-plate.js';
import { RECORDING_FORMATS } from '../../../datasets/recordings/formats.js';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const guide = read('docs/how-to-add-a-recording-format.md');

describe('"how to add a recording format"', () => {
  it('shows the importer as it is, and that is registered', () => {
    const example = /```ts\n(.*?)```/s.exec(guide)![1]!;
    expect(example).toBe(read('datasets/recordings/bmclab-force-plate.ts'));
    expect(RECORDING_FORMATS).toContain(bmclabForcePlate);
  });

  it('names files that are there', () => {
    const named = [...guide.matchAll(/`((?:datasets|evaluation|test)\/[\w/.-]+?\.ts)`/g)].map(
      ([, path]) => path!,
    );
    const beside = [...guide.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(2);
    for (const path of named) expect(() => read(path)).not.toThrow();
    for (const name of beside) {
      const folder = name.endsWith('.test.ts') || name === 'hostile.ts' ? 'test/' : '';
      expect(() => read(`${folder}datasets/recordings/${name}`)).not.toThrow();
    }
  });
});
