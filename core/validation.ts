import { z } from 'zod';
import { type ErrorCode, UmweltError } from './errors.js';

/**
 * Parses data that a person wrote, and reports everything that is wrong with it at once.
 *
 * @param subject what is parsed, for the message (`scenario "cube-toss"`).
 * @throws UmweltError of `code` that lists every problem as `path: expected ..., got ...`, with `context.problems`.
 */
export function parseDocument<S extends z.ZodType>(
  schema: S,
  document: unknown,
  subject: string,
  code: ErrorCode = 'invalid-input',
): z.output<S> {
  const result = schema.safeParse(document, { error: describeIssue, reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(listProblems);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new UmweltError(code, { subject, problems }, `${subject}: ${count}\n  ${problems.join('\n  ')}`);
}

/**
 * Makes a schema that hands its input to the one that `pick` names, so that a fault is reported for the form the author
 * meant rather than for every form there is.
 */
export function delegate<S extends z.ZodType>(
  pick: (input: unknown) => S,
): z.ZodType<z.output<S>, z.input<S>> {
  const schema = z.unknown().transform((input, context) => accept(pick(input), input, [], context.issues));
  return schema as unknown as z.ZodType<z.output<S>, z.input<S>>;
}

/** Parses by `schema` within a transform, and hands its issues on, below `path`; NEVER where there are any. */
export function accept<S extends z.ZodType>(
  schema: S,
  input: unknown,
  path: readonly PropertyKey[],
  issues: z.core.$ZodRawIssue[],
): z.output<S> {
  const result = schema.safeParse(input, { error: describeIssue, reportInput: true });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    issues.push({ ...issue, path: [...path, ...issue.path] } as z.core.$ZodRawIssue);
  }
  return z.NEVER;
}

/** Shows a value in an error message, on one line of at most 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  const shown = text ?? `a value of type ${typeof value}`;
  return shown.length <= 80 ? shown : `${shown.slice(0, 77)}...`;
}

/** Returns `, did you mean ...?` for the known word that is closest to a mistaken one, or nothing when none is close. */
export function didYouMean(word: string, known: readonly string[]): string {
  const unit = unitHint(word, known);
  if (unit !== undefined) return unit;
  let best: string | undefined;
  let least = 2 + Math.floor(word.length / 4);
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance < candidate.length) {
      least = distance;
      best = candidate;
    }
  }
  return best === undefined ? '' : `; did you mean ${best}?`;
}

/** Levenshtein distance: insertions, deletions and substitutions that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** What a key may end in, and the SI suffix that stands for the same quantity. */
const SI_SUFFIX: Readonly<Record<string, string>> = {
  ...{ Kg: 'Kg', G: 'Kg', Mg: 'Kg', Lb: 'Kg', Lbs: 'Kg' },
  ...{ M: 'M', Mm: 'M', Cm: 'M', Km: 'M', In: 'M', Inch: 'M', Ft: 'M' },
  ...{ S: 'S', Ms: 'S', Us: 'S', Ns: 'S', Min: 'S' },
  ...{ Rad: 'Rad', Deg: 'Rad', Degrees: 'Rad' },
  ...{ Hz: 'Hz', Khz: 'Hz', KHz: 'Hz' },
  ...{ Mps: 'Mps', Kmh: 'Mps', Kph: 'Mps', Mph: 'Mps', Mmps: 'Mps', Cmps: 'Mps' },
  ...{ Radps: 'Radps', Degps: 'Radps', Rpm: 'Radps' },
  ...{ Mps2: 'Mps2', G0: 'Mps2', Pa: 'Pa', Kpa: 'Pa', KPa: 'Pa', Bar: 'Pa', N: 'N', Kn: 'N', KN: 'N' },
  ...{ Kgm2: 'Kgm2', Gcm2: 'Kgm2', Nm: 'Nm', Nmm: 'Nm' },
};

const SUFFIX = new RegExp(
  `^(.+?)(${Object.keys(SI_SUFFIX)
    .sort((a, b) => b.length - a.length)
    .join('|')})$`,
);

