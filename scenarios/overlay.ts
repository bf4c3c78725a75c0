import { UmweltError } from '../core/errors.js';
import { parseScenario, type Scenario } from './schema.js';

/** Changes to a scenario: a JSON merge patch (RFC 7396) of its document. */
export interface ScenarioPatch {
  /** Name of the scenario that it was made for. */
  readonly scenario: string | null;
  readonly patch: Readonly<Record<string, unknown>>;
}

/**
 * Applies a patch to a scenario and checks the result like any other.
 *
 * @throws UmweltError `invalid-input` when it was made for another scenario, or what comes out is faulty.
 */
export function patchScenario(scenario: Scenario, { scenario: name, patch }: ScenarioPatch): Scenario {
  if (name !== scenario.name) {
    throw new UmweltError(
      'invalid-input',
      { overlay: name, scenario: scenario.name },
      `the overlay is for ${name === null ? 'no scenario' : `the scenario "${name}"`}, not for "${scenario.name}"`,
    );
  }
  return parseScenario(mergePatch(scenario, patch));
}

/** RFC 7396: objects are merged, null removes, everything else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else
      Object.defineProperty(merged, key, {
        value: mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return merged;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
