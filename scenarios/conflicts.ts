import type { z } from 'zod';
import { didYouMean, show } from '../core/validation.js';
import { checkBody, checkBodyName, checkJoint } from './body-conflicts.js';
import type { Conflict } from './conflict.js';
import { checkCorrelations } from './correlation-conflicts.js';
import { checkLidar } from './lidar-conflicts.js';
import { largest, possibilities, smallest } from './ranges.js';
import type { scenarioStructure } from './structure.js';
import { checkTouch } from './touch-conflicts.js';

type Scenario = z.output<typeof scenarioStructure>;
type Sensor = Scenario['sensors'][string];

/** Finds what no single key of a scenario can tell: a sensor without its body, clocks that do not fit, lifeless motion. */
export function findConflicts(scenario: Scenario): Conflict[] {
  const conflicts = Object.entries(scenario.bodies).flatMap(([name, body]) =>
    checkBody(name, body, scenario),
  );
  for (const [name, joint] of Object.entries(scenario.joints))
    conflicts.push(...checkJoint(name, joint, scenario));
  for (const [name, sound] of Object.entries(scenario.sounds))
    conflicts.push(...checkSound(name, sound, scenario));
  conflicts.push(...checkCorrelations(scenario));
  for (const [name, sensor] of Object.entries(scenario.sensors))
    conflicts.push(
      ...checkRate(name, sensor),
      ...checkMount(name, sensor, scenario),
      ...checkSensor(name, sensor, scenario),
    );
  return conflicts;
}

/** Names of bodies and joints that a sensor hangs on. */
function checkMount(name: string, sensor: Sensor, scenario: Scenario): Conflict[] {
  const conflicts: Conflict[] = [];
  if ('body' in sensor && sensor.body !== undefined) {
    const message = checkBodyName(sensor.body, scenario);
    if (message !== undefined) conflicts.push({ path: ['sensors', name, 'body'], message });
  }
  if ('joint' in sensor && sensor.joint !== undefined) {
    const message = checkJointName(sensor.joint, scenario);
    if (message !== undefined) conflicts.push({ path: ['sensors', name, 'joint'], message });
  }
  return conflicts;
}

/** Returns what is wrong with the name of a joint; undefined where the scenario has it. */
function checkJointName(joint: string, { joints }: Scenario): string | undefined {
  const known = Object.keys(joints);
  if (known.includes(joint)) return undefined;
  const hint = didYouMean(joint, known) || `; joints are ${known.join(', ') || 'none'}`;
  return `expected the name of a joint, got ${JSON.stringify(joint)}${hint}`;
}

function checkSound(name: string, sound: Scenario['sounds'][string], scenario: Scenario): Conflict[] {
  const conflicts: Conflict[] = [];
  const message = sound.body === undefined ? undefined : checkBodyName(sound.body, scenario);
  if (message !== undefined) conflicts.push({ path: ['sounds', name, 'body'], message });
  if (smallest(sound.toS) < largest(sound.fromS)) {
    conflicts.push({
      path: ['sounds', name, 'toS'],
      message: `expected at least fromS (${show(sound.fromS)}), got ${show(sound.toS)}`,
    });
  }
  return conflicts;
}

/** Clocks count in thousandths of a hertz (core/time.ts): another rate would drift from what its stream says. */
function checkRate(name: string, { rateHz }: Sensor): Conflict[] {
  const nearest = Math.round(rateHz * 1000) / 1000;
  // No rate at all is the schema's to tell.
  if (!(rateHz > 0) || Math.abs(rateHz - nearest) <= 1e-9 * rateHz) return [];
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
      for (const [m, { body }] of sensor.microphones.entries()) {
        const message = body === undefined ? undefined : checkBodyName(body, scenario);
        if (message !== undefined)
          conflicts.push({ path: ['sensors', name, 'microphones', m, 'body'], message });
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
    case 'event-camera': {
      const rowS = sensor.picturesPerRow / sensor.rateHz;
      const shortestS = smallest(scenario.durationS);
      if (rowS <= shortestS) return [];
      return [
        at(
          'picturesPerRow',
          `expected rows no longer than the shortest episode (${shortestS} s), got ${sensor.picturesPerRow} pictures at ${sensor.rateHz} Hz = ${rowS} s`,
        ),
      ];
    }
    case 'lidar':
      return checkLidar(name, sensor, scenario);
    case 'action':
      return checkAction(name, sensor, scenario);
    case 'haptics':
      return checkHaptics(sensor, scenario, at);
    case 'tactile':
    case 'tactile-image':
    case 'vibration':
    case 'wrist':
      return checkTouch(name, sensor, scenario);
    default:
      return [];
  }
}

/** What of the named is commanded, the sensor itself tells. */
function checkAction(
  name: string,
  { bodies = [], joints = [] }: Extract<Sensor, { kind: 'action' }>,
  scenario: Scenario,
): Conflict[] {
  const check = (key: 'bodies' | 'joints', names: readonly string[], fault: typeof checkBodyName) =>
    names.flatMap((each, i) => {
      const message = fault(each, scenario);
      return message === undefined ? [] : [{ path: ['sensors', name, key, i], message }];
    });
  return [...check('bodies', bodies, checkBodyName), ...check('joints', joints, checkJointName)];
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
  if (body === undefined) return conflicts;
  for (const shape of possibilities(body.shape)) {
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
