import type { EvaluationResult, MethodResult } from '../result.js';
import type { MethodKind } from '../task.js';

/** How a method is drawn: told apart by colour on a screen, by dashes on paper. */
export interface Stroke {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly widthPx: number;
}

const SOLID = [1, 0];
const DASHES: readonly (readonly number[])[] = [SOLID, [8, 3], [3, 2], [9, 3, 2, 3], [1, 2]];
const DOTS: readonly (readonly number[])[] = [
  [2, 3],
  [6, 3],
  [1, 2],
  [8, 3, 2, 3],
  [3, 2],
  [10, 4],
];

/**
 * Each kind of method is a family: Okabe and Ito's palette (Color Universal Design, 2008), which people with any colour vision
 * can tell apart. Within a family colours change first, then dashes.
 */
const FAMILIES: Readonly<
  Record<MethodKind, { readonly colours: readonly string[]; readonly dashes: typeof DASHES }>
> = {
  baseline: { colours: ['#7f7f7f', '#a3a3a3', '#5c5c5c'], dashes: DOTS },
  physics: { colours: ['#56b4e9', '#0072b2'], dashes: DASHES },
  learned: { colours: ['#009e73', '#7a8b00'], dashes: DASHES },
  'world-model': { colours: ['#d55e00', '#e69f00', '#cc79a7'], dashes: DASHES },
  ceiling: { colours: ['#000000'], dashes: DASHES },
};

/** Colour of what was recorded, in the gallery. */
export const RECORDED: Stroke = { colour: '#000000', dash: SOLID, widthPx: 3 };

/** Gives each method of a result its stroke, by name. */
export function strokesOf({ methods }: Pick<EvaluationResult, 'methods'>): ReadonlyMap<string, Stroke> {
  const counts = new Map<MethodKind, number>();
  return new Map(
    methods.map(({ name, kind }: Pick<MethodResult, 'name' | 'kind'>) => {
      const index = counts.get(kind) ?? 0;
      counts.set(kind, index + 1);
      return [name, strokeOf(kind, index)];
    }),
  );
}

function strokeOf(kind: MethodKind, index: number): Stroke {
  const { colours, dashes } = FAMILIES[kind];
  // Baselines are many and pale: there, every one has its own dashes.
  const dash = kind === 'baseline' ? index : Math.floor(index / colours.length);
  return {
    colour: colours[index % colours.length]!,
    dash: dashes[dash % dashes.length]!,
    widthPx: kind === 'baseline' ? 1.8 : kind === 'ceiling' ? 1.2 : 2.4,
  };
}
