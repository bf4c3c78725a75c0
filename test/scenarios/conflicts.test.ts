import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { compileEpisode } from '../../scenarios/compile.js';
import { parseScenario } from '../../scenarios/schema.js';

/** A table, a door on a hinge, a cart on a path and a cup that may break. */
// biome-ignore lint/suspicious/noExplicitAny: tests edit it into documents that are wrong on purpose.
function workshop(): any {
  return {
    name: 'workshop',
    description: 'everything that may go wrong',
    durationS: 1,
    bodies: {
      table: {
        semantic: 'table',
        motion: 'fixed',
        shape: { kind: 'box', halfExtentsM: [1, 1, 0.1] },
        material: 'wood',
        positionM: [0, 0, -0.1],
      },
      door: {
        semantic: 'door',
        shape: { kind: 'box', halfExtentsM: [0.2, 0.01, 0.3] },
        material: 'wood',
        positionM: [0.2, 0, 0.5],
        forces: [{ fromS: 0.1, toS: 0.2, forceN: [0, 1, 0] }],
      },
      cart: {
        semantic: 'cart',
        motion: 'kinematic',
        shape: { kind: 'capsule', radiusM: 0.1, halfHeightM: 0.2 },
        material: 'rubber',
        path: [
          { timeS: 0, positionM: [0, 1, 0.5] },
          { timeS: 1, positionM: [1, 1, 0.5] },
        ],
      },
      cup: {
        semantic: 'cup',
        shape: { kind: 'box', halfExtentsM: [0.04, 0.04, 0.06] },
        material: 'glass',
        massKg: 0.3,
        friction: 0.2,
        temperatureC: 60,
        positionM: [0, 0, 0.8],
        orientation: { axis: [0, 0, 1], angleRad: 0.5 },
        fragile: { forceN: 40, pieces: [2, 1, 3] },
      },
      ball: {
        semantic: 'ball',
        shape: { kind: 'sphere', radiusM: 0.05, wallM: 0.005 },
        material: 'steel',
        positionM: [0.5, 0.5, 1],
      },
    },
    joints: {
      hinge: {
        kind: 'revolute',
        parent: 'table',
        child: 'door',
        anchorInParentM: [0, 0, 0.6],
        anchorInChildM: [-0.2, 0, 0],
        axis: [0, 0, 2],
        limits: [-1, 1],
      },
    },
    sounds: { motor: { kind: 'engine', body: 'cart' } },
    sensors: { state: { kind: 'truth', rateHz: 100 } },
  };
}

function problemsOf(document: unknown): readonly string[] {
  try {
    parseScenario(document);
  } catch (error) {
    expect(error).toBeInstanceOf(UmweltError);
    return (error as UmweltError).context.problems as string[];
  }
  return [];
}

const MESH = {
  kind: 'mesh',
  file: 'chair.glb',
  verticesM: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
  triangles: [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3],
};
const IMAGE = { kind: 'image', file: 'wood.png', sizeM: 0.5, width: 2, height: 1, srgb: [0, 1, 2, 3, 4, 5] };

