/** What of a camera can be told from its pictures, as a scenario's camera names it. */
export interface CameraNoise {
  /** Electrons at full exposure. */
  readonly fullWellElectrons: number;
  readonly readNoiseElectrons: number;
}

/** Where a photon-transfer curve runs, by the level of the light: [points], in grey levels of 8 bits. */
export interface TransferCurve {
  /** Ascending. */
  readonly levels: Float64Array;
  /** Of one reading, squared grey levels. */
  readonly variances: Float64Array;
}

const FULL_SCALE = 255;
/** Spacing of a curve's points, grey levels. */
const SPACING = 4;
/** The normal distribution is summed at so many steps a standard deviation, out to so many deviations. */
const STEPS = 4;
const REACH = 4;
const WEIGHTS = normalWeights();

/** IEC 61966-2-1, from linear light in [0, 1] to grey levels 0 to 255, not rounded. */
export function encodeLevel(linear: number): number {
  const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return FULL_SCALE * encoded;
}

/** IEC 61966-2-1, from grey levels 0 to 255 to linear light in [0, 1]. */
export function decodeLevel(level: number): number {
  const encoded = level / FULL_SCALE;
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

/**
 * Predicts how much the simulated camera's readings vary at each mean level: its law (sensors/camera/response.ts; EMVA 1288 release 4.0,
 * linear model) restated. A site that expects m electrons reads them with variance m + read^2; the reading is clipped at
 * nothing and at the full well, encoded by sRGB and rounded to 8 bits.
 *
 * Holds for a sensor with a site a pixel and colour, without white balance: a Bayer sensor's neighbours share readings.
 */
export function transferCurve({ fullWellElectrons, readNoiseElectrons }: CameraNoise): TransferCurve {
  const points = Math.floor(FULL_SCALE / SPACING) + 1;
  const levels = new Float64Array(points);
  const variances = new Float64Array(points);
  const dark = (readNoiseElectrons / fullWellElectrons) ** 2;
  for (let point = 0; point < points; point++) {
    const light = decodeLevel(point * SPACING);
    const deviation = Math.sqrt(light / fullWellElectrons + dark);
    let [mean, square] = [0, 0];
    for (const [index, weight] of WEIGHTS.entries()) {
      const read = light + deviation * (index / STEPS - REACH);
      const level = encodeLevel(Math.min(1, Math.max(0, read)));
      mean += weight * level;
      square += weight * level * level;
    }
    levels[point] = mean;
    variances[point] = roundedVariance(Math.max(0, square - mean * mean));
  }
  return { levels, variances };
}

/** Reads a curve at a mean level, linearly between its points; beyond its ends, there. */
export function varianceAt({ levels, variances }: TransferCurve, level: number): number {
  let above = 1;
  while (above < levels.length - 1 && levels[above]! < level) above++;
  const [from, to] = [levels[above - 1]!, levels[above]!];
  const share = to > from ? Math.min(1, Math.max(0, (level - from) / (to - from))) : 0;
  return variances[above - 1]! + share * (variances[above]! - variances[above - 1]!);
}

/**
 * Variance of a normal reading after it is rounded to whole numbers, mean over where between two of them it lies:
 * v + 1/12 - sum over k of exp(-4 pi^2 k^2 v) / (2 pi^2 k^2). Sheppard's v + 1/12 for v beyond a tenth, 0 for none.
 */
export function roundedVariance(variance: number): number {
  let missing = 0;
  for (let k = 1; k <= 40; k++) {
    const term = Math.exp(-4 * Math.PI ** 2 * k * k * variance) / (2 * Math.PI ** 2 * k * k);
    missing += term;
    if (term < 1e-9) return Math.max(0, variance + 1 / 12 - missing);
  }
  // The sum's rest, where nothing has decayed yet, is the integral of 1 / (2 pi^2 k^2) at most.
  const rest = 1 / (2 * Math.PI ** 2 * 40.5);
  return Math.max(0, variance + 1 / 12 - missing - rest * Math.exp(-4 * Math.PI ** 2 * 1640 * variance));
}

function normalWeights(): Float64Array {
  const weights = Float64Array.from({ length: 2 * REACH * STEPS + 1 }, (_, index) =>
    Math.exp(-((index / STEPS - REACH) ** 2) / 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
