import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { compileEpisode } from '../../scenarios/compile.js';
import type { BodySpec, JointSpec, SimSpec } from '../../scenarios/contract.js';
import { parseScenario } from '../../scenarios/schema.js';
import { createAction } from '../../sensors/action/action.js';
import { type ActionSpecification, actionSpecification } from '../../sensors/action/specification.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { body, scene, scripted } from './scene.js';

const BOX: BodySpec['shape'] = { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] };
const turned = fromAxisAngle([0, 0, 1], 3);
/** Right at 1 m/s, from 0.105 s on up at 2 m/s while it turns at 10 rad/s, at rest from 0.405 s on. */
const cart = body('cart', 'kinematic', BOX, 'steel', {
  pose: { positionM: [0, 0, 1], orientation: [1, 0, 0, 0] },
  path: [
    { timeS: 0.005, pose: { positionM: [0, 0, 1], orientation: [1, 0, 0, 0] } },
    { timeS: 0.105, pose: { positionM: [0.1, 0, 1], orientation: [1, 0, 0, 0] } },
    { timeS: 0.405, pose: { positionM: [0.1, 0, 1.6], orientation: turned } },
  ],
});
const rocket = body('rocket', 'dynamic', BOX, 'steel', {
  forces: [
    { fromS: 0.2, toS: 0.225, forceN: [0, 0, 8], torqueNm: [1, 0, 0] },
    { fromS: 0.21, toS: 9, forceN: [4, 0, 0], torqueNm: [0, 0, 0] },
  ],
});
const post = body('post', 'fixed', BOX, 'steel');
const stone = body('stone', 'dynamic', BOX, 'steel');
const hinge: JointSpec = {
  name: 'elbow',
  kind: 'revolute',
  parent: 2,
  child: 3,
  anchorInParentM: [0, 0, 0],
  anchorInChildM: [0, 0, 0],
  axis: [0, 0, 1],
  motor: { target: 0.5, targetVelocity: -2, stiffness: 1, damping: 1, maxForce: 10 },
};
const { motor: _, ...loose } = hinge;
const spec: SimSpec = {
  ...scene([cart, rocket, post, stone], {}, 0.5),
  joints: [hinge, { ...loose, name: 'loose' }],
};

function specification(document: object): ActionSpecification {
  return actionSpecification.parse({ kind: 'action', rateHz: 50, ...document }) as ActionSpecification;
}

/** Labels and what was commanded, a row a sample. */
function record(document: object = {}, of: SimSpec = spec) {
  const sensor = createAction('action', specification(document), of);
  const samples = scripted(of).flatMap((frame) => sensor.sense(frame));
  const components = sensor.stream.metadata.components as { label: string; unit: string }[];
  const at = (label: string): number[] => {
    const index = components.findIndex((component) => component.label === label);
    return samples.map(({ values }) => values.value![index]!);
  };
  return { sensor, samples, components, at };
}