// biome-ignore lint/suspicious/noExplicitAny: as above.
const CASES: readonly [string, (document: any) => void, string][] = [
  [
    'a joint of a body that is not there',
    (d) => {
      d.joints.hinge.child = 'dor';
    },
    'joints.hinge.child: expected the name of a body, got "dor"; did you mean door?',
  ],
  [
    'a joint of one body',
    (d) => {
      d.joints.hinge.child = 'table';
    },
    'joints.hinge.child: expected another body than the parent, got "table"',
  ],
  [
    'a joint of two bodies that nothing moves',
    (d) => {
      d.joints.hinge.child = 'cart';
    },
    'joints.hinge.child: expected at least one dynamic body, got "table" and "cart"',
  ],
  [
    'limits that are swapped',
    (d) => {
      d.joints.hinge.limits = [1, -1];
    },
    'joints.hinge.limits: expected the least before the greatest, got [1,-1]',
  ],
  [
    'limits of a ball joint',
    (d) => {
      d.joints.hinge.kind = 'spherical';
    },
    'joints.hinge.limits: expected a revolute or prismatic joint, got a spherical one',
  ],
  [
    'a motor in a weld',
    (d) => {
      d.joints.hinge.kind = 'fixed';
      d.joints.hinge.motor = { stiffness: 1 };
    },
    'joints.hinge.motor: expected a revolute or prismatic joint, got a fixed one',
  ],
  [
    'a path of a body that falls',
    (d) => {
      d.bodies.cart.motion = 'dynamic';
    },
    'bodies.cart.path: expected a path on a kinematic body only, got one on a dynamic one',
  ],
  [
    'a path that goes back in time',
    (d) => {
      d.bodies.cart.path[1].timeS = 0;
    },
    "bodies.cart.path.1.timeS: expected a time after the last one's (0), got 0",
  ],
  [
    'a path with a speed beside it',
    (d) => {
      d.bodies.cart.linearVelocityMps = [1, 0, 0];
    },
    'bodies.cart.path: expected no velocities beside a path, which says how fast the body is',
  ],
  [
    'a path with a place beside it',
    (d) => {
      d.bodies.cart.positionM = [1, 0, 0];
    },
    'bodies.cart.positionM: expected none beside a path, which says where the body is; remove it',
  ],
  [
    'no place',
    (d) => {
      delete d.bodies.ball.positionM;
    },
    'bodies.ball.positionM: expected an array, got nothing; only a path can stand for it',
  ],
  [
    'a place that is no number',
    (d) => {
      d.bodies.ball.positionM = [0, Number.NaN, 0];
    },
    'bodies.ball.positionM.1: expected a number, got NaN',
  ],
  [
    'a push on a body on a path',
    (d) => {
      d.bodies.cart.forces = [{ forceN: [1, 0, 0] }];
    },
    'bodies.cart.forces: expected forces on a dynamic body only, got some on a kinematic one',
  ],
  [
    'a push that ends before it begins',
    (d) => {
      d.bodies.door.forces[0].fromS = { uniform: [0.1, 0.3] };
    },
    'bodies.door.forces.0.toS: expected at least fromS ({"uniform":[0.1,0.3]}), got 0.2',
  ],
  [
    'a sound that ends before it begins',
    (d) => {
      d.sounds.motor.fromS = 2;
      d.sounds.motor.toS = 1;
    },
    'sounds.motor.toS: expected at least fromS (2), got 1',
  ],
  [
    'a sound of no body',
    (d) => {
      d.sounds.motor.body = 'car';
    },
    'sounds.motor.body: expected the name of a body, got "car"; did you mean cart?',
  ],
  [
    'a sensor on no body',
    (d) => {
      d.sensors.gnss = { kind: 'gnss', body: 'train' };
    },
    'sensors.gnss.body: expected the name of a body, got "train"; bodies are table, door, cart, cup, ball',
  ],
  [
    'an encoder on no joint',
    (d) => {
      d.sensors.encoder = { kind: 'encoder', joint: 'hing' };
    },
    'sensors.encoder.joint: expected the name of a joint, got "hing"; did you mean hinge?',
  ],
  [
    'a wall thicker than its ball',
    (d) => {
      d.bodies.ball.shape.wallM = 0.06;
    },
    'bodies.ball.shape.wallM: expected at most the least radius or half height (0.05 m), got 0.06',
  ],
  [
    'a fragile ball',
    (d) => {
      d.bodies.ball.fragile = { forceN: 1 };
    },
    'bodies.ball.fragile: expected a body that is always a box, got a sphere',
  ],
  [
    'a fragile table that is fixed',
    (d) => {
      d.bodies.table.fragile = { forceN: 1 };
    },
    'bodies.table.fragile: expected a dynamic body, got a fixed one, which nothing breaks',
  ],
  [
    'a fragile body of one piece',
    (d) => {
      d.bodies.cup.fragile.pieces = [1, 1, 1];
    },
    'bodies.cup.fragile.pieces: expected at least 2 pieces, got [1,1,1]',
  ],
  [
    'a body named as a piece',
    (d) => {
      d.bodies['cup-piece-5'] = d.bodies.ball;
    },
    'bodies.cup.fragile: expected no body named cup-piece-5, as its pieces are; rename it',
  ],
  [
    'a mesh that was not loaded',
    (d) => {
      d.bodies.ball.shape = { kind: 'mesh', file: 'chair.glb' };
    },
    'bodies.ball.shape.triangles: expected at least one triangle, got "none" (chair.glb); loadScenario reads the file',
  ],
  [
    'a mesh with an index out of range',
    (d) => {
      d.bodies.ball.shape = { ...MESH, triangles: [0, 1, 4] };
    },
    'bodies.ball.shape.triangles: expected indices of the 4 vertices, got 4 (chair.glb)',
  ],
  [
    'an image that was not loaded',
    (d) => {
      d.bodies.ball.texture = { kind: 'image', file: 'wood.png', sizeM: 1 };
    },
    'bodies.ball.texture.srgb: expected width x height x 3 = 0 values, at least one pixel, got 0 (wood.png); loadScenario reads the file',
  ],
  [
    'an image whose pixels do not fit',
    (d) => {
      d.bodies.ball.texture = { ...IMAGE, height: 2 };
    },
    'bodies.ball.texture.srgb: expected width x height x 3 = 12 values, at least one pixel, got 6 (wood.png)',
  ],
  [
    'a room of five walls',
    (d) => {
      d.acoustics = { room: { cornerM: [0, 0, 0], sizeM: [1, 1, 1], absorption: [0.1, 0.1] } };
    },
    'acoustics.room.absorption: expected an array of at least 6 values, got [0.1,0.1]',
  ],
  [
    'a mesh without area',
    (d) => {
      d.bodies.table.shape = { kind: 'mesh', file: 'x', verticesM: [0, 0, 0, 1, 0, 0], triangles: [0, 1, 1] };
    },
    'bodies.table.shape.triangles: expected triangles with some area, got "points and lines only" (x)',
  ],
  [
    'rays that a pixel cannot have',
    (d) => {
      d.sensors.eye = { kind: 'camera', positionM: [0, 0, 1], targetM: [1, 0, 0], samplesPerPixel: 2 };
    },
    'sensors.eye.samplesPerPixel: expected one of 1, 4, got 2',
  ],
];

