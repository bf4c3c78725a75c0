import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as web from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportCommand } from '../../apps/cli/commands/export.js';
import { sha256 } from '../../core/digest.js';
import * as files from '../../datasets/files.js';
import { loadSession } from '../../worldmodel/engine/session.js';
import { EXPORT_FILES, exportModel } from '../../worldmodel/export/export.js';
import { readModel, writeModel } from '../../worldmodel/model-folder.js';
import { tickNetwork } from '../../worldmodel/networks.js';
import { parameterShapes } from '../../worldmodel/parameter-shapes.js';
import { decodeSafetensors } from '../../worldmodel/safetensors.js';
import {
  CONFIGURATIONS,
  countOf,
  EVERYTHING,
  exportInto,
  type ModelName,
  modelFolder,
  uniform,
  weightsOf,
  writeModels,
} from './export-models.js';

vi.mock('../../datasets/files.js', { spy: true });

const folder = mkdtempSync(join(tmpdir(), 'umwelt-export-'));
beforeAll(() => writeModels(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Threads of WebAssembly take longer to start than these models to run.
web.env.wasm.numThreads = 1;

const model = (name: ModelName): string => modelFolder(folder, name);
const exported = (name: ModelName, as: string) => exportInto(folder, name, as);

describe('an export', () => {
  it('lists every file with its size and SHA-256, the same each time', async () => {
    const { out, manifest } = await exported('everything', 'listed');
    const paths = manifest.files.map(({ path }) => path);
    expect(paths).toEqual([
      'encoder.onnx',
      'dynamics.onnx',
      'decoder.onnx',
      'weights.safetensors',
      'configuration.json',
      'README.md',
    ]);
    expect(readdirSync(out).sort()).toEqual([...paths, 'manifest.json'].sort());
    for (const { path, bytes, sha256: digest } of manifest.files) {
      const content = readFileSync(join(out, path));
      expect([path, content.length, sha256(content)]).toEqual([path, bytes, digest]);
    }
    const again = await exported('everything', 'listed-again');
    expect(again.manifest).toEqual(manifest);
    expect(manifest.modelSha256).toBe((await readModel(model('everything'))).manifest.weightsSha256);
  });

  it('stores all weights with their shapes, and what is needed to use the networks', async () => {
    const { out } = await exported('everything', 'stored');
    const path = join(out, EXPORT_FILES.weights);
    const { tensors, shapes } = decodeSafetensors(readFileSync(path), path);
    expect(shapes).toEqual(parameterShapes(EVERYTHING));
    expect(tensors).toEqual((await readModel(model('everything'))).weights);
    expect(shapes['encode/camera/patch/weight']).toEqual([8 * 8 * 4, 8]);
    const described = JSON.parse(readFileSync(join(out, EXPORT_FILES.configuration), 'utf8'));
    expect(described.configuration).toEqual(EVERYTHING);
    expect(described.size.patch).toBe(8);
    expect(described.graphs.map(({ name }: { name: string }) => name)).toEqual([
      'encoder',
      'dynamics',
      'decoder',
    ]);
    expect(described.calibration.one.positionM).toHaveLength(described.calibration.fromTick.length);
  });

  it('refuses a folder that is not empty, and leaves it as it is', async () => {
    const out = join(folder, 'taken');
    mkdirSync(out);
    writeFileSync(join(out, 'README.md'), 'mine');
    await expect(exportModel(model('state'), out)).rejects.toMatchObject({ code: 'conflict' });
    await expect(exportModel(model('state'), out)).rejects.toThrow(/README\.md.*empty folder/);
    expect(readdirSync(out)).toEqual(['README.md']);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toBe('mine');
    const { out: whole } = await exported('state', 'whole');
    await expect(exportModel(model('state'), whole)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('refuses what is no model, and weights of another one', async () => {
    const out = join(folder, 'never');
    await expect(exportModel(join(folder, 'nowhere'), out)).rejects.toMatchObject({ code: 'not-found' });
    const { manifest } = await readModel(model('touch'));
    const { 'predict/input/weight': _, ...rest } = weightsOf(CONFIGURATIONS.touch);
    const partial = join(folder, 'partial-model');
    mkdirSync(partial);
    await writeModel(partial, rest, manifest);
    await expect(exportModel(partial, out)).rejects.toMatchObject({
      code: 'shape-mismatch',
      context: { missing: ['predict/input/weight'] },
    });
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('umwelt export', () => {
  it('prints what it wrote, for people and for programs', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const run = async (...more: string[]): Promise<string> => {
      write.mockClear();
      await exportCommand().parseAsync([model('state'), ...more], { from: 'user' });
      return write.mock.calls.map(([text]) => text).join('');
    };
    try {
      const printed = await run('--out', join(folder, 'printed'));
      expect(printed).toMatch(/dynamics\.onnx +\d+\.\d kB +[0-9a-f]{64}/);
      const {
        name,
        files: written,
        directory,
      } = JSON.parse(await run('--json', '--out', join(folder, 'json')));
      expect([name, directory]).toEqual(['state', join(folder, 'json')]);
      expect(written[0]).toMatchObject({
        path: 'dynamics.onnx',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    } finally {
      write.mockRestore();
    }
  });
});

describe('an export that is interrupted', () => {
  it('has no manifest, whenever it is, and is completed by the same command', {
    timeout: 20_000,
  }, async () => {
    const { out: whole, manifest } = await exported('touch', 'uninterrupted');
    const writes = manifest.files.length + 2;
    const write = vi.mocked(files.writeFileAtomically);
    const original = write.getMockImplementation();
    for (let survived = 0; survived < writes; survived++) {
      const out = join(folder, 'exports', `killed-after-${survived}`);
      let done = 0;
      // As after kill -9: the file under way is left in part, under the name that it has until it is whole.
      write.mockImplementation(async (path, bytes) => {
        if (done++ === survived) {
          writeFileSync(path + files.PARTIAL_SUFFIX, bytes.slice(0, 10));
          throw new Error('killed');
        }
        writeFileSync(path, bytes);
      });
      await expect(exportModel(model('touch'), out)).rejects.toThrow('killed');
      write.mockReset();
      if (original !== undefined) write.mockImplementation(original);
      expect(readdirSync(out)).not.toContain(EXPORT_FILES.manifest);
      expect(readdirSync(out).some((name) => name.startsWith(EXPORT_FILES.unfinished))).toBe(true);
      await exportModel(model('touch'), out);
      expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
      expect(readFileSync(join(out, EXPORT_FILES.manifest))).toEqual(
        readFileSync(join(whole, EXPORT_FILES.manifest)),
      );
    }
  });

  it('leaves nothing behind of another model, and keeps out of folders with files of others', async () => {
    const out = join(folder, 'exports', 'reused');
    mkdirSync(out);
    for (const name of [EXPORT_FILES.unfinished, EXPORT_FILES.encoder]) writeFileSync(join(out, name), '');
    await exportModel(model('state'), out);
    expect(readdirSync(out)).not.toContain(EXPORT_FILES.encoder);
    const shared = join(folder, 'exports', 'shared');
    mkdirSync(shared);
    for (const name of [EXPORT_FILES.unfinished, 'thesis.tex']) writeFileSync(join(shared, name), '');
    await expect(exportModel(model('state'), shared)).rejects.toMatchObject({ code: 'conflict' });
    expect(readdirSync(shared)).toContain('thesis.tex');
  });
});

type Values = Record<string, Float32Array>;

describe('exported networks', () => {
  const names = Object.keys(CONFIGURATIONS) as ModelName[];
  it.each(names)('give in onnxruntime-web what the model gives in onnxruntime-node (%s)', async (name) => {
    const { out, manifest } = await exported(name, `chained-${name}`);
    const has = (path: string): boolean => manifest.files.some((file) => file.path === path);
    expect([has('encoder.onnx'), has('decoder.onnx')]).toEqual([name !== 'state', name !== 'state']);
    const open = async (path: string) =>
      has(path) ? web.InferenceSession.create(readFileSync(join(out, path))) : null;
    const [encoder, dynamics, decoder] = await Promise.all([
      open('encoder.onnx'),
      open('dynamics.onnx'),
      open('decoder.onnx'),
    ]);
    const { weights } = await readModel(model(name));
    const whole = await loadSession(
      tickNetwork(CONFIGURATIONS[name], weights, { batch: 1, latents: 'expected' }),
      { threads: 1 },
    );
    let carried: Values = {};
    for (let tick = 0; tick < 3; tick++) {
      const given: Values = {};
      for (const { name: input, shape } of whole.inputs) given[input] = uniform(tick, input, countOf(shape));
      Object.assign(given, carried);
      const flags = whole.inputs.filter(({ name: input }) => /seen$|^(known|observed|guessed)$/.test(input));
      for (const { name: flag } of flags) given[flag]!.fill(tick === 1 ? 0 : 1);
      const expected = (await whole.run(given)) as Values;
      const sensed = encoder === null ? {} : await runWeb(encoder, given);
      const next = await runWeb(dynamics!, { ...given, ...sensed });
      const plain = withoutNext(next);
      const told = decoder === null ? {} : await runWeb(decoder, { ...given, ...plain });
      const actual: Values = { ...next, ...told };
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [output, values] of Object.entries(expected)) {
        expect(values.length).toBeGreaterThan(0);
        expect(largestDifference(actual[output]!, values), output).toBeLessThan(2e-5);
      }
      carried = withoutNext(expected);
    }
    await whole.release();
    for (const session of [encoder, dynamics, decoder]) await session?.release();
  });
});

/** Runs a graph in onnxruntime-web on those of the values that it takes. */
async function runWeb(session: web.InferenceSession, given: Values): Promise<Values> {
  const feeds = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`${input.name} is no tensor`);
    return [input.name, new web.Tensor('float32', given[input.name]!, input.shape as number[])] as const;
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

function withoutNext(outputs: Values): Values {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => name.endsWith('/next'))
      .map(([name, values]) => [name.replace('/next', ''), values]),
  );
}

/** Relative to the larger of 1 and the value; infinite where a number is not finite. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((most, value, index) => {
    const difference = Math.abs(actual[index]! - value) / Math.max(1, Math.abs(value));
    return Number.isFinite(difference) ? Math.max(most, difference) : Number.POSITIVE_INFINITY;
  }, 0);
}
