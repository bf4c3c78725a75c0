import { UmweltError } from '../../../core/errors.js';
import type { Episode } from '../../../datasets/contract.js';
import type { SwingWindow } from './shooting.js';

/** The rigs and how many arms each has; a recording's stream has its rig's name. */
export const RIGS = { single: 1, double: 2, triple: 3 } as const;
export type Rig = keyof typeof RIGS;
export const RIG_NAMES = Object.keys(RIGS) as readonly Rig[];

/** A motion of a rig as its encoders read it, at a fixed rate. */
export interface Swing {
  readonly rig: Rig;
  readonly arms: number;
  readonly rateHz: number;
  readonly frames: number;
  /** [frames, 2 arms] angles from straight down (rad, unwrapped), then rates (rad/s). */
  readonly path: Float64Array;
}

/** What a method sees of a swing. */
export interface SwingContext {
  readonly rig: Rig;
  /** Angles alone: the published rates are filtered with what comes after. */
  readonly seen: SwingWindow;
  /** How many frames to predict after the last that was seen. */
  readonly frames: number;
}

/** A forecast of a swing. Frame 0 is the last frame that was seen, as the method takes it to be. */
export interface SwingForecast {
  /** What is judged as a single motion. */
  readonly point: Swing;
  /** Equally likely motions, for methods that predict a distribution. */
  readonly members?: readonly Swing[];
}

/**
 * Says which rig a recording is of.
 *
 * @throws UmweltError `invalid-input` when its attributes do not say.
 */
export function rigOf(attributes: Readonly<Record<string, unknown>>, where: string): Rig {
  const found = RIG_NAMES.find((rig) => rig === attributes.rig);
  if (found !== undefined) return found;
  throw new UmweltError(
    'invalid-input',
    { rig: attributes.rig ?? null },
    `${where}: expected attributes.rig to be ${RIG_NAMES.join(', ')}; import the recordings again`,
  );
}

/**
 * Reads the motion of an episode.
 *
 * @throws UmweltError `invalid-input` when it has not its rig's stream.
 */
export function swingOf(episode: Episode, rig: Rig): Swing {
  const stream = episode.streams[rig];
  const arms = RIGS[rig];
  const { angleRad, angularVelocityRadps } = stream?.values ?? {};
  if (stream === undefined || angleRad === undefined || angularVelocityRadps === undefined) {
    throw new UmweltError(
      'invalid-input',
      { episode: episode.episode, rig },
      `episode ${episode.episode}: expected a stream "${rig}" with angleRad and angularVelocityRadps; import the recordings again`,
    );
  }
  const path = new Float64Array(stream.rows * 2 * arms);
  for (let frame = 0; frame < stream.rows; frame++) {
    for (let arm = 0; arm < arms; arm++) {
      path[frame * 2 * arms + arm] = Number(angleRad[frame * arms + arm]);
      path[frame * 2 * arms + arms + arm] = Number(angularVelocityRadps[frame * arms + arm]);
    }
  }
  return { rig, arms, rateHz: stream.description.rateHz, frames: stream.rows, path };
}

/** Takes frames out of a motion, as a view of the same memory. */
export function framesOfSwing({ path, ...swing }: Swing, from: number, frames: number): Swing {
  const width = 2 * swing.arms;
  return { ...swing, frames, path: path.subarray(from * width, (from + frames) * width) };
}

/** Returns the angles of a motion without its rates. */
export function anglesOf({ arms, rateHz, frames, path }: Swing): SwingWindow {
  const angleRad = new Float64Array(frames * arms);
  for (let frame = 0; frame < frames; frame++) {
    angleRad.set(path.subarray(frame * 2 * arms, frame * 2 * arms + arms), frame * arms);
  }
  return { arms, rateHz, frames, angleRad };
}
