import { beforeAll, describe, expect, it } from 'vitest';
import { compileEpisode } from '../../scenarios/compile.js';
import { parseScenario } from '../../scenarios/schema.js';
import { createRig, senseAll } from '../../sensors/rig.js';
import { sensorSpecification } from '../../sensors/specification.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { digest } from '../sensors/scene.js';
import { EVERY_SENSE } from './every-sense.js';

/**
 * SHA-256 of what each stream of every-sense.ts tells, seed 20261121, episode 0. They change when what is simulated or
 * sensed changes, and then on purpose: PRINT_DIGESTS=1 prints the new ones. They may not depend on the machine, on Node's
 * version or on what other senses there are; .ci/run repeats this file under Node 20, 22 and 24.
 */
const GOLDEN: Readonly<Record<string, string>> = {
  'camera-pinhole': 'e5d63327d712b980628ef0e937ce0d6bcb26cc0719a34c1478167c245529fecd',
  'camera-shutter': '651e6534cddf4a7602802c8cc5b4338298f2c2e68382c0f04ffca51002925e87',
  'camera-fisheye': '4a1074d01ebe9d7ed91327938f13d8fdd342570610650ea33d5db0247f39cbc5',
  audio: '4b5e098fad6838b3b9da0c8feb1ecc03ba566d27dbf356a3d08ae24a7cbe432e',
  'event-camera': 'c6aa96a3e890f1dfd5e55619e326066de5dd9db9f23ffa4f3ec756d342259dba',
  haptics: '1e7bbf8e9cd0b0e218733bfd2fb5b630ab8b128fa5cea2315642882cd0a1ed8b',
  truth: '6236c536183a146f388d08b32af456352b9e87491ee1e5d915256fed154c8937',
  encoder: '44cf006ec0e75972af235245963729e10efc98efd8058078fc76d5eec05a4155',
  gnss: 'bfedece9d9466a1269145c02f27ff6c71b9ee81fa14a83b711eb25d0aa1636f0',
  imu: '7930cf29b97d111f57585cd3a64cfae67f5630bd66cf0be259c2ee68c066bf0b',
  'lidar-spinning': 'fd60ec86c8ea1c7b17e7061acf1b6552b4e6031a96d70f837469f31c73bff463',
  'lidar-raster': '5568edaee64bd01ddf7b14a555e7fd649fd1f3dcb9bc798736ec317698755158',
  'tactile-flat': '33fbee7f84e6630aaee81fda4906636eda979a85d2c070547dc9a8e3edcc2e44',
  'tactile-sphere': '4e3ceda71c829e778fa202579f89e30273eae1c5c7d810e8295252d03feee6f5',
  'tactile-cylinder': 'be6e737e4b9c81b58c0e61d313838d890ebd1c1de32eaffadc16a4c115670a2c',
  'tactile-image': '4d96f3ef6a382c92afa27a232332020c45e22831fcfb424062e763a519acf887',
  'contact-events': 'b3a3a7065aef6b36d7dde089d35d7956f091a448f041a320d9e37dd109795a2d',
  wrist: 'bb22c642232592725eb0c2e86b10df8a3233acecadef97bacf4be8ab85bcbb89',
  vibration: '76aa867f28f8f9ac568ac90febddbdd36c4733362f1a077ff63aa825e0280e9e',
  temperature: '83c8495f44e28e4592d1c3d3a9390b45302baae4fff1fd507e8c506ef85acc5a',
  action: 'f56be69052cc7c93ecbbd6bf2008b98630b66baf3b18c14cbd5574b1eeb61d52',
  reward: '8c8868d66c7f678c9c45fe9080fd852625f5eb91032da78d90ab4e5588388957',
};

const spec = compileEpisode(parseScenario(EVERY_SENSE), 20261121, 0);
const frames: SimFrame[] = [];
const together = new Map<string, string>();

beforeAll(async () => {
  const world = await createWorld(spec);
  frames.push(...simulate(world, spec.durationS));
  world.free();
  const samples = [...senseAll(frames, spec)];
  for (const name of Object.keys(spec.sensors))
    together.set(name, digest(samples.filter(({ stream }) => stream === name)));
  if (process.env.PRINT_DIGESTS) console.log(Object.fromEntries(together));
});

describe('the senses of one scenario', () => {
  it('are all that there are', () => {
    const kinds = new Set(createRig(spec).streams.map(({ name }) => spec.sensors[name]!.kind));
    const known = sensorSpecification.options.map(({ shape }) => shape.kind.value);
    expect([...kinds].sort()).toEqual([...known].sort());
  });

  it.each(Object.keys(EVERY_SENSE.sensors))('%s has its golden digest', (name) => {
    expect(together.get(name)).toBe(GOLDEN[name]);
  });

  it.each(Object.keys(EVERY_SENSE.sensors))('%s yields alone what it yields among all', (name) => {
    const alone = { ...spec, sensors: { [name]: spec.sensors[name]! } };
    expect(digest([...senseAll(frames, alone)])).toBe(together.get(name));
  });
});
