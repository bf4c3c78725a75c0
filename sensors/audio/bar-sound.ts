import type { Material } from '../../core/materials.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { AIR_DENSITY_KGPM3, SPEED_OF_SOUND_MPS } from './air.js';
import { type BarMode, type BarSection, barModes } from './bar-modes.js';
import { familyOf, type ModeFamily, withinUnit } from './mode-family.js';
import { ballEfficiency, barEfficiency, coincidence, pressureAt1m } from './radiation.js';

/** A straight bar as a body carries it. */
export interface Bar {
  /** Axis of the body that the bar lies along, 0 to 2; y and z of the section are the next two, in a circle. */
  readonly axis: 0 | 1 | 2;
  /** Its middle in the body's frame. */
  readonly centreM: Vec3;
  readonly lengthM: number;
  /** Size of the section along its y and z. */
  readonly sizeM: readonly [number, number];
  readonly round: boolean;
  readonly section: BarSection;
  readonly massKg: number;
}

/** Modes of a bar that are kept, from the lowest. */
const KEPT = 24;

/** Returns the modes of a free bar that are heard: bending in both planes, stretching, and torsion where it is not round. */
export function barSound(bar: Bar, material: Material, highestHz: number): ModeFamily {
  const own = material.densityKgpm3 * bar.section.areaM2 * bar.lengthM;
  const amplitude = Math.sqrt(own / bar.massKg);
  const modes = barModes(bar.lengthM, bar.section, material, 2 * Math.PI * highestHz)
    .filter(({ kind }) => kind !== 'torsion' || !bar.round)
    .slice(0, KEPT);
  return familyOf(
    modes.map((mode) => ({
      frequencyHz: mode.angularFrequency / (2 * Math.PI),
      radiation: radiationOf(mode, bar, bar.massKg, material),
      push: (pointM, impulseNs) => amplitude * pushOn(mode, bar, subtract(pointM, bar.centreM), impulseNs),
    })),
  );
}

function pushOn(mode: BarMode, { axis, lengthM }: Bar, pointM: Vec3, impulseNs: Vec3): number {
  const [y, z] = [((axis + 1) % 3) as 0 | 1 | 2, ((axis + 2) % 3) as 0 | 1 | 2];
  const [first, rotation] = mode.at(withinUnit((2 * pointM[axis]) / lengthM));
  switch (mode.kind) {
    case 'bending': {
      const across = mode.plane === 0 ? y : z;
      return impulseNs[across] * first - impulseNs[axis] * pointM[across] * rotation;
    }
    case 'torsion':
      return first * (impulseNs[z] * pointM[y] - impulseNs[y] * pointM[z]);
    case 'stretching':
      return impulseNs[axis] * first;
  }
}

/** Bending radiates from the faces that it moves, torsion from the flat sides, stretching from the ends. */
function radiationOf(mode: BarMode, bar: Bar, massKg: number, { poisson }: Material): number {
  const { lengthM, sizeM, round, section } = bar;
  const hz = mode.angularFrequency / (2 * Math.PI);
  switch (mode.kind) {
    case 'bending': {
      const widthM = sizeM[1 - mode.plane]!;
      const areaM2 = round ? (Math.PI / 2) * widthM * lengthM : 2 * widthM * lengthM;
      return pressureAt1m(areaM2, barEfficiency(hz, mode.waveNumber, widthM / 2) / massKg);
    }
    case 'torsion': {
      const [b, c] = sizeM;
      const turning = section.areaM2 / (massKg * (section.bendingM4[0] + section.bendingM4[1]));
      const flat = (lengthM * (b * b * b + c * c * c)) / 6;
      const ka = (Math.PI * hz * Math.max(b, c)) / SPEED_OF_SOUND_MPS;
      return pressureAt1m(flat, turning * ballEfficiency(2, ka) * coincidence(hz, mode.waveNumber));
    }
    case 'stretching': {
      // Odd modes move both ends out together: a monopole of the flow that the sides do not take in again.
      const speed = Math.sqrt(2 / massKg);
      const flow = mode.number % 2 === 1 ? 2 * section.areaM2 * (1 - 2 * poisson) * speed : 0;
      const monopole = (AIR_DENSITY_KGPM3 * 2 * Math.PI * hz * flow) / (4 * Math.PI);
      const ka = (2 * Math.PI * hz * Math.sqrt(section.areaM2 / (2 * Math.PI))) / SPEED_OF_SOUND_MPS;
      const rest = pressureAt1m(2 * section.areaM2, speed * speed * ballEfficiency(1, ka));
      return Math.sqrt(monopole * monopole + rest * rest);
    }
  }
}
