import type { z } from 'zod';
import type { Distribution } from '../core/distribution.js';
import { didYouMean } from '../core/validation.js';
import type { scenarioStructure } from './structure.js';

/** Two parts of a scenario that are each well formed and do not fit together. */
export interface Conflict {
  readonly path: PropertyKey[];
  readonly message: string;
}

type Scenario = z.output<typeof scenarioStructure>;
type Body = Scenario['bodies'][string];
type Sensor = Scenario['sensors'][string];

/** Finds what no single key of a scenario can tell: a sensor without its body, clocks that do not fit, lifeless motion. */
export function findConflicts(scenario: Scenario): Conflict[] {
  const conflicts = Object.entries(scenario.bodies).flatMap(([name, body]) => checkBody(name, body));
  for (const [name, sensor] of Object.entries(scenario.sensors))
    conflicts.push(...checkRate(name, sensor), ...checkSensor(name, sensor, scenario));
  return conflicts;
}

function checkBody(name: string, body: Body): Conflict[] {
  const conflicts: Conflict[] = [];
  const still = [...body.linearVelocityMps, ...body.angularVelocityRadps].every((value) => value === 0);
  if (body.motion === 'fixed' && !still) {
    conflicts.push({
      path: ['bodies', name, 'motion'],
      message:
        'expected a fixed body without velocity, got one with; make it dynamic or remove its velocities',
    });
  }
  const [x, y, z] = body.inertiaKgm2 ?? [];
  if (typeof x === 'number' && typeof y === 'number' && typeof z === 'number') {
    if (x > y + z || y > x + z || z > x + y) {
      conflicts.push({
        path: ['bodies', name, 'inertiaKgm2'],
        message: `expected no principal inertia above the sum of the other two, got [${x},${y},${z}]`,
      });
    }
  }
  return conflicts;
}

/** Clocks count in thousandths of a hertz (core/time.ts): another rate would drift from what its stream says. */
function checkRate(name: string, { rateHz }: Sensor): Conflict[] {
  const nearest = Math.round(rateHz * 1000) / 1000;
  if (Math.abs(rateHz - nearest) <= 1e-9 * rateHz) return [];
  return [
    {
      path: ['sensors', name, 'rateHz'],
      message: `expected a rate that divides into the clock, which resolves 0.001 Hz, got ${rateHz}; take ${nearest}`,
    },
  ];
}

function checkSensor(name: string, sensor: Sensor, scenario: Scenario): Conflict[] {
  const at = (key: string, message: string): Conflict => ({ path: ['sensors', name, key], message });
  switch (sensor.kind) {
    case 'camera': {
      const same = sensor.targetM.every(
        (value, i) => typeof value === 'number' && value === sensor.positionM[i],
      );
      if (!same) return [];
      return [
        at(
          'targetM',
          `expected a point apart from positionM, got ${JSON.stringify(sensor.targetM)} for both`,
        ),
      ];
    }
    case 'audio': {
      const conflicts: Conflict[] = [];
      const names = sensor.microphones.map((microphone) => microphone.name);
      const twice = names.find((value, i) => names.indexOf(value) !== i);
      if (twice !== undefined) {
        conflicts.push(
          at('microphones', `expected a name of its own for each microphone, got "${twice}" twice`),
        );
      }
      const rowS = sensor.samplesPerRow / sensor.rateHz;
      const shortestS = smallest(scenario.durationS);
      if (rowS > shortestS) {
        conflicts.push(
          at(
            'samplesPerRow',
            `expected rows no longer than the shortest episode (${shortestS} s), got ${sensor.samplesPerRow} samples at ${sensor.rateHz} Hz = ${rowS} s`,
          ),
        );
      }
      return conflicts;
    }
    case 'haptics':
      return checkHaptics(sensor, scenario, at);
    case 'truth':
    case 'encoder':
    case 'gnss':
      return [];
  }
}

function checkHaptics(
  sensor: Extract<Sensor, { kind: 'haptics' }>,
  scenario: Scenario,
  at: (key: string, message: string) => Conflict,
): Conflict[] {
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
  const body = Object.hasOwn(scenario.bodies, sensor.body) ? scenario.bodies[sensor.body] : undefined;
  if (body === undefined) {
    const known = Object.keys(scenario.bodies);
    const hint = didYouMean(sensor.body, known) || `; bodies are ${known.join(', ')}`;
    conflicts.push(at('body', `expected the name of a body, got "${sensor.body}"${hint}`));
    return conflicts;
  }
  for (const shape of possibleShapes(body.shape)) {
    if (shape.kind !== 'box') {
      conflicts.push(
        at(
          'body',
          `expected a body that is always a box, got "${sensor.body}", which may be a ${shape.kind}`,
        ),
      );
      continue;
    }
    for (const axis of [0, 1] as const) {
      const widthM = 2 * smallest(shape.halfExtentsM[axis]);
      if (sensor.sizeM[axis] > widthM * (1 + 1e-9)) {
        conflicts.push(
          at(
            'sizeM',
            `expected at most the width of "${sensor.body}" along ${axis === 0 ? 'x' : 'y'} (${widthM} m), got ${sensor.sizeM[axis]}`,
          ),
        );
      }
    }
  }
  return conflicts;
}

type PlainShape = Exclude<Body['shape'], Distribution<unknown>>;

function possibleShapes(shape: Body['shape']): readonly PlainShape[] {
  if ('kind' in shape) return [shape as PlainShape];
  return 'choice' in shape ? (shape.choice as readonly PlainShape[]) : [];
}

/** The least value that a number or its distribution can take. */
function smallest(value: number | Distribution<number>): number {
  if (typeof value === 'number') return value;
  if ('uniform' in value) return value.uniform[0];
  if ('uniformInteger' in value) return value.uniformInteger[0];
  if ('logUniform' in value) return value.logUniform[0];
  if ('normal' in value) return value.normal.min;
  return Math.min(...value.choice);
}
