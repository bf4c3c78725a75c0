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

/** Parses a share from 0 up to, not including, 1, for commander. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('expected a share from 0 to below 1.');
  return value;
}

/** Parses a seed: a whole number from 0 to 2^53 - 1. */
export const seedNumber = wholeNumber(0);

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/**
 * Parses which episodes are meant: `4` the first four, `0,3,7` those, `4-7` those from 4 to 7; lists and ranges mix.
 */
export function episodeChoice(text: string): number | readonly number[] {
  if (/^\d+$/.test(text)) return wholeNumber(1)(text);
  return text
    .split(',')
    .filter((part, index, parts) => part !== '' || index < parts.length - 1)
    .flatMap((part) => {
      const [from, to = from] = (/^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? [])
        .slice(1)
        .map(optionalNumber);
      if (from === undefined || to === undefined || to < from || to - from >= 1e6)
        throw new InvalidArgumentError('expected a count (4), a list (0,3,7) or a range (4-7) of episodes.');
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
