import { readFile } from 'node:fs/promises';
import { describeCause, UmweltError } from '../core/errors.js';
import { findScenario } from './library.js';
import { parseScenario, type Scenario } from './schema.js';

/**
 * Returns the preset of that name, or reads a scenario from a path that ends in `.json`.
 *
 * @throws UmweltError `invalid-input` for an unknown name or a faulty document, `not-found` for a missing file,
 * `malformed-file` for one that is not JSON, `io` for one that cannot be read.
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
  return parseScenario(document);
}
