import { UmweltError } from '../../../core/errors.js';
import { MEL_BANDS } from '../../../core/mel.js';
import type { WorldModel } from '../../../worldmodel/contract.js';
import { PICTURE, SIDE } from './clip.js';
import type { VideoContext, VideoForecast } from './forecast.js';
import { lastPicture } from './last.js';
import { modelEpisode, TICK_HZ, tickOf } from './model-clip.js';

const PIXEL = 4;

/**
 * Lets a world model dream on what a case shows. A model of coarser pictures tells how they change: the change of each of its pixels is spread
 * over the last picture that was seen, whose detail stays.
 *
 * @throws UmweltError `shape-mismatch` when the model knows no camera, or its clock is another.
 */
export async function dreamVideo(model: WorldModel, context: VideoContext): Promise<VideoForecast> {
  const { seen, clock, framesS, lastTick, soundTicks } = context;
  requireCamera(model);
  const ticks = framesS.map((timeS) => tickOf(timeS, clock) - lastTick);
  const throughTicks = Math.max(lastTick + soundTicks, lastTick + Math.max(...ticks));
  const episode = modelEpisode(seen, throughTicks / TICK_HZ / clock.pace);
  const horizonS = (throughTicks - lastTick) / TICK_HZ;
  const rollout = await model.rollout(episode, lastTick / TICK_HZ, horizonS);
  const { shape, mean } = rollout.channels.camera!;
  const side = shape[0]!;
  const size = side * side * PIXEL;
  const view = model.view(episode).channels.camera!.values;
  const before = view.subarray(lastTick * size, (lastTick + 1) * size);
  const pictures = new Float32Array(framesS.length * PICTURE);
  const last = lastPicture(context);
  for (const [frame, tick] of ticks.entries()) {
    const change = mean
      .subarray((tick - 1) * size, tick * size)
      .map((value, index) => value - before[index]!);
    addSpread(last, change, side, pictures.subarray(frame * PICTURE, (frame + 1) * PICTURE));
  }
  const heard = rollout.channels.audio?.mean;
  const bands =
    seen.sound === null || heard === undefined || heard.length !== rollout.ticks * MEL_BANDS
      ? null
      : heard.slice(0, soundTicks * MEL_BANDS);
  return { pictures, bands };
}

/** Adds a coarse change (0 to 1) to a picture (0 to 255), bilinearly between the middles of its cells. */
function addSpread(picture: Float32Array, change: Float32Array, side: number, out: Float32Array): void {
  const places = Array.from({ length: SIDE }, (_, pixel) => {
    const exact = Math.min(side - 1, Math.max(0, ((pixel + 0.5) * side) / SIDE - 0.5));
    const first = Math.min(Math.floor(exact), side - 2);
    return { first, fraction: exact - first };
  });
  for (const [y, row] of places.entries()) {
    for (const [x, column] of places.entries()) {
      for (let colour = 0; colour < 3; colour++) {
        const at = (down: number, right: number): number =>
          change[((row.first + down) * side + column.first + right) * PIXEL + colour]!;
        const above = at(0, 0) + (at(0, 1) - at(0, 0)) * column.fraction;
        const below = at(1, 0) + (at(1, 1) - at(1, 0)) * column.fraction;
        const index = (y * SIDE + x) * 3 + colour;
        const value = picture[index]! + 255 * (above + (below - above) * row.fraction);
        out[index] = Math.min(255, Math.max(0, value));
      }
    }
  }
}

function requireCamera({ name, configuration, tickHz }: WorldModel): void {
  const camera = configuration.channels.find(({ name: channel }) => channel === 'camera');
  if (camera?.form === 'picture' && tickHz === TICK_HZ) return;
  const known = configuration.channels.map(({ name: channel }) => channel).join(', ') || 'no senses';
  throw new UmweltError(
    'shape-mismatch',
    { model: name, channels: known, tickHz },
    `model "${name}": expected one with a channel "camera" and ${TICK_HZ} ticks a second, got ${known} and ${tickHz}; ` +
      'train it on clips of video (bench/video), or leave it out',
  );
}
