import { pushBox } from '../../scenarios/library/push-box.js';
import type { ScenarioDocument } from '../../scenarios/schema.js';

type Body = ScenarioDocument['bodies'][string];

/**
 * What the models of clips of an arm learn from first: something driven moves something over a table, five frames a second, from cameras that
 * stand anywhere about it.
 */
export const ARM_SCENARIO: ScenarioDocument = {
  ...pushBox,
  name: 'arm-clips',
  description: 'the pusher and the box of push-box, filmed five times a second from many places',
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 5,
      width: 64,
      height: 64,
      channels: ['colour'],
      horizontalFovRad: { uniform: [0.6, 1.1] },
      positionM: [{ uniform: [-0.3, 0.3] }, { uniform: [-0.45, -0.25] }, { uniform: [0.3, 0.55] }],
      targetM: [{ uniform: [-0.05, 0.08] }, { uniform: [-0.03, 0.05] }, 0],
    },
    action: { kind: 'action', rateHz: 5, bodies: ['pusher'] },
  },
};

const STEP_S = 0.55;
const STEPS = 5;
const EYES_M = 1.6;

/** Bobs and sways with each step while it goes forward at 1 to 1.4 m/s. */
const WALKER: Body = {
  semantic: 'walker',
  motion: 'kinematic',
  shape: { kind: 'sphere', radiusM: 0.05 },
  material: 'plastic',
  path: Array.from({ length: 2 * STEPS }, (_, half) => ({
    timeS: (half * STEP_S) / 2,
    positionM: [
      { uniform: [0.49 * half * STEP_S, 0.71 * half * STEP_S] },
      { uniform: [-0.04, 0.04] },
      EYES_M + (half % 2 === 0 ? 0.02 : -0.02),
    ],
  })),
};

/** A block beside the path. */
function block(
  x: readonly [number, number],
  y: readonly [number, number],
  half: readonly [number, number, number],
): Body {
  const [depth, width, height] = half;
  const paint = { uniform: [0.05, 0.8] as [number, number] };
  return {
    semantic: 'building',
    motion: 'fixed',
    shape: {
      kind: 'box',
      halfExtentsM: [{ uniform: [depth / 2, depth] }, width, { uniform: [height / 3, height] }],
    },
    material: 'ceramic',
    albedo: [paint, paint, paint],
    texture: { kind: 'checker', other: [paint, paint, paint], sizeM: { uniform: [0.2, 1] } },
    positionM: [{ uniform: [...x] }, { uniform: [...y] }, height / 3],
  };
}

/** What the models of the walk learn from first: a camera at the height of a chest goes along a path between blocks, in the wind. */
export const WALK_SCENARIO: ScenarioDocument = {
  name: 'walk',
  description: 'a camera is carried along a path between blocks, and hears the wind',
  durationS: 2,
  physics: { stepHz: 240, lengthUnitM: 1 },
  lighting: { sunAzimuthRad: { uniform: [-3, 3] }, sunElevationRad: { uniform: [0.4, 1.3] } },
  bodies: {
    ground: {
      semantic: 'ground',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [60, 40, 0.5] },
      material: 'ceramic',
      albedo: [{ uniform: [0.1, 0.5] }, { uniform: [0.1, 0.5] }, { uniform: [0.05, 0.4] }],
      texture: {
        kind: 'noise',
        other: [{ uniform: [0.1, 0.6] }, { uniform: [0.1, 0.6] }, 0.2],
        sizeM: { uniform: [0.2, 1] },
      },
      positionM: [0, 0, -0.5],
    },
    path: {
      semantic: 'path',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [60, 0.8, 0.01] },
      material: 'ceramic',
      albedo: [0.6, 0.58, 0.55],
      texture: { kind: 'noise', other: [0.5, 0.5, 0.48], sizeM: 0.3 },
      positionM: [0, 0, 0.005],
    },
    house: block([6, 14], [5, 7], [6, 3, 6]),
    wall: block([4, 8], [-6, -4], [4, 0.6, 2]),
    hedge: block([2, 7], [1.6, 2.4], [1.5, 0.5, 0.9]),
    bush: block([3, 9], [-2.6, -1.7], [0.7, 0.5, 0.8]),
    tree: block([9, 16], [-5, 4], [0.4, 0.4, 5]),
    walker: WALKER,
  },
  sounds: { wind: { kind: 'wind', windSpeedMps: { uniform: [1, 8] }, levelPa: { uniform: [0.003, 0.03] } } },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      channels: ['colour'],
      horizontalFovRad: { uniform: [1.3, 1.7] },
      body: 'walker',
      positionM: [0.1, 0, 0],
      targetM: [5, { uniform: [-0.5, 0.5] }, { uniform: [-1, -0.2] }],
    },
    audio: {
      kind: 'audio',
      rateHz: 48_000,
      samplesPerRow: 480,
      microphones: [{ name: 'camera', positionM: [0, 0, EYES_M] }],
    },
  },
};
