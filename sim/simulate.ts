import type { SimFrame, World } from './contract.js';

/**
 * Steps a world from where it is, yielding the present frame first, until `durationS` of simulated time has passed,
 * rounded to whole steps.
 */
export function* simulate(world: World, durationS: number): Generator<SimFrame> {
  yield world.frame();
  const steps = Math.round(durationS * world.spec.physics.stepHz);
  for (let step = 0; step < steps; step++) yield world.step();
}
