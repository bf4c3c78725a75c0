import type { Pose } from '../../core/math/quaternion.js';
import { conjugate, multiply, rotate } from '../../core/math/quaternion.js';
import { subtract } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { contactRadiusM, signedDistanceM } from './signed-distance.js';
import type { Skin } from './skin.js';

/** Newton's steps until the field carries the force. */
const STEPS = 30;
const PRECISION = 1e-6;

/** Reads a body's imprint on a skin, contact by contact; keeps its buffers. */
export interface PressureField {
  /**
   * Writes the pressure with which a body presses on the skin.
   *
   * A body sunk by d into the gel presses with `k sqrt(d)`: for a ball of radius R that is Hertz' pressure exactly when
   * `k = 2 sqrt(2) E / (pi sqrt(R))`, E the modulus of gel and body together (Johnson: Contact Mechanics, 1985, ch. 4). How deep it sinks
   * follows from the force: the sum of pressure x area along the patch's normal is the solver's force.
   *
   * @param pressurePa [cells], overwritten.
   * @param forceN along the patch's -z, more than 0.
   * @returns the depth below the first touch, m.
   */
  press(pressurePa: Float64Array, patch: Pose, other: BodySpec, pose: Pose, forceN: number): number;
}

/** Makes the field of a skin whose gel has a modulus. */
export function createPressureField(skin: Skin, gel: { youngPa: number; poisson: number }): PressureField {
  const { pointsM, normals, areasM2 } = skin;
  const cells = areasM2.length;
  const gaps = new Float64Array(cells);
  const compliance = (youngPa: number, poisson: number): number => (1 - poisson * poisson) / youngPa;
  return {
    press(pressurePa, patch, other, pose, forceN) {
      const nearest = findGaps(gaps, pointsM, patch, other, pose);
      const { material, shape } = other;
      const modulusPa =
        1 / (compliance(gel.youngPa, gel.poisson) + compliance(material.youngPa, material.poisson));
      const radiusM = 1 / (1 / contactRadiusM(shape) + 1 / skin.radiusM);
      const stiffness = ((2 * Math.SQRT2) / Math.PI) * (modulusPa / Math.sqrt(radiusM));
      // From Hertz' depth on: d = a^2 / 2 R below the first touch, where the ball's own surface has sunk.
      let sunk = sunkByHertz(forceN, radiusM, modulusPa);
      for (let step = 0; step < STEPS; step++) {
        let force = 0;
        let slope = 0;
        for (let cell = 0; cell < cells; cell++) {
          const depth = sunk - (gaps[cell]! - nearest);
          if (depth <= 0) continue;
          const root = Math.sqrt(depth);
          const share = stiffness * areasM2[cell]! * normals[cell * 3 + 2]!;
          force += share * root;
          slope += share / (2 * root);
        }
        if (Math.abs(force - forceN) <= PRECISION * forceN) break;
        // The force grows at least linearly with the depth: halving or doubling brackets what Newton oversteps.
        const next = slope > 0 ? sunk - (force - forceN) / slope : sunk * 2;
        sunk = Math.min(sunk * 2, Math.max(sunk / 2, next));
      }
      let carried = 0;
      for (let cell = 0; cell < cells; cell++) {
        const depth = sunk - (gaps[cell]! - nearest);
        const pressure = depth > 0 ? stiffness * Math.sqrt(depth) : 0;
        pressurePa[cell] = pressure;
        carried += pressure * areasM2[cell]! * normals[cell * 3 + 2]!;
      }
      // What the steps left over.
      for (let cell = 0; cell < cells; cell++) pressurePa[cell] = (pressurePa[cell]! * forceN) / carried;
      return sunk;
    },
  };
}

function sunkByHertz(forceN: number, radiusM: number, modulusPa: number): number {
  const cube = (3 * forceN * radiusM) / (4 * modulusPa);
  // a^2 from a^3, near enough for a start: one step of Newton from a power of two would do as well.
  let a = Math.sqrt(cube);
  for (let step = 0; step < 40; step++) a = (2 * a + cube / (a * a)) / 3;
  return (a * a) / (2 * radiusM);
}

/** Distance of each cell from the other body's surface, m. @returns the least. */
function findGaps(
  gaps: Float64Array,
  pointsM: Float64Array,
  patch: Pose,
  { shape }: BodySpec,
  pose: Pose,
): number {
  const bodyFromWorld = conjugate(pose.orientation);
  const turn = multiply(bodyFromWorld, patch.orientation);
  const [ox, oy, oz] = rotate(bodyFromWorld, subtract(patch.positionM, pose.positionM));
  const [ax, ay, az] = rotate(turn, [1, 0, 0]);
  const [bx, by, bz] = rotate(turn, [0, 1, 0]);
  const [cx, cy, cz] = rotate(turn, [0, 0, 1]);
  let nearest = Number.POSITIVE_INFINITY;
  for (let cell = 0; cell < gaps.length; cell++) {
    const x = pointsM[cell * 3]!;
    const y = pointsM[cell * 3 + 1]!;
    const z = pointsM[cell * 3 + 2]!;
    const gap = signedDistanceM(
      shape,
      ox + x * ax + y * bx + z * cx,
      oy + x * ay + y * by + z * cy,
      oz + x * az + y * bz + z * cz,
    );
    gaps[cell] = gap;
    if (gap < nearest) nearest = gap;
  }
  return nearest;
}
