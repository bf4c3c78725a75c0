import type { ScenarioDocument } from '../schema.js';

type Waypoint = NonNullable<ScenarioDocument['bodies'][string]['path']>[number];
type Range = readonly [number, number];

/** Half of the box's height, and how high its goal lies. */
const HALF_HEIGHT_M = 0.03;
/** Half of the pusher's height; it hovers 4 mm above the table. */
const PUSHER_HALF_HEIGHT_M = 0.04;
const PUSHER_HEIGHT_M = PUSHER_HALF_HEIGHT_M + 0.004;

/** Somewhere in a rectangle at some time: the pusher stays in its plane. */
function at(timeS: number | Range, xM: Range, yM: Range): Waypoint {
  return {
    timeS: typeof timeS === 'number' ? timeS : { uniform: [...timeS] },
    positionM: [{ uniform: [...xM] }, { uniform: [...yM] }, PUSHER_HEIGHT_M],
  };
}

/**
 * A pusher that comes from the left, sweeps through where the box stands, and then goes anywhere, twice. The table is
 * smooth, so that the box glides on when it is hit and turns when it is hit off its middle: Rapier bounds friction's force
 * and its twist apart, so that a box that is pushed slowly over a rough table turns less than a real one.
 */
export const pushBox: ScenarioDocument = {
  name: 'push-box',
  description: 'a pusher on a random path pushes a box over a table, towards a goal or past it',
  durationS: 2,
  physics: { stepHz: 1000, lengthUnitM: 0.1 },
  lighting: { sunAzimuthRad: { uniform: [-Math.PI, Math.PI] }, sunElevationRad: { uniform: [0.7, 1.4] } },
  bodies: {
    table: {
      semantic: 'table',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.5, 0.4, 0.02] },
      material: { choice: ['wood', 'plastic'] },
      friction: { uniform: [0.05, 0.2] },
      albedo: [{ uniform: [0.3, 0.7] }, { uniform: [0.3, 0.7] }, { uniform: [0.3, 0.6] }],
      positionM: [0, 0, -0.02],
    },
    box: {
      semantic: 'box',
      shape: {
        kind: 'box',
        halfExtentsM: [{ uniform: [0.03, 0.05] }, { uniform: [0.03, 0.05] }, HALF_HEIGHT_M],
      },
      material: { choice: ['wood', 'plastic', 'glass'] },
      friction: { uniform: [0.05, 0.2] },
      restitution: { uniform: [0, 0.3] },
      albedo: [{ uniform: [0.05, 0.95] }, { uniform: [0.05, 0.95] }, { uniform: [0.05, 0.95] }],
      positionM: [{ uniform: [-0.03, 0.03] }, { uniform: [-0.05, 0.05] }, HALF_HEIGHT_M],
      orientation: { axis: [0, 0, 1], angleRad: { uniform: [-Math.PI, Math.PI] } },
    },
    pusher: {
      semantic: 'pusher',
      motion: 'kinematic',
      shape: { kind: 'cylinder', radiusM: 0.015, halfHeightM: PUSHER_HALF_HEIGHT_M },
      material: 'steel',
      friction: { uniform: [0.2, 0.5] },
      albedo: [0.75, 0.15, 0.1],
      path: [
        at([0, 0.1], [-0.24, -0.18], [-0.1, 0.1]),
        at([0.3, 0.5], [-0.14, -0.11], [-0.06, 0.06]),
        at([0.8, 1.1], [0, 0.12], [-0.06, 0.06]),
        at([1.3, 1.45], [-0.12, 0.16], [-0.16, 0.16]),
        at([1.7, 1.95], [-0.2, 0.22], [-0.18, 0.18]),
      ],
    },
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      horizontalFovRad: 0.8,
      positionM: [{ uniform: [-0.02, 0.08] }, { uniform: [-0.4, -0.36] }, { uniform: [0.5, 0.56] }],
      targetM: [0.03, 0.02, 0],
    },
    audio: {
      kind: 'audio',
      rateHz: 16000,
      samplesPerRow: 320,
      microphones: [
        { name: 'left', positionM: [0.4, 0.3, 0.25] },
        { name: 'right', positionM: [0.4, -0.3, 0.25] },
      ],
    },
    touch: { kind: 'haptics', rateHz: 500, body: 'table', rows: 16, columns: 16, sizeM: [0.8, 0.8] },
    state: { kind: 'truth', rateHz: 148 },
    action: { kind: 'action', rateHz: 148, bodies: ['pusher'] },
    reward: {
      kind: 'reward',
      rateHz: 148,
      body: 'box',
      goal: { positionM: [0.15, 0, HALF_HEIGHT_M], radiusM: 0.05 },
    },
  },
};
