import type { z } from 'zod';
import type { RandomStream } from './random.js';

/**
 * A random value in a scenario, in place of a plain one. It is drawn once an episode, from a stream named by its path.
 *
 * `{ "uniform": [min, max] }`, `{ "normal": { "mean": m, "standardDeviation": s, "min": a, "max": b } }` (truncated by
 * rejection), `{ "logUniform": [min, max] }`, `{ "choice": [a, b, c] }`.
 */
export type Distribution<T> =
  | { readonly uniform: readonly [number, number] }
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

/** `T` with every distribution inside replaced by what it draws. */
export type Resolved<T> =
  T extends Distribution<unknown>
    ? never
    : T extends readonly unknown[] | Record<string, unknown>
      ? { readonly [K in keyof T]: Resolved<T[K]> }
      : T;

/**
 * Lets a leaf of a schema be given as a distribution; both ends of its support, or every choice, must satisfy the leaf.
 */
export declare function randomisable<S extends z.ZodType>(
  leaf: S,
): z.ZodType<z.output<S> | Distribution<z.output<S>>, z.input<S> | Distribution<z.input<S>>>;

/** Replaces every distribution in plain data by a value. `streamFor` gets the dotted path of each. */
export declare function draw<T>(
  document: T,
  streamFor: (path: string) => RandomStream,
): { readonly value: Resolved<T>; readonly draws: Readonly<Record<string, unknown>> };