describe('parseScenario', () => {
  it('takes everything that a scene may hold', () => {
    expect(problemsOf(workshop())).toEqual([]);
    const with2 = workshop();
    with2.bodies.ball.shape = MESH;
    with2.bodies.ball.texture = { choice: [IMAGE, { kind: 'checker', other: [0, 0, 0], sizeM: 0.1 }] };
    expect(problemsOf(with2)).toEqual([]);
  });

  it.each(CASES)('names the path, the value and what was expected at %s', (_, edit, problem) => {
    const document = workshop();
    edit(document);
    expect(problemsOf(document)).toContain(problem);
  });
});

describe('compileEpisode', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const compiled = (edit: (document: any) => void = () => {}) => {
    const document = workshop();
    edit(document);
    return compileEpisode(parseScenario(document), 1, 0);
  };

  it('cuts a fragile box into pieces that fill it, after all other bodies', () => {
    const { bodies } = compiled();
    expect(bodies.map(({ name }) => name).slice(4)).toEqual([
      'ball',
      ...[0, 1, 2, 3, 4, 5].map((i) => `cup-piece-${i}`),
    ]);
    const pieces = bodies.slice(5);
    expect(bodies[3]!.breakForceN).toBe(40);
    for (const piece of pieces) {
      expect(piece.pieceOf).toBe(3);
      expect(piece.breakForceN).toBeUndefined();
      expect(piece.shape).toEqual({ kind: 'box', halfExtentsM: [0.02, 0.04, 0.02] });
      expect(piece).toMatchObject({
        material: bodies[3]!.material,
        friction: 0.2,
        temperatureC: 60,
        motion: 'dynamic',
      });
      expect(piece.pose.orientation).toEqual(bodies[3]!.pose.orientation);
    }
    expect(pieces.reduce((sum, { massKg }) => sum + massKg, 0)).toBeCloseTo(0.3, 12);
    const mean = [0, 1, 2].map((axis) =>
      pieces.reduce((sum, { pose }) => sum + pose.positionM[axis]! / 6, 0),
    );
    for (const axis of [0, 1, 2]) expect(mean[axis]).toBeCloseTo([0, 0, 0.8][axis]!, 12);
    // The first piece is at (-x, -z) of the box, which is turned by 0.5 rad.
    expect(pieces[0]!.pose.positionM[0]).toBeCloseTo(-0.02 * Math.cos(0.5), 12);
    expect(pieces[0]!.pose.positionM[2]).toBeCloseTo(0.8 - 0.04, 12);
  });

  it('starts a body on its path, and joins bodies by index along a unit axis', () => {
    const { bodies, joints } = compiled();
    expect(bodies[2]!.pose.positionM).toEqual([0, 1, 0.5]);
    expect(joints[0]).toMatchObject({ name: 'hinge', parent: 0, child: 1, axis: [0, 0, 1], limits: [-1, 1] });
  });

  it('weighs hollow bodies by their walls, and the ground without a volume not at all', () => {
    const { bodies } = compiled((d) => {
      d.bodies.table.shape = { ...MESH, triangles: [0, 1, 2] };
    });
    expect(bodies[4]!.massKg).toBeCloseTo(7850 * (4 / 3) * Math.PI * (0.05 ** 3 - 0.045 ** 3), 9);
    expect(bodies[0]!.massKg).toBe(1);
  });

  it('refuses what only the drawn values show', () => {
    const refused = (edit: Parameters<typeof compiled>[0]) => {
      const document = workshop();
      edit?.(document);
      const scenario = parseScenario(document);
      return () => Array.from({ length: 50 }, (_, i) => compileEpisode(scenario, i, 0));
    };
    expect(
      refused((d) => {
        d.bodies.door.shape = { ...MESH, triangles: [0, 1, 2] };
      }),
    ).toThrow('bodies.door.massKg: expected a mass above 0');
  });

  it.each<[string, (document: ReturnType<typeof workshop>) => void, string]>([
    [
      'apart',
      (d) => {
        d.joints.hinge.anchorInParentM = [0, 0, 0.5];
      },
      'joints.hinge: expected bodies that start as the joint holds them, drew "anchors that are 0.100 m apart"',
    ],
    [
      'askew of the axis',
      (d) => {
        d.bodies.door.orientation = { axis: [-0.2, 0, 0.00001], angleRad: 0.3 };
      },
      'drew "axes that are 0.296 apart (sine of their angle)"',
    ],
    [
      'turned in a weld',
      (d) => {
        d.joints.hinge = { kind: 'fixed', parent: 'table', child: 'door', anchorInParentM: [0.2, 0, 0.6] };
        d.bodies.door.orientation = { axis: [0, 0, 1], angleRad: 0.3 };
      },
      'drew "bodies that are turned by 0.300 rad"',
    ],
  ])('refuses joined bodies that start %s', (_, edit, message) => {
    expect(() => compiled(edit)).toThrow(message);
  });

  it('lets a slide start anywhere along its axis, and a hinge at any angle', () => {
    compiled((d) => {
      d.joints.hinge = {
        kind: 'prismatic',
        parent: 'table',
        child: 'door',
        anchorInParentM: [0.2, 0, 0],
        axis: [0, 0, 1],
      };
    });
    compiled((d) => {
      d.bodies.door.orientation = { axis: [0, 0, 1], angleRad: 1 };
      d.bodies.door.positionM = [0.2 * Math.cos(1), 0.2 * Math.sin(1), 0.5];
    });
  });

  it('takes a light as a whole from a choice', () => {
    const suns = new Set(
      Array.from({ length: 20 }, (_, i) => {
        const document = workshop();
        document.lighting = {
          choice: [
            { sunElevationRad: 0.2, sunRadiance: [0.1, 0, 0] },
            { sunElevationRad: 1, sunRadiance: [1, 1, 1] },
          ],
        };
        const { lighting, draws } = compileEpisode(parseScenario(document), i, 0);
        expect(draws.lighting).toBeDefined();
        return `${lighting.sunRadiance[0]} ${lighting.sunDirection[2].toFixed(3)}`;
      }),
    );
    expect([...suns].sort()).toEqual(['0.1 0.199', '1 0.841']);
  });
});

