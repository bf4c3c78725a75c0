import type { CreateWorld } from '../../../sim/contract.js';
import { setState, stateAt } from '../../body-state.js';
import type { Forecaster, Trajectory } from '../../contract.js';
import { emptyTrajectory } from '../../trajectory.js';
import { CUBE_BODY, type CubeWorldParameters, cubeWorld } from './cube-world.js';
import { estimateStart } from './initial-state.js';
import type { RecordedCube } from './recorded-cube.js';

/** The engine as it comes: one step a frame, friction 0.5, no restitution, lengths of a metre. */
export const DEFAULT_PHYSICS: CubeWorldParameters = {
  friction: 0.5,
  restitution: 0,
  substeps: 1,
  lengthUnitM: 1,
};

/** Simulates the cube from the last state that was seen. */
export function physicsForecaster(
  name: string,
  createWorld: CreateWorld,
  cube: RecordedCube,
  parameters: CubeWorldParameters,
): Forecaster {
  return {
    name,
    forecast: (context, frames) => simulate(createWorld, cube, parameters, context, frames),
  };
}

async function simulate(
  createWorld: CreateWorld,
  cube: RecordedCube,
  parameters: CubeWorldParameters,
  context: Trajectory,
  frames: number,
): Promise<Trajectory> {
  const { rig } = parameters;
  // Uncalibrated, the engine begins where the recording says.
  const start =
    rig === undefined ? stateAt(context, context.frames - 1) : estimateStart(context, rig, cube.widthM);
  const world = await createWorld(cubeWorld(cube, context.rateHz, start, parameters));
  try {
    const forecast = emptyTrajectory(context.rateHz, frames);
    for (let frame = 0; frame < frames; frame++) {
      const { poses, velocities } = world.step(parameters.substeps);
      const pose = poses.subarray(CUBE_BODY * 7, CUBE_BODY * 7 + 7);
      const velocity = velocities.subarray(CUBE_BODY * 6, CUBE_BODY * 6 + 6);
      setState(forecast, frame, {
        positionM: [pose[0]!, pose[1]!, pose[2]!],
        orientation: [pose[3]!, pose[4]!, pose[5]!, pose[6]!],
        linearVelocityMps: [velocity[0]!, velocity[1]!, velocity[2]!],
        angularVelocityRadps: [velocity[3]!, velocity[4]!, velocity[5]!],
      });
    }
    return forecast;
  } finally {
    world.free();
  }
}
