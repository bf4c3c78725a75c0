import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { cubeTossPatch } from '../../evaluation/tasks/contactnets-cube/scenario-patch.js';
import { compileEpisode } from '../../scenarios/compile.js';
import { cubeToss } from '../../scenarios/library/cube-toss.js';
import { listScenarios, scenarioDocument } from '../../scenarios/library.js';
import { patchScenario } from '../../scenarios/overlay.js';
import { parseScenario } from '../../scenarios/schema.js';
import { cubePosterior } from '../evaluation/sample-overlay.js';

const CUBE_TOSS = parseScenario(cubeToss);
const patched = (patch: Readonly<Record<string, unknown>>) =>
  patchScenario(CUBE_TOSS, { scenario: 'cube-toss', patch });

describe('patchScenario', () => {
  it('leaves every preset as it is when nothing is patched', () => {
    for (const { name } of listScenarios()) {
      const scenario = parseScenario(scenarioDocument(name));
      expect(patchScenario(scenario, { scenario: scenario.name, patch: {} })).toEqual(scenario);
    }
  });

  it('refuses what was made for another scenario, or for none', () => {
    expect(() => patchScenario(CUBE_TOSS, { scenario: 'push-box', patch: {} })).toThrow(
      /the overlay is for the scenario "push-box", not for "cube-toss"/,
    );
    expect(() => patchScenario(CUBE_TOSS, { scenario: null, patch: {} })).toThrow(/for no scenario/);
  });

  it('merges objects, replaces numbers and lists, and removes what is null', () => {
    const { bodies, physics, sensors } = patched({
      physics: { stepHz: 500 },
      bodies: { cube: { massKg: { normal: { mean: 0.4 } }, inertiaKgm2: null } },
      sensors: { touch: null },
    });
    expect(physics).toEqual({ ...CUBE_TOSS.physics, stepHz: 500 });
    expect(bodies.cube!.massKg).toEqual({
      normal: { mean: 0.4, standardDeviation: 0.02, min: 0.31, max: 0.43 },
    });
    expect(bodies.cube!.inertiaKgm2).toBeUndefined();
    expect(bodies.table).toEqual(CUBE_TOSS.bodies.table);
    expect(Object.keys(sensors)).toEqual(['camera', 'audio', 'state']);
    expect(CUBE_TOSS.sensors.touch).toBeDefined();
  });

  it.each<[unknown, RegExp]>([
    [{ bodies: { cube: { friction: -1 } } }, /bodies\.cube\.friction: expected a number of at least 0/],
    [{ bodies: { cube: { fricton: 0.1 } } }, /bodies\.cube\.fricton: .*did you mean friction/],
    [{ bodies: { ball: { friction: 0.1 } } }, /bodies\.ball\.shape/],
    [{ bodies: null }, /bodies: expected/],
    [{ physics: 7 }, /physics: expected an object, got 7/],
  ])('checks what comes out: %j', (patch, message) => {
    expect(() => patched(patch as Record<string, unknown>)).toThrow(message);
  });

  it('takes no harm from names that objects have of their own', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const value of ['{"polluted":true}', 'null', '1']) {
        const patch = JSON.parse(`{"${key}":${value},"bodies":{"${key}":${value}}}`);
        try {
          patched(patch);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UmweltError);
        }
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      }
    }
    expect(typeof {}.toString).toBe('function');
  });

  it('throws nothing but UmweltError, whatever the patch', () => {
    const key = fc.constantFrom(
      'bodies',
      'cube',
      'friction',
      'physics',
      'normal',
      'sensors',
      '__proto__',
      'name',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, 0, -1, 1e308, 'cube', true, []),
        fc.dictionary(key, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), (patch) => {
        try {
          patched(patch);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UmweltError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the patch that calibrated tosses make', () => {
  const posterior = cubePosterior(8);
  const range = (name: string) => {
    const values = posterior.map((member) => member[name]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const reach = 3 * Math.sqrt(square / (values.length - 1));
    return { mean, lo: mean - reach, hi: mean + reach };
  };

  it('draws within what the posterior leaves open, and every episode anew', () => {
    const scenario = patched(cubeTossPatch(posterior));
    const drawn = Array.from({ length: 12 }, (_, seed) => compileEpisode(scenario, seed, 0));
    for (const { bodies, physics } of drawn) {
      const [table, cube] = bodies as [(typeof bodies)[0], (typeof bodies)[0]];
      const within = (value: number, name: string) => {
        expect(value).toBeGreaterThanOrEqual(range(name).lo);
        expect(value).toBeLessThanOrEqual(range(name).hi);
      };
      for (const body of [table, cube]) {
        within(body.friction, 'engine.friction');
        within(body.restitution, 'engine.restitution');
        expect(body.restitution).toBeGreaterThanOrEqual(0);
      }
      for (const [i, axis] of ['X', 'Y', 'Z'].entries())
        within(cube.centreOfMassM![i]!, `rig.centreOfMass${axis}M`);
      expect(cube.inertiaKgm2).toEqual(Array(3).fill(posterior[0]!['rig.inertiaKgm2']));
      expect(physics.lengthUnitM).toBe(posterior[0]!['engine.lengthUnitM']);
    }
    expect(new Set(drawn.map(({ bodies }) => bodies[1]!.friction)).size).toBe(12);
    // What has not been calibrated is as it was.
    expect(drawn[0]!.bodies[1]!.massKg).toBe(compileEpisode(CUBE_TOSS, 0, 0).bodies[1]!.massKg);
  });

  it('says a plain number where all members agree, rounding or not', () => {
    const agreed = Array.from({ length: 7 }, () => posterior[0]!);
    const { bodies } = patched(cubeTossPatch(agreed));
    expect(bodies.cube!.friction).toBe(posterior[0]!['engine.friction']);
    expect(bodies.table!.restitution).toBe(posterior[0]!['engine.restitution']);
    expect(() => compileEpisode(patched(cubeTossPatch([posterior[0]!])), 1, 0)).not.toThrow();
  });
});
