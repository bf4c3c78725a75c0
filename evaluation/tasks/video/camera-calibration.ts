import type { CalibrationParameter, CalibrationProblem, Case, ParameterValues } from '../../task.js';
import { type TransferCurve, transferCurve, varianceAt } from './camera-law.js';
import { type Frames, measurePhotometry, type Photometry } from './photon-transfer.js';

/**
 * Radiance that half of a scene lies below: that of a card of 18 % reflectance in light of full exposure, by which photographers
 * expose. A picture does not tell bright light from long exposure, so one of the two is agreed upon.
 */
export const GREY_RADIANCE = 0.18;

/** Light that a picture with none is held to have, share of full scale. */
const DARKEST = 1e-4;
/** Added to variances before their ratio is taken: less than rounding makes of any noise, squared grey levels. */
const LEAST_VARIANCE = 1e-3;
const EVALUATIONS = 1440;

const PARAMETERS = [
  {
    name: 'exposure',
    unit: '1',
    description: `multiplies scene radiance, for a scene whose median radiance is ${GREY_RADIANCE}`,
    lo: 0.05,
    hi: 20,
    start: 1,
  },
  {
    name: 'fullWellElectrons',
    unit: '1',
    description: 'electrons at full exposure, of a pixel of the imported pictures: more for less shot noise',
    lo: 100,
    hi: 1e6,
    start: 10_000,
  },
  {
    name: 'readNoiseElectrons',
    unit: '1',
    description: 'temporal dark noise, of a pixel of the imported pictures',
    lo: 0.5,
    hi: 1000,
    start: 6,
  },
] as const;

/**
 * States the search for a camera's exposure and noise, named as in a scenario's camera, `<stream>.exposure` and so on. Prediction and
 * recording are compared in the median light and in the photon-transfer curve.
 *
 * @param stream of the camera, which names the problem.
 * @param cases in an order of which any first few are a fair sample.
 * @param framesOf reads the pictures of a case; asked once for each.
 */
export function cameraProblem(
  stream: string,
  cases: readonly Case[],
  framesOf: (chosen: Case) => Promise<Frames>,
): CalibrationProblem {
  const parameters = PARAMETERS.map(
    ({ name, ...rest }): CalibrationParameter => ({ name: `${stream}.${name}`, ...rest, scale: 'log' }),
  );
  const measured = new Map<string, Promise<Photometry>>();
  // A candidate is judged by all cases in turn.
  const curves = new WeakMap<ParameterValues, TransferCurve>();
  const photometryOf = (chosen: Case): Promise<Photometry> => {
    const known = measured.get(chosen.name);
    if (known !== undefined) return known;
    const made = framesOf(chosen).then(measurePhotometry);
    measured.set(chosen.name, made);
    return made;
  };
  return {
    name: stream,
    parameters,
    cases,
    evaluations: EVALUATIONS,
    async loss(values, chosen) {
      const photometry = await photometryOf(chosen);
      const curve = curves.get(values) ?? curveOf(stream, values);
      curves.set(values, curve);
      return photometricLoss(values[`${stream}.exposure`]!, curve, photometry);
    },
  };
}

/**
 * Mismatch of the simulated camera with what was measured: log ratios of the median light and, in the mean over levels, of the variance,
 * each squared and saturating at 1 (Geman and McClure 1985), so that a level at which something moved after all pulls
 * little.
 */
function photometricLoss(exposure: number, curve: TransferCurve, measured: Photometry): number {
  const light = Math.min(1, GREY_RADIANCE * exposure);
  const exposed = saturating(Math.log(Math.max(DARKEST, measured.medianLight) / light));
  let noise = 0;
  for (const { level, variance } of measured.curve) {
    const expected = varianceAt(curve, level) + LEAST_VARIANCE;
    noise += saturating(Math.log((variance + LEAST_VARIANCE) / expected)) / measured.curve.length;
  }
  return exposed + noise;
}

function curveOf(stream: string, values: ParameterValues): TransferCurve {
  return transferCurve({
    fullWellElectrons: values[`${stream}.fullWellElectrons`]!,
    readNoiseElectrons: values[`${stream}.readNoiseElectrons`]!,
  });
}

function saturating(residual: number): number {
  return residual ** 2 / (1 + residual ** 2);
}
