import type { z } from 'zod';
import { parseDocument } from '../core/validation.js';
import { findConflicts } from './conflicts.js';
import { scenarioStructure } from './structure.js';

/**
 * A scenario document: plain JSON that names bodies, lighting and sensors, in SI units, in which nearly every number may be
 * a distribution (core/distribution.ts). The order of `bodies` is the order of every per-body array downstream.
 */
export const scenarioSchema = scenarioStructure.superRefine((scenario, context) => {
  for (const { path, message } of findConflicts(scenario))
    context.addIssue({ code: 'custom', path, message });
});

/** A scenario as parsed: defaults filled in, distributions not yet drawn. */
export type Scenario = z.output<typeof scenarioSchema>;

/** A scenario as its author writes it. */
export type ScenarioDocument = z.input<typeof scenarioSchema>;

/**
 * Checks a scenario document and fills in its defaults.
 *
 * @throws UmweltError `invalid-input` that lists every problem: path, what was expected, what arrived, and how to mend it.
 */
export function parseScenario(document: unknown): Scenario {
  const given = (document as { name?: unknown } | null | undefined)?.name;
  return parseDocument(
    scenarioSchema,
    document,
    typeof given === 'string' ? `scenario "${given}"` : 'scenario',
  );
}

/** Returns the scenario with the noise of every sensor switched off. */
export function withoutNoise(scenario: Scenario): Scenario {
  const sensors = Object.entries(scenario.sensors).map(([name, sensor]) => [
    name,
    'noise' in sensor ? { ...sensor, noise: false } : sensor,
  ]);
  return { ...scenario, sensors: Object.fromEntries(sensors) };
}
