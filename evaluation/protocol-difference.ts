import { sha256 } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import { show } from '../core/validation.js';
import type { HeldoutCase, Protocol } from './result.js';

/** What makes two evaluations comparable, of a result or of a stored report. */
export interface Judged {
  readonly protocol: Protocol;
  readonly metrics: readonly { readonly name: string; readonly unit: string }[];
  readonly horizonsS: readonly number[];
  readonly heldout: readonly HeldoutCase[];
}

/** A field in which two protocols differ, with what each says, shortened. */
export interface ProtocolDifference {
  readonly field: string;
  readonly a: string;
  readonly b: string;
}

/** Lists the fields in which two protocols differ; none when their digests are the same. */
export function protocolDifferences(a: Judged, b: Judged): readonly ProtocolDifference[] {
  if (a.protocol.sha256 === b.protocol.sha256) return [];
  const fieldsOf = ({ protocol, metrics, horizonsS }: Judged): Readonly<Record<string, unknown>> => {
    const { facts, sha256: _digest, ...rest } = protocol;
    return {
      ...rest,
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`facts.${name}`, value])),
      metrics: metrics.map(({ name, unit }) => `${name} (${unit})`),
      horizonsS: describeHorizons(horizonsS),
    };
  };
  const [ofA, ofB] = [fieldsOf(a), fieldsOf(b)];
  const fields = [...new Set([...Object.keys(ofA), ...Object.keys(ofB)])].flatMap(
    (field): ProtocolDifference[] =>
      JSON.stringify(ofA[field]) === JSON.stringify(ofB[field])
        ? []
        : [{ field, a: show(ofA[field]), b: show(ofB[field]) }],
  );
  const found = [...fields, ...casesDifference(a.heldout, b.heldout)];
  return found.length > 0 ? found : [{ field: 'sha256', a: a.protocol.sha256, b: b.protocol.sha256 }];
}

function describeHorizons(horizonsS: readonly number[]): string {
  return horizonsS.length <= 6
    ? horizonsS.join(', ')
    : `${horizonsS.length} from ${horizonsS[0]} to ${horizonsS.at(-1)} s, ${sha256(JSON.stringify(horizonsS)).slice(0, 8)}`;
}

function casesDifference(a: readonly HeldoutCase[], b: readonly HeldoutCase[]): ProtocolDifference[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const alone = [lacking(a, b), lacking(b, a)] as const;
  const describe = (own: readonly HeldoutCase[], names: readonly string[]) =>
    `${own.length} cases, of which ${names.length} are there alone${names.length === 0 ? '' : ` (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''})`}`;
  if (alone[0].length + alone[1].length > 0) {
    return [{ field: 'heldout', a: describe(a, alone[0]), b: describe(b, alone[1]) }];
  }
  // The same recordings, cut or ordered in another way: the first that differs tells how.
  const index = a.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(b[i]));
  const [one, other] = [a[index], b[index]];
  const fields = ['name', 'recording', 'sha256', 'startS', 'horizonS', 'unit', 'stratum'] as const;
  return fields.flatMap((field) =>
    one?.[field] === other?.[field]
      ? []
      : [{ field: `heldout.${index}.${field}`, a: show(one?.[field]), b: show(other?.[field]) }],
  );
}

/** Names of the cases that only the first has. */
function lacking(from: readonly HeldoutCase[], others: readonly HeldoutCase[]): readonly string[] {
  const known = new Set(others.map(({ name, sha256 }) => `${name} ${sha256}`));
  return from.filter(({ name, sha256 }) => !known.has(`${name} ${sha256}`)).map(({ name }) => name);
}

/**
 * Refuses evaluations that were judged in different ways, whose numbers do not compare.
 *
 * @param names what to call the two in the message.
 * @throws UmweltError `invalid-input` naming every field in which they differ.
 */
export function requireSameProtocol(a: Judged, b: Judged, names: readonly [string, string]): void {
  const differences = protocolDifferences(a, b);
  if (differences.length === 0) return;
  const lines = differences.map(
    (one) => `\n  ${one.field}: ${one.a} in ${names[0]}, ${one.b} in ${names[1]}`,
  );
  throw new UmweltError(
    'invalid-input',
    { reports: names, differences },
    `${names[0]} and ${names[1]} follow different protocols, so their numbers do not compare:${lines.join('')}\n  Evaluate both on the same recordings with the same --seed, --context and --held-out.`,
  );
}
