import type { Material } from '../../core/materials.js';
import { sin } from '../../core/math/exact.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { AIR_DENSITY_KGPM3, SPEED_OF_SOUND_MPS } from './air.js';
import { elasticModes, evaluateMonomials } from './elastic-modes.js';
import { plateModes } from './plate-modes.js';

/** How one body vibrates: arrays with one entry a mode, in ascending order of frequency. */
export interface BodyModes {
  readonly frequencyHz: Float64Array;
  /** Amplitude falls as exp(-decayPerS t): (alpha + beta w^2) / 2, Rayleigh damping, and what supports take. */
  readonly decayPerS: Float64Array;
  /** Sound pressure at 1 m per unit of modal velocity, Pa m / (sqrt(kg) m/s). */
  readonly radiation: Float64Array;
  /**
   * Returns the modal impulse phi^T J, sqrt(kg) m/s, of an impulse (N s) at a point; both in the body's frame. Mode
   * shapes are normalised to `integral rho |phi|^2 dV = 1`.
   */
  excite(pointM: Vec3, impulseNs: Vec3): Float64Array;
}

/** Loss factor by which a fixed body's supports carry its vibration off; joined plates lose 0.01 to 0.05 (EN 12354-1). */
const SUPPORT_LOSS = 0.02;
/** The lowest modes of a solid are kept; the rest of a plate's are gathered into bands. */
const SOLID_MODES = 16;
const LOWEST_HZ = 20;
/** Share of the sampling rate above which a mode is dropped. */
export const HIGHEST_SHARE = 0.45;

/**
 * Finds the modes of a body that sound at `rateHz` can hold.
 *
 * A fixed box is a plate on simple supports, thick along its shortest side; every other body is a free solid. Stiffness
 * and density come from the material, modal mass from the body's own mass: a hollow body rings as a solid one would, only
 * louder.
 */
export function bodyModes(body: BodySpec, rateHz: number): BodyModes {
  const highestHz = HIGHEST_SHARE * rateHz;
  return body.motion === 'fixed' && body.shape.kind === 'box'
    ? supportedPlate(body.shape.halfExtentsM, body.material, highestHz)
    : freeSolid(body, highestHz);
}

/**
 * A solid's modes radiate as those of a ball of the same surface S = 4 pi a^2: the mean of the normal velocity as the
 * ball's breathing (order 0), the rest as its flattening (order 2), since no free vibration moves the centre of mass.
 * At distance r: `p r = rho c a sqrt(s0(ka) <vn>^2 + s2(ka) (<vn^2> - <vn>^2))`, with the radiation efficiencies s0 and
 * s2 of a sphere (Morse, Ingard: Theoretical Acoustics, 1968, 7.2). Directivity is left out.
 */
function freeSolid(body: BodySpec, highestHz: number): BodyModes {
  const { material, shape, massKg } = body;
  const { scaleM, centreM, proportions, exponents, volume, area, modes } = elasticModes(shape, material.poisson);
  const waveSpeed = Math.sqrt(material.youngPa / material.densityKgpm3);
  const unitHz = waveSpeed / (2 * Math.PI * scaleM);
  const heard = modes
    .filter(({ angularFrequency }) => isHeard(angularFrequency * unitHz, highestHz))
    .slice(0, SOLID_MODES);
  const amplitude = Math.sqrt(volume / massKg);
  const radiusM = scaleM * Math.sqrt(area / (4 * Math.PI));
  const frequencyHz = Float64Array.from(heard, ({ angularFrequency }) => angularFrequency * unitHz);
  const radiation = Float64Array.from(heard, ({ meanNormal, meanNormalSquare }, index) => {
    const ka = (2 * Math.PI * frequencyHz[index]! * radiusM) / SPEED_OF_SOUND_MPS;
    const breathing = meanNormal * meanNormal;
    const flattening = Math.max(0, meanNormalSquare - breathing);
    const heardSquare = breathingEfficiency(ka) * breathing + flatteningEfficiency(ka) * flattening;
    return AIR_DENSITY_KGPM3 * SPEED_OF_SOUND_MPS * radiusM * amplitude * Math.sqrt(heardSquare);
  });
  const monomials = new Float64Array(exponents.length);
  const axesM = proportions.map((proportion) => proportion * scaleM);
  return {
    frequencyHz,
    decayPerS: frequencyHz.map((hz) => decayPerS(hz, material)),
    radiation,
    excite(pointM, impulseNs) {
      const [x, y, z] = subtract(pointM, centreM);
      const inside: Vec3 = [clamp(x / axesM[0]!), clamp(y / axesM[1]!), clamp(z / axesM[2]!)];
      evaluateMonomials(exponents, inside, monomials);
      return Float64Array.from(heard, (mode) => {
        let work = 0;
        for (let i = 0; i < mode.coefficients.length; i++)
          work += mode.coefficients[i]! * monomials[mode.monomials[i]!]! * impulseNs[mode.components[i]!]!;
        return amplitude * work;
      });
    },
  };
}

