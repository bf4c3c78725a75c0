import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Walks up from a file to the nearest package.json: the same code runs from source and from dist/. */
function packageAbove(file: string, name: string): { readonly version: string } {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (found.name === name) return found;
    } catch {
      // Not in this folder: look one higher.
    }
  }
  throw new Error(`no package.json of ${name} above ${file}`);
}

/** Version of umwelt itself. */
export const UMWELT_VERSION = packageAbove(fileURLToPath(import.meta.url), 'umwelt').version;

/** Versions that decide the bytes of generated data. Node's is not among them: it makes no difference. */
export function dataVersions(): Readonly<Record<string, string>> {
  return {
    umwelt: UMWELT_VERSION,
    rapier: installedVersion('@dimforge/rapier3d-deterministic-compat'),
    'apache-arrow': installedVersion('apache-arrow'),
  };
}

function installedVersion(name: string): string {
  return packageAbove(require.resolve(name), name).version;
}

/** Versions that decide a model's weights and an evaluation's figures. */
export function modelVersions(): Readonly<Record<string, string>> {
  return { ...dataVersions(), 'onnxruntime-node': installedVersion('onnxruntime-node') };
}
