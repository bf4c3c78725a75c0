import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeCause } from '../../core/errors.js';
import { silu } from '../../worldmodel/engine/activation.js';
import { square, subtract } from '../../worldmodel/engine/elementwise.js';
import { createGraph, type TensorData } from '../../worldmodel/engine/graph.js';
import { linear } from '../../worldmodel/engine/matrix.js';
import { clipByGlobalNorm, laprop } from '../../worldmodel/engine/optimiser.js';
import { mean } from '../../worldmodel/engine/reduction.js';
import { createSession } from '../../worldmodel/engine/session.js';
import { compileTrainingStep, type TrainingStep } from '../../worldmodel/engine/training.js';
import { buildEveryCase, drawValues, worstDifference } from './engine-every.js';

/** Chromium's software renderer for Vulkan, as Debian installs it: WebGPU without a GPU. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(SWIFTSHADER)) process.env.VK_ICD_FILENAMES ??= SWIFTSHADER;

const failure = await startFailure();

async function startFailure(): Promise<string | undefined> {
  try {
    const x = createGraph().parameter('x', [2], new Float32Array(2));
    await (await createSession({ y: square(x) }, { provider: 'webgpu' })).release();
    return undefined;
  } catch (error) {
    return describeCause(error);
  }
}

const [ROWS, WIDTH] = [16, 12];

function step(): TrainingStep {
  const graph = createGraph();
  const weight = graph.parameter('w', [WIDTH, WIDTH], drawValues('w', [WIDTH, WIDTH]));
  const bias = graph.parameter('b', [WIDTH], new Float32Array(WIDTH));
  const h = silu(linear(graph.input('x', [ROWS, WIDTH]), weight, bias));
  return {
    loss: mean(square(subtract(h, graph.input('y', [ROWS, WIDTH])))),
    optimiser: laprop,
    clip: (gradients) => clipByGlobalNorm(gradients, 1),
    learningRate: 0.01,
  };
}

async function losses(provider: 'cpu' | 'webgpu'): Promise<number[]> {
  const session = await compileTrainingStep({ ...step(), provider, threads: 1 });
  const batch = { x: drawValues('x', [ROWS, WIDTH]), y: drawValues('y', [ROWS, WIDTH]) };
  const result: number[] = [];
  for (let i = 0; i < 5; i++) result.push((await session.step(batch)).loss!);
  await session.release();
  return result;
}

/** SwiftShader's sine and cosine are off by 1e-4; all else by 2e-6. */
const TOLERANCE = 3e-4;

async function everyCase(provider: 'cpu' | 'webgpu'): Promise<Record<string, TensorData>> {
  const { outputs, inputs } = buildEveryCase();
  const session = await createSession(outputs, { provider, threads: 1 });
  const results = await session.run(inputs);
  await session.release();
  return results;
}

describe.skipIf(failure !== undefined)(`webgpu (${failure ?? 'starts here'})`, () => {
  it("trains with the CPU's losses", async () => {
    const [cpu, gpu] = [await losses('cpu'), await losses('webgpu')];
    expect(cpu.at(-1)).toBeLessThan(cpu[0]!);
    for (const [i, loss] of gpu.entries()) expect(loss / cpu[i]!).toBeCloseTo(1, 4);
  });

  it("gives the CPU's values and gradients for every operation", async () => {
    const [cpu, gpu] = [await everyCase('cpu'), await everyCase('webgpu')];
    const { where, difference } = worstDifference(gpu, cpu);
    expect(difference, where).toBeLessThan(TOLERANCE);
  });
});

it.skipIf(failure === undefined)('webgpu that does not start says why', () => {
  expect(failure).toMatch(/^provider "webgpu" does not start on .*: .+; .*choose the provider "cpu"$/);
});
