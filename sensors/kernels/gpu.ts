import type { GPU as GpuType, IGPUSettings } from 'gpu.js';
import { UmweltError } from '../../core/errors.js';
import { loadDawn } from '../dawn.js';

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
  const mode = device === 'gpu' ? 'webgpu' : 'cpu';
  if (device === 'gpu' && !(await isAvailable(GPU))) {
    throw new UmweltError(
      'unavailable',
      { device },
      'kernels: expected a graphics adapter, found none; install a Vulkan driver (or point VK_ICD_FILENAMES at one), ' +
        'or run them on the cpu',
    );
  }
  const gpu = new GPU({ mode } as IGPUSettings);
  return { device, gpu, free: async () => void (await gpu.destroy()) };
}

function isAvailable(library: unknown): Promise<boolean> {
  return (library as { isWebGPUAvailable(): Promise<boolean> }).isWebGPUAvailable();
}

/** gpu.js looks for WebGPU where a browser has it; there it also stays referenced. */
async function provideWebGpu(): Promise<void> {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu !== undefined) return;
  const gpu = await loadDawn('kernels', 'run them on the cpu');
  Object.defineProperty(globalThis, 'navigator', {
    value: { ...scope.navigator, gpu },
    configurable: true,
  });
}
