import type { ScenarioDocument } from '../schema.js';

/** A block of a brittle material that falls on a table and breaks where it lands harder than it bears at its temperature. */
export const breakCup: ScenarioDocument = {
  name: 'break-cup',
  description: 'a block of glass, ceramic or plastic falls, and breaks if it lands too hard',
  durationS: 1.5,
  physics: { stepHz: 1000, lengthUnitM: 0.1 },
  lighting: { sunAzimuthRad: { uniform: [-Math.PI, Math.PI] }, sunElevationRad: { uniform: [0.6, 1.4] } },
  bodies: {
    table: {
      semantic: 'table',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.8, 0.8, 0.02] },
      material: { choice: ['wood', 'steel', 'plastic'] },
      friction: { uniform: [0.3, 0.6] },
      restitution: { uniform: [0, 0.2] },
      albedo: [{ uniform: [0.25, 0.7] }, { uniform: [0.25, 0.7] }, { uniform: [0.2, 0.6] }],
      positionM: [0, 0, -0.02],
    },
    cup: {
      semantic: 'cup',
      shape: { kind: 'box', halfExtentsM: [0.04, 0.04, 0.05] },
      material: { choice: ['ceramic', 'glass', 'plastic'] },
      massKg: { uniform: [0.2, 0.4] },
      friction: { uniform: [0.3, 0.6] },
      restitution: { uniform: [0, 0.2] },
      albedo: [{ uniform: [0.3, 0.9] }, { uniform: [0.3, 0.9] }, { uniform: [0.3, 0.9] }],
      specular: 0.04,
      roughness: 0.3,
      temperatureC: { uniform: [5, 95] },
      positionM: [{ uniform: [-0.1, 0.1] }, { uniform: [-0.1, 0.1] }, { uniform: [0.15, 0.6] }],
      orientation: 'uniform',
      angularVelocityRadps: [{ uniform: [-3, 3] }, { uniform: [-3, 3] }, { uniform: [-3, 3] }],
      fragile: { forceN: { logUniform: [150, 1500] }, pieces: [2, 2, 2] },
    },
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 64,
      height: 64,
      horizontalFovRad: 1,
      positionM: [{ uniform: [-0.9, -0.7] }, { uniform: [-0.15, 0.15] }, { uniform: [0.4, 0.6] }],
      targetM: [0, 0, 0.1],
    },
    audio: {
      kind: 'audio',
      fullScalePa: 100,
      rateHz: 48000,
      samplesPerRow: 480,
      microphones: [
        { name: 'left', positionM: [0.5, 0.3, 0.25] },
        { name: 'right', positionM: [0.5, -0.3, 0.25] },
      ],
    },
    touch: { kind: 'haptics', rateHz: 500, body: 'table', rows: 16, columns: 16, sizeM: [1.2, 1.2] },
    state: { kind: 'truth', rateHz: 148 },
  },
};
