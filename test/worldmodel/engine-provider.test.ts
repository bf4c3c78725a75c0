import { describe, expect, it } from 'vitest';
import { sum } from '../../worldmodel/engine/broadcast.js';
import { exp } from '../../worldmodel/engine/elementwise.js';
import { createGraph } from '../../worldmodel/engine/graph.js';
import { toOnnx } from '../../worldmodel/engine/onnx.js';
import { CUDA_INSTALL, type Provider, providerUnavailable } from '../../worldmodel/engine/provider.js';
import { createSession, loadSession } from '../../worldmodel/engine/session.js';
import { compileTrainingStep } from '../../worldmodel/engine/training.js';

function graphOutput() {
  const graph = createGraph();
  return exp(graph.parameter('x', [2], Float32Array.of(0, 1)));
}

async function failureOf(work: Promise<{ release(): Promise<void> }>): Promise<unknown> {
  try {
    await (await work).release();
    return undefined;
  } catch (error) {
    return error;
  }
}

const cudaError = await failureOf(createSession({ y: graphOutput() }, { provider: 'cuda' }));

describe('a provider', () => {
  it.skipIf(cudaError === undefined)(
    'cuda that is not installed says so, what installs it, and is not replaced by the CPU',
    async () => {
      const expected = {
        code: 'unavailable',
        context: { provider: 'cuda', machine: `${process.platform}-${process.arch}` },
        message: expect.stringMatching(
          /^provider "cuda" does not start on .*: .+; .*choose the provider "cpu"$/,
        ),
      };
      expect(cudaError).toMatchObject(expected);
      const step = { loss: sum(graphOutput()), learningRate: 0.1, provider: 'cuda' } as const;
      await expect(compileTrainingStep(step)).rejects.toMatchObject(expected);
      if (process.platform === 'linux' && process.arch === 'x64') {
        expect((cudaError as Error).message).toContain(CUDA_INSTALL);
      }
    },
  );

  it('that nobody knows is refused with a list of those that exist', async () => {
    const provider = 'tpu' as Provider;
    const expected = { code: 'invalid-input', message: 'provider: expected cpu, webgpu, cuda, got "tpu"' };
    await expect(createSession({ y: graphOutput() }, { provider })).rejects.toMatchObject(expected);
    const step = { loss: sum(graphOutput()), learningRate: 0.1, provider };
    await expect(compileTrainingStep(step)).rejects.toMatchObject(expected);
  });

  it('is not blamed for a model that no provider takes', async () => {
    const broken = toOnnx({ y: graphOutput() }).slice(0, 60);
    for (const provider of ['cpu', 'webgpu', 'cuda'] as const) {
      await expect(loadSession(broken, { provider })).rejects.toMatchObject({ code: 'malformed-file' });
    }
  });

  it('gives its reason without places in the sources of ONNX Runtime', () => {
    const cause = new Error('/onnxruntime_src/a.cc:136 f() status == Success was false. No adapters\n');
    const error = providerUnavailable('webgpu', cause);
    expect(error.message).toMatch(/^provider "webgpu" does not start on \S+: No adapters; .*driver|arm64/);
    expect(error.cause).toBe(cause);
  });
});
