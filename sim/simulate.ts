import { tickTimeNs } from '../core/time.js';
import type { SimFrame, World } from './contract.js';

/** Steps a world from where it is, yielding the present frame first, until `durationS` of simulated time has passed. */
export function* simulate(world: World, durationS: number): Generator<SimFrame> {
  const first = world.frame();
  yield first;
  const last = first.step + Math.round(durationS * world.spec.physics.stepHz);
  const endNs = tickTimeNs(last, world.spec.physics.stepHz);
  for (let frame = first; frame.timeNs < endNs; ) {
    frame = world.step();
    yield frame;
  }
}
