import type { Material } from '../../core/materials.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import type { Shape } from '../../core/shape.js';
import { SPEED_OF_SOUND_MPS } from './air.js';
import { elasticModes, evaluateMonomials } from './elastic-modes.js';
import { type ModeFamily, withinUnit } from './mode-family.js';
import { ballEfficiency, pressureAt1m } from './radiation.js';

/** The lowest modes of a solid that are kept. */
const KEPT = 16;

/**
 * Returns the heard modes of the free solid that stands for a shape.
 *
 * They radiate as those of a ball of the same surface S = 4 pi a^2: the mean of the normal velocity as the ball's
 * breathing (order 0), the rest as the lowest order that mirrors as the mode does, 2 or 3: order 1 would move the centre of
 * mass, and no free vibration does.
 */
export function solidSound(
  shape: Shape,
  material: Material,
  massKg: number,
  isHeard: (hz: number) => boolean,
): ModeFamily {
  const { scaleM, centreM, proportions, exponents, volume, area, modes } = elasticModes(
    shape,
    material.poisson,
  );
  const unitHz = Math.sqrt(material.youngPa / material.densityKgpm3) / (2 * Math.PI * scaleM);
  const heard = modes.filter(({ angularFrequency }) => isHeard(angularFrequency * unitHz)).slice(0, KEPT);
  const amplitude = Math.sqrt(volume / massKg);
  const areaM2 = area * scaleM * scaleM;
  const radiusM = Math.sqrt(areaM2 / (4 * Math.PI));
  const monomials = new Float64Array(exponents.length);
  const axesM = proportions.map((proportion) => proportion * scaleM);
  return {
    frequencyHz: heard.map(({ angularFrequency }) => angularFrequency * unitHz),
    radiation: heard.map(({ angularFrequency, meanNormal, meanNormalSquare, order }) => {
      const ka = (2 * Math.PI * angularFrequency * unitHz * radiusM) / SPEED_OF_SOUND_MPS;
      const breathing = meanNormal * meanNormal;
      const rest = Math.max(0, meanNormalSquare - breathing);
      const heardSquare = ballEfficiency(0, ka) * breathing + ballEfficiency(order, ka) * rest;
      return amplitude * pressureAt1m(areaM2, heardSquare);
    }),
    excite(pointM, impulseNs) {
      const [x, y, z] = subtract(pointM, centreM);
      const inside: Vec3 = [withinUnit(x / axesM[0]!), withinUnit(y / axesM[1]!), withinUnit(z / axesM[2]!)];
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
