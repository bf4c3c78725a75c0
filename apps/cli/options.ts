import { InvalidArgumentError } from 'commander';

/** Parses a whole number of at least `minimum` for commander. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`expected a whole number of at least ${minimum}.`);
    }
    return value;
  };
}

/** Parses a time of at least 0, in seconds, for commander. */
export function moment(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('expected a time of at least 0, in seconds.');
  return value;
}

/** Parses a seed: a whole number from 0 to 2^53 - 1. */
export const seedNumber = wholeNumber(0);

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
