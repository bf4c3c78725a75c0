import type { WebGPURenderer } from 'three/webgpu';
import { UmweltError } from '../../../core/errors.js';
import { type GraphicsDevice, requestDevice } from './device.js';

type Three = typeof import('three/webgpu');
type ShadingLanguage = typeof import('three/tsl');

/** three.js on a device, without a window; `close` must be called once. */
export interface OpenThree {
  readonly three: Three;
  readonly tsl: ShadingLanguage;
  readonly renderer: WebGPURenderer;
  readonly adapter: string;
  /** @throws UmweltError `internal` when the device has refused anything since the last call. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Opens three.js' WebGPURenderer for render targets only.
 *
 * @throws UmweltError `unavailable` when the package `webgpu` or an adapter is missing.
 */
export async function openThree(): Promise<OpenThree> {
  const graphics = await requestDevice();
  try {
    return await startThree(graphics);
  } catch (error) {
    graphics.close();
    throw error;
  }
}

async function startThree({ device, adapter, close }: GraphicsDevice): Promise<OpenThree> {
  const three = await import('three/webgpu');
  const tsl = await import('three/tsl');
  const renderer = new three.WebGPURenderer({ canvas: createNoCanvas(), device, antialias: false });
  await withBrowserGlobals(() => renderer.init());
  const refusals: string[] = [];
  device.onuncapturederror = ({ error }) => void refusals.push(error.message);
  renderer.sortObjects = false;
  renderer.setClearColor(0x000000, 0);
  renderer.setClearDepth(0);
  return {
    three,
    tsl,
    renderer,
    adapter,
    check: () => {
      const [first, ...others] = refusals.splice(0);
      if (first === undefined) return;
      throw new UmweltError(
        'internal',
        { adapter, others },
        `GPU renderer: expected ${adapter} to accept its shaders and buffers, got: ${first}; render on the CPU, and report this`,
      );
    },
    close: async () => {
      await renderer.dispose();
      close();
    },
  };
}

/** three.js asks its canvas for a size and for events, also where only render targets are drawn to. */
function createNoCanvas(): HTMLCanvasElement {
  const canvas = {
    width: 1,
    height: 1,
    style: {},
    addEventListener: () => {},
    removeEventListener: () => {},
    getContext: () => null,
  };
  return canvas as unknown as HTMLCanvasElement;
}

/** three.js starts a loop of animation frames as it sets up; here no frame ever comes. `self` is put back afterwards. */
async function withBrowserGlobals(work: () => Promise<unknown>): Promise<void> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'self');
  const value = { requestAnimationFrame: () => 0, cancelAnimationFrame: () => {} };
  Object.defineProperty(globalThis, 'self', { value, configurable: true, writable: true });
  try {
    await work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'self');
    else Object.defineProperty(globalThis, 'self', before);
  }
}
