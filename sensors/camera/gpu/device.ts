import { describeCause, UmweltError } from '../../../core/errors.js';
import { loadDawn } from '../../dawn.js';

/** A graphics device without a window; `close` must be called once, else Node does not exit. */
export interface GraphicsDevice {
  /** What the pictures are computed on, such as `SwiftShader Device (LLVM 16.0.0)`. */
  readonly adapter: string;
  readonly device: GPUDevice;
  /** Destroys the device and everything on it. Calling it again does nothing. */
  close(): void;
}

/**
 * Opens the default graphics adapter through Dawn, WebGPU for Node (the optional package `webgpu`).
 *
 * @throws UmweltError `unavailable` when the package is not installed, its library does not load, or no adapter is found.
 */
export async function requestDevice(): Promise<GraphicsDevice> {
  const gpu = await loadDawn('GPU renderer', 'render on the CPU');
  const adapter = await findAdapter(gpu);
  const device = await adapter.requestDevice({ requiredLimits: storageLimits(adapter.limits) });
  // Dawn's bindings free the instance under the device once nothing refers to it.
  const held = { gpu, adapter };
  openDevices.add(held);
  return {
    adapter: adapter.info.description || adapter.info.device || adapter.info.vendor || 'unnamed adapter',
    device,
    close: () => {
      if (openDevices.delete(held)) device.destroy();
    },
  };
}

const openDevices = new Set<object>();

/** Meshes may need more than the 128 MiB that every device gives. */
function storageLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
  };
}

async function findAdapter(gpu: GPU): Promise<GPUAdapter> {
  let cause: unknown;
  const adapter = await gpu.requestAdapter().catch((error: unknown) => {
    cause = error;
    return null;
  });
  if (adapter !== null) return adapter;
  const drivers = process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES;
  throw new UmweltError(
    'unavailable',
    { VK_ICD_FILENAMES: drivers, cause: cause === undefined ? undefined : describeCause(cause) },
    `GPU renderer: expected a graphics adapter, found none${drivers ? ` behind ${drivers}` : ''}; ` +
      'install the driver of your GPU (on Linux with the Vulkan loader, libvulkan1), or set VK_ICD_FILENAMES to the ' +
      'description of a Vulkan driver such as SwiftShader (.ci/install-swiftshader finds or installs one), or render on the CPU',
    cause,
  );
}
