import { z } from 'zod';
import { type CorrelatedGroup, drawCorrelated } from './correlation.js';
import { UmweltError } from './errors.js';
import { exp, log } from './math/exact.js';
import { normalCdf, normalQuantile } from './math/normal.js';
import type { RandomStream } from './random.js';
import { accept, didYouMean, show } from './validation.js';

/**
 * A random value in a scenario, in place of a plain one. It is drawn once an episode, from a stream named by its path.
 *
 * `{ "uniform": [min, max] }`, `{ "uniformInteger": [min, max] }` (both ends included),
 * `{ "normal": { "mean": m, "standardDeviation": s, "min": a, "max": b } }` (truncated by rejection),
 * `{ "logUniform": [min, max] }`, `{ "choice": [a, b, c] }`.
 */
export type Distribution<T> =
  | { readonly uniform: readonly [number, number] }
  | { readonly uniformInteger: readonly [number, number] }
  | {
      readonly normal: {
        readonly mean: number;
        readonly standardDeviation: number;
        readonly min: number;
        readonly max: number;
      };
    }
  | { readonly logUniform: readonly [number, number] }
  | { readonly choice: readonly T[] };

/** `T` with every distribution inside replaced by what it draws. Tuples, optional keys and unions keep their form. */
export type Resolved<T> =
  T extends Distribution<unknown>
    ? never
    : T extends object
      ? { readonly [K in keyof T]: Resolved<T[K]> }
      : T;

/** The keys by which a distribution is told from a plain value. */
export const DISTRIBUTION_KINDS = ['uniform', 'uniformInteger', 'normal', 'logUniform', 'choice'] as const;

const MAX_REJECTIONS = 10_000;
/** A truncated normal whose window is narrower than this many standard deviations would mostly be rejected. */
const MIN_WINDOW_IN_DEVIATIONS = 0.05;

const finite = z.number();
const ends = z.tuple([finite, finite]);
const ordered = ends.refine(([min, max]) => min <= max, {
  error: ({ input }) => `expected [min, max] with min <= max, got ${show(input)}`,
});

const distributionSchema = z.union([
  z.strictObject({ uniform: ordered }),
  z.strictObject({ uniformInteger: z.tuple([z.int(), z.int()]).pipe(ordered) }),
  z.strictObject({
    logUniform: ordered.refine(([min]) => min > 0, {
      error: ({ input }) => `expected [min, max] with min > 0, got ${show(input)}`,
    }),
  }),
  z.strictObject({
    normal: z
      .strictObject({ mean: finite, standardDeviation: finite.min(0), min: finite, max: finite })
      .refine(({ mean, min, max }) => min <= mean && mean <= max, {
        error: ({ input }) => `expected min <= mean <= max, got ${show(input)}`,
      })
      .refine(
        ({ standardDeviation, min, max }) => max - min >= MIN_WINDOW_IN_DEVIATIONS * standardDeviation,
        {
          error: ({ input }) =>
            `expected max - min of at least ${MIN_WINDOW_IN_DEVIATIONS} standard deviations, got ${show(input)}`,
        },
      ),
  }),
  z.strictObject({ choice: z.array(z.unknown()).min(1) }),
]);

/**
 * Lets a leaf of a schema be given as a distribution; both ends of its support, or every choice, must satisfy the leaf.
 *
 * A continuous distribution on an integer leaf is an error that points to `uniformInteger`.
 */
export function randomisable<S extends z.ZodType>(
  leaf: S,
): z.ZodType<z.output<S> | Distribution<z.output<S>>, z.input<S> | Distribution<z.input<S>>> {
  const schema = z.unknown().transform((input, context) => {
    const kind = distributionKind(input);
    if (kind === undefined) return acceptPlain(leaf, input, context.issues);
    const parsed = accept(schemaOf(kind), input, [], context.issues);
    if (parsed === z.NEVER) return z.NEVER;
    if ('choice' in parsed) {
      const before = context.issues.length;
      const choice = parsed.choice.map((value, i) => accept(leaf, value, ['choice', i], context.issues));
      return context.issues.length === before ? { choice } : z.NEVER;
    }
    checkSupport(leaf, parsed, context.issues);
    return parsed;
  });
  return schema as unknown as ReturnType<typeof randomisable<S>>;
}

/**
 * Replaces every distribution in plain data by a value.
 *
 * A chosen value may hold distributions itself; they are drawn under the same path.
 *
 * @param streamFor gets the dotted path of each distribution (`bodies.cube.positionM.2`) and returns its own stream.
 * @param groups of values that are drawn together; any other is drawn as if there were none.
 * @returns the data without distributions, and what was drawn by path.
 */
export function draw<T>(
  document: T,
  streamFor: (path: string) => RandomStream,
  groups: readonly CorrelatedGroup[] = [],
): { readonly value: Resolved<T>; readonly draws: Readonly<Record<string, unknown>> } {
  const draws: Record<string, unknown> = {};
  const uniforms = drawCorrelated(groups, streamFor);
  const resolve = (node: unknown, path: string, isChosen = false): unknown => {
    if (distributionKind(node) !== undefined) {
      const distribution = node as Distribution<unknown>;
      const uniform = isChosen ? undefined : uniforms.get(path);
      const drawn =
        uniform === undefined
          ? sample(distribution, path, streamFor(path))
          : quantileOf(distribution, uniform);
      const value = resolve(drawn, path, true);
      draws[path] = value;
      return value;
    }
    const below = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
    // Vertices and pixels: nothing to draw, and too many to name.
    if (Array.isArray(node) && node.every((item) => typeof item === 'number')) return node.slice();
    if (Array.isArray(node)) return node.map((item, i) => resolve(item, below(i)));
    if (!isPlainObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, resolve(item, below(key))]));
  };
  return { value: resolve(document, '') as Resolved<T>, draws };
}

