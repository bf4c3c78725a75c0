import type { ScenarioDocument } from '../schema.js';

const HALF_WIDTH_M = 0.0524;

/** Ranges cover the recorded tosses: docs/decisions/2026-11-21-cube-toss-ranges.md. */
export const cubeToss: ScenarioDocument = {
  name: 'cube-toss',
  description: 'a 104.8 mm cube tossed onto a table, as in the recordings of ContactNets',
  durationS: { uniform: [1, 2] },
  physics: { stepHz: 1000, lengthUnitM: 0.1, solverIterations: 1 },
  lighting: {
    sunAzimuthRad: { uniform: [-Math.PI, Math.PI] },
    sunElevationRad: { uniform: [0.6, 1.4] },
    sunRadiance: [{ uniform: [0.55, 0.85] }, { uniform: [0.55, 0.85] }, { uniform: [0.5, 0.8] }],
    skyRadiance: [{ uniform: [0.15, 0.3] }, { uniform: [0.15, 0.3] }, { uniform: [0.18, 0.35] }],
  },
  bodies: {
    table: {
      semantic: 'table',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [1.5, 1.5, 0.02] },
      material: { choice: ['wood', 'plastic', 'glass'] },
      friction: { uniform: [0.1, 0.28] },
      restitution: { uniform: [0, 0.2] },
      albedo: [{ uniform: [0.25, 0.7] }, { uniform: [0.25, 0.7] }, { uniform: [0.2, 0.6] }],
      positionM: [0, 0, -0.02],
    },
    cube: {
      semantic: 'cube',
      motion: 'dynamic',
      shape: { kind: 'box', halfExtentsM: [HALF_WIDTH_M, HALF_WIDTH_M, HALF_WIDTH_M] },
      material: { choice: ['polycarbonate', 'plastic', 'wood'] },
      massKg: { normal: { mean: 0.37, standardDeviation: 0.02, min: 0.31, max: 0.43 } },
      inertiaKgm2: [8.1e-4, 8.1e-4, 8.1e-4],
      friction: { uniform: [0.1, 0.28] },
      restitution: { uniform: [0, 0.2] },
      albedo: [{ uniform: [0.05, 0.95] }, { uniform: [0.05, 0.95] }, { uniform: [0.05, 0.95] }],
      positionM: [
        { normal: { mean: 0, standardDeviation: 0.2, min: -0.65, max: 0.65 } },
        { normal: { mean: 0, standardDeviation: 0.2, min: -0.65, max: 0.65 } },
        { normal: { mean: 0.141, standardDeviation: 0.025, min: 0.093, max: 0.24 } },
      ],
      orientation: 'uniform',
      linearVelocityMps: [
        { uniform: [-1.4, 1.4] },
        { uniform: [-1.4, 1.4] },
        { normal: { mean: -0.03, standardDeviation: 0.17, min: -0.62, max: 0.62 } },
      ],
      angularVelocityRadps: [
        { normal: { mean: 0, standardDeviation: 2.5, min: -11, max: 11 } },
        { normal: { mean: 0, standardDeviation: 2.5, min: -11, max: 11 } },
        { normal: { mean: 0, standardDeviation: 2, min: -11, max: 11 } },
      ],
    },
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      horizontalFovRad: { uniform: [1, 1.1] },
      positionM: [{ uniform: [-1, -0.85] }, { uniform: [-0.15, 0.15] }, { uniform: [0.7, 0.9] }],
      targetM: [{ uniform: [-0.12, -0.04] }, { uniform: [-0.05, 0.05] }, 0],
      exposure: { logUniform: [0.8, 1.25] },
    },
    audio: {
      kind: 'audio',
      rateHz: 16000,
      samplesPerRow: 320,
      microphones: [
        { name: 'left', positionM: [0.5, 0.3, 0.25] },
        { name: 'right', positionM: [0.5, -0.3, 0.25] },
      ],
    },
    touch: {
      kind: 'haptics',
      rateHz: 500,
      body: 'table',
      rows: 16,
      columns: 16,
      sizeM: [1.28, 1.28],
      spreadM: 0.03,
    },
    state: { kind: 'truth', rateHz: 148 },
  },
};
