import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { scenarioDocument } from '../../scenarios/library.js';
import { parseScenario } from '../../scenarios/schema.js';
import { sensorSpecification } from '../../sensors/specification.js';

const KINDS = sensorSpecification.options.map((option) => option.shape.kind.value);

/** The preset cube-toss with one edit, as data of no particular type. */
// biome-ignore lint/suspicious/noExplicitAny: the documents under test are wrong on purpose.
function edited(edit: (document: any) => void): unknown {
  const document = scenarioDocument('cube-toss');
  edit(document);
  return document;
}

function problemsOf(document: unknown): readonly string[] {
  try {
    parseScenario(document);
  } catch (error) {
    expect(error).toBeInstanceOf(UmweltError);
    expect((error as UmweltError).code).toBe('invalid-input');
    const problems = (error as UmweltError).context.problems as string[];
    for (const problem of problems) expect((error as Error).message).toContain(problem);
    return problems;
  }
  return [];
}

// biome-ignore lint/suspicious/noExplicitAny: the documents under test are wrong on purpose.
const CASES: readonly [string, (document: any) => void, string][] = [
  [
    'an unknown key near a known one',
    (d) => {
      d.bodies.cube.fricton = 0.2;
    },
    'bodies.cube.fricton: expected no such key, got 0.2; did you mean friction?',
  ],
  [
    'an unknown key near none',
    (d) => {
      d.physics.wombat = 1;
    },
    'physics.wombat: expected no such key, got 1; known keys: stepHz, gravityMps2, lengthUnitM, solverIterations',
  ],
  [
    'a known quantity in another unit',
    (d) => {
      d.bodies.cube.massG = 370;
    },
    'bodies.cube.massG: expected no such key, got 370; did you mean massKg? Quantities are in SI units',
  ],
  [
    'a known quantity without a unit',
    (d) => {
      d.duration = 3;
    },
    'duration: expected no such key, got 3; did you mean durationS? Quantities are in SI units',
  ],
  [
    'an unknown quantity in another unit',
    (d) => {
      d.bodies.cube.shape.sideMm = 104.8;
    },
    'bodies.cube.shape.sideMm: expected no such key, got 104.8; quantities are in SI units, in keys that end in M',
  ],
  [
    'a unit within the value',
    (d) => {
      d.bodies.cube.massKg = '370 g';
    },
    'bodies.cube.massKg: expected a number, got "370 g"; write a plain number in the SI unit that the key ends in, without quotes',
  ],
  [
    'a range whose ends are swapped',
    (d) => {
      d.bodies.cube.friction = { uniform: [0.3, 0.1] };
    },
    'bodies.cube.friction.uniform: expected [min, max] with min <= max, got [0.3,0.1]',
  ],
  [
    'a range beyond what is possible',
    (d) => {
      d.bodies.cube.restitution = { uniform: [0, 1.2] };
    },
    'bodies.cube.restitution.uniform.1: expected a number of at most 1, got 1.2',
  ],
  [
    'a size that no body can have',
    (d) => {
      d.bodies.cube.shape.halfExtentsM[2] = 0;
    },
    'bodies.cube.shape.halfExtentsM.2: expected a number of at least 0.0001, got 0',
  ],
  [
    'a material that is not in the table',
    (d) => {
      d.bodies.cube.material = { choice: ['wood', 'polycarbonat'] };
    },
    'bodies.cube.material.choice.1: expected one of ceramic, glass, wood, plastic, iron, polycarbonate, steel, tin, rubber, got "polycarbonat"; did you mean polycarbonate?',
  ],
  [
    'a shape of no known kind',
    (d) => {
      d.bodies.cube.shape = { kind: 'spere', radiusM: 1 };
    },
    'bodies.cube.shape.kind: expected one of box, sphere, cylinder, capsule, cone, mesh, got "spere"; did you mean sphere?',
  ],
  [
    'a missing key',
    (d) => {
      delete d.durationS;
    },
    'durationS: expected a number, got nothing',
  ],
  [
    'a vector of two numbers',
    (d) => {
      d.bodies.cube.positionM = [0, 0];
    },
    'bodies.cube.positionM: expected an array of at least 3 values, got [0,0]',
  ],
  [
    'a vector of four numbers',
    (d) => {
      d.bodies.cube.positionM = [0, 0, 0, 0];
    },
    'bodies.cube.positionM: expected an array of at most 3 values, got [0,0,0,0]',
  ],
  [
    'a quaternion that is none',
    (d) => {
      d.bodies.cube.orientation = [1, 1, 0, 0];
    },
    'bodies.cube.orientation: expected a quaternion w x y z of length 1, got [1,1,0,0]',
  ],
  [
    'an orientation by a word of its own',
    (d) => {
      d.bodies.cube.orientation = 'random';
    },
    'bodies.cube.orientation: expected uniform, got "random"',
  ],
  [
    'an axis of no length',
    (d) => {
      d.bodies.cube.orientation = { axis: [0, 0, 0], angleRad: 1 };
    },
    'bodies.cube.orientation.axis: expected an axis of some length, got [0,0,0]',
  ],
  [
    'an angle in degrees',
    (d) => {
      d.bodies.cube.orientation = { axis: [0, 0, 1], angleDeg: 90 };
    },
    'bodies.cube.orientation.angleDeg: expected no such key, got 90; did you mean angleRad? Quantities are in SI units',
  ],
  [
    'a name with a path in it',
    (d) => {
      d.bodies['../cube'] = d.bodies.cube;
    },
    'bodies.../cube: expected a name of a-z, 0-9 and -, from a letter on, got "../cube"',
  ],
  [
    'no bodies',
    (d) => {
      d.bodies = {};
      d.sensors = {};
    },
    'bodies: expected at least one body, got {}',
  ],
  [
    'a sensor of no known kind',
    (d) => {
      d.sensors.state.kind = 'sonar';
    },
    `sensors.state.kind: expected one of ${KINDS.join(', ')}, got "sonar"`,
  ],
  [
    'a touch sensor on no body',
    (d) => {
      d.sensors.touch.body = 'tabel';
    },
    'sensors.touch.body: expected the name of a body, got "tabel"; did you mean table?',
  ],
  [
    'a touch sensor on a body that may be round',
    (d) => {
      d.bodies.table.shape = { choice: [d.bodies.table.shape, { kind: 'sphere', radiusM: 1 }] };
    },
    'sensors.touch.body: expected a body that is always a box, got "table", which may be a sphere',
  ],
  [
    'a touch sensor wider than its body',
    (d) => {
      d.bodies.table.shape.halfExtentsM[1] = { uniform: [0.5, 1] };
    },
    'sensors.touch.sizeM: expected at most the width of "table" along y (1 m), got 1.28',
  ],
  [
    'a touch sensor faster than the simulation',
    (d) => {
      d.physics.stepHz = 400;
    },
    'sensors.touch.rateHz: expected at most physics.stepHz (400), since contacts exist per step only, got 500',
  ],
  [
    'a rate that the clock cannot keep',
    (d) => {
      d.sensors.camera.rateHz = 29.97003;
    },
    'sensors.camera.rateHz: expected a rate that divides into the clock, which resolves 0.001 Hz, got 29.97003; take 29.97',
  ],
  [
    'an image of no width',
    (d) => {
      d.sensors.camera.width = 0;
    },
    'sensors.camera.width: expected a number of at least 1, got 0',
  ],
  [
    'rows of audio longer than an episode',
    (d) => {
      d.sensors.audio.samplesPerRow = 20_000;
    },
    'sensors.audio.samplesPerRow: expected rows no longer than the shortest episode (1 s), got 20000 samples at 16000 Hz = 1.25 s',
  ],
  [
    'two microphones of one name',
    (d) => {
      d.sensors.audio.microphones[1].name = 'left';
    },
    'sensors.audio.microphones: expected a name of its own for each microphone, got "left" twice',
  ],
  [
    'a microphone on a body that is not there',
    (d) => {
      d.sensors.audio.microphones[1].body = 'cub';
    },
    'sensors.audio.microphones.1.body: expected the name of a body, got "cub"; did you mean cube?',
  ],
  [
    'a microphone at no place',
    (d) => {
      d.sensors.audio.microphones[0].positionM = [Number.NaN, 0, 0];
    },
    'sensors.audio.microphones.0.positionM.0: expected a number, got NaN',
  ],
  [
    'a camera that looks at itself',
    (d) => {
      d.sensors.camera.positionM = [1, 2, 3];
      d.sensors.camera.targetM = [1, 2, 3];
    },
    'sensors.camera.targetM: expected a point apart from positionM, got [1,2,3] for both',
  ],
  [
    'a fixed body in motion',
    (d) => {
      d.bodies.table.linearVelocityMps = [{ uniform: [0, 1] }, 0, 0];
    },
    'bodies.table.motion: expected a fixed body without velocity, got one with; make it dynamic or remove its velocities',
  ],
  [
    'an inertia that no mass can have',
    (d) => {
      d.bodies.cube.inertiaKgm2 = [1, 1, 3];
    },
    'bodies.cube.inertiaKgm2: expected no principal inertia above the sum of the other two, got [1,1,3]',
  ],
];

