import { UmweltError } from '../../../core/errors.js';
import { identitiesOf } from '../../sides.js';
import type {
  Calibration,
  CalibrationProblem,
  Case,
  LoadedCase,
  OpenTask,
  ParameterValues,
  Task,
  TaskSetup,
} from '../../task.js';
import { exhibitOf } from './exhibit.js';
import { type DrivingCase, FIT_EVALUATIONS, lossOf, oncePerScene, shuffleCases } from './fit-driving.js';
import { agents, type ForecastScene } from './forecast.js';
import { methodsOf } from './methods.js';
import { motionFrom, type ShownScene, showScene, type TrafficContext, type TrafficMotion } from './motion.js';
import { DRIVING_PARAMETERS, drivingOf } from './parameters.js';
import { type Scene, sceneOf, stateAtFrame, TRACKS_STREAM } from './scene.js';
import { METRICS, OUTLINE_ALLOWANCE_M, scoreMotion } from './score.js';

/** Length of a forecast, and the time between two in one scene. */
const WINDOW_S = 5;
/** A car that leaves sooner is not judged. */
const LEAST_S = 1;
const HORIZONS_S = [0.5, 1, 2, 3, 4, 5];

/** Cars in recorded traffic, judged by displacement and collisions. */
export const commonroadNgsimTask: Task = {
  name: 'commonroad-ngsim',
  methodNames: [
    'constant-velocity',
    'constant-acceleration',
    'lane-following',
    'idm-mobil-published',
    'idm-mobil',
    'idm-mobil-among-recorded',
    'log-replay',
  ],
  protocol: `A method sees the first frames of a scene (place, heading, speed, acceleration and size of everybody, and the lanes) and predicts all cars for up to ${WINDOW_S} s, again every ${WINDOW_S} s; each car that stays for ${LEAST_S} s is a case. Displacement is averaged over the frames after the last one seen, then over cars. A car has hit another when their outlines, ${OUTLINE_ALLOWANCE_M} m shorter and narrower than measured, overlap. Whole scenes are held out; intervals are over cars within scenes.`,
  metrics: METRICS,
  contextFrames: 1,
  baseline: 'constant-velocity',
  ceiling: 'log-replay',
  open: openTraffic,
};

/** A window of a scene that is predicted. */
interface Window {
  readonly scene: Scene;
  readonly shown: ShownScene;
  readonly lastShown: number;
}

async function openTraffic(setup: TaskSetup): Promise<OpenTask> {
  const { recordings, contextFrames, models, seed } = setup;
  requireNoModels(models.map(({ name }) => name));
  const identities = identitiesOf(recordings.manifest);
  const scenes: Scene[] = [];
  for await (const episode of recordings.episodes([TRACKS_STREAM])) scenes.push(sceneOf(episode));
  const windows = new Map<string, Window>();
  const cases = scenes.flatMap((scene, episode) => {
    const recording = identities[episode]!;
    return windowsOf(scene, contextFrames).flatMap((window, index): Case[] => {
      const startS = index * WINDOW_S;
      windows.set(windowKey(episode, startS), window);
      return subjectsOf(window).map(({ id, frames }) => ({
        name: `${recording.name}@${startS}#${id}`,
        recording,
        episode,
        startS,
        horizonS: frames / scene.rateHz,
        unit: `${recording.sha256}#${id}`,
        stratum: recording.sha256,
      }));
    });
  });
  const windowAt = ({ episode, startS }: Case): Window => windows.get(windowKey(episode, startS))!;
  const loadCase = (chosen: Case): DrivingCase => {
    const { scene, shown, lastShown } = windowAt(chosen);
    const subject = Number(chosen.name.slice(chosen.name.lastIndexOf('#') + 1));
    const context = { scene: shown, subject };
    return { context, truth: motionFrom(scene, lastShown, shown.frames, subject) };
  };
  const task: OpenTask<TrafficContext, TrafficMotion, TrafficMotion> = {
    cases,
    horizonsS: (heldout) => {
      const longest = Math.max(...heldout.map(({ horizonS }) => horizonS));
      return HORIZONS_S.filter((horizonS) => horizonS <= longest + 1e-9);
    },
    load: async (chosen): Promise<LoadedCase<TrafficContext, TrafficMotion>> => loadCase(chosen),
    methods: (train) =>
      methodsOf({ ...setup, train, scenes, loadCase, lastShown: (chosen) => windowAt(chosen).lastShown }),
    score: scoreMotion,
    asTruth: (forecast) => forecast,
    exhibit: exhibitOf,
    calibration: (train) => calibrationOf(shuffleCases(train, seed), loadCase),
    facts: { windowS: WINDOW_S, leastS: LEAST_S, outlineAllowanceM: OUTLINE_ALLOWANCE_M },
    notes: notesOn(scenes, cases),
  };
  return task as unknown as OpenTask;
}

