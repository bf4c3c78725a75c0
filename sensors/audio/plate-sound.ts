import type { Material } from '../../core/materials.js';
import { sin } from '../../core/math/exact.js';
import type { Vec3 } from '../../core/math/vector.js';
import { AIR_DENSITY_KGPM3, SPEED_OF_SOUND_MPS } from './air.js';
import { freePlateModes } from './free-plate-modes.js';
import { familyOf, type ModeFamily, withinUnit } from './mode-family.js';
import { plateModes } from './plate-modes.js';
import { coincidence, freePlateEfficiency, pressureAt1m } from './radiation.js';

/** Modes of a free plate that are kept, from the lowest. */
const FREE_KEPT = 32;

/** A plate in its body: axes of the body along its length, its width and its thickness. */
interface PlateAxes {
  readonly along: 0 | 1 | 2;
  readonly across: 0 | 1 | 2;
  readonly through: 0 | 1 | 2;
  readonly sizeM: readonly [number, number, number];
}

function plateAxes(halfExtentsM: Vec3): PlateAxes {
  const order = ([0, 1, 2] as const).toSorted((p, q) => halfExtentsM[q] - halfExtentsM[p] || p - q);
  const [along, across, through] = order as [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2];
  const sizeM = [2 * halfExtentsM[along], 2 * halfExtentsM[across], 2 * halfExtentsM[through]] as const;
  return { along, across, through, sizeM };
}

/** Returns the bending modes of a free rectangular plate that are heard; both faces radiate into open air. */
export function freePlateSound(
  halfExtentsM: Vec3,
  material: Material,
  massKg: number,
  isHeard: (hz: number) => boolean,
): ModeFamily {
  const { along, across, through, sizeM } = plateAxes(halfExtentsM);
  const areaM2 = sizeM[0] * sizeM[1];
  const own = material.densityKgpm3 * areaM2 * sizeM[2];
  const amplitude = Math.sqrt(own / massKg);
  const modes = freePlateModes(sizeM, material, FREE_KEPT).filter(({ frequencyHz }) => isHeard(frequencyHz));
  return familyOf(
    modes.map(({ frequencyHz, waveNumber, at }) => ({
      frequencyHz,
      radiation: pressureAt1m(2 * areaM2, freePlateEfficiency(frequencyHz, waveNumber, areaM2) / massKg),
      push: (pointM, impulseNs) => {
        const xi = withinUnit(pointM[along] / halfExtentsM[along]);
        const eta = withinUnit(pointM[across] / halfExtentsM[across]);
        return amplitude * impulseNs[through] * at(xi, eta);
      },
    })),
  );
}

/**
 * Returns the modes of a plate on simple supports.
 *
 * It radiates from one face S into a half space: `p r = rho c sqrt(S s / 2 pi) v`, v the mean over the face, with the
 * efficiency `s` of `coincidence`. Signs alternate, because modes that start in step where the plate is struck do not
 * arrive in step. Closer than about sqrt(S / 2 pi) this overstates the level.
 */
export function supportedPlateSound(
  halfExtentsM: Vec3,
  material: Material,
  lowestHz: number,
  highestHz: number,
): ModeFamily {
  const { along, across, through, sizeM } = plateAxes(halfExtentsM);
  const { sidesM, modes } = plateModes(sizeM, material, lowestHz, highestHz);
  const areaM2 = sidesM[0] * sidesM[1];
  const massKg = material.densityKgpm3 * areaM2 * sizeM[2];
  return {
    frequencyHz: modes.map(({ frequencyHz }) => frequencyHz),
    radiation: modes.map(({ frequencyHz, waveNumber }, index) => {
      const face = Math.sqrt((areaM2 * coincidence(frequencyHz, waveNumber)) / (2 * Math.PI * massKg));
      return AIR_DENSITY_KGPM3 * SPEED_OF_SOUND_MPS * (index % 2 === 0 ? face : -face);
    }),
    excite(pointM, impulseNs) {
      const u = withinUnit(pointM[along] / halfExtentsM[along]) / 2 + 0.5;
      const v = withinUnit(pointM[across] / halfExtentsM[across]) / 2 + 0.5;
      const push = impulseNs[through] / Math.sqrt(massKg);
      return Float64Array.from(modes, ({ halfWaves, count }) => {
        // A band stands for modes whose shapes at the point are as good as random: their root sum of squares.
        if (count > 1) return push * Math.sqrt(count);
        return push * 2 * sin(halfWaves[0] * Math.PI * u) * sin(halfWaves[1] * Math.PI * v);
      });
    },
  };
}
