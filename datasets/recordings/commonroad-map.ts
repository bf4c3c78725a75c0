import {
  all,
  attributeOf,
  maybe,
  numberIn,
  one,
  pointIn,
  wholeNumberIn,
  wrongElement,
  type XmlElement,
} from './commonroad-xml.js';

/** A point of the map, m. */
export type MapPoint = readonly [x: number, y: number];

/** A lanelet beside another. */
export interface Neighbour {
  readonly id: number;
  readonly sameDirection: boolean;
}

/** A piece of lane between two bounds; traffic goes from the first point of each bound to the last. */
export interface Lanelet {
  readonly id: number;
  /** As many points as `right`, pair by pair across the lane. */
  readonly left: readonly MapPoint[];
  readonly right: readonly MapPoint[];
  readonly predecessors: readonly number[];
  readonly successors: readonly number[];
  readonly adjacentLeft?: Neighbour;
  readonly adjacentRight?: Neighbour;
  /** Absent where the map does not say. */
  readonly speedLimitMps?: number;
}

/** Signs that limit speed: the country code's number in Germany and in the United States. */
const SPEED_LIMIT_SIGNS = new Set(['274', 'R2-1', 'MAX_SPEED']);

/**
 * Reads the lanelets of a CommonRoad document. 2018b writes a speed limit in the lanelet, 2020a on a sign that it refers to.
 *
 * @throws UmweltError `malformed-file` with the line: bounds of different lengths, a lanelet that is named but not there.
 */
export function readLanelets(root: XmlElement): readonly Lanelet[] {
  const limits = speedLimitsOf(root);
  const elements = all(root, 'lanelet');
  const lanelets = elements.map((element) => laneletOf(element, limits));
  const known = new Set<number>();
  for (const [index, { id }] of lanelets.entries()) {
    if (known.has(id)) throw wrongElement(elements[index]!, `there are two lanelets ${id}`);
    known.add(id);
  }
  for (const [index, lanelet] of lanelets.entries()) {
    const { predecessors, successors, adjacentLeft, adjacentRight } = lanelet;
    const named = [...predecessors, ...successors, adjacentLeft?.id, adjacentRight?.id];
    const lost = named.find((id) => id !== undefined && !known.has(id));
    if (lost !== undefined)
      throw wrongElement(
        elements[index]!,
        `lanelet ${lanelet.id} refers to lanelet ${lost}, which is not there`,
      );
  }
  return lanelets;
}

function laneletOf(element: XmlElement, limits: ReadonlyMap<number, number>): Lanelet {
  const id = idOf(element);
  const [left, right] = [boundOf(element, 'leftBound'), boundOf(element, 'rightBound')];
  if (left.length !== right.length || left.length < 2)
    throw wrongElement(
      element,
      `lanelet ${id}: expected two bounds of as many points, at least 2, got ${left.length} and ${right.length}`,
    );
  const refs = (name: string) => all(element, name).map((child) => refOf(child));
  const adjacentLeft = neighbourOf(element, 'adjacentLeft');
  const adjacentRight = neighbourOf(element, 'adjacentRight');
  const written = maybe(element, 'speedLimit');
  const signed = refs('trafficSignRef').flatMap((sign) => limits.get(sign) ?? []);
  const speedLimitMps = written === undefined ? signed.toSorted((a, b) => a - b)[0] : numberIn(written);
  return {
    id,
    left,
    right,
    predecessors: refs('predecessor'),
    successors: refs('successor'),
    ...(adjacentLeft === undefined ? {} : { adjacentLeft }),
    ...(adjacentRight === undefined ? {} : { adjacentRight }),
    ...(speedLimitMps === undefined ? {} : { speedLimitMps }),
  };
}

function boundOf(lanelet: XmlElement, name: string): readonly MapPoint[] {
  return all(one(lanelet, name), 'point').map(pointIn);
}

function neighbourOf(lanelet: XmlElement, name: string): Neighbour | undefined {
  const element = maybe(lanelet, name);
  if (element === undefined) return undefined;
  const direction = attributeOf(element, 'drivingDir');
  if (direction !== 'same' && direction !== 'opposite')
    throw wrongElement(element, `expected drivingDir same or opposite, got ${JSON.stringify(direction)}`);
  return { id: refOf(element), sameDirection: direction === 'same' };
}

/** By the sign's id. */
function speedLimitsOf(root: XmlElement): ReadonlyMap<number, number> {
  const limits = new Map<number, number>();
  for (const sign of all(root, 'trafficSign')) {
    for (const part of all(sign, 'trafficSignElement')) {
      if (!SPEED_LIMIT_SIGNS.has(one(part, 'trafficSignID').text)) continue;
      limits.set(idOf(sign), numberIn(one(part, 'additionalValue')));
    }
  }
  return limits;
}

/** Reads an element's id. @throws UmweltError `malformed-file`. */
export function idOf(element: XmlElement): number {
  return wholeNumberIn(element, attributeOf(element, 'id'));
}

function refOf(element: XmlElement): number {
  return wholeNumberIn(element, attributeOf(element, 'ref'));
}