function windowKey(episode: number, startS: number): string {
  return `${episode}@${startS}`;
}

function windowsOf(scene: Scene, contextFrames: number): readonly Window[] {
  const frames = Math.round(WINDOW_S * scene.rateHz);
  const least = Math.round(LEAST_S * scene.rateHz);
  const windows: Window[] = [];
  for (let start = 0; start + contextFrames - 1 + least < scene.frames; start += frames) {
    const shown = showScene(scene, start, contextFrames, frames);
    windows.push({ scene, shown, lastShown: start + contextFrames - 1 });
  }
  return windows;
}

/** Who is judged in a window, and over how many frames. */
function subjectsOf({ scene, shown, lastShown }: Window): readonly { id: number; frames: number }[] {
  return scene.tracks.flatMap((track) => {
    if (track.isStatic || stateAtFrame(track, lastShown) === undefined) return [];
    const left = track.firstFrame + track.states.length - 1 - lastShown;
    const frames = Math.min(left, shown.frames);
    return frames >= LEAST_S * scene.rateHz - 1e-9 ? [{ id: track.id, frames }] : [];
  });
}

function calibrationOf(cases: readonly Case[], loadCase: (chosen: Case) => DrivingCase): Calibration {
  const loaded = new Map<string, DrivingCase>();
  // Cases of one scene share its simulation; candidates come one after another or a generation at a time.
  const candidates = new Map<string, ForecastScene>();
  const forecastBy = (values: ParameterValues): ForecastScene => {
    const key = JSON.stringify(values);
    const found = candidates.get(key) ?? oncePerScene(agents(drivingOf(values)));
    candidates.delete(key);
    candidates.set(key, found);
    if (candidates.size > 64) candidates.delete(candidates.keys().next().value!);
    return found;
  };
  const problem: CalibrationProblem = {
    name: 'driving',
    parameters: DRIVING_PARAMETERS,
    cases,
    evaluations: FIT_EVALUATIONS,
    loss: async (values, chosen) => {
      const one = loaded.get(chosen.name) ?? loadCase(chosen);
      loaded.set(chosen.name, one);
      return lossOf(forecastBy(values)(one.context.scene), one.truth);
    },
  };
  return { problems: [problem], scenario: null };
}

function notesOn(scenes: readonly Scene[], cases: readonly Case[]): readonly string[] {
  const removed = scenes.reduce((sum, scene) => sum + scene.removed.length, 0);
  const cars = new Set(cases.map(({ unit }) => unit)).size;
  return [
    `${scenes.length} scenes of a few seconds with ${cars} judged cars, from three roads and an hour of one day each. The intervals cover the choice of cars within the held-out scenes. Cars of one scene brake and start together, so another scene may lie outside them.`,
    `From ${removed} scenes one car was taken out upstream. What is known of it, its state at the first frame, is driven along as an agent that nobody is judged by; recorded cars may have reacted to what it did.`,
    'Routes are not known: where lanes part, agents take the one that goes straightest. Traffic lights are not in the recordings.',
    `Recorded outlines overlap by up to 0.18 m; hence the ${OUTLINE_ALLOWANCE_M} m that tracking is allowed before cars count as having hit each other.`,
  ];
}

function requireNoModels(models: readonly string[]): void {
  if (models.length === 0) return;
  throw new UmweltError(
    'invalid-input',
    { models },
    `no world model reads the tracks of commonroad-ngsim: leave out ${models.join(', ')}, or judge them on other recordings`,
  );
}
