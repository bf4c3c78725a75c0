import type { Control } from '../../../core/progress.js';
import type { CarState, Driving } from '../../../sim/agents/agent.js';
import { startTraffic, stepTraffic } from '../../../sim/agents/traffic.js';
import type { CreateWorld } from '../../../sim/contract.js';
import type { ParameterValues } from '../../calibrate/contract.js';
import { bestValues, type Overlay } from '../../calibrate/overlay.js';
import { requireValues } from '../../calibrate/parameter-space.js';
import { requireRunning } from '../../interruption.js';
import type { Case, Method, MethodKind } from '../../task.js';
import { type DrivingCase, FIT_EVALUATIONS, fitDriving, oncePerScene } from './fit-driving.js';
import {
  agents,
  carOf,
  constantAcceleration,
  constantVelocity,
  type ForecastScene,
  laneFollowing,
  stateOf,
} from './forecast.js';
import { motionFrom, subjectOf, type TrafficContext, type TrafficMotion } from './motion.js';
import { DRIVING_PARAMETERS, drivingOf, PUBLISHED_DRIVING } from './parameters.js';
import { type Replay, replayScene } from './replay.js';
import type { Scene } from './scene.js';

/** A way to forecast traffic. */
export type TrafficMethod = Method<TrafficContext, TrafficMotion, TrafficMotion>;

/** What the methods are made from. */
export interface TrafficMethodSetup {
  readonly createWorld: CreateWorld;
  readonly seed: number;
  readonly overlay: Overlay | null;
  readonly train: readonly Case[];
  readonly scenes: readonly Scene[];
  readonly loadCase: (chosen: Case) => DrivingCase;
  /** The last frame of a case's recording that is shown. */
  readonly lastShown: (chosen: Case) => number;
}

/** Lists the methods, simplest first. Without a train side and without an overlay nobody is calibrated. */
export function methodsOf(setup: TrafficMethodSetup): readonly TrafficMethod[] {
  const calibrated = setup.overlay !== null || setup.train.length > 0 ? calibration(setup) : null;
  return [
    known('constant-velocity', 'baseline', 'keeps speed and heading', constantVelocity),
    known(
      'constant-acceleration',
      'baseline',
      'keeps acceleration and heading until it stands',
      constantAcceleration,
    ),
    known('lane-following', 'baseline', 'keeps speed along the middle of its lanes', laneFollowing),
    known(
      'idm-mobil-published',
      'physics',
      "IDM and MOBIL with their papers' values, all cars in one simulation",
      agents(PUBLISHED_DRIVING),
      { ...PUBLISHED_DRIVING },
    ),
    ...(calibrated === null ? [] : [closedLoop(calibrated), oneByOne(setup, calibrated)]),
    logReplay(setup),
  ];
}

function known(
  name: string,
  kind: MethodKind,
  description: string,
  forecast: ForecastScene,
  parameters: Readonly<Record<string, unknown>> = {},
): TrafficMethod {
  return {
    name,
    kind,
    description,
    identity: { method: name },
    preparation: 0,
    prepare: async () => ({ parameters, forecast: fromScene(forecast) }),
  };
}

function fromScene(forecast: ForecastScene): (context: TrafficContext) => Promise<TrafficMotion> {
  const remembered = oncePerScene(forecast);
  return async ({ scene, subject }) => ({ rateHz: scene.rateHz, subject, cars: remembered(scene) });
}

/** What calibration found, worked out once for all the methods that use it. */
type Calibrated = (
  control: Control,
  known: Readonly<Record<string, unknown>> | undefined,
) => Promise<{ readonly values: ParameterValues; readonly [fact: string]: unknown }>;

function calibration({ overlay, train, seed, loadCase }: TrafficMethodSetup): Calibrated {
  let fitting: ReturnType<Calibrated> | undefined;
  return async (control, earlier) => {
    if (overlay !== null)
      return { values: requireValues(DRIVING_PARAMETERS, bestValues(overlay), 'overlay'), from: 'overlay' };
    if (earlier !== undefined) return earlier as Awaited<ReturnType<Calibrated>>;
    fitting ??= fitDriving(train.map(loadCase), seed, FIT_EVALUATIONS, control).then((fit) => ({
      ...fit,
      trainCases: train.length,
    }));
    return fitting;
  };
}

