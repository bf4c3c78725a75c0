import type { ScenarioDocument } from '../schema.js';

type BodyDocument = ScenarioDocument['bodies'][string];

const SIZE_M = { uniform: [0.02, 0.04] } as const;

/** An object of any shape and material above the board; neighbours start at alternate heights so that none overlap. */
function dropped(semantic: string, yM: number, zM: readonly [number, number]): BodyDocument {
  return {
    semantic,
    shape: {
      choice: [
        { kind: 'sphere', radiusM: SIZE_M },
        { kind: 'cylinder', radiusM: SIZE_M, halfHeightM: SIZE_M },
        { kind: 'box', halfExtentsM: [SIZE_M, SIZE_M, SIZE_M] },
      ],
    },
    material: { choice: ['wood', 'plastic', 'glass', 'ceramic', 'steel', 'tin'] },
    friction: { uniform: [0.2, 0.6] },
    restitution: { uniform: [0, 0.5] },
    albedo: [{ uniform: [0.1, 0.9] }, { uniform: [0.1, 0.9] }, { uniform: [0.1, 0.9] }],
    positionM: [{ uniform: [-0.3, -0.1] }, yM, { uniform: zM }],
    orientation: 'uniform',
    linearVelocityMps: [{ uniform: [-0.2, 0.2] }, { uniform: [-0.1, 0.1] }, 0],
    angularVelocityRadps: [{ uniform: [-4, 4] }, { uniform: [-4, 4] }, { uniform: [-4, 4] }],
  };
}

const LOW_M = [0.45, 0.48] as const;
const HIGH_M = [0.64, 0.68] as const;

/** Spheres, cylinders and boxes that fall on a tilted board and roll or slide on to the floor. */
export const dropAndRoll: ScenarioDocument = {
  name: 'drop-and-roll',
  description: 'five spheres, cylinders and boxes of several materials dropped on a tilted board',
  durationS: { uniform: [1.5, 2.5] },
  physics: { stepHz: 1000, lengthUnitM: 0.1 },
  lighting: { sunAzimuthRad: { uniform: [-Math.PI, Math.PI] }, sunElevationRad: { uniform: [0.6, 1.4] } },
  bodies: {
    floor: {
      semantic: 'floor',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [6, 6, 0.05] },
      material: { choice: ['wood', 'ceramic'] },
      friction: { uniform: [0.3, 0.6] },
      restitution: { uniform: [0, 0.4] },
      albedo: [{ uniform: [0.3, 0.6] }, { uniform: [0.3, 0.6] }, { uniform: [0.3, 0.6] }],
      positionM: [0, 0, -0.05],
    },
    board: {
      semantic: 'board',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.4, 0.35, 0.01] },
      material: { choice: ['wood', 'plastic', 'glass'] },
      friction: { uniform: [0.2, 0.5] },
      restitution: { uniform: [0, 0.4] },
      albedo: [{ uniform: [0.4, 0.7] }, { uniform: [0.3, 0.6] }, { uniform: [0.2, 0.5] }],
      positionM: [0, 0, 0.17],
      orientation: { axis: [0, 1, 0], angleRad: { uniform: [0.25, 0.38] } },
    },
    'object-1': dropped('object', -0.24, LOW_M),
    'object-2': dropped('object', -0.12, HIGH_M),
    'object-3': dropped('object', 0, LOW_M),
    'object-4': dropped('object', 0.12, HIGH_M),
    'object-5': dropped('object', 0.24, LOW_M),
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      horizontalFovRad: 1,
      positionM: [{ uniform: [1, 1.3] }, { uniform: [-0.8, -0.5] }, { uniform: [0.6, 0.9] }],
      targetM: [0, 0, 0.2],
    },
    audio: {
      kind: 'audio',
      fullScalePa: 100,
      rateHz: 16000,
      samplesPerRow: 320,
      microphones: [
        { name: 'left', positionM: [0.6, 0.4, 0.3] },
        { name: 'right', positionM: [0.6, -0.4, 0.3] },
      ],
    },
    touch: { kind: 'haptics', rateHz: 500, body: 'board', rows: 16, columns: 16, sizeM: [0.8, 0.7] },
    state: { kind: 'truth', rateHz: 148 },
  },
};
