import { drivenStateAt, meanPushBetween, meanVelocityBetween } from '../../core/drive.js';
import { UmweltError } from '../../core/errors.js';
import type { BodySpec, JointSpec, SimSpec } from '../../scenarios/contract.js';
import { bodyIndex } from '../mount.js';
import type { ActionSpecification } from './specification.js';

/** One number of an action. */
export interface ActionComponent {
  /** Such as `pusher.linearVelocityMps.x`. */
  readonly label: string;
  readonly unit: string;
}

/** What commands one body or one motor. */
export interface Command {
  readonly components: readonly ActionComponent[];
  /** Over [fromS, toS), a number a component. */
  readonly during: (fromS: number, toS: number) => readonly number[];
}

/**
 * Finds what commands the named bodies and joints, or all that are commanded: bodies in the order of their names or of the
 * scene, then joints.
 *
 * @throws UmweltError `invalid-input` when a name is unknown, given twice or of something that nothing commands, or when
 * there is no command at all.
 */
export function findCommands(name: string, specification: ActionSpecification, spec: SimSpec): Command[] {
  const bodies = spec.bodies.filter(isCommanded);
  const motors = spec.joints.filter(({ motor }) => motor !== undefined);
  const path = `sensors.${name}`;
  requireOnce(`${path}.bodies`, specification.bodies ?? []);
  requireOnce(`${path}.joints`, specification.joints ?? []);
  const namedBodies = specification.bodies?.map((body) => {
    const found = spec.bodies[bodyIndex(`${path}.bodies`, body, spec)]!;
    if (isCommanded(found)) return found;
    throw refusal(`${path}.bodies`, 'the name of a kinematic body or of one with forces', bodies, body);
  });
  const namedMotors = specification.joints?.map((joint) => {
    const found = motors.find((motor) => motor.name === joint);
    if (found !== undefined) return found;
    throw refusal(`${path}.joints`, 'the name of a joint with a motor', motors, joint);
  });
  const commands = [
    ...(namedBodies ?? bodies).map((body) => (body.motion === 'kinematic' ? motionOf(body) : pushOn(body))),
    ...(namedMotors ?? motors).map(motorOf),
  ];
  if (commands.length > 0) return commands;
  throw new UmweltError(
    'invalid-input',
    { sensor: name },
    `${path}: expected a kinematic body, a body with forces or a joint with a motor, got a scene in which nothing is commanded; ` +
      'add one or remove the sensor',
  );
}

/** A piece of a whole that may break is not: nothing pushes it. */
function isCommanded({ motion, forces }: BodySpec): boolean {
  return motion === 'kinematic' || forces.length > 0;
}

function motionOf(body: BodySpec): Command {
  return {
    components: [
      ...threeOf(body.name, 'positionM', 'm'),
      ...threeOf(body.name, 'linearVelocityMps', 'm/s'),
      ...threeOf(body.name, 'angularVelocityRadps', 'rad/s'),
    ],
    during(fromS, toS) {
      const { linearVelocityMps, angularVelocityRadps } = meanVelocityBetween(body, fromS, toS);
      return [...drivenStateAt(body, fromS).pose.positionM, ...linearVelocityMps, ...angularVelocityRadps];
    },
  };
}

function pushOn({ name, forces }: BodySpec): Command {
  return {
    components: [...threeOf(name, 'forceN', 'N'), ...threeOf(name, 'torqueNm', 'N m')],
    during(fromS, toS) {
      const { forceN, torqueNm } = meanPushBetween(forces, fromS, toS);
      return [...forceN, ...torqueNm];
    },
  };
}

function motorOf({ name, kind, motor }: JointSpec): Command {
  const unit = kind === 'prismatic' ? 'm' : 'rad';
  const values = [motor!.target, motor!.targetVelocity];
  return {
    components: [
      { label: `${name}.target`, unit },
      { label: `${name}.targetVelocity`, unit: `${unit}/s` },
    ],
    during: () => values,
  };
}

function threeOf(name: string, quantity: string, unit: string): ActionComponent[] {
  return ['x', 'y', 'z'].map((axis) => ({ label: `${name}.${quantity}.${axis}`, unit }));
}

function requireOnce(path: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new UmweltError(
    'invalid-input',
    { path, names },
    `${path}: expected each name once, got "${twice}" twice; remove one`,
  );
}

function refusal(
  path: string,
  expected: string,
  fitting: readonly { readonly name: string }[],
  got: string,
): UmweltError {
  const known = fitting.map(({ name }) => name);
  return new UmweltError(
    'invalid-input',
    { path, got, known },
    `${path}: expected ${expected} (${known.join(', ') || 'the scene has none'}), got "${got}"`,
  );
}
