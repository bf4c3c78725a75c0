import type { Material } from '../../core/materials.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { Shape } from '../../core/shape.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { rectangularSection, roundSection } from './bar-modes.js';
import { type Bar, barSound } from './bar-sound.js';
import type { ModeFamily } from './mode-family.js';
import { freePlateSound, supportedPlateSound } from './plate-sound.js';
import { sphereSound, tubeSound } from './shell-sound.js';
import { solidSound } from './solid-sound.js';
import { solidOf } from './solids.js';

/** How one body vibrates: arrays with one entry a mode, in ascending order of frequency within each family of modes. */
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
const LOWEST_HZ = 20;
/** Share of the sampling rate above which a mode is dropped. */
export const HIGHEST_SHARE = 0.45;

/** Length over the larger side of the section from which a body is a bar: bar and solid agree within 0.3 % there. */
const SLENDER = 8;
/** Thickness over the shorter side up to which a box is a plate: plate and solid agree within 1.1 % there. */
const FLAT = 1 / 15;
/** Wall over radius below which a hollow body is a shell. */
const THIN_WALL = 0.1;

/**
 * Finds the modes of a body that sound at `rateHz` can hold.
 *
 * A fixed box is a plate on simple supports, thick along its shortest side; every other body is free. A long box or
 * cylinder is a bar, a flat box a plate, a hollow sphere or cylinder a shell (thick walls: a hollow solid), and all else the
 * solid of `solidOf`: a mesh sounds as the box that holds it, a cone as the cylinder of its height and volume. Stiffness and
 * density come from the material, modal mass from the body's own mass.
 */
export function bodyModes(body: BodySpec, rateHz: number): BodyModes {
  const highestHz = HIGHEST_SHARE * rateHz;
  const { shape, material, motion } = body;
  if (motion === 'fixed' && shape.kind === 'box') {
    const plate = supportedPlateSound(shape.halfExtentsM, material, LOWEST_HZ, highestHz);
    return join([plate], material, highestHz, SUPPORT_LOSS);
  }
  return join(freeFamilies(body, highestHz), material, highestHz, 0);
}

function freeFamilies({ shape, material, massKg }: BodySpec, highestHz: number): ModeFamily[] {
  const isHeard = (hz: number): boolean => hz >= LOWEST_HZ && hz <= highestHz;
  const bar = barOf(shape, material, massKg);
  if (shape.kind === 'sphere' && isThin(shape.wallM, shape.radiusM))
    return [sphereSound({ ...shape, wallM: shape.wallM! }, material, massKg)];
  if (shape.kind === 'cylinder' && isThin(shape.wallM, Math.min(shape.radiusM, shape.halfHeightM))) {
    const tube = { ...shape, wallM: shape.wallM! };
    const sections = bar ?? tubeBar(tube, material, massKg);
    return [tubeSound(tube, material, massKg, highestHz), barSound(sections, material, highestHz)];
  }
  if (bar !== null) return [barSound(bar, material, highestHz)];
  if (shape.kind === 'box') {
    const [thickness, width] = shape.halfExtentsM.toSorted((a, b) => a - b) as [number, number, number];
    if (thickness <= FLAT * width) return [freePlateSound(shape.halfExtentsM, material, massKg, isHeard)];
  }
  return [solidSound(shape, material, massKg, isHeard)];
}

function isThin(wallM: number | undefined, radiusM: number): boolean {
  return wallM !== undefined && wallM < THIN_WALL * radiusM;
}

/** The bar that a long body is, or null. A capsule counts as a cylinder of its volume. */
function barOf(shape: Shape, material: Material, massKg: number): Bar | null {
  const { form, semiAxesM, centreM } = solidOf(shape);
  const longest = semiAxesM.indexOf(Math.max(...semiAxesM)) as 0 | 1 | 2;
  const [y, z] = [2 * semiAxesM[(longest + 1) % 3]!, 2 * semiAxesM[(longest + 2) % 3]!];
  const lengthM = 2 * semiAxesM[longest];
  if (lengthM < SLENDER * Math.max(y, z) || form === 'ball') return null;
  if (form === 'box') {
    const section = rectangularSection(y, z, material.poisson);
    return { axis: longest, centreM, lengthM, sizeM: [y, z], round: false, section, massKg };
  }
  if (shape.kind === 'cylinder' && shape.wallM !== undefined)
    return tubeBar({ ...shape, wallM: shape.wallM }, material, massKg);
  const section = roundSection(y / 2, 0, material.poisson);
  const shorter = form === 'capsule' ? y / 3 : 0;
  return { axis: longest, centreM, lengthM: lengthM - shorter, sizeM: [y, z], round: true, section, massKg };
}

function tubeBar(
  tube: { readonly radiusM: number; readonly halfHeightM: number; readonly wallM: number },
  { poisson }: Material,
  massKg: number,
): Bar {
  const { radiusM, halfHeightM, wallM } = tube;
  const section = roundSection(radiusM, radiusM - wallM, poisson);
  const lengthM = 2 * halfHeightM;
  return {
    axis: 2,
    centreM: [0, 0, 0],
    lengthM,
    sizeM: [2 * radiusM, 2 * radiusM],
    round: true,
    section,
    massKg,
  };
}

/** Puts families of modes one after the other; what is not heard, for its pitch or because it moves no air, is dropped. */
function join(
  families: readonly ModeFamily[],
  material: Material,
  highestHz: number,
  supportLoss: number,
): BodyModes {
  const kept = families.map(({ frequencyHz, radiation }) =>
    Array.from(frequencyHz.keys()).filter((index) => {
      const hz = frequencyHz[index]!;
      return hz >= LOWEST_HZ && hz <= highestHz && radiation[index] !== 0;
    }),
  );
  const gather = (values: (family: ModeFamily) => ArrayLike<number>): Float64Array =>
    Float64Array.from(
      families.flatMap((family, f) => {
        const all = values(family);
        return kept[f]!.map((index) => all[index]!);
      }),
    );
  const frequencyHz = gather((family) => family.frequencyHz);
  return {
    frequencyHz,
    decayPerS: frequencyHz.map((hz) => decayPerS(hz, material) + supportLoss * Math.PI * hz),
    radiation: gather(({ radiation }) => radiation),
    excite: (pointM, impulseNs) => gather((family) => family.excite(pointM, impulseNs)),
  };
}

function decayPerS(hz: number, { rayleighAlphaPerS, rayleighBetaS }: Material): number {
  const w = 2 * Math.PI * hz;
  return (rayleighAlphaPerS + rayleighBetaS * w * w) / 2;
}
