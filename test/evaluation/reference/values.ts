import { readFileSync } from 'node:fs';

/** What numpy and scipy compute: `python3 test/evaluation/reference/metrics.py`. */
// biome-ignore lint/suspicious/noExplicitAny: the file's form is its content.
export const REFERENCE: any = JSON.parse(readFileSync(new URL('./metrics.json', import.meta.url), 'utf8'));

/** Park and Miller's minimal standard generator, the same as in metrics.py. */
export function uniformNumbers(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  });
}
