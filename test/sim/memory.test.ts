import { describe, expect, it } from 'vitest';
import { at, CUBE, moving, scene, table } from './scene.js';

/** What this test needs of WebAssembly, whose types come with a browser's. */
interface Loader {
  instantiate: (module: unknown, imports: unknown) => Promise<Made>;
}
interface Instance {
  readonly exports: { readonly memory?: { readonly buffer: ArrayBuffer } };
}
type Made = Instance | { readonly instance: Instance };

/** Imports the world with a hand on the engine's memory. */
async function importWatched() {
  const loader = (globalThis as unknown as { readonly WebAssembly: Loader }).WebAssembly;
  const { instantiate } = loader;
  let engine: Instance | undefined;
  loader.instantiate = async (module, imports) => {
    const made = await instantiate(module, imports);
    engine = 'instance' in made ? made.instance : made;
    return made;
  };
  const { createWorld } = await import('../../sim/world.js');
  (await createWorld(scene([]))).free();
  loader.instantiate = instantiate;
  const memory = engine?.exports.memory;
  if (!memory) throw new Error('the engine was instantiated in some other way');
  return { createWorld, heapBytes: () => memory.buffer.byteLength };
}

describe('the memory of the engine', () => {
  it('does not grow with the number of worlds, steps and restorations', async () => {
    const { createWorld, heapBytes } = await importWatched();
    const bricks = Array.from({ length: 8 }, (_, i) =>
      moving(CUBE, { name: `brick${i}`, pose: at(0.02 * i, 0, 0.05 + 0.11 * i) }),
    );
    const spec = scene([table(), ...bricks]);
    const use = async (): Promise<void> => {
      const world = await createWorld(spec);
      for (let step = 0; step < 10; step++) world.step();
      world.restore(world.snapshot());
      world.step();
      world.free();
    };
    for (let i = 0; i < 20; i++) await use();
    const before = heapBytes();
    for (let i = 0; i < 200; i++) await use();
    expect(before).toBeGreaterThan(0);
    expect(heapBytes() - before).toBeLessThanOrEqual(65536);
  });
});
