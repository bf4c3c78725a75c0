import { randomStream } from '../../../core/random.js';
import type { Calibration, CalibrationProblem, Case } from '../../task.js';
import { residualOfBestMotion } from './initial-state.js';
import { modelParameters, nominalModel, valuesOf } from './model.js';
import { NOT_FITTED, rigModelOf, rigParameter } from './rig-model.js';
import { anglesOf, framesOfSwing, RIG_NAMES, RIGS, type Rig, type Swing } from './swing.js';

const DEGREES = 180 / Math.PI;
/** How much of a case a candidate is held against, s: long enough to show friction, short enough to be smooth far from the truth. */
const WINDOWS_S: Readonly<Record<Rig, number>> = { single: 1, double: 0.5, triple: 0.4 };
/** Candidates that each search needs: with the number of parameters, 4, 10 and 15. */
const EVALUATIONS: Readonly<Record<Rig, number>> = { single: 480, double: 1440, triple: 2400 };
/** Nothing is as far off as an arm that points the wrong way. */
const WORST_DEG = 180;

/** What calibration reads recordings with. */
export interface CalibrationSource {
  readonly rigOf: (chosen: Case) => Rig;
  readonly swingOf: (chosen: Case) => Promise<Swing>;
}

/**
 * Says what `umwelt calibrate` may vary: of each rig lengths, moments, friction and encoder biases, from the drawing. The mismatch of
 * a case is the root mean square, in degrees, by which the model's nearest motion misses the angles at its beginning.
 */
export function calibrationOf(train: readonly Case[], source: CalibrationSource): Calibration {
  const problems = RIG_NAMES.map((rig) => problemOf(rig, train, source));
  return { problems, scenario: null };
}

function problemOf(
  rig: Rig,
  train: readonly Case[],
  { rigOf, swingOf }: CalibrationSource,
): CalibrationProblem {
  const start = valuesOf(nominalModel(RIGS[rig]));
  const parameters = modelParameters(RIGS[rig]).flatMap(({ name, unit, description, scale }, place) => {
    if (NOT_FITTED.test(name)) return [];
    const isBias = name.startsWith('bias');
    const isFriction = start[place] === 0 && !isBias;
    // The drawing is a third off at most; friction and bias begin at nothing.
    const [lo, hi] = isBias
      ? [-4 * scale, 4 * scale]
      : isFriction
        ? [0, 4 * scale]
        : [0.7 * start[place]!, 1.5 * start[place]!];
    const from = isFriction ? 0.5 * scale : start[place]!;
    return [
      { name: rigParameter(rig, name), unit, description, lo, hi, start: from, scale: 'linear' as const },
    ];
  });
  const windows = new Map<string, Promise<ReturnType<typeof anglesOf>>>();
  const windowOf = (chosen: Case) => {
    const known = windows.get(chosen.name);
    if (known !== undefined) return known;
    const made = swingOf(chosen).then((swing) => {
      const from = Math.round(chosen.startS * swing.rateHz);
      const frames = Math.min(swing.frames - from, Math.round(WINDOWS_S[rig] * swing.rateHz));
      return anglesOf(framesOfSwing(swing, from, frames));
    });
    windows.set(chosen.name, made);
    return made;
  };
  return {
    name: rig,
    parameters,
    evaluations: EVALUATIONS[rig],
    cases: shuffled(train.filter((chosen) => rigOf(chosen) === rig)),
    async loss(values, chosen) {
      const residual = DEGREES * residualOfBestMotion(rigModelOf(rig, values), await windowOf(chosen));
      return residual < WORST_DEG ? residual : WORST_DEG;
    },
  };
}

/** Orders cases by their names alone, so that the first few are from all of a run. */
function shuffled(cases: readonly Case[]): readonly Case[] {
  return cases
    .map((chosen) => ({
      chosen,
      rank: randomStream(0, 'evaluation', 'multiarm-pendulum', 'order', chosen.name).uniform(),
    }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ chosen }) => chosen);
}