describe('parseScenario', () => {
  it.each(CASES)('names the path, the value and what was expected at %s', (_, edit, problem) => {
    expect(problemsOf(edited(edit))).toContain(problem);
  });

  it('lists every problem at once', () => {
    const problems = problemsOf(
      edited((document) => {
        document.bodies.cube.massG = 1;
        document.bodies.cube.friction = -1;
        document.sensors.touch.body = 3;
        document.durationS = '2 s';
      }),
    );
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      ...['durationS', 'bodies.cube.friction', 'bodies.cube.massG', 'sensors.touch.body'],
    ]);
  });

  it.each([null, undefined, 3, 'cube-toss', [], new Map(), () => 1, Number.NaN])('refuses %o', (value) => {
    expect(problemsOf(value).length).toBeGreaterThan(0);
  });

  it('refuses hostile keys without touching prototypes', () => {
    const document = JSON.parse(
      '{"name":"x","__proto__":{"a":1},"bodies":{"__proto__":{"b":1},"constructor":{}}}',
    );
    expect(problemsOf(document).length).toBeGreaterThan(2);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it('fills in defaults, and leaves distributions and the order of bodies as they are', () => {
    const ball = {
      semantic: 'ball',
      shape: { kind: 'sphere', radiusM: 0.1 },
      material: 'steel',
      positionM: [0, 0, 1],
    };
    const scenario = parseScenario({
      ...{ name: 'two', description: 'two balls', durationS: { uniform: [1, 2] } },
      ...{ bodies: { zebra: ball, ant: { ...ball, positionM: [1, 0, 1] } }, sensors: {} },
    });
    expect(scenario.physics).toEqual({
      stepHz: 1000,
      gravityMps2: [0, 0, -9.81],
      lengthUnitM: 0.1,
      solverIterations: 4,
    });
    expect(Object.keys(scenario.bodies)).toEqual(['zebra', 'ant']);
    expect(scenario.bodies.zebra).toMatchObject({
      motion: 'dynamic',
      friction: 0.5,
      orientation: [1, 0, 0, 0],
    });
    expect(scenario.durationS).toEqual({ uniform: [1, 2] });
    expect(parseScenario(scenario)).toEqual(scenario);
  });
});
