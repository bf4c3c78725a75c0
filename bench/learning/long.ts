import type { Dataset } from '../../datasets/contract.js';
import { energyLimits } from '../../worldmodel/confine.js';
import type { ObservedState, WorldModel } from '../../worldmodel/contract.js';
import type { LongDreams } from './contract.js';

const STEPS = 1000;
const EPISODES = 20;
const CONTEXT_TICKS = 7;
const GRAVITY_MPS2 = 9.81;

/**
 * Lets a model dream 1,000 steps from each of some episodes, nothing observed after the context, and keeps the extremes.
 *
 * Energy is measured against the limits that dreams of undriven bodies are confined to, computed alike (of several bodies each has
 * the greatest): there `energyBeyondJpkg` at or below 0 says that the confinement holds, not that the model keeps energy by itself.
 * Dreams of what is commanded are not confined so; there it is what the model does.
 */
export async function dreamLong(model: WorldModel, dataset: Dataset): Promise<LongDreams> {
  const { stateRange, channels, bodies } = model.configuration;
  const pictures = channels.filter(({ form }) => form === 'picture').map(({ name }) => name);
  let notFinite = 0;
  let beyondM = Number.NEGATIVE_INFINITY;
  let energyBeyondJpkg = Number.NEGATIVE_INFINITY;
  const pixels: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < EPISODES; index++) {
    const episode = await dataset.readEpisode(index);
    const view = model.view(episode);
    const rollout = await model.rollout(episode, CONTEXT_TICKS / model.tickHz, STEPS / model.tickHz);
    const { positionM, linearVelocityMps } = rollout.state;
    const limits = energyLimits(stateAt(view.state!, CONTEXT_TICKS, bodies), bodies);
    for (let row = 0; row < rollout.ticks * bodies; row++) {
      let speed2 = 0;
      for (let axis = 0; axis < 3; axis++) {
        const place = positionM.mean[row * 3 + axis]!;
        const speed = linearVelocityMps.mean[row * 3 + axis]!;
        speed2 += speed * speed;
        if (!Number.isFinite(place) || !Number.isFinite(speed)) notFinite++;
        beyondM = Math.max(beyondM, stateRange.lowM[axis]! - place, place - stateRange.highM[axis]!);
      }
      const energy = 0.5 * speed2 + GRAVITY_MPS2 * positionM.mean[row * 3 + 2]!;
      energyBeyondJpkg = Math.max(energyBeyondJpkg, energy - limits[row % bodies]!);
    }
    for (const name of pictures) {
      for (const value of rollout.channels[name]!.mean) {
        pixels[0] = Math.min(pixels[0], value);
        pixels[1] = Math.max(pixels[1], value);
        if (!Number.isFinite(value)) notFinite++;
      }
    }
  }
  return { episodes: EPISODES, steps: STEPS, notFinite, beyondM, energyBeyondJpkg, pixels };
}

function stateAt(state: ObservedState, tick: number, bodies: number): ObservedState {
  const part = (values: Float32Array, width: number): Float32Array =>
    values.subarray(tick * bodies * width, (tick + 1) * bodies * width);
  return {
    position: part(state.position, 3),
    orientation: part(state.orientation, 4),
    linearVelocity: part(state.linearVelocity, 3),
    angularVelocity: part(state.angularVelocity, 3),
  };
}
