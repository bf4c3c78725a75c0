import { describeCause, UmweltError } from '../../core/errors.js';

/** Where graphs can run. `cpu` and `webgpu` come with onnxruntime-node; `cuda` needs libraries that it leaves out. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;

/** One of `PROVIDERS`. */
export type Provider = (typeof PROVIDERS)[number];

/** Fetches the CUDA libraries of ONNX Runtime in spite of `onnxruntime-node-install=skip` in .npmrc. */
export const CUDA_INSTALL = 'ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node';

/**
 * Tells a provider from any other word.
 *
 * @throws UmweltError `invalid-input` that lists the providers.
 */
export function requireProvider(name: string): Provider {
  const provider = PROVIDERS.find((known) => known === name);
  if (provider !== undefined) return provider;
  throw new UmweltError(
    'invalid-input',
    { provider: name, expected: PROVIDERS },
    `provider: expected ${PROVIDERS.join(', ')}, got "${name}"`,
  );
}

/** Makes the error of a provider that does not start: which, why, and what mends it. */
export function providerUnavailable(provider: Provider, cause: unknown): UmweltError {
  const machine = `${process.platform}-${process.arch}`;
  return new UmweltError(
    'unavailable',
    { provider, machine },
    `provider "${provider}" does not start on ${machine}: ${reasonOf(cause)}; ${mendingOf(provider, machine)}, or choose the provider "cpu"`,
    cause,
  );
}

/** ONNX Runtime's messages begin with a place in its sources and the condition that failed. */
function reasonOf(cause: unknown): string {
  return describeCause(cause)
    .replace(/^.*was false\.\s*/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function mendingOf(provider: Provider, machine: string): string {
  if (provider === 'webgpu') {
    return machine === 'linux-arm64'
      ? 'onnxruntime-node has no WebGPU on Linux arm64'
      : 'WebGPU needs a GPU and its driver (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS)';
  }
  return machine === 'linux-x64'
    ? `run "${CUDA_INSTALL}" once (a plain install leaves these libraries out), beside an NVIDIA driver, CUDA 12 and cuDNN 9`
    : 'onnxruntime-node has CUDA on Linux x64 alone';
}
