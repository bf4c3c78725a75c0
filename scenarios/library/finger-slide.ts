import type { ScenarioDocument } from '../schema.js';

const TIP_RADIUS_M = 0.006;
/** Half of the straight part of the finger. */
const HALF_LENGTH_M = 0.015;
/** How far above the plate the finger waits. */
const GAP_M = 0.004;
const FINGER_HEIGHT_M = HALF_LENGTH_M + TIP_RADIUS_M + GAP_M;
const SLIDE_FROM_S = 0.8;
const START_X_M = -0.03;

/**
 * A rubber fingertip, 12 mm wide and of 50 g, that taps a plate once, presses with about 1 N and slides 60 mm at 30 to
 * 100 mm/s. A holder on a path carries it along; between them it moves up and down only, by forces.
 */
export const fingerSlide: ScenarioDocument = {
  name: 'finger-slide',
  description: 'a rubber fingertip taps a textured plate, presses on it and slides',
  durationS: 3,
  physics: { stepHz: 2000, lengthUnitM: 0.01, solverIterations: 4 },
  lighting: { sunElevationRad: { uniform: [0.7, 1.3] }, sunAngularRadiusRad: 0.02 },
  bodies: {
    plate: {
      semantic: 'plate',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.08, 0.04, 0.005] },
      material: { choice: ['wood', 'plastic', 'glass', 'ceramic', 'steel'] },
      friction: { uniform: [0.2, 0.6] },
      albedo: [{ uniform: [0.3, 0.7] }, { uniform: [0.3, 0.7] }, { uniform: [0.3, 0.7] }],
      texture: {
        choice: [
          { kind: 'noise', other: [0.2, 0.2, 0.2], sizeM: { uniform: [0.002, 0.01] } },
          { kind: 'stripes', other: [0.1, 0.1, 0.12], sizeM: { uniform: [0.002, 0.006] } },
          { kind: 'wood', other: [0.25, 0.15, 0.08], sizeM: { uniform: [0.003, 0.01] } },
        ],
      },
      positionM: [0, 0, -0.005],
    },
    holder: {
      semantic: 'holder',
      motion: 'kinematic',
      shape: { kind: 'box', halfExtentsM: [0.008, 0.008, 0.006] },
      material: 'plastic',
      albedo: [0.15, 0.15, 0.17],
      path: [
        { timeS: SLIDE_FROM_S, positionM: [START_X_M, 0, 0.06] },
        {
          timeS: { uniform: [SLIDE_FROM_S + 0.6, SLIDE_FROM_S + 2] },
          positionM: [START_X_M + 0.06, 0, 0.06],
        },
      ],
    },
    finger: {
      semantic: 'finger',
      shape: { kind: 'capsule', radiusM: TIP_RADIUS_M, halfHeightM: HALF_LENGTH_M },
      material: 'rubber',
      massKg: 0.05,
      friction: { uniform: [0.6, 1] },
      restitution: { uniform: [0, 0.1] },
      temperatureC: { uniform: [28, 35] },
      albedo: [0.55, 0.35, 0.28],
      positionM: [START_X_M, 0, FINGER_HEIGHT_M],
      forces: [
        // Its weight is 0.49 N: held up, let down for a tap, held up again, pressed.
        { fromS: 0, toS: 0.2, forceN: [0, 0, 0.6] },
        { fromS: 0.2, toS: 0.3, forceN: [0, 0, { uniform: [-0.3, 0] }] },
        { fromS: 0.3, toS: 0.5, forceN: [0, 0, 0.7] },
        { fromS: 0.5, toS: 3, forceN: [0, 0, { uniform: [-0.8, -0.3] }] },
      ],
    },
  },
  joints: {
    lift: {
      kind: 'prismatic',
      parent: 'holder',
      child: 'finger',
      anchorInParentM: [0, 0, FINGER_HEIGHT_M - 0.06],
      axis: [0, 0, 1],
      limits: [-0.02, 0],
    },
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      horizontalFovRad: 0.8,
      positionM: [{ uniform: [0.08, 0.12] }, { uniform: [-0.2, -0.16] }, { uniform: [0.1, 0.14] }],
      targetM: [0, 0, 0.02],
    },
    audio: {
      kind: 'audio',
      rateHz: 48000,
      samplesPerRow: 480,
      microphones: [{ name: 'near', positionM: [0, 0.12, 0.05] }],
    },
    touch: {
      kind: 'haptics',
      rateHz: 1000,
      body: 'plate',
      rows: 40,
      columns: 16,
      sizeM: [0.1, 0.04],
      spreadM: 0.003,
    },
    state: { kind: 'truth', rateHz: 200 },
  },
};