/** The hint for a key that names a known quantity in another unit (`massG` for `massKg`), or in none (`mass`). */
function unitHint(key: string, known: readonly string[]): string | undefined {
  const [, stem = key, suffix] = SUFFIX.exec(key) ?? [];
  const meant = known.find((candidate) => candidate !== key && SUFFIX.exec(candidate)?.[1] === stem);
  if (meant !== undefined) return `; did you mean ${meant}? Quantities are in SI units`;
  const si = suffix === undefined ? undefined : SI_SUFFIX[suffix];
  return si === undefined || si === suffix
    ? undefined
    : `; quantities are in SI units, in keys that end in ${si}`;
}

/** Words a zod issue as `expected ..., got ...`; unknown keys as one such line each. */
export const describeIssue: z.core.$ZodErrorMap = (issue) => {
  const got = `got ${show(issue.input)}`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = Object.keys(
        (issue.inst as unknown as { _zod: { def: { shape?: object } } })._zod.def.shape ?? {},
      );
      const input = issue.input as Record<string, unknown>;
      return issue.keys
        .map(
          (key) =>
            `expected no such key, got ${show(input[key])}${didYouMean(key, known) || `; known keys: ${known.join(', ')}`}`,
        )
        .join('\n');
    }
    case 'invalid_type':
      return `expected ${typeName(issue.expected)}, ${got}${typeHint(issue.expected, issue.input)}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const hint = typeof issue.input === 'string' ? didYouMean(issue.input, values) : '';
      return `expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}, ${got}${hint}`;
    }
    case 'invalid_union': {
      if (issue.discriminator === undefined) return `expected ${formsOf(issue.inst)}, ${got}`;
      const options = (issue as { options?: readonly unknown[] }).options ?? [];
      const value = (issue.input as Record<string, unknown>)[issue.discriminator];
      const hint = typeof value === 'string' ? didYouMean(value, options.map(String)) : '';
      return `expected one of ${options.join(', ')}, got ${show(value)}${hint}`;
    }
    case 'too_small':
      return `expected ${amount(issue.origin)} ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}${items(issue.origin)}, ${gotAmount(issue.input)}`;
    case 'too_big':
      return `expected ${amount(issue.origin)} ${issue.inclusive === false ? 'below' : 'of at most'} ${issue.maximum}${items(issue.origin)}, ${gotAmount(issue.input)}`;
    case 'invalid_format':
      return `expected text that matches ${issue.pattern ?? issue.format}, ${got}`;
    case 'invalid_key':
      return `${issue.issues[0]?.message ?? `expected another name, ${got}`}`;
    default:
      return undefined;
  }
};

/** Names the literals that a union is of, or says that it has several forms. */
function formsOf(union: unknown): string {
  const { options = [] } = (union as { _zod: { def: { options?: readonly unknown[] } } })._zod.def;
  const values = options.map((option) => (option as { value?: unknown }).value);
  if (values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'string'))
    return `one of ${values.join(', ')}`;
  return 'one of the forms that the documentation lists';
}

function typeName(expected: string): string {
  if (expected === 'tuple' || expected === 'array') return 'an array';
  if (expected === 'record') return 'an object';
  if (expected === 'int') return 'a whole number';
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function typeHint(expected: string, input: unknown): string {
  if (expected !== 'number' && expected !== 'int') return '';
  if (typeof input === 'string' && /^\s*[-+]?\d/.test(input)) {
    return '; write a plain number in the SI unit that the key ends in, without quotes';
  }
  return '';
}

function amount(origin: string): string {
  if (origin === 'array') return 'an array';
  return origin === 'string' ? 'text' : 'a number';
}

/** Long arrays by their length: what is in them is not the matter. */
function gotAmount(input: unknown): string {
  return Array.isArray(input) && input.length > 8 ? `got ${input.length} values` : `got ${show(input)}`;
}

function items(origin: string): string {
  if (origin === 'array') return ' values';
  return origin === 'string' ? ' characters' : '';
}

function listProblems(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path === '' ? '(top level)' : path}: ${issue.message}`];
  const lines = issue.message.split('\n');
  return issue.keys.map((key, i) => `${path === '' ? key : `${path}.${key}`}: ${lines[i]}`);
}
