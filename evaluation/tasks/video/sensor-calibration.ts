import type { Dataset, Episode } from '../../../datasets/contract.js';
import type { Calibration, Case } from '../../task.js';
import { cameraProblem } from './camera-calibration.js';
import type { PlacedCase } from './cases.js';
import { inertiaProblems } from './inertia-calibration.js';
import { gravityAt, type InertiaStatistics, measureInertia } from './inertia-statistics.js';
import type { Frames } from './photon-transfer.js';

const RADIANS = Math.PI / 180;
/** Standard gravity, where no place is recorded. */
const GRAVITY_MPS2 = 9.80665;
const INERTIAL = ['imu', 'attitude'];
const PLACE = 'gnss';

/**
 * Says what `umwelt calibrate` finds in video: exposure and noise of each camera and, where the recording has inertia with attitude, noise
 * and biases of the inertial unit. There is no scenario of these recordings: the numbers go into any scenario's sensors
 * (docs/recordings.md).
 *
 * @param train windows that overlap are thinned to those that do not.
 */
export function sensorCalibration(recordings: Dataset, train: readonly PlacedCase[]): Calibration {
  const cases = withoutOverlap(train);
  const cameras = [...new Set(cases.map(({ streams }) => streams.camera))];
  const present = new Set(recordings.manifest.streams.filter(({ rows }) => rows > 0).map(({ name }) => name));
  const placed = new Map(cases.map((one) => [one.name, one]));
  const read = keepingLast((episode: number, streams: readonly string[]) =>
    recordings.readEpisode(episode, streams),
  );
  const framesOf = async ({ name }: Case): Promise<Frames> => {
    const one = placed.get(name)!;
    return framesIn(await read(one.episode, [one.streams.camera]), one);
  };
  const inertial = INERTIAL.every((name) => present.has(name));
  const streams = [...INERTIAL, ...(present.has(PLACE) ? [PLACE] : [])];
  const inertiaOf = async ({ name }: Case): Promise<InertiaStatistics | null> => {
    const one = placed.get(name)!;
    const { rateHz } = recordings.manifest.streams.find((stream) => stream.name === one.streams.camera)!;
    return inertiaIn(await read(one.episode, streams), one, rateHz);
  };
  return {
    scenario: null,
    problems: [
      ...cameras.map((camera) =>
        cameraProblem(camera, spread(cases.filter((one) => one.streams.camera === camera)), framesOf),
      ),
      ...(inertial ? inertiaProblems(spread(cases), inertiaOf) : []),
    ],
  };
}

/** The first window of each unit: units are as long as a window. */
function withoutOverlap(cases: readonly PlacedCase[]): readonly PlacedCase[] {
  const seen = new Set<string>();
  return cases.filter(({ name, unit }) => {
    const key = unit ?? name;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Orders cases so that any first few are spread over all: by the place's bits from the last to the first. */
function spread<C>(cases: readonly C[]): readonly C[] {
  const bits = Math.ceil(Math.log2(Math.max(2, cases.length)));
  const reversed = (place: number): number => {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) turned |= ((place >> bit) & 1) << (bits - 1 - bit);
    return turned;
  };
  return cases
    .map((one, place) => ({ one, rank: reversed(place) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

function framesIn(episode: Episode, { streams: { camera }, firstFrame, frames }: PlacedCase): Frames {
  const { description, values } = episode.streams[camera]!;
  const [height, width] = description.fields.find(({ name }) => name === 'colour')!.shape as number[];
  const size = width! * height! * 3;
  return {
    width: width!,
    height: height!,
    count: frames,
    colour: values.colour!.subarray(firstFrame * size, (firstFrame + frames) * size) as Uint8Array,
  };
}

function inertiaIn({ streams }: Episode, { startS, frames }: PlacedCase, rateHz: number) {
  const [imu, attitude, place] = [streams.imu!, streams.attitude!, streams[PLACE]];
  const geodetic = place?.values.geodetic;
  const gravity = geodetic === undefined ? GRAVITY_MPS2 : gravityAt(geodetic[0]! * RADIANS, geodetic[2]!);
  return measureInertia({ imu, attitude }, startS, startS + frames / rateHz, gravity);
}

/** Reads an episode once for all cases that follow each other in it. */
function keepingLast(read: (episode: number, streams: readonly string[]) => Promise<Episode>) {
  let last: { readonly key: string; readonly episode: Promise<Episode> } | null = null;
  return (episode: number, streams: readonly string[]): Promise<Episode> => {
    const key = `${episode} ${streams.join()}`;
    if (last?.key !== key) last = { key, episode: read(episode, streams) };
    return last.episode;
  };
}
