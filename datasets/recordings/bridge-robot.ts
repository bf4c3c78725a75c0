import { join } from 'node:path';
import sharp from 'sharp';
import { describeCause } from '../../core/errors.js';
import { conjugate, multiply, type Quaternion } from '../../core/math/quaternion.js';
import { fromRollPitchYaw, toRotationVector } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample } from '../contract.js';
import { type BridgeCamera, bridgeStreams } from './bridge-robot-streams.js';
import type { Recording, RecordingEntry, RecordingFormat } from './contract.js';
import { malformed } from './malformed.js';
import { naturalOrder } from './natural-order.js';
import { namesIn } from './single-files.js';
import { findRecords, placeOf, type RecordPlace, readRecord } from './tfrecord.js';
import { decodeExample, type Example } from './tfrecord-example.js';

/** Steps a second: BridgeData V2 was recorded at 5 Hz; the files state no rate. */
export const BRIDGE_RATE_HZ = 5;
/** The published files: `<url>/<commit>/<folder>/<name>`. */
export const BRIDGE_COMMIT = '241fb3514b7c40957a86d869fecb7c7fc353f540';

const FILE = /^bridge\w*-(train|val|test)\.tfrecord-\d{5}-of-\d{5}$/;
const CAMERAS = ['image_0', 'image_1', 'image_2', 'image_3'] as const;
/** Numbers of a step in `state` and `action`. */
const WIDTH = 7;
const MOST_PIXELS = 4096 * 4096;
/** No clip is longer: an hour. */
const MOST_STEPS = 3600 * BRIDGE_RATE_HZ;
/** A picture whose values differ by no more than this holds nothing: a camera that was not there. */
const BLANK_SPAN = 4;

/** Clips of a robot arm in toy kitchens (Walke et al.: BridgeData V2, CoRL 2023), as TensorFlow Datasets store them. */
export const bridgeRobot: RecordingFormat = {
  name: 'bridge-robot',
  title: 'BridgeData V2: ten-step clips of a WidowX arm, cameras, state and action',
  licence: 'MIT (the repository that publishes the excerpt; it states no licence of the data)',
  source: {
    citation:
      'Walke et al.: BridgeData V2: A Dataset for Robot Learning at Scale. CoRL 2023; excerpt of octo-models/octo',
    url: 'https://github.com/octo-models/octo',
    version: BRIDGE_COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/octo-models/octo/${BRIDGE_COMMIT}/tests/debug_dataset/bridge_dataset/1.0.0`,
    sha256: {
      'bridge_dataset-train.tfrecord-00000-of-00001':
        '4f0f6f6b88eb11bff02c85aa9df3825162d3be3945df67f731970044b07e6266',
      'features.json': '5a2532b28d82babaf02491d6e2709cf5813548f3f122b2341341193a5250028e',
    },
    withoutDigest: 1,
  },
  holds: (names) => names.some((name) => FILE.test(name)),
  async open(folder) {
    const files = (await namesIn(folder)).filter((name) => FILE.test(name)).sort(naturalOrder);
    const places = new Map<string, RecordPlace>();
    const entries: RecordingEntry[] = [];
    for (const file of files) {
      for (const place of await findRecords(join(folder, file))) {
        const name = `${file}#${place.index}`;
        places.set(name, place);
        entries.push({ name, files: [file] });
      }
    }
    const first = entries[0];
    if (first === undefined) throw malformed(files[0] ?? folder, placeOf(0), 'there are no records');
    const read = async ({ name, files: [file] }: RecordingEntry) => {
      const place = places.get(name)!;
      const data = await readRecord(join(folder, file!), place);
      return {
        example: decodeExample(data, file!, placeOf(place.index)),
        path: file!,
        place: placeOf(place.index),
      };
    };
    const cameras = await camerasOf(await read(first));
    return {
      conversion: CONVERSION,
      streams: bridgeStreams(cameras, BRIDGE_RATE_HZ),
      entries,
      read: async (entry) => decodeClip(await read(entry), cameras),
    };
  },
};

const CONVERSION = {
  rateHz: BRIDGE_RATE_HZ,
  rate: 'nominal: the files hold no times',
  axes: "the robot's base: x forward, y left, z up",
  orientation:
    "roll, pitch, yaw about the base's fixed axes, from the recorders' neutral pose of the gripper",
  velocities: 'backward differences of the poses; the first row repeats the second',
  action: 'row k is what moves the arm from step k to step k + 1; row 0 of these clips is zero',
  cameras: 'frames without content (all pixels alike) are left out; the flags has_image_* are not believed',
} as const;

/** One record with where it lies, for messages. */
interface Clip {
  readonly example: Example;
  readonly path: string;
  readonly place: string;
}