/** Lists where distributions stand in data, by dotted path; those inside choices are drawn only where they are chosen. */
export function findDistributions(document: unknown, path = ''): string[] {
  if (distributionKind(document) !== undefined) return [path];
  if (typeof document !== 'object' || document === null || ArrayBuffer.isView(document)) return [];
  return Object.entries(document).flatMap(([key, item]) =>
    typeof item === 'object' ? findDistributions(item, path === '' ? key : `${path}.${key}`) : [],
  );
}

type Kind = (typeof DISTRIBUTION_KINDS)[number];
type Parsed = z.output<typeof distributionSchema>;
type Continuous = Exclude<Parsed, { choice: unknown }>;

function distributionKind(value: unknown): Kind | undefined {
  if (!isPlainObject(value)) return undefined;
  return DISTRIBUTION_KINDS.find((kind) => Object.hasOwn(value, kind));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Parses a plain value; where an object stands for a scalar, it was most likely meant as a distribution. */
function acceptPlain<S extends z.ZodType>(
  leaf: S,
  input: unknown,
  issues: z.core.$ZodRawIssue[],
): z.output<S> {
  const before = issues.length;
  const value = accept(leaf, input, [], issues);
  const first = issues[before] as { code?: string; path?: PropertyKey[]; message?: string } | undefined;
  if (first?.code === 'invalid_type' && first.path?.length === 0 && isPlainObject(input)) {
    const [key = ''] = Object.keys(input);
    const hint =
      didYouMean(key, DISTRIBUTION_KINDS) || `; distributions are ${DISTRIBUTION_KINDS.join(', ')}`;
    first.message = `${first.message}${hint}`;
  }
  return value;
}

function schemaOf(kind: Kind): z.ZodType<Parsed> {
  return distributionSchema.options.find((option) => kind in option.shape)!;
}

function checkSupport(leaf: z.ZodType, distribution: Continuous, issues: z.core.$ZodRawIssue[]): void {
  const [kind, range] = Object.entries(distribution)[0]!;
  const keys = kind === 'normal' ? (['min', 'max'] as const) : ([0, 1] as const);
  const [min, max] = keys.map((key) => range[key] as number) as [number, number];
  const before = issues.length;
  accept(leaf, min, [kind, keys[0]], issues);
  accept(leaf, max, [kind, keys[1]], issues);
  if (kind === 'uniformInteger' || issues.length > before || min === max) return;
  const inside = min + (max - min) * 0.381966011;
  if (leaf.safeParse(inside).success) return;
  issues.push({
    code: 'custom',
    path: [kind],
    input: range,
    message: `expected a distribution whose every value fits (${inside} does not; whole numbers take "uniformInteger"), got ${show(distribution)}`,
  });
}

function sample(distribution: Distribution<unknown>, path: string, random: RandomStream): unknown {
  if ('uniform' in distribution) {
    const [min, max] = distribution.uniform;
    return Math.min(max, min + (max - min) * random.uniform());
  }
  if ('uniformInteger' in distribution) {
    const [min, max] = distribution.uniformInteger;
    return min + random.integer(max - min + 1);
  }
  if ('logUniform' in distribution) {
    const [min, max] = distribution.logUniform;
    const value = min * exp(log(max / min) * random.uniform());
    return Math.min(max, Math.max(min, value));
  }
  if ('choice' in distribution) return distribution.choice[random.integer(distribution.choice.length)];
  const { mean, standardDeviation, min, max } = distribution.normal;
  for (let i = 0; i < MAX_REJECTIONS; i++) {
    const value = mean + standardDeviation * random.normal();
    if (value >= min && value <= max) return value;
  }
  throw new UmweltError(
    'invalid-input',
    { path, distribution },
    `${path}: expected a normal distribution with weight between its min and max, got ${show(distribution)}; widen [min, max]`,
  );
}

/** Returns the value below which a share `u` of a distribution lies; a choice's values count in their order. */
export function quantileOf(distribution: Distribution<unknown>, u: number): unknown {
  if ('uniform' in distribution) {
    const [min, max] = distribution.uniform;
    return Math.min(max, min + (max - min) * u);
  }
  if ('uniformInteger' in distribution) {
    const [min, max] = distribution.uniformInteger;
    return Math.min(max, min + Math.floor((max - min + 1) * u));
  }
  if ('logUniform' in distribution) {
    const [min, max] = distribution.logUniform;
    return Math.min(max, Math.max(min, min * exp(log(max / min) * u)));
  }
  if ('choice' in distribution) {
    const { choice } = distribution;
    return choice[Math.min(choice.length - 1, Math.floor(choice.length * u))];
  }
  const { mean, standardDeviation, min, max } = distribution.normal;
  if (standardDeviation === 0) return mean;
  const below = normalCdf((min - mean) / standardDeviation);
  const above = normalCdf((max - mean) / standardDeviation);
  const value = mean + standardDeviation * normalQuantile(below + u * (above - below));
  return Math.min(max, Math.max(min, value));
}
