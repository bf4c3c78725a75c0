import { DISTRIBUTION_KINDS, type Distribution } from '../../../core/distribution.js';
import type { ParameterValues } from '../../task.js';

/** Bounds of a normal draw, in standard deviations. */
const WIDTH = 3;
/** Members that differ by less than this share of their mean are the same number. */
const SAME = 1e-9;
/** A merge patch removes what it sets to null: the scenario may hold another kind of distribution where this one goes. */
const NO_OTHER_KIND = Object.fromEntries(DISTRIBUTION_KINDS.map((kind) => [kind, null]));

/**
 * Says how the scenario cube-toss changes by what the engine was calibrated to: contact, mass properties and the engine's
 * unit of length, each drawn as wide as the posterior leaves it. What belongs to the cameras (tilt, scale, age of
 * velocities) and to one table (height, slope) stays out.
 */
export function cubeTossPatch(posterior: readonly ParameterValues[]): Readonly<Record<string, unknown>> {
  const drawn = (name: string, lo = Number.NEGATIVE_INFINITY) => spreadOf(posterior, name, lo);
  const inPlace = (drawing: number | Normal) =>
    typeof drawing === 'number' ? drawing : { ...NO_OTHER_KIND, ...drawing };
  const contact = {
    friction: inPlace(drawn('engine.friction', 0)),
    restitution: inPlace(drawn('engine.restitution', 0)),
  };
  const best = (name: string) => posterior[0]![name]!;
  const inertiaKgm2 = best('rig.inertiaKgm2');
  return {
    physics: { lengthUnitM: best('engine.lengthUnitM') },
    bodies: {
      table: contact,
      cube: {
        ...contact,
        shape: { edgeRadiusM: best('engine.edgeRadiusM') },
        inertiaKgm2: [inertiaKgm2, inertiaKgm2, inertiaKgm2],
        centreOfMassM: [
          drawn('rig.centreOfMassXM'),
          drawn('rig.centreOfMassYM'),
          drawn('rig.centreOfMassZM'),
        ],
      },
    },
  };
}

type Normal = Extract<Distribution<number>, { readonly normal: unknown }>;

function spreadOf(posterior: readonly ParameterValues[], name: string, lo: number): number | Normal {
  const values = posterior.map((member) => member[name]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(square / Math.max(1, values.length - 1));
  if (standardDeviation <= SAME * Math.abs(mean)) return values[0]!;
  return {
    normal: {
      mean,
      standardDeviation,
      min: Math.max(lo, mean - WIDTH * standardDeviation),
      max: mean + WIDTH * standardDeviation,
    },
  };
}
