import { UmweltError } from '../../../core/errors.js';
import { identitiesOf } from '../../sides.js';
import type { Calibration, Case, OpenTask, Task, TaskSetup } from '../../task.js';
import { drawDrive } from './exhibit.js';
import { fitProblems } from './fit.js';
import { chooseWindows } from './learn.js';
import { BASELINE, CEILING, methodsOf } from './methods.js';
import { driveOf, streamsOfDrive } from './recorded-drive.js';
import { type DriveForecast, LEAST_TRAVELLED_M, METRICS, scoreDrive } from './score.js';
import { type DriveContext, type DriveMotion, loadWindow, type Window, windowsOf } from './windows.js';

const HORIZON_S = 10;
const HORIZONS_S: readonly number[] = Array.from({ length: 20 }, (_, i) => (i + 1) / 2);
/** A parabola through the positions and a line through the yaw angles need so many poses. */
const LEAST_CONTEXT_FRAMES = 3;
/** From so many drives on, whole drives are resampled. */
const DRIVES_TO_RESAMPLE = 8;
const MOST_CALIBRATION_CASES = 200;

/** What differs between the formats. */
interface VehicleRecordings {
  readonly name: string;
  readonly contextFrames: number;
  readonly stepS: number;
  readonly blockS: number;
  readonly notes: readonly string[];
}

const PROTOCOL =
  'A method sees a second of a drive and predicts the next 10 s; it may learn from the first half of each drive and is judged by windows of the second half. Drift is the horizontal distance from the recorded position in % of the distance travelled since the last pose seen.';

/** Those with steering need a recorded wheel. */
const METHOD_NAMES = [
  BASELINE,
  'constant-turn-rate',
  'constant-turn-rate-acceleration',
  'bicycle-standard',
  'bicycle-held',
  'bicycle-steering-acceleration',
  'bicycle-steering-speed',
  CEILING,
];

const NOTES = [
  `Windows in which the car has gone less than ${LEAST_TRAVELLED_M} m by a horizon have no drift in % there; their errors in metres count.`,
  'Overall numbers are those at 10 s; coverage is the mean over horizons.',
  'All methods start from one estimate of speed, course, turn rate and acceleration: a least-squares fit to the poses of the last half second that was seen.',
  'The positions come from a filter over the whole drive, so that the poses seen know a little of what comes after, for every method alike.',
];

/** Minutes of comma2k19: pose, steering wheel, wheel speed and IMU. */
export const comma2k19SegmentTask = vehicleTask({
  name: 'comma2k19-segment',
  contextFrames: 21,
  stepS: 1,
  blockS: 5,
  notes: [
    'Methods called steering-speed and steering-acceleration are given what the driver did during the forecast: the steering wheel, and the wheel speed or the accelerometer. They predict the motion that follows from it. The others are not.',
    'oracle-speed-turn-rate is given the wheel speed and the gyroscope: dead reckoning, not prediction. The recorded pose was made from that gyroscope too.',
  ],
});

/** Boreas: poses alone. */
export const boreasEgoPoseTask = vehicleTask({
  name: 'boreas-ego-pose',
  contextFrames: 11,
  stepS: 2,
  blockS: 30,
  notes: [
    'No controls were recorded: no method but the oracle knows when the driver brakes or turns, and errors at 10 s are mostly those.',
    'oracle-speed-turn-rate is given speed and turn rate as published beside the positions, by the same filter: it bounds what geometry alone can lose and is no forecast.',
  ],
});

function vehicleTask(kind: VehicleRecordings): Task {
  return {
    name: kind.name,
    methodNames: METHOD_NAMES,
    protocol: PROTOCOL,
    metrics: METRICS,
    contextFrames: kind.contextFrames,
    baseline: BASELINE,
    ceiling: CEILING,
    open: (setup) => openDrives(kind, setup),
  };
}

