/** How the values of a chart are laid along an axis. */
export interface AxisScale {
  readonly type: 'linear' | 'symlog';
  readonly domain: readonly [number, number];
  /** Of a logarithmic axis: it is linear below this. */
  readonly constant?: number;
  readonly ticks?: readonly number[];
}

/** Values that differ by more than this at the end of a curve cannot all be read on a linear axis. */
const READABLE_RATIO = 25;
/** Decades that a logarithmic axis shows at most. */
const MOST_DECADES = 6;

/**
 * Chooses a scale for curves: linear, or logarithmic where their ends differ more than 25-fold, so that all can be read; 0 has
 * a place on both.
 *
 * @param ends one value a curve: its last.
 * @param values all that is drawn, bounds of bands included.
 */
export function chooseScale(ends: readonly number[], values: readonly number[]): AxisScale {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { type: 'linear', domain: [0, 1] };
  const top = finite.reduce((a, b) => Math.max(a, b));
  const bottom = finite.reduce((a, b) => Math.min(a, b));
  const positive = ends.filter((value) => value > 0 && Number.isFinite(value));
  const least = positive.length === 0 ? 0 : positive.reduce((a, b) => Math.min(a, b));
  const greatest = positive.reduce((a, b) => Math.max(a, b), 0);
  if (bottom < 0 || least === 0 || greatest / least <= READABLE_RATIO) return linear(bottom, top);
  const constant = Math.max(decadeBelow(least), decadeBelow(top) / 10 ** MOST_DECADES);
  return { type: 'symlog', constant, domain: [0, top], ticks: [0, ...logarithmicTicks(constant, top)] };
}

/** A linear axis from 0 where that costs less than half of its height; a flat curve gets room on both sides. */
function linear(bottom: number, top: number): AxisScale {
  if (bottom === top) {
    const room = Math.abs(top) / 2 || 1;
    return {
      type: 'linear',
      domain: bottom >= 0 && room >= bottom ? [0, top + room] : [bottom - room, top + room],
    };
  }
  if (bottom > 0 && bottom > top / 2) {
    const room = (top - bottom) / 10;
    return { type: 'linear', domain: [bottom - room, top + room] };
  }
  return { type: 'linear', domain: [Math.min(0, bottom), Math.max(0, top)] };
}

/** 1, 2, 5, 10, ... times the first, up to `top`; fewer a decade where there are many decades. */
function logarithmicTicks(first: number, top: number): number[] {
  const decades = Math.log10(top / first);
  const digits = decades <= 2.5 ? [1, 2, 5] : decades <= 4 ? [1, 3] : [1];
  const ticks: number[] = [];
  for (let power = Math.round(Math.log10(first)); 10 ** power <= top; power++) {
    // Through text, so that 3e-3 is 0.003 and not its neighbour.
    ticks.push(...digits.map((digit) => Number(`${digit}e${power}`)).filter((tick) => tick <= top));
  }
  return ticks;
}

function decadeBelow(value: number): number {
  return Number(`1e${Math.floor(Math.log10(value))}`);
}