function closedLoop(calibrated: Calibrated): TrafficMethod {
  const name = 'idm-mobil';
  return {
    name,
    kind: 'physics',
    description: 'IDM and MOBIL fitted on the train side, all cars in one simulation',
    identity: { method: name },
    preparation: FIT_EVALUATIONS,
    async prepare(control, earlier) {
      const parameters = await calibrated(control, earlier);
      return { parameters, forecast: fromScene(agents(drivingOf(parameters.values))) };
    },
  };
}

/** Knows what all others will do, so it is no forecast: it tells a driver's own error from what the others' errors add. */
function oneByOne({ scenes, lastShown }: TrafficMethodSetup, calibrated: Calibrated): TrafficMethod {
  const name = 'idm-mobil-among-recorded';
  return {
    name,
    kind: 'ceiling',
    description:
      'the same driver alone among cars that move as they were recorded to, which nobody could know',
    identity: { method: name },
    preparation: FIT_EVALUATIONS,
    async prepare(control, earlier) {
      const parameters = await calibrated(control, earlier);
      const driving = drivingOf(parameters.values);
      return {
        parameters,
        forecast: async (context, chosen) => {
          const { frames } = context.scene;
          const recorded = motionFrom(scenes[chosen.episode]!, lastShown(chosen), frames, context.subject);
          return driveAmong(context, recorded, driving);
        },
      };
    },
  };
}

/** Drives the judged car by an agent; all others are where `recorded` has them, and gone once it ends. */
export function driveAmong(
  context: TrafficContext,
  recorded: TrafficMotion,
  driving: Driving,
): TrafficMotion {
  const { scene, subject } = context;
  const { road, cars, removed, frames, rateHz } = scene;
  let traffic = startTraffic(road, [...cars.map(carOf), ...removed], driving);
  const self = cars.findIndex(({ id }) => id === subject);
  const states: CarState[] = [cars[self]!.states.at(-1)!];
  const others = cars.map(({ id }) => recorded.cars.find((car) => car.id === id)?.states ?? []);
  for (let frame = 1; frame <= frames; frame++) {
    const told = others.map((path, index) => [index, path[frame] ?? null] as const);
    const scripted = new Map(told.filter(([index]) => index !== self));
    traffic = stepTraffic(road, traffic, driving, 1 / rateHz, scripted);
    states.push(stateOf(traffic.agents[self]!));
  }
  const { lengthM, widthM } = subjectOf(recorded);
  const driven = { id: subject, lengthM, widthM, states };
  return { rateHz, subject, cars: recorded.cars.map((car) => (car.id === subject ? driven : car)) };
}

function logReplay({ createWorld, scenes, lastShown }: TrafficMethodSetup): TrafficMethod {
  const name = 'log-replay';
  return {
    name,
    kind: 'ceiling',
    description:
      'every car driven along its recorded track in the engine: what the simulator itself adds to an error',
    identity: { method: name },
    preparation: scenes.length,
    async prepare({ onProgress, signal }) {
      const replays: Replay[] = [];
      for (const scene of scenes) {
        requireRunning(signal);
        replays.push(await replayScene(createWorld, scene));
        onProgress?.({ done: replays.length, total: scenes.length });
      }
      const most = (key: 'largestErrorM' | 'largestAngleRad') =>
        replays.reduce((largest, replay) => Math.max(largest, replay[key]), 0);
      return {
        parameters: {
          largestErrorM: most('largestErrorM'),
          largestAngleRad: most('largestAngleRad'),
          tracks: scenes.reduce((sum, { tracks }) => sum + tracks.length, 0),
          states: replays.reduce((sum, { states }) => sum + states, 0),
        },
        forecast: async ({ scene: { frames }, subject }, chosen) =>
          motionFrom(replays[chosen.episode]!.scene, lastShown(chosen), frames, subject),
      };
    },
  };
}
