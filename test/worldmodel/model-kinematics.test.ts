import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiply, normaliseQuaternion, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromRotationVector, geodesicAngle } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import { createGraph } from '../../worldmodel/engine/graph.js';
import { createSession } from '../../worldmodel/engine/session.js';
import {
  type BodyStates,
  changeInWorld,
  kinematicConstants,
  moveBodies,
  rotateTogether,
  rotationMatrices,
  type StateChange,
  squaredChord,
} from '../../worldmodel/model/kinematics.js';

const TICK_HZ = 37;

const graph = createGraph();
const constants = kinematicConstants(graph, 1, TICK_HZ);
const states: BodyStates = {
  position: graph.input('position', [1, 3]),
  orientation: graph.input('orientation', [1, 4]),
  linearVelocity: graph.input('linearVelocity', [1, 3]),
  angularVelocity: graph.input('angularVelocity', [1, 3]),
};
const other = graph.input('other', [1, 4]);
const change = Object.fromEntries(
  ['linearVelocity', 'angularVelocity', 'position', 'rotation'].map((name) => [
    name,
    graph.input(`change/${name}`, [1, 3]),
  ]),
) as unknown as StateChange;
const rotation = rotationMatrices(states.orientation, constants);
const moved = moveBodies(states, changeInWorld(change, rotation), TICK_HZ, constants);
const session = await createSession(
  {
    inWorld: rotateTogether(rotation, [states.position, states.linearVelocity])[1]!,
    inBody: rotateTogether(rotation, [states.linearVelocity, states.position], true)[0]!,
    chord: squaredChord(rotation, rotationMatrices(other, constants)),
    'position/next': moved.position,
    'orientation/next': moved.orientation,
    'linearVelocity/next': moved.linearVelocity,
    'angularVelocity/next': moved.angularVelocity,
  },
  { threads: 1 },
);

interface State {
  readonly position: Vec3;
  readonly orientation: Quaternion;
  readonly linearVelocity: Vec3;
  readonly angularVelocity: Vec3;
}

const ZERO: Vec3 = [0, 0, 0];

async function run(state: State, { turn = ZERO, push = ZERO, otherwise = state.orientation } = {}) {
  const outputs = await session.run({
    position: Float32Array.from(state.position),
    orientation: Float32Array.from(state.orientation),
    linearVelocity: Float32Array.from(state.linearVelocity),
    angularVelocity: Float32Array.from(state.angularVelocity),
    other: Float32Array.from(otherwise),
    'change/linearVelocity': Float32Array.from(push),
    'change/angularVelocity': new Float32Array(3),
    'change/position': new Float32Array(3),
    'change/rotation': Float32Array.from(turn),
  });
  return Object.fromEntries(
    Object.entries(outputs).map(([name, data]) => [
      name.replace('/next', ''),
      Array.from(data as Float32Array),
    ]),
  ) as Record<string, number[]>;
}

const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
const vector = fc.tuple(coordinate, coordinate, coordinate);
const orientation = fc
  .tuple(coordinate, coordinate, coordinate, coordinate)
  .filter((q) => Math.hypot(...q) > 0.1)
  .map(normaliseQuaternion);
const state = fc.record({ position: vector, orientation, linearVelocity: vector, angularVelocity: vector });

const close = (actual: readonly number[], expected: readonly number[], digits = 4): void => {
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, digits);
};

describe('the kinematics in the graph', () => {
  it('rotate vectors as quaternions do', async () => {
    await fc.assert(
      fc.asyncProperty(state, async (given) => {
        const { inWorld, inBody } = await run(given);
        close(inWorld!, rotate(given.orientation, given.linearVelocity));
        const [w, x, y, z] = given.orientation;
        close(inBody!, rotate([w, -x, -y, -z], given.linearVelocity));
      }),
      { numRuns: 50 },
    );
  });

  it('measure the chord between orientations: 8 sin^2(angle / 2)', async () => {
    await fc.assert(
      fc.asyncProperty(state, orientation, async (given, otherwise) => {
        const { chord } = await run(given, { otherwise });
        const half = Math.sin(geodesicAngle(given.orientation, otherwise) / 2);
        expect(chord![0]).toBeCloseTo(8 * half * half, 3);
      }),
      { numRuns: 50 },
    );
  });

  it('fly freely on a parabola with constant spin, exactly', async () => {
    await fc.assert(
      fc.asyncProperty(state, async (given) => {
        const after = await run(given);
        const t = 1 / TICK_HZ;
        const [vx, vy, vz] = given.linearVelocity;
        const [x, y, z] = given.position;
        close(after.position!, [x + vx * t, y + vy * t, z + vz * t - (9.81 * t * t) / 2], 5);
        close(after.linearVelocity!, [vx, vy, vz - 9.81 * t], 5);
        const [wx, wy, wz] = given.angularVelocity;
        const turned = multiply(fromRotationVector([wx * t, wy * t, wz * t]), given.orientation);
        expect(geodesicAngle(after.orientation as unknown as Quaternion, turned)).toBeLessThan(1e-3);
        expect(Math.hypot(...after.orientation!)).toBeCloseTo(1, 5);
      }),
      { numRuns: 50 },
    );
  });

  it('apply a push and a turn in the body frame', async () => {
    const upended: Quaternion = [Math.SQRT1_2, 0, Math.SQRT1_2, 0];
    const still = { position: ZERO, orientation: upended, linearVelocity: ZERO, angularVelocity: ZERO };
    const { linearVelocity } = await run(still, { push: [1, 0, 0] });
    // Pitched by a quarter turn, the body's x points down.
    close(linearVelocity!, [0, 0, -1 - 9.81 / TICK_HZ]);
    const { orientation: turned } = await run(still, { turn: [0.1, 0, 0] });
    const expected = multiply(upended, fromRotationVector([0.1, 0, 0]));
    expect(geodesicAngle(turned as unknown as Quaternion, expected)).toBeLessThan(1e-3);
  });
});
