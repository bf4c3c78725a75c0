import { expect, it, vi } from 'vitest';
import { exp } from '../../worldmodel/engine/elementwise.js';
import { createGraph } from '../../worldmodel/engine/graph.js';
import { createSession } from '../../worldmodel/engine/session.js';

vi.mock('onnxruntime-node', () => {
  throw new Error('libonnxruntime.so.1: cannot open shared object file');
});

it('a missing ONNX Runtime is an error that says what to do', async () => {
  const y = exp(createGraph().input('x', [1]));
  await expect(createSession({ y })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/ONNX Runtime cannot be loaded on .*npm ci/),
  });
});
