import type { RandomStream } from '../../../core/random.js';
import type { CreateWorld } from '../../../sim/contract.js';
import { advance, followChain } from './chain.js';
import { type EngineSettings, followInEngine } from './engine.js';
import { equivalentViscous } from './equivalent-friction.js';
import { type StateEstimate, stateByModel, stateByParabola } from './initial-state.js';
import type { PendulumModel } from './model.js';
import type { RigModel } from './rig-model.js';
import type { Swing, SwingContext } from './swing.js';

/** The last angles again and again. */
export function copyLast(context: SwingContext): Swing {
  const { arms, frames, angleRad } = context.seen;
  return straight(context, (arm) => [angleRad[(frames - 1) * arms + arm]!, 0]);
}

/** Goes on at the rate of the context's end. */
export function constantVelocity(context: SwingContext): Swing {
  const { arms } = context.seen;
  const state = stateByParabola(context.seen);
  return straight(context, (arm) => [state[arm]!, state[arms + arm]!]);
}

function straight(
  { rig, seen, frames }: SwingContext,
  from: (arm: number) => readonly [number, number],
): Swing {
  const { arms, rateHz } = seen;
  const path = new Float64Array((frames + 1) * 2 * arms);
  for (let arm = 0; arm < arms; arm++) {
    const [angle, rate] = from(arm);
    for (let frame = 0; frame <= frames; frame++) {
      path[frame * 2 * arms + arm] = angle + (rate * frame) / rateHz;
      path[frame * 2 * arms + arms + arm] = rate;
    }
  }
  return { rig, arms, rateHz, frames: frames + 1, path };
}

/** Solves the chain's equations from the state that the model itself finds in the context. */
export function integrate(model: PendulumModel, context: SwingContext): Swing {
  const { state } = stateByModel(model, context.seen);
  const { rateHz } = context.seen;
  return fromState(model, context, state, followChain(model.chain, state, rateHz, context.frames));
}

/** Lets the engine simulate the chain, its friction made viscous for this motion. */
export async function simulate(
  createWorld: CreateWorld,
  model: PendulumModel,
  context: SwingContext,
  settings: EngineSettings,
): Promise<Swing> {
  const { rateHz } = context.seen;
  const { state } = stateByModel(model, context.seen);
  const chain = equivalentViscous(model.chain, state, rateHz, context.frames);
  const path = await followInEngine(createWorld, chain, state, rateHz, context.frames, settings);
  return fromState(model, context, state, path);
}

/** Draws a motion: of another model that may be true, from another state that the readings allow. */
export function drawMotion(
  rig: RigModel,
  context: SwingContext,
  estimate: StateEstimate,
  random: RandomStream,
  spread: number,
): Swing {
  const model = rig.draw(random, spread);
  return replay(model, context, estimate, random, spread);
}

/** Integrates from a state that the readings allow beside the best. */
export function replay(
  model: PendulumModel,
  context: SwingContext,
  { first, factor }: StateEstimate,
  random: RandomStream,
  spread: number,
): Swing {
  const { frames, rateHz } = context.seen;
  const size = first.length;
  const normal = Float64Array.from({ length: size }, () => random.normal());
  const state = first.map((value, i) => {
    let change = 0;
    for (let j = 0; j <= i; j++) change += factor[i * size + j]! * normal[j]!;
    return value + spread * change;
  });
  advance(model.chain, state, 1 / rateHz, frames - 1);
  return fromState(model, context, state, followChain(model.chain, state, rateHz, context.frames));
}

/** Puts the state at the last frame that was seen before a path, and reads the angles as the encoders would. */
function fromState(
  { biasRad }: PendulumModel,
  context: SwingContext,
  state: Float64Array,
  path: Float64Array,
): Swing {
  const { rig, seen, frames } = context;
  const { arms, rateHz } = seen;
  const whole = new Float64Array((frames + 1) * 2 * arms);
  whole.set(state);
  whole.set(path, 2 * arms);
  for (let frame = 0; frame <= frames; frame++) {
    for (let arm = 0; arm < arms; arm++) whole[frame * 2 * arms + arm]! += biasRad[arm]!;
  }
  return { rig, arms, rateHz, frames: frames + 1, path: whole };
}