/** Radiation efficiency of a ball that breathes. */
export function breathingEfficiency(ka: number): number {
  const x = ka * ka;
  return x / (1 + x);
}

/** Radiation efficiency of a ball that flattens and stretches (spherical harmonics of order 2). */
export function flatteningEfficiency(ka: number): number {
  const x = ka * ka;
  return (x * x * x) / (81 + 9 * x - 2 * x * x + x * x * x);
}

/**
 * A plate radiates from one face S into a half space: `p r = rho c sqrt(S s / 2 pi) v`, v the mean over the face. The
 * efficiency `s = k^4 / (k^4 + kb^4)` joins the two sides of coincidence, where sound in air (wave number k) is slower or
 * faster than bending (kb). Signs alternate, because modes that start in step where the plate is struck do not arrive in
 * step. Closer than about sqrt(S / 2 pi) this overstates the level.
 */
function supportedPlate(halfExtentsM: Vec3, material: Material, highestHz: number): BodyModes {
  const order = [0, 1, 2].sort((p, q) => halfExtentsM[q]! - halfExtentsM[p]! || p - q);
  const [along, across, through] = order as [number, number, number];
  const size = [2 * halfExtentsM[along]!, 2 * halfExtentsM[across]!, 2 * halfExtentsM[through]!] as const;
  const { sidesM, modes } = plateModes(size, material, LOWEST_HZ, highestHz);
  const areaM2 = sidesM[0] * sidesM[1];
  const massKg = material.densityKgpm3 * areaM2 * size[2];
  const frequencyHz = Float64Array.from(modes, (mode) => mode.frequencyHz);
  const radiation = Float64Array.from(modes, (mode, index) => {
    const ratio = (2 * Math.PI * mode.frequencyHz) / (SPEED_OF_SOUND_MPS * mode.waveNumber);
    const fourth = ratio * ratio * ratio * ratio;
    const efficiency = fourth / (1 + fourth);
    const face = Math.sqrt((areaM2 * efficiency) / (2 * Math.PI * massKg));
    return AIR_DENSITY_KGPM3 * SPEED_OF_SOUND_MPS * (index % 2 === 0 ? face : -face);
  });
  return {
    frequencyHz,
    decayPerS: frequencyHz.map((hz) => decayPerS(hz, material) + SUPPORT_LOSS * Math.PI * hz),
    radiation,
    excite(pointM, impulseNs) {
      const u = clamp(pointM[along]! / halfExtentsM[along]!) / 2 + 0.5;
      const v = clamp(pointM[across]! / halfExtentsM[across]!) / 2 + 0.5;
      const push = impulseNs[through]! / Math.sqrt(massKg);
      return Float64Array.from(modes, ({ halfWaves, count }) => {
        // A band stands for modes whose shapes at the point are as good as random: their root sum of squares.
        if (count > 1) return push * Math.sqrt(count);
        return push * 2 * sin(halfWaves[0] * Math.PI * u) * sin(halfWaves[1] * Math.PI * v);
      });
    },
  };
}

function isHeard(hz: number, highestHz: number): boolean {
  return hz >= LOWEST_HZ && hz <= highestHz;
}

function decayPerS(hz: number, { rayleighAlphaPerS, rayleighBetaS }: Material): number {
  const w = 2 * Math.PI * hz;
  return (rayleighAlphaPerS + rayleighBetaS * w * w) / 2;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
