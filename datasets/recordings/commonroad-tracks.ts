import type { UmweltError } from '../../core/errors.js';
import { idOf, type MapPoint } from './commonroad-map.js';
import {
  all,
  maybe,
  numberIn,
  one,
  pointIn,
  wholeNumberIn,
  wrongElement,
  type XmlElement,
} from './commonroad-xml.js';

/** Frames a second of NGSIM's cameras. */
export const NGSIM_RATE_HZ = 10;

/** What a road user looks like from above: centred on its position, length along its heading. */
export type Outline =
  | { readonly kind: 'rectangle'; readonly lengthM: number; readonly widthM: number }
  | { readonly kind: 'circle'; readonly radiusM: number }
  /** Body frame: x forward, y left. */
  | { readonly kind: 'polygon'; readonly pointsM: readonly MapPoint[] };

/** Where a road user is at one step. */
export interface TrackState {
  readonly step: number;
  readonly xM: number;
  readonly yM: number;
  /** Anticlockwise from x. */
  readonly yawRad: number;
  /** Along the heading. */
  readonly speedMps: number;
  /** Along the heading; where the file does not say, how the speed changed since the step before (0 at the first). */
  readonly accelerationMps2: number;
}

/** One road user. */
export interface Track {
  readonly id: number;
  /** `car`, `truck`, `pedestrian`, ... */
  readonly kind: string;
  readonly isStatic: boolean;
  readonly outline: Outline;
  /** Size of the smallest rectangle about the position that holds the outline. */
  readonly lengthM: number;
  readonly widthM: number;
  /** Step after step, none missing; one where it is static. */
  readonly states: readonly TrackState[];
}

/**
 * Reads the obstacles of a CommonRoad document: <obstacle> with a <role> in 2018b, <dynamicObstacle> and <staticObstacle>
 * in 2020a.
 *
 * @throws UmweltError `malformed-file` with the line, the obstacle and the step: a step that is missing, a state that is an
 *   interval or an area (a recording knows where its cars were), an obstacle that is a set of places rather than a track.
 */
export function readTracks(root: XmlElement): readonly Track[] {
  const names = ['obstacle', 'dynamicObstacle', 'staticObstacle'];
  const elements = root.children.filter(({ name }) => names.includes(name));
  const known = new Set<number>();
  return elements.map((element) => {
    const track = trackOf(element);
    if (known.has(track.id)) throw wrongElement(element, `there are two obstacles ${track.id}`);
    known.add(track.id);
    return track;
  });
}

function trackOf(element: XmlElement): Track {
  const id = idOf(element);
  const isStatic = roleOf(element) === 'static';
  const outline = outlineOf(one(element, 'shape'));
  const initial = stateOf(one(element, 'initialState'), id, isStatic, undefined);
  const trajectory = maybe(element, 'trajectory');
  if (trajectory === undefined && !isStatic)
    throw wrongElement(element, `obstacle ${id} has no <trajectory>: only tracks can be imported`);
  const states = [initial];
  for (const child of trajectory === undefined || isStatic ? [] : all(trajectory, 'state')) {
    const state = stateOf(child, id, false, states.at(-1));
    const expected = states.at(-1)!.step + 1;
    if (state.step !== expected)
      throw wrongElement(child, `obstacle ${id}: expected step ${expected} next, got step ${state.step}`);
    states.push(state);
  }
  return { id, kind: one(element, 'type').text, isStatic, outline, ...sizeOf(outline), states };
}

function roleOf(element: XmlElement): 'dynamic' | 'static' {
  if (element.name !== 'obstacle') return element.name === 'dynamicObstacle' ? 'dynamic' : 'static';
  const role = one(element, 'role');
  if (role.text === 'dynamic' || role.text === 'static') return role.text;
  throw wrongElement(role, `expected the role dynamic or static, got ${JSON.stringify(role.text)}`);
}

