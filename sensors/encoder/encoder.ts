import { UmweltError } from '../../core/errors.js';
import { atan2 } from '../../core/math/exact.js';
import { conjugate, multiply, rotate } from '../../core/math/quaternion.js';
import { add, dot, subtract } from '../../core/math/vector.js';
import type { JointSpec, SimSpec } from '../../scenarios/contract.js';
import type { CreateSensor, StreamDescription } from '../contract.js';
import { requireFinite } from '../finite.js';
import { createTicks, type Instant, poseAt } from '../ticks.js';
import type { EncoderSpecification } from './specification.js';

/**
 * Creates an incremental encoder: it counts steps of the joint's angle or travel from where the joint reads 0, and goes on
 * counting over whole turns.
 *
 * Fields: `position` float64 [], rad or m, a whole number of counts; `speed` float64 [], rad/s or m/s, the change of the
 * position over the last `speedWindow` readings (fewer at the start).
 *
 * @throws UmweltError `invalid-input` when the scene has no such joint, or one that neither turns about nor slides along an
 * axis, or whose position is not finite.
 */
export const createEncoder: CreateSensor<EncoderSpecification> = (name, specification, spec) => {
  const { rateHz, countsPerUnit, offset, backlash, speedWindow } = specification;
  const joint = findJoint(name, specification, spec);
  const ticksUntil = createTicks(rateHz);
  const perCount = stepOf(joint, countsPerUnit);
  const recent: number[] = [];
  let unwrapped: number | null = null;
  let geared = 0;
  const read = (instant: Instant): number => {
    const raw = positionOf(joint, instant);
    requireFinite(name, `position of joint ${joint.name}`, instant.timeNs, [raw]);
    unwrapped = unwrapped === null || joint.kind === 'prismatic' ? raw : continueTurn(unwrapped, raw);
    geared = recent.length === 0 ? unwrapped : follow(geared, unwrapped, backlash);
    const shown = geared + offset;
    return perCount === 0 ? shown : Math.floor(shown / perCount + 0.5) * perCount;
  };
  return {
    stream: describe(name, specification, joint),
    sense: (frame) =>
      ticksUntil(frame).map((instant) => {
        const position = read(instant);
        recent.push(position);
        if (recent.length > speedWindow + 1) recent.shift();
        const span = Math.max(1, recent.length - 1);
        const speed = ((position - recent[0]!) / span) * rateHz;
        return {
          stream: name,
          timeNs: instant.timeNs,
          values: { position: Float64Array.of(position), speed: Float64Array.of(speed) },
        };
      }),
  };
};

/** Where a joint is: the angle about its axis in (-pi, pi], rad, or the travel along it, m. */
export function positionOf(joint: JointSpec, instant: Instant): number {
  const parent = poseAt(instant, joint.parent);
  const child = poseAt(instant, joint.child);
  const parentFromWorld = conjugate(parent.orientation);
  if (joint.kind === 'prismatic') {
    const anchor = add(child.positionM, rotate(child.orientation, joint.anchorInChildM));
    const inParent = rotate(parentFromWorld, subtract(anchor, parent.positionM));
    return dot(joint.axis, subtract(inParent, joint.anchorInParentM));
  }
  const [w, x, y, z] = multiply(parentFromWorld, child.orientation);
  const twist = 2 * atan2(dot([x, y, z], joint.axis), w);
  return twist > Math.PI ? twist - 2 * Math.PI : twist <= -Math.PI ? twist + 2 * Math.PI : twist;
}

/** The angle that is `raw` up to whole turns and nearest to the last one. */
function continueTurn(last: number, raw: number): number {
  return raw + 2 * Math.PI * Math.round((last - raw) / (2 * Math.PI));
}

/** The encoder's side of a gear with play: it moves only when pushed by either flank. */
function follow(geared: number, driven: number, backlash: number): number {
  return Math.min(driven + backlash / 2, Math.max(driven - backlash / 2, geared));
}

/** Rad or m a count. */
function stepOf(joint: JointSpec, countsPerUnit: number): number {
  if (countsPerUnit === 0) return 0;
  return (joint.kind === 'prismatic' ? 1 : 2 * Math.PI) / countsPerUnit;
}

function findJoint(name: string, { joint }: EncoderSpecification, { joints }: SimSpec): JointSpec {
  const found = joints.find((candidate) => candidate.name === joint);
  if (found?.kind === 'revolute' || found?.kind === 'prismatic') return found;
  const fitting = joints.filter(({ kind }) => kind === 'revolute' || kind === 'prismatic');
  const known = fitting.map((candidate) => candidate.name);
  throw new UmweltError(
    'invalid-input',
    { sensor: name, joint, known },
    `sensors.${name}.joint: expected the name of a revolute or prismatic joint (${known.join(', ') || 'there is none'}), ` +
      `got "${joint}"${found === undefined ? '' : `, which is ${found.kind}`}`,
  );
}

function describe(
  name: string,
  { rateHz, joint, countsPerUnit }: EncoderSpecification,
  { kind }: JointSpec,
): StreamDescription {
  const unit = kind === 'prismatic' ? 'm' : 'rad';
  const field = (title: string, fieldUnit: string, description: string) =>
    ({ name: title, dataType: 'float64', shape: [], unit: fieldUnit, description }) as const;
  return {
    name,
    kind: 'encoder',
    rateHz,
    samplesPerRow: 1,
    fields: [
      field('position', unit, 'reading of the encoder, over whole turns'),
      field('speed', `${unit}/s`, 'change of the reading over the window'),
    ],
    metadata: { joint, jointKind: kind, countsPerUnit },
  };
}
