import { fromAxisAngle } from '../../core/math/rotation.js';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { idOf, readLanelets } from './commonroad-map.js';
import { NGSIM_RATE_HZ, readTracks, type Track, type TrackState } from './commonroad-tracks.js';
import {
  all,
  attributeOf,
  maybe,
  numberIn,
  one,
  pointIn,
  readXml,
  wrongElement,
  type XmlElement,
} from './commonroad-xml.js';
import type { Recording, RecordingFormat } from './contract.js';
import { singleFiles } from './single-files.js';

/** The releases of the format that are read. */
const VERSIONS = ['2018b', '2020a'];
/** A file may claim any step; no scene is longer than ten minutes. */
const MAX_STEPS = 600 * NGSIM_RATE_HZ;
const MAX_STATIC = 1000;

const IO =
  'https://raw.githubusercontent.com/CommonRoad/commonroad-io/8275861a448dd16cf0786357f0c7cf8762926838/tests/test_scenarios';
const CRIME =
  'https://raw.githubusercontent.com/CommonRoad/commonroad-crime/6898f6a1d02af5fbb31cdbc9046a7be10b3c98ae/scenarios';

const TRACKS: StreamDescription = {
  name: 'tracks',
  kind: 'truth',
  rateHz: NGSIM_RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'trackId',
      dataType: 'int32',
      shape: [],
      unit: '1',
      description: "which road user the row is of: an id in the episode's attribute `tracks`",
    },
    {
      name: 'positionM',
      dataType: 'float64',
      shape: [3],
      unit: 'm',
      description: "the centre of its outline, in the scene's plane (z is 0), x east and y north",
    },
    {
      name: 'orientation',
      dataType: 'float64',
      shape: [4],
      unit: '1',
      description: 'unit quaternion w x y z, world from body: a turn about z by its heading',
    },
    { name: 'speedMps', dataType: 'float64', shape: [], unit: 'm/s', description: 'along its heading' },
    {
      name: 'accelerationMps2',
      dataType: 'float64',
      shape: [],
      unit: 'm/s^2',
      description: 'along its heading',
    },
  ],
  metadata: { rows: 'one a road user and step, in the order of steps; road users come and go' },
};

/** Traffic on US-101, Lankershim Boulevard and Peachtree Street, with the lanes it drives on (NGSIM, as CommonRoad XML). */
export const commonroadNgsim: RecordingFormat = {
  name: 'commonroad-ngsim',
  title: 'NGSIM traffic with lanelet maps, as CommonRoad scenes',
  licence:
    'BSD-3-Clause, Technical University of Munich (commonroad-io, commonroad-crime); map geometry from OpenStreetMap, ODbL upstream',
  source: {
    citation:
      'Althoff, Koschi, Manzinger: CommonRoad: Composable benchmarks for motion planning on roads. IV 2017; US DOT: Next Generation Simulation',
    url: 'https://commonroad.in.tum.de',
    version: '2018b and 2020a; commonroad-io 8275861a, commonroad-crime 6898f6a1',
  },
  publication: {
    baseUrl: IO,
    sha256: {
      'USA_Lanker-1_1_T-1.xml': '8e8a912ce25de11eeac9ff6e8740517135504a4ebe45e99bf29a5300a1d7979c',
      'USA_Lanker-1_3_T-1.xml': '0d57b0a26010d73332aaefd93e2c45874a2e5c2b7ce0a6be63bd5b2530658796',
      'USA_US101-3_3_T-1.xml': 'b8dacfb2d4d219daf9ac504ff27beaf454f012eb2af53e37151df01cdd33cc3f',
      'USA_US101-4_1_T-1.xml': '6e14f050cff666176b1dd77081ca200369a4934bbf43fca4649c090334811682',
    },
    addresses: { 'USA_Lanker-1_3_T-1.xml': `${CRIME}/USA_Lanker-1_3_T-1.xml` },
    withoutDigest: 2,
  },
  ...singleFiles({
    conversion: {
      rateHz: NGSIM_RATE_HZ,
      frame: "the scene's own: metres, x east, y north, a corner of the scene as origin; z is 0",
      acceleration: 'where a file does not say, the change of speed since the step before',
      leftOut: 'goals, traffic lights, stop lines, signs other than speed limits',
      missingCar:
        'the car that recorded planning starts from was removed upstream and is only in `planningProblems`',
    },
    streams: [TRACKS],
    isRecording: (fileName) => /^(?:C-)?[A-Z]{3}_[A-Za-z0-9]+-\d+_\d+(?:_[A-Z]-\d+)*\.xml$/.test(fileName),
    decode: decodeScene,
  }),
};

