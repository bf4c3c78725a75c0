import { describeCause, UmweltError } from '../core/errors.js';

/** The names of WebGPU that libraries take from the global scope, where a browser has them. */
const NAMES = ['GPUBufferUsage', 'GPUTextureUsage', 'GPUMapMode', 'GPURenderBundleEncoder'] as const;

/**
 * Loads Dawn, WebGPU for Node (the optional package `webgpu`), and gives the global scope its constants.
 *
 * The caller must keep the result referenced while anything of it is in use: Dawn's bindings free the instance under a device
 * once nothing refers to it.
 *
 * @param subject who asks, and `otherwise` what to do without, for the message.
 * @throws UmweltError `unavailable` when the package is not installed or its library does not load.
 */
export async function loadDawn(subject: string, otherwise: string): Promise<GPU> {
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (cause) {
    throw new UmweltError(
      'unavailable',
      { package: 'webgpu', platform: process.platform, processor: process.arch },
      `${subject}: expected the optional package webgpu, got: ${describeCause(cause)}; npm install webgpu, or ${otherwise}`,
      cause,
    );
  }
  const globals = dawn.globals as Readonly<Record<string, unknown>>;
  for (const name of NAMES) {
    if (!(name in globalThis))
      Object.defineProperty(globalThis, name, { value: globals[name], configurable: true });
  }
  return dawn.create([]);
}
