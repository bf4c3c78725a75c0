import { benchAppearance, benchEventCamera, benchMesh } from './appearance.js';
import { benchCamera64, benchCamera256, benchCameraObjects } from './camera.js';
import { benchCameraGpu } from './camera-gpu.js';
import type { BenchResult } from './contract.js';
import { benchEvaluateCube } from './evaluate.js';
import { benchGenerate } from './generate.js';
import { benchDevelop, benchRing, benchShadeGel } from './kernels.js';
import { benchLidar } from './lidar.js';
import { benchPhysicsPile } from './physics.js';
import { benchRinging } from './resonators.js';
import { benchRig } from './rig.js';
import { benchRollout } from './rollout.js';
import { benchTaxels } from './touch.js';
import { benchTrainMlp } from './train.js';
import { benchTrainCore } from './train-core.js';
import { benchTrainMemory, benchTrainSmall } from './train-small.js';

/** Every claim by name; a claim is measured beside its reference in the same run. */
const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  'generate.cube-toss.realtime': benchGenerate,
  'camera.64.fps': benchCamera64,
  'camera.256.fps': benchCamera256,
  'camera.objects': benchCameraObjects,
  'camera.gpu.fps': benchCameraGpu,
  'camera.mesh.rays': benchMesh,
  'camera.rich.fps': benchAppearance,
  'event-camera.realtime': benchEventCamera,
  'lidar.rays': benchLidar,
  'kernel.develop': benchDevelop,
  'kernel.ring': benchRing,
  'kernel.gel': benchShadeGel,
  'audio.ringing.realtime': benchRinging,
  'touch.taxels.realtime': benchTaxels,
  'rig.realtime': benchRig,
  'evaluate.cube.seconds': benchEvaluateCube,
  'train.small.gflops': benchTrainSmall,
  'train.core.ratio': benchTrainCore,
  'train.small.memory': benchTrainMemory,
  'rollout.small.ms': benchRollout,
  'train.mlp.gflops': benchTrainMlp,
  'physics.pile100.steps': benchPhysicsPile,
};

/** Runs the named benches, or all, and prints one JSON object a line, or a line for people without --json. */
async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    process.stderr.write(
      `bench: no bench named ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}\n`,
    );
    return 2;
  }
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    const result = await BENCHES[name]!();
    process.stdout.write(`${args.includes('--json') ? JSON.stringify(result) : describeResult(result)}\n`);
  }
  return 0;
}

function describeResult(result: BenchResult): string {
  const { name, value, unit, reference, reference_value, ratio } = result;
  return `${name}: ${value.toPrecision(4)} ${unit}; ${reference}: ${reference_value.toPrecision(4)}; ratio ${ratio.toPrecision(3)}`;
}

process.exitCode = await main(process.argv.slice(2));
