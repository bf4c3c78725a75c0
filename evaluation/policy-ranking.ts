import { z } from 'zod';
import { describeCause, UmweltError } from '../core/errors.js';
import { parseDocument } from '../core/validation.js';
import { readWholeFile } from '../datasets/files.js';
import type { Estimate, Metric } from './contract.js';
import { estimatePearson, meanMaximumRankViolation } from './statistics/rankings.js';
import { estimateJson } from './summary.js';

const policies = z
  .array(
    z.strictObject({
      policy: z.string().min(1),
      /** Success in simulation, in the same unit as `real`. */
      sim: z.number(),
      /** Success in reality. */
      real: z.number(),
    }),
  )
  .min(2);

/** A policy's success in simulation and in reality. */
export type PolicyScore = Readonly<z.infer<typeof policies>[number]>;

/** A policy with its places, 1 the best; ties share the better one. */
export interface RankedPolicy extends PolicyScore {
  readonly simRank: number;
  readonly realRank: number;
}

/** How well a simulator ranks policies. */
export interface PolicyRanking {
  /** The best in reality first. */
  readonly policies: readonly RankedPolicy[];
  /** Mean maximum rank violation, in the unit of `real`: 0 where simulation ranks as reality does. */
  readonly mmrv: Metric;
  /** Pearson's correlation with Fisher's 95 % interval, which needs 4 policies. */
  readonly pearson: Estimate;
}

/**
 * Ranks policies by their success in simulation and in reality, and says how well the two agree (Li et al., Evaluating real-world
 * robot manipulation policies in simulation, CoRL 2024).
 */
export function rankPolicies(scores: readonly PolicyScore[]): PolicyRanking {
  const [sim, real] = [scores.map((score) => score.sim), scores.map((score) => score.real)];
  const placeIn = (values: readonly number[], value: number) =>
    1 + values.filter((other) => other > value).length;
  return {
    policies: scores
      .map((score) => ({ ...score, simRank: placeIn(sim, score.sim), realRank: placeIn(real, score.real) }))
      .sort((a, b) => a.realRank - b.realRank || a.simRank - b.simRank),
    mmrv: meanMaximumRankViolation(sim, real),
    pearson: estimatePearson(sim, real),
  };
}

/** Returns a ranking as plain JSON; a number that does not exist is null. */
export function describePolicyRanking({
  policies: ranked,
  mmrv,
  pearson,
}: PolicyRanking): Readonly<Record<string, unknown>> {
  return { policies: ranked, mmrv: mmrv.valid ? mmrv.value : null, pearson: estimateJson(pearson) };
}

/**
 * Reads policies with their success in simulation and in reality from a JSON file: `[{"policy": "a", "sim": 0.6, "real": 0.5}, ...]`.
 *
 * @throws UmweltError `not-found`, `malformed-file`, `invalid-input` naming the entry, or a policy that is there twice; `io`.
 */
export async function readPolicies(path: string): Promise<readonly PolicyScore[]> {
  const text = Buffer.from(await readWholeFile(path)).toString('utf8');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { path },
      `policies ${path}: expected JSON, [{"policy": "a", "sim": 0.6, "real": 0.5}, ...], got: ${describeCause(cause)}`,
      cause,
    );
  }
  const read = parseDocument(policies, document, `policies ${path}`);
  const names = read.map(({ policy }) => policy);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return read;
  throw new UmweltError(
    'invalid-input',
    { path, policy: twice },
    `policies ${path}: "${twice}" is there twice; average its trials, or give each a name of its own`,
  );
}
