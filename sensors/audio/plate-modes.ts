import type { Material } from '../../core/materials.js';
import { log } from '../../core/math/exact.js';

/** One bending resonance of a plate, or several neighbours that one resonance stands for. */
export interface PlateMode {
  readonly frequencyHz: number;
  /** Half waves along the plate's two sides. */
  readonly halfWaves: readonly [number, number];
  /** Number of resonances that it stands for. */
  readonly count: number;
  /** Wave number of bending, rad/m. */
  readonly waveNumber: number;
}

export interface PlateModes {
  /** Sides of the part that sounds, m. */
  readonly sidesM: readonly [number, number];
  readonly modes: readonly PlateMode[];
}

/** Waves that have run farther than this come back too weak to matter; a larger plate sounds as one of this size. */
const LARGEST_SIDE_M = 4;
const MOST_HALF_WAVES = 128;
/** The lowest modes sound one by one; those above are heard as bands of equal ratio. */
const SINGLE_MODES = 8;
const BANDS = 16;
/** Mindlin's shear correction, pi^2 / 12. */
const SHEAR_CORRECTION = (Math.PI * Math.PI) / 12;

/**
 * Lists the bending modes of a rectangular plate on simple supports between two frequencies, in ascending order.
 *
 * Closed form with shear and rotary inertia (Mindlin: Influence of rotatory inertia and shear on flexural motions of
 * isotropic, elastic plates, J. Appl. Mech. 18, 1951), the lower root X = omega^2 of
 * `rho h I X^2 - (rho h (D k^2 + S) + I S k^2) X + S D k^4 = 0`, `k^2 = (m pi / a)^2 + (n pi / b)^2`,
 * `I = rho h^3 / 12`, `S = pi^2 / 12 G h`.
 *
 * @param sizeM length, width and thickness of the plate.
 */
export function plateModes(
  sizeM: readonly [number, number, number],
  material: Material,
  lowestHz: number,
  highestHz: number,
): PlateModes {
  const [lengthM, widthM, thicknessM] = sizeM;
  const sidesM = [Math.min(lengthM, LARGEST_SIDE_M), Math.min(widthM, LARGEST_SIDE_M)] as const;
  const all: PlateMode[] = [];
  for (let m = 1; m <= MOST_HALF_WAVES; m++) {
    for (let n = 1; n <= MOST_HALF_WAVES; n++) {
      const kx = (m * Math.PI) / sidesM[0];
      const ky = (n * Math.PI) / sidesM[1];
      const waveNumber = Math.sqrt(kx * kx + ky * ky);
      const frequencyHz = bendingFrequencyHz(waveNumber, thicknessM, material);
      if (frequencyHz > highestHz) break;
      if (frequencyHz >= lowestHz) all.push({ frequencyHz, halfWaves: [m, n], count: 1, waveNumber });
    }
  }
  all.sort((p, q) => p.frequencyHz - q.frequencyHz || p.halfWaves[0] - q.halfWaves[0]);
  const modes = all.slice(0, SINGLE_MODES);
  const rest = all.slice(SINGLE_MODES);
  if (rest.length > 0) modes.push(...gatherBands(rest));
  return { sidesM, modes };
}

/** Frequency at which bending waves of a wave number run in a plate, Hz. */
export function bendingFrequencyHz(waveNumber: number, thicknessM: number, material: Material): number {
  const { densityKgpm3, youngPa, poisson } = material;
  const stiffness = (youngPa * thicknessM * thicknessM * thicknessM) / (12 * (1 - poisson * poisson));
  const shear = (SHEAR_CORRECTION * youngPa * thicknessM) / (2 * (1 + poisson));
  const areal = densityKgpm3 * thicknessM;
  const rotary = (areal * thicknessM * thicknessM) / 12;
  const k2 = waveNumber * waveNumber;
  const middle = areal * (stiffness * k2 + shear) + rotary * shear * k2;
  const last = shear * stiffness * k2 * k2;
  // The smaller root, in the form that does not cancel.
  const square = (2 * last) / (middle + Math.sqrt(middle * middle - 4 * areal * rotary * last));
  return Math.sqrt(square) / (2 * Math.PI);
}

function gatherBands(modes: readonly PlateMode[]): PlateMode[] {
  const lowest = log(modes[0]!.frequencyHz);
  const highest = log(modes.at(-1)!.frequencyHz);
  const width = (highest - lowest) / BANDS || 1;
  const bands = Array.from({ length: BANDS }, (): PlateMode[] => []);
  for (const mode of modes) {
    const band = Math.floor((log(mode.frequencyHz) - lowest) / width);
    bands[Math.min(band, BANDS - 1)]!.push(mode);
  }
  return bands
    .filter((band) => band.length > 0)
    .map((band) => ({ ...band[Math.floor(band.length / 2)]!, count: band.length }));
}
