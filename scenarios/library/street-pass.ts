import type { ScenarioDocument } from '../schema.js';

/** A car that drives past two microphones and a camera, with its engine, its tyres and a siren; wind and a horn beside. */
export const streetPass: ScenarioDocument = {
  name: 'street-pass',
  description: 'a car with engine, tyres and siren drives past two microphones',
  durationS: 4,
  physics: { stepHz: 240, lengthUnitM: 1 },
  lighting: {
    choice: [
      {
        sunAzimuthRad: { uniform: [-3, 3] },
        sunElevationRad: { uniform: [0.6, 1.3] },
        sunAngularRadiusRad: 0.00465,
      },
      {
        sunElevationRad: 0.3,
        sunRadiance: [0.02, 0.02, 0.04],
        skyRadiance: [0.03, 0.03, 0.05],
        lamps: { street: { positionM: [0, 3, 6], radiusM: 0.2, intensity: [9, 7, 4] } },
      },
    ],
  },
  acoustics: { airTemperatureC: { uniform: [-5, 30] }, relativeHumidity: { uniform: [0.3, 0.9] } },
  bodies: {
    road: {
      semantic: 'road',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [60, 20, 0.5] },
      material: 'ceramic',
      albedo: [0.12, 0.12, 0.13],
      texture: { kind: 'noise', other: [0.2, 0.2, 0.2], sizeM: 0.4 },
      positionM: [0, 0, -0.5],
    },
    house: {
      semantic: 'building',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [12, 2, 4] },
      material: 'ceramic',
      albedo: [0.45, 0.3, 0.22],
      texture: { kind: 'checker', other: [0.6, 0.55, 0.5], sizeM: 1 },
      positionM: [{ uniform: [-10, 10] }, 9, 4],
    },
    car: {
      semantic: 'car',
      motion: 'kinematic',
      shape: { kind: 'box', halfExtentsM: [2.1, 0.9, 0.6] },
      material: 'steel',
      massKg: 1400,
      albedo: [{ uniform: [0.05, 0.8] }, { uniform: [0.05, 0.8] }, { uniform: [0.05, 0.8] }],
      specular: 0.04,
      roughness: 0.2,
      positionM: [{ uniform: [-35, -25] }, { uniform: [1, 3] }, 0.85],
      linearVelocityMps: [{ uniform: [10, 20] }, 0, 0],
    },
  },
  sounds: {
    engine: {
      kind: 'engine',
      body: 'car',
      positionM: [1.4, 0, 0],
      rpm: { uniform: [1500, 4000] },
      cylinders: { choice: [4, 6] },
      levelPa: { uniform: [0.3, 1] },
    },
    tyres: { kind: 'tyre', body: 'car', positionM: [0, 0, -0.6], levelPa: { uniform: [0.2, 0.6] } },
    siren: {
      kind: 'siren',
      body: 'car',
      positionM: [0.2, 0, 0.7],
      levelPa: { choice: [0, 3] },
      periodS: { uniform: [0.4, 4] },
    },
    horn: {
      kind: 'horn',
      positionM: [-15, -8, 1],
      fromS: { uniform: [0, 3] },
      toS: { uniform: [3, 4] },
      levelPa: 0.5,
    },
    wind: { kind: 'wind', windSpeedMps: { uniform: [0, 8] }, levelPa: 0.05 },
  },
  sensors: {
    camera: {
      kind: 'camera',
      rateHz: 30,
      width: 96,
      height: 64,
      horizontalFovRad: 1.4,
      positionM: [{ uniform: [-1, 1] }, -6, { uniform: [1.4, 1.8] }],
      targetM: [0, 2, 1],
    },
    audio: {
      kind: 'audio',
      rateHz: 48000,
      samplesPerRow: 480,
      fullScalePa: 20,
      microphones: [
        { name: 'left', positionM: [-0.1, -4, 1.5] },
        { name: 'right', positionM: [0.1, -4, 1.5] },
      ],
    },
    gnss: { kind: 'gnss', body: 'car', positionM: [-0.5, 0, 0.62], rateHz: 10 },
  },
  correlations: [
    // A fast car turns its engine fast.
    {
      paths: ['bodies.car.linearVelocityMps.0', 'sounds.engine.rpm'],
      matrix: [
        [1, 0.8],
        [0.8, 1],
      ],
    },
  ],
};
