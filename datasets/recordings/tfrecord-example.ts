import protobuf from 'protobufjs';
import { describeCause } from '../../core/errors.js';
import { malformed, requireFinite } from './malformed.js';

/** tensorflow/core/example/example.proto and feature.proto, as protobufjs takes them. */
const EXAMPLE = protobuf.Root.fromJSON({
  nested: {
    Example: { fields: { features: { type: 'Features', id: 1 } } },
    Features: { fields: { feature: { keyType: 'string', type: 'Feature', id: 1 } } },
    Feature: {
      oneofs: { kind: { oneof: ['bytesList', 'floatList', 'int64List'] } },
      fields: {
        bytesList: { type: 'BytesList', id: 1 },
        floatList: { type: 'FloatList', id: 2 },
        int64List: { type: 'Int64List', id: 3 },
      },
    },
    BytesList: { fields: { value: { rule: 'repeated', type: 'bytes', id: 1 } } },
    FloatList: { fields: { value: { rule: 'repeated', type: 'float', id: 1 } } },
    Int64List: { fields: { value: { rule: 'repeated', type: 'int64', id: 1 } } },
  },
} as protobuf.INamespace).lookupType('Example');

interface Feature {
  readonly bytesList?: { readonly value?: readonly Uint8Array[] };
  readonly floatList?: { readonly value?: readonly number[] };
  readonly int64List?: { readonly value?: readonly number[] };
}

/** The features of one tf.train.Example by name, each checked when it is asked for. */
export interface Example {
  has(name: string): boolean;
  /** @throws UmweltError `malformed-file` when there are not so many finite numbers (any number where `count` is left out). */
  floats(name: string, count?: number): readonly number[];
  /** @throws UmweltError `malformed-file` as `floats`. */
  integers(name: string, count?: number): readonly number[];
  /** @throws UmweltError `malformed-file` as `floats`. */
  bytes(name: string, count?: number): readonly Uint8Array[];
  /** The only text of a feature, UTF-8. @throws UmweltError `malformed-file`. */
  text(name: string): string;
}

/**
 * Decodes a tf.train.Example.
 *
 * @param path and place of the record, for messages.
 * @throws UmweltError `malformed-file` when the bytes are not one.
 */
export function decodeExample(data: Uint8Array, path: string, place: string): Example {
  const features = featuresOf(data, path, place);
  const list = <T>(name: string, kind: keyof Feature, count?: number): readonly T[] => {
    const feature = features.get(name);
    if (feature === undefined) throw malformed(path, place, `there is no feature "${name}"`);
    const values = (feature[kind]?.value ?? []) as readonly T[];
    if (feature[kind] === undefined) throw malformed(path, place, `feature "${name}" is no ${KINDS[kind]}`);
    if (count !== undefined && values.length !== count) {
      throw malformed(path, place, `feature "${name}": expected ${count} values, got ${values.length}`);
    }
    return values;
  };
  const numbers = (name: string, kind: keyof Feature, count?: number): readonly number[] => {
    const values = list<number>(name, kind, count);
    for (const [index, value] of values.entries()) requireFinite(value, path, `${place}, ${name}[${index}]`);
    return values;
  };
  return {
    has: (name) => features.has(name),
    floats: (name, count) => numbers(name, 'floatList', count),
    integers: (name, count) => numbers(name, 'int64List', count),
    bytes: (name, count) => list<Uint8Array>(name, 'bytesList', count),
    text: (name) => Buffer.from(list<Uint8Array>(name, 'bytesList')[0] ?? []).toString('utf8'),
  };
}

const KINDS = { bytesList: 'list of bytes', floatList: 'list of floats', int64List: 'list of integers' };

function featuresOf(data: Uint8Array, path: string, place: string): ReadonlyMap<string, Feature> {
  try {
    const example = EXAMPLE.toObject(EXAMPLE.decode(data), { longs: Number }) as {
      readonly features?: { readonly feature?: Readonly<Record<string, Feature>> };
    };
    // A map: a feature may be called as what every object has.
    return new Map(Object.entries(example.features?.feature ?? {}));
  } catch (cause) {
    throw malformed(path, place, `is no tf.train.Example: ${describeCause(cause)}`);
  }
}