function outlineOf(shape: XmlElement): Outline {
  const [form, ...more] = shape.children;
  if (form === undefined || more.length > 0)
    throw wrongElement(shape, `expected one shape, got ${shape.children.length}`);
  requireCentred(form);
  switch (form.name) {
    case 'rectangle':
      return {
        kind: 'rectangle',
        lengthM: lengthIn(one(form, 'length')),
        widthM: lengthIn(one(form, 'width')),
      };
    case 'circle':
      return { kind: 'circle', radiusM: lengthIn(one(form, 'radius')) };
    case 'polygon': {
      const pointsM = all(form, 'point').map(pointIn);
      if (pointsM.length < 3) throw wrongElement(form, `expected at least 3 points, got ${pointsM.length}`);
      return { kind: 'polygon', pointsM };
    }
    default:
      throw wrongElement(form, `expected a rectangle, circle or polygon, got <${form.name}>`);
  }
}

/** A shape may have a place of its own in the obstacle; in a recording it has none. */
function requireCentred(form: XmlElement): void {
  const center = maybe(form, 'center');
  const orientation = maybe(form, 'orientation');
  const offset = [...(center ? pointIn(center) : []), ...(orientation ? [numberIn(orientation)] : [])];
  if (offset.some((value) => value !== 0))
    throw wrongElement(
      form,
      `expected a shape about the obstacle's position, got an offset of ${offset.join(', ')}`,
    );
}

function lengthIn(element: XmlElement): number {
  const value = numberIn(element);
  if (value > 0) return value;
  throw wrongElement(element, `expected a length above 0 in <${element.name}>, got ${value}`);
}

function sizeOf(outline: Outline): Pick<Track, 'lengthM' | 'widthM'> {
  switch (outline.kind) {
    case 'rectangle':
      return { lengthM: outline.lengthM, widthM: outline.widthM };
    case 'circle':
      return { lengthM: 2 * outline.radiusM, widthM: 2 * outline.radiusM };
    case 'polygon': {
      const reach = (axis: 0 | 1) =>
        2 * outline.pointsM.reduce((most, point) => Math.max(most, Math.abs(point[axis])), 0);
      return { lengthM: reach(0), widthM: reach(1) };
    }
  }
}

function stateOf(
  element: XmlElement,
  id: number,
  isStatic: boolean,
  before: TrackState | undefined,
): TrackState {
  const step = wholeNumberIn(exactly(element, 'time', id, undefined));
  const position = one(element, 'position');
  const point = maybe(position, 'point');
  if (point === undefined) throw notExact(position, id, step, `an area (<${position.children[0]?.name}>)`);
  const [xM, yM] = pointIn(point);
  const yawRad = numberIn(exactly(element, 'orientation', id, step));
  if (isStatic) return { step, xM, yM, yawRad, speedMps: 0, accelerationMps2: 0 };
  const speedMps = numberIn(exactly(element, 'velocity', id, step));
  const accelerationMps2 =
    maybe(element, 'acceleration') === undefined
      ? (speedMps - (before?.speedMps ?? speedMps)) * NGSIM_RATE_HZ
      : numberIn(exactly(element, 'acceleration', id, step));
  return { step, xM, yM, yawRad, speedMps, accelerationMps2 };
}

/** Returns the <exact> of a value. */
function exactly(state: XmlElement, name: string, id: number, step: number | undefined): XmlElement {
  const value = maybe(state, name);
  if (value === undefined)
    throw wrongElement(
      state,
      `obstacle ${id}${step === undefined ? '' : `, step ${step}`}: there is no <${name}>`,
    );
  const exact = maybe(value, 'exact');
  if (exact === undefined) throw notExact(value, id, step, 'an interval');
  return exact;
}

function notExact(value: XmlElement, id: number, step: number | undefined, got: string): UmweltError {
  const where = `obstacle ${id}${step === undefined ? '' : `, step ${step}`}`;
  return wrongElement(
    value,
    `${where}: expected an exact <${value.name}>, as a recording has it, got ${got}`,
  );
}
