import type { Vec3 } from '../../core/math/vector.js';

/** Vibrations of a body that one theory finds together. */
export interface ModeFamily {
  readonly frequencyHz: readonly number[];
  /** Sound pressure at 1 m per unit of modal velocity, Pa m / (sqrt(kg) m/s), by mode. */
  readonly radiation: readonly number[];
  /** Returns the modal impulses phi^T J of an impulse at a point, both in the body's frame, by mode; see `BodyModes`. */
  excite(pointM: Vec3, impulseNs: Vec3): Float64Array;
}

/** Makes a family of modes that each answer by themselves. */
export function familyOf(
  modes: readonly {
    readonly frequencyHz: number;
    readonly radiation: number;
    push(pointM: Vec3, impulseNs: Vec3): number;
  }[],
): ModeFamily {
  return {
    frequencyHz: modes.map(({ frequencyHz }) => frequencyHz),
    radiation: modes.map(({ radiation }) => radiation),
    excite: (pointM, impulseNs) => Float64Array.from(modes, (mode) => mode.push(pointM, impulseNs)),
  };
}

/** Restricts a value to -1 to 1. */
export function withinUnit(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
