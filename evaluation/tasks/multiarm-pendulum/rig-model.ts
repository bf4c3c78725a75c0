import type { RandomStream } from '../../../core/random.js';
import type { Overlay } from '../../calibrate/overlay.js';
import { decompose } from '../../cholesky.js';
import type { ParameterValues } from '../../task.js';
import { fitChain } from './fit-chain.js';
import { modelOf, modelParameters, nominalModel, type PendulumModel, valuesOf } from './model.js';
import type { SwingWindow } from './shooting.js';
import { RIGS, type Rig } from './swing.js';

/** What is believed of a rig: a best model, and others that may be true as well. */
export interface RigModel {
  readonly best: PendulumModel;
  /** Draws a model; `spread` 1 is as far as the recordings leave it open. */
  draw(random: RandomStream, spread: number): PendulumModel;
  /** Plain JSON for reports. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Lengths of the windows of a fit, s: short ones converge from the drawing, the longest is limited by chaos and by the chunks. */
const FIT_WINDOWS_S: Readonly<Record<Rig, readonly number[]>> = {
  single: [0.3, 1, 3],
  double: [0.2, 0.5, 1.3],
  triple: [0.15, 0.3, 0.75],
};

/** Is taken up by dry friction and drag: with them, fits leave nothing for it. */
export const NOT_FITTED = /^viscous/;

/**
 * Fits a rig's model to recordings, from the drawing.
 *
 * @throws UmweltError `interrupted`.
 */
export async function fitRig(
  rig: Rig,
  swings: readonly SwingWindow[],
  signal: AbortSignal | undefined,
): Promise<RigModel> {
  const arms = RIGS[rig];
  const { model, free, covariance, residualRad, windows } = await fitChain(swings, nominalModel(arms), {
    frees: ({ name }) => !NOT_FITTED.test(name),
    windowsS: FIT_WINDOWS_S[rig],
    signal,
  });
  const parameters = modelParameters(arms);
  const values = valuesOf(model);
  const n = free.length;
  const deviation = free.map((_, k) => Math.sqrt(covariance[k * (n + 1)]!));
  return {
    best: model,
    draw: drawNear(values, free, factorOf(covariance, n), arms),
    facts: {
      chunks: swings.length,
      windows,
      residualDeg: (residualRad * 180) / Math.PI,
      values: Object.fromEntries(parameters.map(({ name }, place) => [name, values[place]!])),
      standardDeviation: Object.fromEntries(free.map((place, k) => [parameters[place]!.name, deviation[k]!])),
    },
  };
}

/** With fewer windows than parameters the covariance is singular: a part in a thousand of its diagonal mends it. */
function factorOf(covariance: Float64Array, n: number): Float64Array {
  const mended = covariance.map((value, i) => (i % (n + 1) === 0 ? 1.001 * value + 1e-20 : value));
  return decompose(mended, n) ?? new Float64Array(n * n);
}

function drawNear(
  values: Float64Array,
  free: readonly number[],
  factor: Float64Array,
  arms: number,
): RigModel['draw'] {
  const parameters = modelParameters(arms);
  const n = free.length;
  return (random, spread) => {
    const normal = Float64Array.from({ length: n }, () => random.normal());
    const drawn = Float64Array.from(values);
    for (const [k, place] of free.entries()) {
      const { lo, hi } = parameters[place]!;
      let change = 0;
      for (let j = 0; j <= k; j++) change += factor[k * n + j]! * normal[j]!;
      drawn[place] = Math.min(hi, Math.max(lo, values[place]! + spread * change));
    }
    return modelOf(arms, drawn);
  };
}

/** The model that a person sets up from the drawing, for a rig that nothing is known of. */
export function nominalRig(rig: Rig, why: string): RigModel {
  const best = nominalModel(RIGS[rig]);
  return { best, draw: () => best, facts: { nominal: why } };
}

/** Name of a rig's parameter among those of all rigs. */
export function rigParameter(rig: Rig, name: string): string {
  return `${rig}_${name}`;
}

/** Makes a rig's model from the parameters of all rigs; those that are not named are as drawn. */
export function rigModelOf(rig: Rig, values: ParameterValues): PendulumModel {
  const arms = RIGS[rig];
  const drawn = valuesOf(nominalModel(arms));
  return modelOf(
    arms,
    modelParameters(arms).map(({ name }, place) => values[rigParameter(rig, name)] ?? drawn[place]!),
  );
}

/** Makes a rig's model from what `umwelt calibrate` found. */
export function rigOfOverlay(rig: Rig, { posterior, parameters }: Overlay): RigModel {
  const own = parameters.filter(({ name }) => name.startsWith(rigParameter(rig, '')));
  if (own.length === 0) return nominalRig(rig, 'the overlay has no parameters of this rig');
  const members = posterior.map((values) => rigModelOf(rig, values));
  return {
    best: members[0]!,
    draw: (random) => members[random.integer(members.length)]!,
    facts: { values: Object.fromEntries(own.map(({ name, best }) => [name, best])), from: 'overlay' },
  };
}
