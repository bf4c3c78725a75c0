import { z } from 'zod';
import { UmweltError } from '../../../core/errors.js';
import { secondsFromNs } from '../../../core/time.js';
import { parseDocument } from '../../../core/validation.js';
import type { Episode } from '../../../datasets/contract.js';
import type { Car, CarState } from '../../../sim/agents/agent.js';
import { createRoad, type Road } from '../../../sim/agents/road.js';

/** The stream that scenes are read from. */
export const TRACKS_STREAM = 'tracks';

const point = z.tuple([z.number(), z.number()]);
const neighbour = z.object({ id: z.number(), sameDirection: z.boolean() }).optional();

const attributes = z.object({
  tracks: z.array(
    z.object({
      id: z.number(),
      kind: z.string(),
      isStatic: z.boolean(),
      lengthM: z.number().positive(),
      widthM: z.number().positive(),
    }),
  ),
  lanelets: z.array(
    z.object({
      id: z.number(),
      left: z.array(point),
      right: z.array(point),
      successors: z.array(z.number()),
      adjacentLeft: neighbour,
      adjacentRight: neighbour,
      speedLimitMps: z.number().optional(),
    }),
  ),
  planningProblems: z.array(
    z.object({ positionM: point.optional(), yawRad: z.number().optional(), speedMps: z.number().optional() }),
  ),
});

/** One road user and where it was, frame after frame from `firstFrame`. */
export interface SceneTrack {
  readonly id: number;
  readonly kind: string;
  readonly isStatic: boolean;
  readonly lengthM: number;
  readonly widthM: number;
  readonly firstFrame: number;
  readonly states: readonly CarState[];
}

/** A recorded scene. */
export interface Scene {
  readonly rateHz: number;
  readonly frames: number;
  readonly tracks: readonly SceneTrack[];
  readonly road: Road;
  /** Cars that were there at frame 0 but whose tracks were taken out of the recording, of a usual size. */
  readonly removed: readonly Car[];
}

/** Size of a car that nobody measured. */
const USUAL_SIZE = { lengthM: 4.5, widthM: 1.9 };

/**
 * Reads a scene from an episode of CommonRoad recordings.
 *
 * @throws UmweltError `invalid-input` when the episode is not such a scene.
 */
export function sceneOf({ episode, attributes: found, streams }: Episode): Scene {
  const where = `episode ${episode} of the scenes`;
  const { tracks, lanelets, planningProblems } = parseDocument(attributes, found, where);
  const stream = streams[TRACKS_STREAM];
  if (stream === undefined)
    throw new UmweltError(
      'invalid-input',
      { episode, streams: Object.keys(streams) },
      `${where}: expected a stream "${TRACKS_STREAM}", got ${Object.keys(streams).join(', ') || 'none'}`,
    );
  const { rateHz } = stream.description;
  const { trackId, positionM, orientation, speedMps, accelerationMps2 } = stream.values;
  const states = new Map<number, { firstFrame: number; states: CarState[] }>();
  let frames = 0;
  for (let row = 0; row < stream.rows; row++) {
    const frame = Math.round(secondsFromNs(stream.timeNs[row]!) * rateHz);
    frames = frame + 1;
    const id = trackId![row]!;
    const track = states.get(id) ?? { firstFrame: frame, states: [] };
    states.set(id, track);
    const [w, z] = [orientation![4 * row]!, orientation![4 * row + 3]!];
    track.states.push({
      x: positionM![3 * row]!,
      y: positionM![3 * row + 1]!,
      dirX: w * w - z * z,
      dirY: 2 * w * z,
      speedMps: speedMps![row]!,
      accelerationMps2: accelerationMps2![row]!,
    });
  }
  const removed = planningProblems.flatMap(({ positionM: place, yawRad, speedMps: speed }): Car[] => {
    if (place === undefined || yawRad === undefined || speed === undefined) return [];
    const [dirX, dirY] = [Math.cos(yawRad), Math.sin(yawRad)];
    return [{ x: place[0], y: place[1], dirX, dirY, speedMps: speed, accelerationMps2: 0, ...USUAL_SIZE }];
  });
  return {
    rateHz,
    frames,
    tracks: tracks.flatMap((track) => {
      const seen = states.get(track.id);
      return seen === undefined ? [] : [{ ...track, ...seen }];
    }),
    road: createRoad(lanelets as Parameters<typeof createRoad>[0]),
    removed,
  };
}

/** Where a road user is at a frame; undefined where it is not there. */
export function stateAtFrame({ firstFrame, states }: SceneTrack, frame: number): CarState | undefined {
  return frame < firstFrame ? undefined : states[frame - firstFrame];
}