function decodeScene(bytes: Uint8Array, fileName: string): Recording {
  const root = readXml(bytes, fileName);
  if (root.name !== 'commonRoad') throw wrongElement(root, `expected <commonRoad>, got <${root.name}>`);
  const version = attributeOf(root, 'commonRoadVersion');
  if (!VERSIONS.includes(version))
    throw wrongElement(
      root,
      `expected commonRoadVersion ${VERSIONS.join(' or ')}, got ${JSON.stringify(version)}`,
    );
  const stepS = numberIn(root, attributeOf(root, 'timeStepSize'));
  if (Math.abs(stepS * NGSIM_RATE_HZ - 1) > 1e-9)
    throw wrongElement(
      root,
      `expected a timeStepSize of ${1 / NGSIM_RATE_HZ} s, as NGSIM has it, got ${stepS}`,
    );
  const tracks = readTracks(root);
  if (tracks.length === 0) throw wrongElement(root, 'there is no obstacle');
  const steps = stepsOf(tracks, root);
  return {
    durationS: (steps - 1) / NGSIM_RATE_HZ,
    attributes: {
      benchmarkId: attributeOf(root, 'benchmarkID'),
      commonRoadVersion: version,
      tracks: tracks.map(({ states, ...track }) => track),
      lanelets: readLanelets(root),
      planningProblems: all(root, 'planningProblem').map(planningProblemOf),
    },
    samples: samplesOf(tracks, steps),
  };
}

/** How many steps a scene has. What never moves is there for all of them. */
function stepsOf(tracks: readonly Track[], root: XmlElement): number {
  const last = tracks.reduce((most, { states }) => Math.max(most, states.at(-1)!.step), 0);
  if (last >= MAX_STEPS) throw wrongElement(root, `expected at most ${MAX_STEPS} steps, got step ${last}`);
  const still = tracks.filter(({ isStatic }) => isStatic).length;
  if (still > MAX_STATIC)
    throw wrongElement(root, `expected at most ${MAX_STATIC} static obstacles, got ${still}`);
  return last + 1;
}

function* samplesOf(tracks: readonly Track[], steps: number): Generator<SensorSample> {
  for (let step = 0; step < steps; step++) {
    for (const { id, isStatic, states } of tracks) {
      const state = states[isStatic ? 0 : step - states[0]!.step];
      if (state !== undefined) yield sampleOf(id, state, step);
    }
  }
}

function sampleOf(id: number, state: TrackState, step: number): SensorSample {
  return {
    stream: TRACKS.name,
    timeNs: tickTimeNs(step, NGSIM_RATE_HZ),
    values: {
      trackId: Int32Array.of(id),
      positionM: Float64Array.of(state.xM, state.yM, 0),
      orientation: Float64Array.from(fromAxisAngle([0, 0, 1], state.yawRad)),
      speedMps: Float64Array.of(state.speedMps),
      accelerationMps2: Float64Array.of(state.accelerationMps2),
    },
  };
}

/** Where the car was that a planner is to stand in for. */
function planningProblemOf(element: XmlElement): Readonly<Record<string, unknown>> {
  const initial = one(element, 'initialState');
  const exact = (name: string) => {
    const value = maybe(initial, name);
    const inside = value && maybe(value, 'exact');
    return inside && numberIn(inside);
  };
  const point = maybe(one(initial, 'position'), 'point');
  return {
    id: idOf(element),
    ...(point === undefined ? {} : { positionM: pointIn(point) }),
    ...(exact('orientation') === undefined ? {} : { yawRad: exact('orientation') }),
    ...(exact('velocity') === undefined ? {} : { speedMps: exact('velocity') }),
  };
}
