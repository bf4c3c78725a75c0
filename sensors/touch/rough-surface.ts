import { pow } from '../../core/math/exact.js';
import { conjugate, type Pose, rotate } from '../../core/math/quaternion.js';
import type { PatchPoints } from './surface-patch.js';

/** Hurst exponent of fractured, ground and worn surfaces (Persson et al. 2005). */
export const HURST = 0.8;

/** Longest wave of a texture over the root mean square height of its asperities, and its bounds, m. */
const LONGEST_PER_HEIGHT = 50;
const LONGEST_M = [2e-4, 5e-3] as const;

const OCTAVES = 4;
/** Waves that cells average below this share of the asperities are left out. */
const SMALLEST = 0.05;
/** Standard deviation of `latticeNoise`: uniform values, faded between the corners of a cube. */
const LATTICE_DEVIATION = Math.sqrt(pow(26 / 35, 3) / 3);

/** Returns the longest wave of a surface's texture, m: 50 times the height of its asperities, 0.2 to 5 mm. */
export function longestWaveM(asperityM: number): number {
  return Math.min(LONGEST_M[1], Math.max(LONGEST_M[0], LONGEST_PER_HEIGHT * asperityM));
}

/**
 * Adds the heights of a body's rough surface to the gaps above a patch's points: self-affine noise that is fixed to the body,
 * so that it passes under the cells when the body slides.
 *
 * @param gapM [points] changed in place where finite.
 * @param pitchM size of a cell: it averages what is shorter than itself.
 * @param seed tells bodies apart.
 * @param leastM the least gap as it is.
 * @param farthestM gaps beyond this, less the least, are left as they are: nothing touches there.
 * @returns the least gap.
 */
export function roughen(
  points: PatchPoints,
  patchFromBody: Pose,
  gapM: Float64Array,
  asperityM: number,
  pitchM: number,
  seed: number,
  leastM: number,
  farthestM: number,
): number {
  const bodyFromPatch = conjugate(patchFromBody.orientation);
  const [ax, ay, az] = rotate(bodyFromPatch, [1, 0, 0]);
  const [bx, by, bz] = rotate(bodyFromPatch, [0, 1, 0]);
  const [cx, cy, cz] = rotate(bodyFromPatch, [0, 0, 1]);
  const [ox, oy, oz] = patchFromBody.positionM;
  const octaves = octavesOf(asperityM, pitchM);
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < points.count; index++) {
    if (gapM[index]! - leastM > farthestM) continue;
    const x = points.positionM[index * 3]! - ox;
    const y = points.positionM[index * 3 + 1]! - oy;
    const z = points.positionM[index * 3 + 2]! - oz;
    const px = ax * x + bx * y + cx * z;
    const py = ay * x + by * y + cy * z;
    const pz = az * x + bz * y + cz * z;
    let height = 0;
    for (let octave = 0; octave < octaves.length; octave++) {
      const { perM, heightM } = octaves[octave]!;
      height += heightM * latticeNoise(px * perM, py * perM, pz * perM, seed + octave);
    }
    const gap = gapM[index]! + height;
    gapM[index] = gap;
    if (gap < least) least = gap;
  }
  return least;
}

/** Waves by halves from the longest, their heights falling as the wave's length to the power of H. */
function octavesOf(asperityM: number, pitchM: number) {
  const longestM = longestWaveM(asperityM);
  const shares = Array.from({ length: OCTAVES }, (_, octave) => pow(0.5, octave * HURST));
  const whole = Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0));
  const all = shares.map((share, octave) => {
    const waveM = longestM / 2 ** octave;
    const averaged = waveM / (waveM + pitchM);
    // The lattice's step is half a wave.
    return { perM: 2 / waveM, heightM: (asperityM * share * averaged) / (whole * LATTICE_DEVIATION) };
  });
  return all.filter(({ heightM }) => heightM > SMALLEST * asperityM);
}

/** Value noise: uniform between -1 and 1 on a lattice, faded in between (Perlin's quintic is not needed at this scale). */
function latticeNoise(x: number, y: number, z: number, seed: number): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const k = Math.floor(z);
  const u = fade(x - i);
  const v = fade(y - j);
  const w = fade(z - k);
  const low = mix(row(i, j, k, u, seed), row(i, j + 1, k, u, seed), v);
  return mix(low, mix(row(i, j, k + 1, u, seed), row(i, j + 1, k + 1, u, seed), v), w);
}

function row(i: number, j: number, k: number, u: number, seed: number): number {
  return mix(hash(i, j, k, seed), hash(i + 1, j, k, seed), u);
}

function fade(t: number): number {
  return t * t * (3 - 2 * t);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** Uniform between -1 and 1 (Wellons' lowbias32 over mixed coordinates). */
function hash(i: number, j: number, k: number, seed: number): number {
  let bits =
    Math.imul(i, 0x9e3779b1) ^
    Math.imul(j, 0x85ebca77) ^
    Math.imul(k, 0xc2b2ae3d) ^
    Math.imul(seed, 0x27d4eb2f);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  bits ^= bits >>> 16;
  return bits * 2 ** -31;
}
