import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDigest } from '../../core/digest.js';
import { MATERIALS } from '../../core/materials.js';
import { rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { length } from '../../core/math/vector.js';
import { volumeM3 } from '../../core/shape.js';
import { compileEpisode, withInitialState } from '../../scenarios/compile.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { findScenario, listScenarios, scenarioDocument } from '../../scenarios/library.js';
import { parseScenario, type ScenarioDocument, withoutNoise } from '../../scenarios/schema.js';

const cubeToss = findScenario('cube-toss');

function body(spec: SimSpec, name: string): SimSpec['bodies'][number] {
  const found = spec.bodies.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no body ${name}`);
  return found;
}

describe('compileEpisode', () => {
  /** Sensors are left out, so that a default which a sensor's own schema gains does not show here. */
  it('keeps its bits', () => {
    const digests = listScenarios().map(({ name }) => {
      const specs = [compileEpisode(findScenario(name), 7, 0), compileEpisode(findScenario(name), 8, 123)];
      return jsonDigest(specs.map(({ sensors: _, ...rest }) => rest));
    });
    expect(digests).toEqual([
      '91bd36a311a2a0ebfecf113a71af080528204231618906d24b57f88a9167e4bf',
      'a42df174d4a03820ac01887caae024cd1ccf6d1d5951039ac490e862547a61c9',
      'c031ae5bf5626ae88b697159461f979f02dd2ef5c6124bee679fa61457d31f8d',
      '61fce4ab07f2b6fdd117cb4b3988d4a67eaf4b55d1f7d64052cf35c8f9b75360',
      '84b27873f1d14c4e3f4a45354fdb4cc6501043fcd7478246b668e2a4c6e1cdb8',
      'cedb13426fe0f246427ed5b6a15f70a44b5e82cb327abda259f4123b6c85a7d1',
    ]);
  });

  it('is a pure function of scenario, seed and episode', () => {
    const first = compileEpisode(cubeToss, 3, 5);
    compileEpisode(cubeToss, 4, 6);
    expect(compileEpisode(findScenario('cube-toss'), 3, 5)).toEqual(first);
    for (const other of [compileEpisode(cubeToss, 4, 5), compileEpisode(cubeToss, 3, 6)]) {
      const shared = Object.keys(first.draws).filter(
        (path) => typeof first.draws[path] === 'number' && other.draws[path] === first.draws[path],
      );
      expect(shared).toEqual([]);
    }
  });

  it('draws the same whatever is added beside', () => {
    const document = structuredClone(scenarioDocument('cube-toss')) as ScenarioDocument & {
      bodies: Record<string, unknown>;
      sensors: Record<string, unknown>;
      physics: Record<string, unknown>;
    };
    const before = compileEpisode(parseScenario(document), 11, 2);
    document.bodies = {
      first: { ...document.bodies.cube!, positionM: [2, 2, { uniform: [1, 2] }] },
      ...document.bodies,
    };
    document.sensors = {
      early: { kind: 'camera', positionM: [{ uniform: [0, 1] }, 2, 1], targetM: [0, 0, 0] },
      ...document.sensors,
    };
    document.physics.gravityMps2 = [0, 0, { uniform: [-9.82, -9.8] }];
    const after = compileEpisode(parseScenario(document), 11, 2);
    expect(Object.keys(after.draws).length).toBeGreaterThan(Object.keys(before.draws).length);
    expect(after.draws).toMatchObject(before.draws);
    expect(body(after, 'cube')).toEqual(body(before, 'cube'));
    expect(after.sensors.camera).toEqual(before.sensors.camera);
  });

  it('records every draw by its path', () => {
    const spec = compileEpisode(cubeToss, 1, 0);
    const cube = body(spec, 'cube');
    expect(spec.draws['bodies.cube.positionM.2']).toBe(cube.pose.positionM[2]);
    expect(spec.draws['bodies.cube.orientation']).toEqual(cube.pose.orientation);
    expect(spec.draws['bodies.cube.material']).toBe(cube.material.name);
    expect(spec.draws.durationS).toBe(spec.durationS);
  });

  it('leaves nothing random and nothing to write to', () => {
    for (const { name } of listScenarios()) {
      const spec = compileEpisode(findScenario(name), 1, 1);
      const walk = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return;
        expect(Object.isFrozen(node)).toBe(true);
        for (const kind of ['uniform', 'normal', 'choice', 'logUniform', 'uniformInteger'])
          expect(node).not.toHaveProperty(kind);
        for (const item of Object.values(node)) walk(item);
      };
      walk(spec);
    }
  });

  it('respects the ranges of both presets, for any seed', () => {
    const dropAndRoll = findScenario('drop-and-roll');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, episode) => {
        const toss = compileEpisode(cubeToss, seed, episode);
        const cube = body(toss, 'cube');
        expect(toss.durationS).toBeGreaterThanOrEqual(1);
        expect(toss.durationS).toBeLessThanOrEqual(2);
        expect(cube.massKg).toBeGreaterThanOrEqual(0.31);
        expect(cube.massKg).toBeLessThanOrEqual(0.43);
        expect(['polycarbonate', 'plastic', 'wood']).toContain(cube.material.name);
        expect(length(toss.lighting.sunDirection)).toBeCloseTo(1, 14);
        const pair = (cube.friction + body(toss, 'table').friction) / 2;
        expect(pair).toBeGreaterThanOrEqual(0.1);
        expect(pair).toBeLessThanOrEqual(0.28);
        const q = cube.pose.orientation;
        expect(q[0] ** 2 + q[1] ** 2 + q[2] ** 2 + q[3] ** 2).toBeCloseTo(1, 14);
        // Every corner starts above the table.
        expect(cube.pose.positionM[2]).toBeGreaterThan(0.0524 * Math.sqrt(3));
        expectApart(compileEpisode(dropAndRoll, seed, episode));
      }),
      { numRuns: 60 },
    );
  });

  it('weighs a body by its material and shape unless told', () => {
    const ball = {
      semantic: 'ball',
      shape: { kind: 'sphere', radiusM: 0.1 },
      material: 'steel',
      positionM: [0, 0, 1],
    };
    const scenario = parseScenario({
      ...{ name: 'balls', description: 'balls', durationS: 1, sensors: {} },
      bodies: { a: ball, b: { ...ball, massKg: 2, orientation: { axis: [0, 0, 2], angleRad: 0.5 } } },
    });
    const spec = compileEpisode(scenario, 0, 0);
    expect(spec.bodies[0]!.massKg).toBeCloseTo((4 / 3) * Math.PI * 1e-3 * MATERIALS.steel.densityKgpm3, 12);
    expect(spec.bodies[1]!.massKg).toBe(2);
    expect(spec.bodies[1]!.pose.orientation).toEqual(fromAxisAngle([0, 0, 1], 0.5));
    expect(volumeM3({ kind: 'box', halfExtentsM: [1, 2, 3] })).toBe(48);
    expect(volumeM3({ kind: 'cylinder', radiusM: 2, halfHeightM: 3 })).toBeCloseTo(24 * Math.PI, 12);
  });

  it('points to the sun by azimuth from x towards y, and elevation', () => {
    const document = scenarioDocument('cube-toss');
    const lit = parseScenario({
      ...document,
      lighting: { sunAzimuthRad: Math.PI / 2, sunElevationRad: Math.PI / 6 },
    });
    const [x, y, z] = compileEpisode(lit, 0, 0).lighting.sunDirection;
    expect(x).toBeCloseTo(0, 15);
    expect(y).toBeCloseTo(Math.sqrt(0.75), 15);
    expect(z).toBeCloseTo(0.5, 15);
  });

  it.each([
    [-1, 0, 'seed: expected a whole number of at least 0, got -1'],
    [0, 1.5, 'episode: expected a whole number of at least 0, got 1.5'],
    [Number.NaN, 0, 'seed: expected a whole number of at least 0, got NaN'],
    [2 ** 53, 0, 'seed: expected'],
  ])('refuses seed %d, episode %d', (seed, episode, message) => {
    expect(() => compileEpisode(cubeToss, seed, episode)).toThrow(message);
  });

  it('refuses values that contradict each other only once drawn', () => {
    const document = scenarioDocument('cube-toss');
    const inertia = { uniform: [1e-4, 9e-4] } as const;
    const scenario = parseScenario({
      ...document,
      bodies: {
        ...document.bodies,
        cube: { ...document.bodies.cube!, inertiaKgm2: [inertia, inertia, 4e-4] },
      },
    });
    expect(() => {
      for (let episode = 0; episode < 50; episode++) compileEpisode(scenario, 0, episode);
    }).toThrow(
      /scenario "cube-toss", seed 0, episode \d+: bodies\.cube\.inertiaKgm2: expected no component above/,
    );
  });
});

describe('variants of a scenario', () => {
  it('switch off the noise of every sensor that has some', () => {
    const quiet = withoutNoise(cubeToss);
    expect(quiet.sensors.camera).toMatchObject({ noise: false });
    expect(quiet.sensors.touch).toMatchObject({ noise: false });
    expect(quiet.sensors.state).toEqual(cubeToss.sensors.state);
    expect(compileEpisode(quiet, 1, 1).bodies).toEqual(compileEpisode(cubeToss, 1, 1).bodies);
  });

  it('start a body from a given state, and leave the rest', () => {
    const spec = compileEpisode(cubeToss, 1, 0);
    const state = {
      pose: { positionM: [1, 2, 3], orientation: [1, 0, 0, 0] },
      linearVelocityMps: [0, 1, 0],
      angularVelocityRadps: [0, 0, 1],
    } as const;
    const started = withInitialState(spec, 'cube', state);
    expect(body(started, 'cube')).toEqual({ ...body(spec, 'cube'), ...state });
    expect(body(started, 'table')).toBe(body(spec, 'table'));
    expect(body(spec, 'cube').pose.positionM).not.toEqual([1, 2, 3]);
    expect(() => withInitialState(spec, 'table', state)).toThrow(
      'expected the name of a dynamic body (cube), got "table"',
    );
  });
});

/** Checks by bounding spheres that no two dropped bodies overlap, and by its normal that all are above the board. */
function expectApart(spec: SimSpec): void {
  const dropped = spec.bodies.filter(({ motion }) => motion === 'dynamic');
  const board = body(spec, 'board');
  const up = rotate(board.pose.orientation, [0, 0, 1]);
  for (const [i, a] of dropped.entries()) {
    const height = a.pose.positionM.reduce((sum, x, k) => sum + (x - board.pose.positionM[k]!) * up[k]!, 0);
    expect(height - 0.01).toBeGreaterThan(boundingRadiusM(a));
    for (const b of dropped.slice(0, i)) {
      const apart = length(
        a.pose.positionM.map((x, k) => x - b.pose.positionM[k]!) as [number, number, number],
      );
      expect(apart).toBeGreaterThan(boundingRadiusM(a) + boundingRadiusM(b));
    }
  }
}

function boundingRadiusM({ shape }: SimSpec['bodies'][number]): number {
  if (shape.kind === 'box') return length(shape.halfExtentsM);
  if (shape.kind === 'mesh') throw new Error('no preset has a mesh');
  return shape.kind === 'sphere' ? shape.radiusM : Math.sqrt(shape.radiusM ** 2 + shape.halfHeightM ** 2);
}
