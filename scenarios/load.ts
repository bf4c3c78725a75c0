import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeCause, UmweltError } from '../core/errors.js';
import { fillAssets } from './assets.js';
import { findScenario } from './library.js';
import { parseScenario, type Scenario } from './schema.js';

/**
 * Returns the preset of that name, or reads a scenario from a path that ends in `.json`, with the meshes and images beside it.
 *
 * @throws UmweltError `invalid-input` for an unknown name or a faulty document, `not-found` for a missing file,
 * `malformed-file` for one that is not JSON, glTF or an image, `io` for one that cannot be read.
 */
export async function loadScenario(nameOrPath: string): Promise<Scenario> {
  if (!nameOrPath.endsWith('.json')) return findScenario(nameOrPath);
  let text: string;
  try {
    text = await readFile(nameOrPath, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UmweltError(
      missing ? 'not-found' : 'io',
      { path: nameOrPath },
      `scenario ${nameOrPath}: expected a readable file, got: ${describeCause(cause)}`,
      cause,
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { path: nameOrPath },
      `scenario ${nameOrPath}: expected JSON, got: ${describeCause(cause)}`,
      cause,
    );
  }
  return parseScenario(await fillAssets(document, dirname(nameOrPath)));
}
