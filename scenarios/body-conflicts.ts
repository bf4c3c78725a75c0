import type { z } from 'zod';
import { faultOfMesh } from '../core/mesh-moments.js';
import { didYouMean, show } from '../core/validation.js';
import type { Conflict } from './conflict.js';
import { pieceName } from './pieces.js';
import { largest, possibilities, smallest } from './ranges.js';
import type { scenarioStructure } from './structure.js';

type Scenario = z.output<typeof scenarioStructure>;
type Body = Scenario['bodies'][string];
type Joint = Scenario['joints'][string];

/** Finds what does not fit together within a body: drives of another kind of motion, walls too thick, files not loaded. */
export function checkBody(name: string, body: Body, scenario: Scenario): Conflict[] {
  const at = (key: string, message: string): Conflict => ({
    path: ['bodies', name, ...key.split('.')],
    message,
  });
  return [
    ...checkInertia(body, at),
    ...checkMotion(body, at),
    ...checkForces(body, at),
    ...checkShapes(body, at),
    ...checkTextures(body, at),
    ...checkFragile(name, body, scenario, at),
  ];
}

type At = (key: string, message: string) => Conflict;

function checkInertia({ inertiaKgm2 }: Body, at: At): Conflict[] {
  const [x, y, z] = inertiaKgm2 ?? [];
  if (typeof x !== 'number' || typeof y !== 'number' || typeof z !== 'number') return [];
  if (x <= y + z && y <= x + z && z <= x + y) return [];
  return [
    at('inertiaKgm2', `expected no principal inertia above the sum of the other two, got [${x},${y},${z}]`),
  ];
}

function checkMotion(body: Body, at: At): Conflict[] {
  const conflicts: Conflict[] = [];
  const { motion, path, positionM } = body;
  const isStill = [...body.linearVelocityMps, ...body.angularVelocityRadps].every((value) => value === 0);
  if (motion === 'fixed' && !isStill)
    conflicts.push(
      at(
        'motion',
        'expected a fixed body without velocity, got one with; make it dynamic or remove its velocities',
      ),
    );
  if (path === undefined) {
    if (positionM === undefined)
      conflicts.push(at('positionM', 'expected an array, got nothing; only a path can stand for it'));
    return conflicts;
  }
  if (motion !== 'kinematic')
    conflicts.push(at('path', `expected a path on a kinematic body only, got one on a ${motion} one`));
  if (positionM !== undefined)
    conflicts.push(at('positionM', 'expected none beside a path, which says where the body is; remove it'));
  if (!isStill)
    conflicts.push(at('path', 'expected no velocities beside a path, which says how fast the body is'));
  for (let i = 1; i < path.length; i++) {
    const lastS = largest(path[i - 1]!.timeS);
    const timeS = path[i]!.timeS;
    if (smallest(timeS) <= lastS)
      conflicts.push(
        at(`path.${i}.timeS`, `expected a time after the last one's (${lastS}), got ${show(timeS)}`),
      );
  }
  return conflicts;
}

function checkForces({ motion, forces }: Body, at: At): Conflict[] {
  if (forces.length > 0 && motion !== 'dynamic')
    return [at('forces', `expected forces on a dynamic body only, got some on a ${motion} one`)];
  return forces.flatMap(({ fromS, toS }, i) =>
    smallest(toS) < largest(fromS)
      ? [at(`forces.${i}.toS`, `expected at least fromS (${show(fromS)}), got ${show(toS)}`)]
      : [],
  );
}

