import type { GPU as GpuType, IGPUSettings } from 'gpu.js';
import { describeCause, UmweltError } from '../../core/errors.js';

/** Where data-parallel kernels run: `cpu` gives the same bytes everywhere, `gpu` what the graphics driver computes. */
export type KernelDevice = 'cpu' | 'gpu';

/** gpu.js, opened; `free` must be called once. */
export interface KernelRunner {
  readonly device: KernelDevice;
  readonly gpu: GpuType;
  free(): Promise<void>;
}

/**
 * Opens gpu.js: as plain JavaScript, or as WebGPU compute shaders through the optional package `webgpu`.
 *
 * @throws UmweltError `unavailable` when a GPU is asked for and the package or an adapter is missing.
 */
export async function openKernels(device: KernelDevice): Promise<KernelRunner> {
  const { GPU } = await import('gpu.js');
  if (device === 'gpu') await provideWebGpu();
  // `webgpu` is newer than gpu.js' types.
  const mode = (device === 'gpu' ? 'webgpu' : 'cpu') as IGPUSettings['mode'];
  if (mode !== undefined && device === 'gpu' && !(await isAvailable(GPU))) {
    throw new UmweltError(
      'unavailable',
      { device },
      'kernels: expected a graphics adapter, found none; install a Vulkan driver (or point VK_ICD_FILENAMES at one), ' +
        'or run them on the cpu',
    );
  }
  const gpu = new GPU(mode === undefined ? {} : { mode });
  return { device, gpu, free: async () => void (await gpu.destroy()) };
}

function isAvailable(library: unknown): Promise<boolean> {
  return (library as { isWebGPUAvailable(): Promise<boolean> }).isWebGPUAvailable();
}

/** gpu.js looks for WebGPU where a browser has it. */
async function provideWebGpu(): Promise<void> {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu !== undefined) return;
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    const navigator = { ...scope.navigator, gpu: create([]) };
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  } catch (cause) {
    throw new UmweltError(
      'unavailable',
      { package: 'webgpu' },
      `kernels: expected the optional package webgpu for a GPU, got: ${describeCause(cause)}; npm install webgpu`,
      cause,
    );
  }
}