describe('an action', () => {
  it('labels every component of all that is commanded, bodies first', () => {
    const { sensor, components } = record();
    expect(components.map(({ label, unit }) => `${label} ${unit}`)).toEqual([
      ...['x m', 'y m', 'z m'].map((axis) => `cart.positionM.${axis}`),
      ...['x m/s', 'y m/s', 'z m/s'].map((axis) => `cart.linearVelocityMps.${axis}`),
      ...['x rad/s', 'y rad/s', 'z rad/s'].map((axis) => `cart.angularVelocityRadps.${axis}`),
      ...['x N', 'y N', 'z N'].map((axis) => `rocket.forceN.${axis}`),
      ...['x N m', 'y N m', 'z N m'].map((axis) => `rocket.torqueNm.${axis}`),
      'elbow.target rad',
      'elbow.targetVelocity rad/s',
    ]);
    expect(sensor.stream.kind).toBe('action');
    expect(sensor.stream.fields).toMatchObject([{ name: 'value', dataType: 'float32', shape: [17] }]);
  });

  it('tells velocities over the interval that begins at the sample, corners within it weighted by time', () => {
    const { at } = record();
    const [x, z, spin] = [
      'cart.linearVelocityMps.x',
      'cart.linearVelocityMps.z',
      'cart.angularVelocityRadps.z',
    ].map(at);
    // 0 to 20 ms: at rest for 5 ms.
    expect(x![0]).toBeCloseTo(0.75, 6);
    expect(x![1]).toBeCloseTo(1, 6);
    // 100 to 120 ms: 5 ms right, 15 ms up.
    expect([x![5], z![5]]).toEqual([expect.closeTo(0.25, 6), expect.closeTo(1.5, 6)]);
    expect(spin![5]).toBeCloseTo(7.5, 5);
    expect([x![6], z![6], spin![6]]).toEqual([0, expect.closeTo(2, 6), expect.closeTo(10, 5)]);
    // 400 to 420 ms: 5 ms up, then at rest.
    expect(z![20]).toBeCloseTo(0.5, 6);
    expect([x![21], z![21], spin![21]]).toEqual([0, 0, 0]);
  });

  it('tells where the body is to be at each sample: its velocities lead from one to the next', () => {
    const { at } = record();
    for (const axis of ['x', 'y', 'z']) {
      const place = at(`cart.positionM.${axis}`);
      const speed = at(`cart.linearVelocityMps.${axis}`);
      for (let i = 0; i + 1 < place.length; i++)
        expect(place[i]! + speed[i]! / 50).toBeCloseTo(place[i + 1]!, 6);
    }
    expect(at('cart.positionM.z').at(-1)).toBeCloseTo(1.6, 6);
  });

  it('tells the mean push over the interval', () => {
    const { at } = record();
    // 200 to 220 ms: the first push all along, the second for half of it; 220 to 240 ms: the first for a quarter.
    expect(at('rocket.forceN.z').slice(9, 13)).toEqual([0, 8, expect.closeTo(2, 5), 0]);
    expect(at('rocket.forceN.x').slice(9, 13)).toEqual([0, expect.closeTo(2, 5), 4, 4]);
    expect(at('rocket.torqueNm.x').slice(9, 13)).toEqual([0, 1, expect.closeTo(0.25, 6), 0]);
  });

  it('tells the targets of motors, in metres where the joint slides', () => {
    const { at } = record({ bodies: [] });
    expect(at('elbow.target')).toEqual(Array(26).fill(0.5));
    expect(at('elbow.targetVelocity')).toEqual(Array(26).fill(-2));
    const sliding = { ...spec, joints: [{ ...hinge, kind: 'prismatic' as const }] };
    expect(record({ bodies: [] }, sliding).components).toEqual([
      { label: 'elbow.target', unit: 'm' },
      { label: 'elbow.targetVelocity', unit: 'm/s' },
    ]);
  });

  it('tells of a body without a path its constant velocity', () => {
    const belt = body('belt', 'kinematic', BOX, 'steel', {
      linearVelocityMps: [2, 0, 0],
      angularVelocityRadps: [0, 0, 3],
    });
    const { samples } = record({}, scene([belt], {}, 0.1));
    expect([...samples[5]!.values.value!]).toEqual([expect.closeTo(0.2, 6), 0, 0, 2, 0, 0, 0, 0, 3]);
  });

  it('lists only those named, in the order of their names', () => {
    const { components } = record({ bodies: ['rocket', 'cart'], joints: [] });
    expect(components).toHaveLength(15);
    expect(components[0]!.label).toBe('rocket.forceN.x');
    expect(components[6]!.label).toBe('cart.positionM.x');
  });

  it('is what the engine does: the body is where the action says, and a push changes momentum by force times interval', async () => {
    const free = {
      ...scene([cart, rocket], {}, 0.5),
      physics: { ...spec.physics, gravityMps2: [0, 0, 0] as const },
    };
    const world = await createWorld(free);
    const frames = [...simulate(world, 0.5)];
    world.free();
    const sensor = createAction('action', specification({}), free);
    const actions = frames.flatMap((frame) => sensor.sense(frame)).map(({ values }) => values.value!);
    for (const [i, action] of actions.slice(0, 25).entries()) {
      const [now, next] = [frames[i * 20]!, frames[i * 20 + 20]!];
      for (let axis = 0; axis < 3; axis++) {
        expect(action[axis]).toBeCloseTo(now.poses[axis]!, 6);
        expect(action[3 + axis]! / 50).toBeCloseTo(next.poses[axis]! - now.poses[axis]!, 6);
        const gainedNs = rocket.massKg * (next.velocities[6 + axis]! - now.velocities[6 + axis]!);
        expect(action[9 + axis]! / 50).toBeCloseTo(gainedNs, 4);
      }
    }
  });

  it('refuses what is not there, not commanded or named twice, and a scene without commands', () => {
    const create = (document: object, of = spec) => createAction('a', specification(document), of);
    expect(() => create({ bodies: ['card'] })).toThrow(
      'sensors.a.bodies: expected the name of a body (cart, rocket, post, stone), got "card"',
    );
    expect(() => create({ bodies: ['stone'] })).toThrow(
      'sensors.a.bodies: expected the name of a kinematic body or of one with forces (cart, rocket), got "stone"',
    );
    expect(() => create({ joints: ['loose'] })).toThrow(
      'sensors.a.joints: expected the name of a joint with a motor (elbow), got "loose"',
    );
    expect(() => create({ bodies: ['cart', 'cart'] })).toThrow('got "cart" twice');
    expect(() => create({}, scene([post, stone]))).toThrow(
      /in which nothing is commanded; add one or remove/,
    );
    expect(() => create({ bodies: [], joints: [] })).toThrow(/nothing is commanded/);
  });

  it('is compiled from a scenario, which is told of names that it does not have', () => {
    const document = {
      name: 'pushed',
      description: 'one kinematic body',
      durationS: 0.1,
      bodies: {
        cart: {
          semantic: 'cart',
          motion: 'kinematic',
          shape: BOX,
          material: 'steel',
          positionM: [0, 0, 0],
          linearVelocityMps: [{ uniform: [1, 2] }, 0, 0],
        },
      },
      sensors: { action: { kind: 'action' } as object },
    };
    const compiled = compileEpisode(parseScenario(document), 1, 0);
    const { samples, sensor } = record({ rateHz: 148 }, compiled);
    expect(sensor.stream.rateHz).toBe(148);
    expect(samples[3]!.values.value![3]).toBe(Math.fround(compiled.bodies[0]!.linearVelocityMps[0]));
    document.sensors.action = { kind: 'action', bodies: ['card'], joints: ['elbow'] };
    expect(() => parseScenario(document)).toThrow(
      /sensors\.action\.bodies\.0: expected the name of a body, got "card"; did you mean cart\?/,
    );
    expect(() => parseScenario(document)).toThrow(
      /sensors\.action\.joints\.0: expected the name of a joint, got "elbow"; joints are none/,
    );
  });
});
