import { describe, expect, it } from 'vitest';
import { sum } from '../../worldmodel/engine/broadcast.js';
import { multiply, sqrt } from '../../worldmodel/engine/elementwise.js';
import { createGraph } from '../../worldmodel/engine/graph.js';
import { compileTrainingStep } from '../../worldmodel/engine/training.js';
import { requireFinite } from '../../worldmodel/train/run.js';

describe('requireFinite', () => {
  it('takes a step back whose gradient is not finite, and names it and the batch that it came from', async () => {
    const graph = createGraph();
    const w = graph.parameter('w', [1], Float32Array.of(4));
    const session = await compileTrainingStep({
      loss: sum(sqrt(multiply(w, graph.input('x', [1])))),
      learningRate: 0.1,
    });
    const fine = await session.step({ x: Float32Array.of(1) });
    requireFinite(session, fine, 1, { origins: ['good'] });
    const before = session.state();
    const broken = await session.step({ x: Float32Array.of(0) });
    const origins = ['tosses, episode 3 from 0.100 s', 'tosses, episode 3 from 0.100 s', 'b', 'c', 'd', 'e'];
    expect(() => requireFinite(session, broken, 2, { origins })).toThrow(
      /gradient's norm became (NaN|Infinity) \(at a loss of 0\.?0*\) in step 2;.*tosses, episode 3.*and 1 more/,
    );
    expect(session.state()).toEqual(before);
    await session.release();
  });

  it('names the loss where that is not finite', () => {
    let undone = 0;
    const session = { undo: () => undone++ };
    const metrics = { loss: Number.NaN, gradientNorm: Number.NaN };
    expect(() => requireFinite(session, metrics, 7, { origins: ['a'] })).toThrow(
      expect.objectContaining({
        code: 'not-finite',
        message: expect.stringMatching(/^the loss became NaN in step 7/),
      }),
    );
    expect(undone).toBe(1);
  });
});
