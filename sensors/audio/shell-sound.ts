import type { Material } from '../../core/materials.js';
import { cos, sin } from '../../core/math/exact.js';
import { dot, length, scale, type Vec3 } from '../../core/math/vector.js';
import { SPEED_OF_SOUND_MPS } from './air.js';
import { familyOf, type ModeFamily } from './mode-family.js';
import { ballEfficiency, coincidence, pressureAt1m } from './radiation.js';
import { sphereShellModes, tubeShellModes } from './shell-modes.js';

/** Modes of a shell that are kept, from the lowest. */
const KEPT = 20;

/**
 * Returns the modes of a thin hollow sphere. The 2 n + 1 modes of an order sound as one, of the motion under the blow,
 * `sum Y^2 = (2 n + 1) / 4 pi`, and radiate as a ball of order n.
 */
export function sphereSound(
  { radiusM, wallM }: { readonly radiusM: number; readonly wallM: number },
  material: Material,
  massKg: number,
): ModeFamily {
  const middleM = radiusM - wallM / 2;
  const areaM2 = 4 * Math.PI * radiusM * radiusM;
  return familyOf(
    sphereShellModes(middleM, wallM, material).map((mode) => {
      const hz = mode.angularFrequency / (2 * Math.PI);
      const ka = (mode.angularFrequency * radiusM) / SPEED_OF_SOUND_MPS;
      const under = Math.sqrt((2 * mode.around + 1) / massKg);
      return {
        frequencyHz: hz,
        radiation: pressureAt1m(
          areaM2,
          (ballEfficiency(mode.around, ka) * mode.radial * mode.radial) / massKg,
        ),
        push: (pointM: Vec3, impulseNs: Vec3) => {
          const outward = scale(pointM, 1 / (length(pointM) || 1));
          const inner = dot(outward, impulseNs);
          const along = Math.sqrt(Math.max(0, dot(impulseNs, impulseNs) - inner * inner));
          // Half of the gradient's square lies along any one direction.
          return under * together(mode.radial * inner, mode.tangential * along * Math.SQRT1_2);
        },
      };
    }),
  );
}

/**
 * Returns the shell modes of a thin tube with lids. The two modes of a pair (n waves around) sound as one, of the motion
 * under the blow; a lid takes only what stretches the wall.
 */
export function tubeSound(
  tube: { readonly radiusM: number; readonly halfHeightM: number; readonly wallM: number },
  material: Material,
  massKg: number,
  highestHz: number,
): ModeFamily {
  const { radiusM, halfHeightM, wallM } = tube;
  const lengthM = 2 * halfHeightM;
  const areaM2 = 2 * Math.PI * radiusM * lengthM;
  const wallKg = (massKg * lengthM) / (lengthM + radiusM);
  const modes = tubeShellModes(radiusM - wallM / 2, lengthM, wallM, material, 2 * Math.PI * highestHz)
    .filter(({ around }) => around >= 2)
    .slice(0, KEPT);
  return familyOf(
    modes.map((mode) => {
      const hz = mode.angularFrequency / (2 * Math.PI);
      const ka = (mode.angularFrequency * radiusM) / SPEED_OF_SOUND_MPS;
      const waveNumber = (mode.along * Math.PI) / lengthM;
      const lengthwise = mode.along === 1 ? 1 : coincidence(hz, waveNumber);
      const efficiency = ballEfficiency(mode.around, ka) * lengthwise;
      const under = 2 / Math.sqrt(wallKg);
      return {
        frequencyHz: hz,
        radiation: pressureAt1m(areaM2, (efficiency * mode.radial * mode.radial) / wallKg),
        push: ([x, y, z]: Vec3, [jx, jy, jz]: Vec3) => {
          const across = Math.sqrt(x * x + y * y) || Number.MIN_VALUE;
          const outward = (x * jx + y * jy) / across;
          const around = (x * jy - y * jx) / across;
          const place = waveNumber * Math.min(lengthM, Math.max(0, z + halfHeightM));
          const [s, c] = [sin(place), cos(place)];
          const radial = mode.radial * s * outward + mode.axial * c * jz;
          // Towards the middle of a lid there is less and less of the wall to move.
          const share = Math.min(1, across / radiusM);
          return under * share * share * together(radial, mode.tangential * s * around);
        },
      };
    }),
  );
}

/** Joins two parts that excite modes at right angles, with the sign of the first. */
function together(first: number, second: number): number {
  const both = Math.sqrt(first * first + second * second);
  return first < 0 ? -both : both;
}
