import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import { compileEpisode } from '../../scenarios/compile.js';
import { findScenario } from '../../scenarios/library.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { multiply } from '../../worldmodel/engine/elementwise.js';
import { createGraph } from '../../worldmodel/engine/graph.js';
import { createSession } from '../../worldmodel/engine/session.js';

async function simulated(): Promise<string> {
  const world = await createWorld(compileEpisode(findScenario('cube-toss'), 3, 0));
  const poses: Float64Array[] = [];
  for (const frame of simulate(world, 0.5)) poses.push(frame.poses);
  world.free();
  return sha256(
    Buffer.concat(
      poses.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    ),
  );
}

describe('ONNX Runtime in the same process', () => {
  // With `set_denormal_as_zero` it would flush this thread's denormal numbers to zero for good, and the cube would fall through the table.
  it('leaves the arithmetic of this thread, and so the simulation, as it was', async () => {
    const before = await simulated();
    const graph = createGraph();
    const session = await createSession({ twice: multiply(graph.input('x', [4]), 2) });
    await session.run({ x: new Float32Array(4) });
    await session.release();
    expect(Number.MIN_VALUE * 1).toBeGreaterThan(0);
    expect(Math.fround(1e-40)).toBeGreaterThan(0);
    expect(await simulated()).toBe(before);
  });
});