/** Finds which cameras there are and how large their pictures, from the first record. */
async function camerasOf(clip: Clip): Promise<readonly BridgeCamera[]> {
  const cameras: BridgeCamera[] = [];
  for (const feature of CAMERAS) {
    const name = `steps/observation/${feature}`;
    if (!clip.example.has(name)) continue;
    const [first] = clip.example.bytes(name);
    if (first === undefined) throw malformed(clip.path, clip.place, `feature "${name}" holds no pictures`);
    const { width, height } = await decodeJpeg(first, clip, `${feature}[0]`);
    const index = cameras.length;
    cameras.push({ feature, stream: index === 0 ? 'camera' : `camera-${index}`, width, height });
  }
  if (cameras.length > 0) return cameras;
  throw malformed(
    clip.path,
    clip.place,
    `expected one of ${CAMERAS.join(', ')} among the features, there is none`,
  );
}

function decodeClip(clip: Clip, cameras: readonly BridgeCamera[]): Recording {
  const { example, path, place } = clip;
  const states = example.floats('steps/observation/state');
  const steps = states.length / WIDTH;
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= MOST_STEPS)) {
    throw malformed(
      path,
      place,
      `steps/observation/state: expected ${WIDTH} numbers a step, got ${states.length}`,
    );
  }
  const actions = example.floats('steps/action', steps * WIDTH);
  const pictures = cameras.map(({ feature }) => example.bytes(`steps/observation/${feature}`, steps));
  const text = (name: string): string | null => (example.has(name) ? example.text(name) : null);
  const id = example.has('episode_metadata/episode_id')
    ? example.integers('episode_metadata/episode_id')
    : [];
  return {
    durationS: (steps - 1) / BRIDGE_RATE_HZ,
    attributes: {
      instruction: text('steps/language_instruction'),
      publishedPath: text('episode_metadata/file_path'),
      publishedEpisode: id[0] ?? null,
    },
    samples: clipSamples(clip, cameras, pictures, states, actions),
  };
}

async function* clipSamples(
  clip: Clip,
  cameras: readonly BridgeCamera[],
  pictures: readonly (readonly Uint8Array[])[],
  states: readonly number[],
  actions: readonly number[],
): AsyncGenerator<SensorSample> {
  const steps = states.length / WIDTH;
  for (let step = 0; step < steps; step++) {
    const timeNs = tickTimeNs(step, BRIDGE_RATE_HZ);
    for (const [index, { feature, stream, width, height }] of cameras.entries()) {
      const where = `${feature}[${step}]`;
      const picture = await decodeJpeg(pictures[index]![step]!, clip, where);
      if (picture.width !== width || picture.height !== height) {
        const size = `${picture.width} x ${picture.height}`;
        throw malformed(clip.path, clip.place, `${where}: expected ${width} x ${height} pixels, got ${size}`);
      }
      if (!isBlank(picture.colour)) yield { stream, timeNs, values: { colour: picture.colour } };
    }
    yield { stream: 'state', timeNs, values: stateAt(states, step) };
    yield { stream: 'gripper', timeNs, values: { position: Float64Array.of(states[step * WIDTH + 6]!) } };
    const value = Float32Array.from(actions.slice(step * WIDTH, (step + 1) * WIDTH));
    yield { stream: 'action', timeNs, values: { value } };
  }
}

/** x y z in m, roll pitch yaw in rad, gripper 0 to 1. */
function stateAt(states: readonly number[], step: number): Record<string, Float64Array> {
  const pose = poseAt(states, step);
  const last = states.length / WIDTH - 1;
  const until = Math.min(Math.max(step, 1), last);
  const [before, after] = [poseAt(states, Math.max(until - 1, 0)), poseAt(states, until)];
  const turn = toRotationVector(multiply(after.orientation, conjugate(before.orientation)));
  const rate = (value: number): number => value * BRIDGE_RATE_HZ;
  return {
    positionM: Float64Array.from(pose.positionM),
    orientation: Float64Array.from(pose.orientation),
    linearVelocityMps: Float64Array.from(after.positionM, (value, axis) =>
      rate(value - before.positionM[axis]!),
    ),
    angularVelocityRadps: Float64Array.from(turn, rate),
  };
}

function poseAt(
  states: readonly number[],
  step: number,
): { readonly positionM: Vec3; readonly orientation: Quaternion } {
  const [x, y, z, roll, pitch, yaw] = states.slice(step * WIDTH, step * WIDTH + 6) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { positionM: [x, y, z], orientation: fromRollPitchYaw(roll, pitch, yaw) };
}

async function decodeJpeg(
  bytes: Uint8Array,
  { path, place }: Clip,
  where: string,
): Promise<{ readonly width: number; readonly height: number; readonly colour: Uint8Array }> {
  try {
    const image = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'warning' });
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
    return { width: info.width, height: info.height, colour: new Uint8Array(data) };
  } catch (cause) {
    throw malformed(path, place, `${where} is no picture that can be decoded: ${describeCause(cause)}`);
  }
}

function isBlank(colour: Uint8Array): boolean {
  let [low, high] = [255, 0];
  for (const value of colour) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low <= BLANK_SPAN;
}
