import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import type { Vec3 } from '../core/math/vector.js';
import type { JointSpec } from '../scenarios/contract.js';
import type { BodyInWorld } from './world-bodies.js';

/**
 * Connects two bodies in the engine; they no longer touch each other.
 *
 * @param hasMotor whether the engine runs the joint's motor.
 */
export function addJoint(
  world: RAPIER.World,
  spec: JointSpec,
  bodies: readonly BodyInWorld[],
  hasMotor: boolean,
): void {
  const parent = bodies[spec.parent]!.body;
  const child = bodies[spec.child]!.body;
  const joint = world.createImpulseJoint(describeJoint(spec), parent, child, true);
  joint.setContactsEnabled(false);
  if (!(joint instanceof RAPIER.UnitImpulseJoint)) return;
  if (spec.limits) joint.setLimits(...spec.limits);
  if (hasMotor && spec.motor) {
    const { target, targetVelocity, stiffness, damping, maxForce } = spec.motor;
    // Rapier's other model scales by mass: stiffness would not be N m/rad.
    joint.configureMotorModel(RAPIER.MotorModel.ForceBased);
    joint.configureMotor(target, targetVelocity, stiffness, damping);
    joint.setMotorMaxForce(maxForce);
  }
}

function describeJoint({ kind, anchorInParentM, anchorInChildM, axis }: JointSpec): RAPIER.JointData {
  const parent = vector(anchorInParentM);
  const child = vector(anchorInChildM);
  const straight = { w: 1, x: 0, y: 0, z: 0 };
  switch (kind) {
    case 'revolute':
      return RAPIER.JointData.revolute(parent, child, vector(axis));
    case 'prismatic':
      return RAPIER.JointData.prismatic(parent, child, vector(axis));
    case 'spherical':
      return RAPIER.JointData.spherical(parent, child);
    case 'fixed':
      return RAPIER.JointData.fixed(parent, straight, child, straight);
  }
}

function vector([x, y, z]: Vec3): RAPIER.Vector {
  return { x, y, z };
}