function checkShapes(body: Body, at: At): Conflict[] {
  return possibilities(body.shape).flatMap((shape) => {
    if (shape.kind === 'mesh') {
      const fault = faultOfMesh(shape.verticesM, shape.triangles);
      if (fault === undefined) return [];
      const mend = shape.triangles.length === 0 ? '; loadScenario reads the file' : '';
      return [
        at(`shape.${fault.key}`, `expected ${fault.expected}, got ${show(fault.got)} (${shape.file})${mend}`),
      ];
    }
    if ((shape.kind !== 'sphere' && shape.kind !== 'cylinder') || shape.wallM === undefined) return [];
    const most =
      shape.kind === 'sphere'
        ? smallest(shape.radiusM)
        : Math.min(smallest(shape.radiusM), smallest(shape.halfHeightM));
    if (largest(shape.wallM) <= most) return [];
    return [
      at(
        'shape.wallM',
        `expected at most the least radius or half height (${most} m), got ${show(shape.wallM)}`,
      ),
    ];
  });
}

function checkTextures({ texture }: Body, at: At): Conflict[] {
  if (texture === undefined) return [];
  return possibilities(texture).flatMap((each) => {
    if (each.kind !== 'image') return [];
    const { width, height, srgb, file } = each;
    if (srgb.length === width * height * 3 && srgb.length > 0) return [];
    const mend = srgb.length === 0 ? '; loadScenario reads the file' : '';
    return [
      at(
        'texture.srgb',
        `expected width x height x 3 = ${width * height * 3} values, at least one pixel, got ${srgb.length} (${file})${mend}`,
      ),
    ];
  });
}

function checkFragile(name: string, body: Body, scenario: Scenario, at: At): Conflict[] {
  if (body.fragile === undefined) return [];
  const conflicts: Conflict[] = [];
  if (body.motion !== 'dynamic')
    conflicts.push(at('fragile', `expected a dynamic body, got a ${body.motion} one, which nothing breaks`));
  const other = possibilities(body.shape).find(({ kind }) => kind !== 'box');
  if (other !== undefined)
    conflicts.push(at('fragile', `expected a body that is always a box, got a ${other.kind}`));
  const [x, y, z] = body.fragile.pieces;
  if (x * y * z < 2) conflicts.push(at('fragile.pieces', `expected at least 2 pieces, got [${x},${y},${z}]`));
  for (let i = 0; i < x * y * z; i++) {
    if (Object.hasOwn(scenario.bodies, pieceName(name, i)))
      conflicts.push(
        at('fragile', `expected no body named ${pieceName(name, i)}, as its pieces are; rename it`),
      );
  }
  return conflicts;
}

/** Finds what does not fit between a joint and its bodies. */
export function checkJoint(name: string, joint: Joint, scenario: Scenario): Conflict[] {
  const at = (key: string, message: string): Conflict => ({ path: ['joints', name, key], message });
  const { kind, parent, child, limits, motor } = joint;
  const conflicts = (['parent', 'child'] as const).flatMap((key) => {
    const problem = checkBodyName(joint[key], scenario);
    return problem === undefined ? [] : [at(key, problem)];
  });
  if (conflicts.length === 0) {
    const moves = [parent, child].some((body) => scenario.bodies[body]!.motion === 'dynamic');
    if (parent === child)
      conflicts.push(at('child', `expected another body than the parent, got "${child}"`));
    else if (!moves)
      conflicts.push(at('child', `expected at least one dynamic body, got "${parent}" and "${child}"`));
  }
  const isFree = kind === 'revolute' || kind === 'prismatic';
  if (limits && !isFree)
    conflicts.push(at('limits', `expected a revolute or prismatic joint, got a ${kind} one`));
  if (motor && !isFree)
    conflicts.push(at('motor', `expected a revolute or prismatic joint, got a ${kind} one`));
  if (limits && smallest(limits[1]) < largest(limits[0]))
    conflicts.push(at('limits', `expected the least before the greatest, got ${show(limits)}`));
  return conflicts;
}

/** Returns what is wrong with the name of a body; undefined where the scenario has it. */
export function checkBodyName(body: string, scenario: Scenario): string | undefined {
  const known = Object.keys(scenario.bodies);
  if (known.includes(body)) return undefined;
  const hint = didYouMean(body, known) || `; bodies are ${known.join(', ')}`;
  return `expected the name of a body, got ${JSON.stringify(body)}${hint}`;
}