async function openDrives(kind: VehicleRecordings, setup: TaskSetup): Promise<OpenTask> {
  const { recordings, contextFrames, models } = setup;
  const { manifest } = recordings;
  requireUsable(kind, setup);
  const identities = identitiesOf(manifest);
  const streams = streamsOfDrive(manifest.streams.map(({ name }) => name));
  const driveAt = rememberLast(async (episode: number) =>
    driveOf(await recordings.readEpisode(episode, streams)),
  );
  const plan = { contextFrames, horizonS: HORIZON_S, stepS: kind.stepS, blockS: kind.blockS };
  const cases: Case[] = [];
  let hasLog = true;
  for (const { episode } of manifest.episodes) {
    const drive = await driveAt(episode);
    hasLog &&= drive.log !== null;
    cases.push(...windowsOf(drive, identities[episode]!, episode, plan));
  }
  const many = manifest.episodes.length >= DRIVES_TO_RESAMPLE;
  const windowOf = async (chosen: Case): Promise<Window> => {
    const drive = await driveAt(chosen.episode);
    return loadWindow(hasLog ? drive : { ...drive, log: null }, chosen, contextFrames);
  };
  const task: OpenTask<DriveContext, DriveMotion, DriveForecast> = {
    cases: many ? cases.map(({ unit: _, ...rest }) => rest) : cases,
    horizonsS: () => HORIZONS_S,
    load: windowOf,
    methods: (train) => methodsOf({ ...setup, hasLog, train, windowOf }),
    score: scoreDrive,
    exhibit: drawDrive,
    calibration: (train): Calibration => ({
      problems: fitProblems(hasLog).map((problem) => ({
        name: problem.name,
        parameters: problem.parameters,
        evaluations: problem.evaluations,
        cases: spread(chooseWindows(train, MOST_CALIBRATION_CASES)),
        loss: async (values, chosen) => problem.loss(await windowOf(chosen), values),
      })),
      scenario: null,
    }),
    notes: [...kind.notes, ...NOTES, intervalsNote(manifest.episodes.length, many, kind.blockS)],
    facts: { ...plan, hasLog, leastTravelledM: LEAST_TRAVELLED_M, models: models.length },
  };
  return task as unknown as OpenTask;
}

function intervalsNote(drives: number, many: boolean, blockS: number): string {
  if (many) return `Intervals come from resampling ${drives} whole drives.`;
  return `n = ${drives} ${drives === 1 ? 'drive' : 'drives'}: intervals come from resampling blocks of ${blockS} s of driving within ${drives === 1 ? 'it' : 'them'}. They cover the choice of moments, not of cars, drivers and roads.`;
}

function requireUsable(kind: VehicleRecordings, { contextFrames, models, overlay }: TaskSetup): void {
  const reject = (context: Readonly<Record<string, unknown>>, message: string) => {
    throw new UmweltError('invalid-input', context, `${kind.name}: ${message}`);
  };
  if (contextFrames < LEAST_CONTEXT_FRAMES)
    reject(
      { contextFrames },
      `expected a context of at least ${LEAST_CONTEXT_FRAMES} frames, got ${contextFrames}`,
    );
  if (models.length > 0)
    reject(
      { models: models.map(({ name }) => name) },
      'world models cannot be judged by drives yet; leave out --model',
    );
  if (overlay !== null && overlay.task !== kind.name)
    reject({ task: overlay.task }, `expected an overlay of ${kind.name}, got one of ${overlay.task}`);
}

/** Orders windows so that any first few lie all over the drive: by the bits of their place, the lowest first. */
function spread(cases: readonly Case[]): readonly Case[] {
  const bits = Math.ceil(Math.log2(Math.max(2, cases.length)));
  const reversed = (place: number) =>
    Array.from({ length: bits }, (_, bit) => ((place >> bit) & 1) * 2 ** (bits - 1 - bit)).reduce(
      (a, b) => a + b,
    );
  return cases
    .map((chosen, place) => ({ chosen, rank: reversed(place) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ chosen }) => chosen);
}

/** Remembers the last answer: windows of one drive are asked for one after the other. */
function rememberLast<V>(compute: (key: number) => Promise<V>): (key: number) => Promise<V> {
  let last: { readonly key: number; readonly value: Promise<V> } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: compute(key) };
    return last.value;
  };
}
