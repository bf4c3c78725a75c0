import type { EvaluationResult } from '../result.js';

/** How a method is drawn: told apart by colour on a screen, by dashes on paper. */
export interface Stroke {
  readonly colour: string;
  readonly dash: readonly number[];
}

/** Okabe and Ito's palette (Color Universal Design, 2008), which people with any colour vision can tell apart. */
const BASELINE_STROKES: Readonly<Record<string, Stroke>> = {
  'copy-last': { colour: '#7f7f7f', dash: [2, 3] },
  'constant-velocity': { colour: '#e69f00', dash: [7, 3] },
  'free-fall': { colour: '#56b4e9', dash: [3, 3] },
  'physics-default': { colour: '#cc79a7', dash: [9, 3, 2, 3] },
  'physics-fitted': { colour: '#0072b2', dash: [1, 0] },
};

const MODEL_STROKES: readonly Stroke[] = [
  { colour: '#d55e00', dash: [1, 0] },
  { colour: '#009e73', dash: [1, 0] },
  { colour: '#000000', dash: [1, 0] },
  { colour: '#d55e00', dash: [6, 3] },
  { colour: '#009e73', dash: [6, 3] },
  { colour: '#000000', dash: [6, 3] },
];

/** Gives each method of a result its stroke, in order; beyond six world models strokes repeat. */
export function strokesOf({ methods }: EvaluationResult): readonly Stroke[] {
  let models = 0;
  return methods.map(({ name, kind }) =>
    kind === 'baseline' ? BASELINE_STROKES[name]! : MODEL_STROKES[models++ % MODEL_STROKES.length]!,
  );
}
