import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createEncoder } from '../../sensors/encoder/encoder.js';
import { type EncoderSpecification, encoderSpecification } from '../../sensors/encoder/specification.js';
import { createImu } from '../../sensors/imu/imu.js';
import { type ImuSpecification, imuSpecification } from '../../sensors/imu/specification.js';
import { createWorld } from '../../sim/world.js';
import { body, scene } from './scene.js';

const START = 0.3;
const HALF: Vec3 = [0.01, 0.01, 0.25];
const GRAVITY = 9.81;

/** A rod of half a metre that hangs on a hinge along y, pulled aside by `START`. */
function pendulum(): SimSpec {
  const post = body('post', 'fixed', { kind: 'box', halfExtentsM: [0.02, 0.02, 0.02] }, 'steel');
  const rod = body('rod', 'dynamic', { kind: 'box', halfExtentsM: HALF }, 'steel', {
    pose: {
      positionM: [-HALF[2] * Math.sin(START), 0, -HALF[2] * Math.cos(START)],
      orientation: [Math.cos(START / 2), 0, Math.sin(START / 2), 0],
    },
  });
  return {
    ...scene([post, rod], {}, 1.5, 2000),
    joints: [
      {
        name: 'hinge',
        kind: 'revolute',
        parent: 0,
        child: 1,
        anchorInParentM: [0, 0, 0],
        anchorInChildM: [0, 0, HALF[2]],
        axis: [0, 1, 0],
      },
    ],
  };
}

describe('a real pendulum', () => {
  it('swings as its encoder counts and its inertial unit feels', async () => {
    const spec = pendulum();
    const encoder = createEncoder(
      'encoder',
      encoderSpecification.parse({
        kind: 'encoder',
        joint: 'hinge',
        countsPerUnit: 65536,
        speedWindow: 20,
      }) as EncoderSpecification,
      spec,
    );
    // At the free end of the rod.
    const imu = createImu(
      'imu',
      imuSpecification.parse({
        kind: 'imu',
        body: 'rod',
        positionM: [0, 0, -HALF[2]],
        noise: false,
      }) as ImuSpecification,
      spec,
    );
    const world = await createWorld(spec);
    const angles: number[] = [];
    const speeds: number[] = [];
    const forces: number[][] = [];
    const rates: number[] = [];
    for (let step = 0; step <= 3000; step++) {
      const frame = step === 0 ? world.frame() : world.step();
      for (const { values } of encoder.sense(frame)) {
        angles.push(values.position![0]!);
        speeds.push(values.speed![0]!);
      }
      for (const { values } of imu.sense(frame)) {
        forces.push([...values.specificForceMps2!]);
        rates.push(values.angularRateRadps![1]!);
      }
    }
    world.free();
    expect(angles[0]).toBeCloseTo(START, 3);
    // Inertia of the rod about the hinge over its mass.
    const length = HALF[2];
    const gyration = (HALF[0] ** 2 + HALF[2] ** 2) / 3 + length ** 2;
    const period =
      2 *
      Math.PI *
      Math.sqrt(gyration / (GRAVITY * length)) *
      (1 + START ** 2 / 16 + (11 * START ** 4) / 3072);
    const crossing = angles.findIndex((angle) => angle < 0) / 1000;
    expect(Math.abs(crossing / (period / 4) - 1)).toBeLessThan(0.005);
    expect(Math.abs(Math.min(...angles) / -START - 1)).toBeLessThan(0.02);
    // At the lowest point all of the energy is in the swing.
    const fastest = -Math.sqrt((2 * GRAVITY * length * (1 - Math.cos(START))) / gyration);
    expect(Math.abs(Math.min(...speeds) / fastest - 1)).toBeLessThan(0.01);
    expect(Math.abs(Math.min(...rates) / fastest - 1)).toBeLessThan(0.01);
    // There the free end feels gravity and the pull towards the hinge.
    const lowest = Math.round(crossing * 1000);
    const pull = GRAVITY + fastest ** 2 * 2 * length;
    expect(Math.abs(forces[lowest]![2]! / pull - 1)).toBeLessThan(0.01);
  });
});
