import type { z } from 'zod';
import type { Conflict } from './conflict.js';
import { largest, smallest } from './ranges.js';
import type { scenarioStructure } from './structure.js';

type Scenario = z.output<typeof scenarioStructure>;
type Sensor = Scenario['sensors'][string];
type Touch = Extract<Sensor, { kind: 'tactile' | 'tactile-image' | 'vibration' | 'wrist' }>;

/** Finds what does not fit between a sense of touch and the rest of a scenario. */
export function checkTouch(name: string, sensor: Touch, scenario: Scenario): Conflict[] {
  const at = (key: string, message: string): Conflict => ({ path: ['sensors', name, key], message });
  switch (sensor.kind) {
    case 'wrist': {
      if ((sensor.joint === undefined) !== (sensor.body === undefined)) return [];
      const got = sensor.joint === undefined ? 'neither' : 'both';
      return [at('joint', `expected either joint or body, got ${got}`)];
    }
    case 'vibration': {
      const rowS = sensor.samplesPerRow / sensor.rateHz;
      const shortestS = smallest(scenario.durationS);
      if (rowS <= shortestS) return [];
      return [
        at(
          'samplesPerRow',
          `expected rows no longer than the shortest episode (${shortestS} s), got ${sensor.samplesPerRow} samples at ${sensor.rateHz} Hz = ${rowS} s`,
        ),
      ];
    }
    default: {
      const conflicts: Conflict[] = [];
      const { stepHz } = scenario.physics;
      if (sensor.rateHz > stepHz) {
        conflicts.push(
          at(
            'rateHz',
            `expected at most physics.stepHz (${stepHz}), since contacts exist per step only, got ${sensor.rateHz}`,
          ),
        );
      }
      const late = largest(sensor.gel.hysteresis) + largest(sensor.gel.slowHysteresis);
      if (late > 1)
        conflicts.push(
          at('gel', `expected hysteresis and slowHysteresis of at most 1 together, got up to ${late}`),
        );
      return conflicts;
    }
  }
}