describe('correlations', () => {
  const grouped = (...correlations: unknown[]): unknown => {
    const document = workshop();
    document.bodies.door.friction = { uniform: [0.2, 0.6] };
    document.bodies.door.restitution = { uniform: [0, 0.5] };
    document.bodies.door.material = { choice: ['wood', 'steel'] };
    document.correlations = correlations;
    return document;
  };
  const [f, r] = ['bodies.door.friction', 'bodies.door.restitution'];
  const tied = [
    [1, 0.99],
    [0.99, 1],
  ];

  it('tie what is drawn, and nothing else', () => {
    const scenario = parseScenario(grouped({ paths: [f, r], matrix: tied }));
    const loose = parseScenario(grouped());
    for (let episode = 0; episode < 40; episode++) {
      const { draws } = compileEpisode(scenario, 5, episode);
      const friction = ((draws[f!] as number) - 0.2) / 0.4;
      expect(Math.abs(friction - (draws[r!] as number) / 0.5)).toBeLessThan(0.2);
      expect(draws['bodies.door.material']).toBe(
        compileEpisode(loose, 5, episode).draws['bodies.door.material'],
      );
    }
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown path',
      [{ paths: [f, 'bodies.dor.restitution'], matrix: tied }],
      'correlations.0.paths.1: expected the path of a distribution, got "bodies.dor.restitution"; did you mean bodies.door.restitution?',
    ],
    [
      'a value without a distribution',
      [{ paths: [f, 'durationS'], matrix: tied }],
      'correlations.0.paths.1: expected the path of a distribution, got "durationS"; a value inside a choice or without a distribution has none',
    ],
    [
      'a path in two groups',
      [
        { paths: [f, r], matrix: tied },
        { paths: ['bodies.door.material', r], matrix: tied },
      ],
      'correlations.1.paths.1: expected each path in one group once, got "bodies.door.restitution" in group 0 too',
    ],
    [
      'a matrix of another size',
      [{ paths: [f, r], matrix: [[1]] }],
      'correlations.0.matrix: expected 2 x 2 numbers, as there are paths, got 1 rows of 1',
    ],
    [
      'a matrix that is not symmetric',
      [
        {
          paths: [f, r],
          matrix: [
            [1, 0.5],
            [0.4, 1],
          ],
        },
      ],
      'correlations.0.matrix.1.0: expected the same as across the diagonal (0.5), got 0.4',
    ],
    [
      'another diagonal',
      [
        {
          paths: [f, r],
          matrix: [
            [1, 0.5],
            [0.5, 0.5],
          ],
        },
      ],
      'correlations.0.matrix.1.1: expected 1 on the diagonal, got 0.5',
    ],
    [
      'correlations that cannot be',
      [
        {
          paths: [f, r],
          matrix: [
            [1, 1],
            [1, 1],
          ],
        },
      ],
      'correlations.0.matrix: expected correlations that can hold together (a positive definite matrix), got [[1,1],[1,1]]',
    ],
  ])('are refused where they name or hold %s', (_, groups, problem) => {
    expect(problemsOf(grouped(...(groups as unknown[])))).toContain(problem);
  });
});
