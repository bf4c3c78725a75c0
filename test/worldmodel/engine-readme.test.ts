import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { CUDA_INSTALL } from '../../worldmodel/engine/provider.js';
import { HELPERS, OPERATIONS } from './engine-cases.js';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'umwelt-readme-'));
const readme = readFileSync(join(root, 'worldmodel/engine/README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the examples of the README', () => {
  it.each([
    [0, 'loss after 500 steps: below 0.01'],
    [1, 'dy/dx = 0.0000, 1.3818, 0.0770'],
    [2, 'batch 3: 6 numbers'],
  ])('number %i prints what it promises', async (index, expected) => {
    const file = join(folder, `example-${index}.ts`);
    writeFileSync(file, examples[index]!.replaceAll("'./worldmodel/", `'${root}/worldmodel/`));
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import(/* @vite-ignore */ file);
    expect(print).toHaveBeenCalledWith(expected);
    print.mockRestore();
  });

  it('are three', () => {
    expect(examples).toHaveLength(3);
  });
});

describe('the README', () => {
  it('lists every operation and every file', () => {
    const listed = [...readme.matchAll(/`([\w.-]+)`/g)].map((match) => match[1]!);
    const operations = Object.keys(OPERATIONS).filter((name) => !HELPERS.includes(name));
    const files = readdirSync(join(root, 'worldmodel/engine')).filter((name) => name.endsWith('.ts'));
    expect([...operations, ...files].filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('gives the command that an error gives for cuda', () => {
    expect(readme).toContain(CUDA_INSTALL);
  });
});
