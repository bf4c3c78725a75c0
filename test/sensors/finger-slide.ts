import { MATERIALS } from '../../core/materials.js';
import type { Vec3 } from '../../core/math/vector.js';
import { tactileSpecification } from '../../sensors/tactile/specification.js';
import { createTactile } from '../../sensors/tactile/tactile.js';
import { body, contact, scene, scripted } from './scene.js';

/** Rate of the recordings: a row every 28 ms. */
export const ROW_HZ = 35.714;
export const TAXELS = 16;
const STEP_HZ = 250;

/** Phases of a simulated slide, s: free, pressing, at rest, then sliding. */
export const PHASES = { touchS: 0.5, pressedS: 0.7, slideS: 2.2 } as const;

export interface Slide {
  readonly forceN: number;
  readonly speedMps: number;
  readonly slideS: number;
  /** Height of the slab's asperities; woven fabric has some 30 to 100 micrometres. */
  readonly asperityM?: number;
  readonly noise?: boolean;
}

/** Sums of rows of 16 taxels, as a finger of 4 x 4 feels them: taps a slab, presses, rests, slides. [rows][16], kPa. */
export function slideFinger({ forceN, speedMps, slideS, asperityM = 5e-5, noise = true }: Slide): number[][] {
  const finger = body(
    'finger',
    'kinematic',
    { kind: 'capsule', radiusM: 0.012, halfHeightM: 0.01 },
    'rubber',
  );
  const slab = body('slab', 'fixed', { kind: 'box', halfExtentsM: [1, 1, 0.01] }, 'rubber', {
    pose: { positionM: [0, 0, 0.01 + 0.012], orientation: [1, 0, 0, 0] },
    material: { ...MATERIALS.rubber, asperityM },
  });
  const spec = scene([finger, slab], {}, PHASES.slideS + slideS, STEP_HZ);
  const specification = tactileSpecification.parse({
    kind: 'tactile',
    body: 'finger',
    rateHz: ROW_HZ,
    rows: 4,
    columns: 4,
    positionM: [0, 0, 0.012],
    patch: { kind: 'cylinder', radiusM: 0.012, lengthM: 0.016, angleRad: 1.3 },
    gel: {
      youngPa: 3e5,
      spreadM: 0.001,
      hysteresis: 0.1,
      relaxationS: 0.05,
      slowHysteresis: 0.05,
      slowRelaxationS: 0.5,
    },
    texture: true,
    pressureNoisePa: 40,
    noise,
  });
  const sensor = createTactile('skin', specification as Parameters<typeof createTactile>[1], spec);
  const frames = scripted(spec, (step) => {
    const timeS = step / STEP_HZ;
    const pressed = Math.min(1, Math.max(0, (timeS - PHASES.touchS) / (PHASES.pressedS - PHASES.touchS)));
    const moving = timeS > PHASES.slideS;
    const x = moving ? (timeS - PHASES.slideS) * speedMps : 0;
    const pointM: Vec3 = [x, 0, 0.012];
    const impulse = (forceN * pressed) / STEP_HZ;
    const drag = moving ? -0.5 * impulse : 0;
    return {
      poses: [x, 0, 0, 1, 0, 0, 0, ...[0, 0, 0.022, 1, 0, 0, 0]],
      velocities: [moving ? speedMps : 0, ...new Array<number>(11).fill(0)],
      contacts: pressed > 0 ? [contact(pointM, impulse, { tangentImpulseNs: [-drag, 0, 0] })] : [],
    };
  });
  return frames
    .flatMap((frame) => sensor.sense(frame))
    .map(({ values }) => Array.from(values.pressurePa!, (pressure) => pressure / 1000));
}

/** Mean of a row's values but for the largest and the least, which the gripper of the recordings held constant. */
export function trimmedMean(row: readonly number[]): number {
  const sorted = [...row].sort((a, b) => a - b);
  return sorted.slice(1, -1).reduce((sum, value) => sum + value, 0) / (row.length - 2);
}

export interface SlideFigures {
  /** Mean of the trimmed mean. */
  readonly plateau: number;
  /** Standard deviation of the trimmed mean over its mean. */
  readonly ripple: number;
  /** Root mean square change of the taxels from row to row, over the plateau. */
  readonly activity: number;
  /** Centre of the taxels' spectrum (Hann windows of 64 rows, mean taken off), Hz. */
  readonly centroidHz: number;
}

/** Measures rows of taxels. */
export function measureSlide(rows: readonly (readonly number[])[]): SlideFigures {
  const means = rows.map(trimmedMean);
  const plateau = means.reduce((sum, value) => sum + value, 0) / means.length;
  const variance = means.reduce((sum, value) => sum + (value - plateau) ** 2, 0) / means.length;
  let change = 0;
  for (let i = 1; i < rows.length; i++) {
    const square = rows[i]!.reduce((sum, value, taxel) => sum + (value - rows[i - 1]![taxel]!) ** 2, 0);
    change += Math.sqrt(square / TAXELS) / (rows.length - 1);
  }
  return {
    plateau,
    ripple: Math.sqrt(variance) / plateau,
    activity: change / plateau,
    centroidHz: centroid(rows),
  };
}

const WINDOW = 64;

function centroid(rows: readonly (readonly number[])[]): number {
  let [sum, weighted] = [0, 0];
  for (let start = 0; start + WINDOW <= rows.length; start += WINDOW) {
    for (let taxel = 0; taxel < TAXELS; taxel++) {
      const signal = rows.slice(start, start + WINDOW).map((row) => row[taxel]!);
      const mean = signal.reduce((total, value) => total + value, 0) / WINDOW;
      for (let bin = 1; bin < WINDOW / 2; bin++) {
        let [re, im] = [0, 0];
        for (let i = 0; i < WINDOW; i++) {
          const angle = (2 * Math.PI * i) / WINDOW;
          const value = (signal[i]! - mean) * (1 - Math.cos(angle));
          re += value * Math.cos(angle * bin);
          im += value * Math.sin(angle * bin);
        }
        const power = re * re + im * im;
        sum += power;
        weighted += power * ((bin * ROW_HZ) / WINDOW);
      }
    }
  }
  return weighted / sum;
}
