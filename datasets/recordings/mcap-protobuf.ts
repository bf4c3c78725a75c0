import protobuf from 'protobufjs';
// Adds Root.fromDescriptor.
import 'protobufjs/ext/descriptor.js';

/** A decoded message: numbers, booleans, strings, bytes, lists of these, and messages. */
export type MessageValue = number | boolean | string | Uint8Array | MessageObject | readonly MessageValue[];
export interface MessageObject {
  readonly [field: string]: MessageValue;
}

const DEEPEST = 64;

/**
 * Finds a message type in a serialised FileDescriptorSet, as MCAP stores a protobuf schema.
 *
 * @throws whatever protobufjs throws for bytes that are no such thing.
 */
export function protobufType(descriptorSet: Uint8Array, typeName: string): protobuf.Type {
  const root = protobuf.Root as unknown as {
    fromDescriptor(bytes: Uint8Array, options: { keepCase: boolean }): protobuf.Root;
  };
  return root.fromDescriptor(descriptorSet, { keepCase: true }).lookupType(typeName);
}

/**
 * Decodes a message by its type. What is absent has its default, also the fields of an absent message, so that every message
 * of a type has the same fields; oneofs have all of their members. Messages that contain themselves end where they are absent.
 *
 * protobufjs would make a function from the type's names; this reads field by field, so that nothing from a file is run.
 *
 * @throws whatever protobufjs' reader throws at bytes that end too early.
 */
export function decodeProtobuf(type: protobuf.Type, bytes: Uint8Array): MessageObject {
  return message(protobuf.Reader.create(bytes), bytes.length, type, 0);
}

function message(reader: protobuf.Reader, end: number, type: protobuf.Type, depth: number): MessageObject {
  if (depth > DEEPEST) throw new Error(`messages are nested more than ${DEEPEST} deep`);
  const found = new Map<protobuf.Field, MessageValue>();
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    const wire = tag & 7;
    if (field === undefined || field.map) reader.skipType(wire);
    else if (!field.repeated) found.set(field, value(reader, field, wire, depth));
    else {
      const list = (found.get(field) as MessageValue[] | undefined) ?? [];
      found.set(field, list);
      if (wire === 2 && isPackable(field)) {
        const last = requireWithin(reader.uint32() + reader.pos, end);
        while (reader.pos < last) list.push(scalar(reader, field));
      } else list.push(value(reader, field, wire, depth));
    }
  }
  if (reader.pos !== end) throw new Error('a field goes past the end of its message');
  const result: Record<string, MessageValue> = Object.create(null);
  for (const field of type.fieldsArray) {
    if (!field.map) result[field.name] = found.get(field) ?? absent(field);
  }
  return result;
}

function value(reader: protobuf.Reader, field: protobuf.Field, wire: number, depth: number): MessageValue {
  if (!(field.resolvedType instanceof protobuf.Type)) {
    if (wire !== wireOf(field))
      throw new Error(`field "${field.name}" has wire type ${wire}, not ${wireOf(field)}`);
    return scalar(reader, field);
  }
  if (wire !== 2) throw new Error(`field "${field.name}" has wire type ${wire}, not 2`);
  const length = reader.uint32();
  return message(reader, requireWithin(reader.pos + length, reader.len), field.resolvedType, depth + 1);
}

function requireWithin(end: number, limit: number): number {
  if (end > limit) throw new Error('a length goes past the end of the message');
  return end;
}

function isPackable(field: protobuf.Field): boolean {
  return !(field.resolvedType instanceof protobuf.Type) && wireOf(field) !== 2;
}

function wireOf(field: protobuf.Field): number {
  return field.resolvedType instanceof protobuf.Enum
    ? 0
    : (protobuf.types.basic[field.type as 'int32'] ?? -1);
}

function scalar(reader: protobuf.Reader, field: protobuf.Field): MessageValue {
  if (field.resolvedType instanceof protobuf.Enum) return reader.int32();
  switch (field.type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'bool':
      return reader.bool();
    case 'double':
    case 'float':
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return reader[field.type]();
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return Number(reader[field.type]());
    default:
      throw new Error(`field "${field.name}" has type "${field.type}", which is not read`);
  }
}

const defaults = new WeakMap<protobuf.Type, MessageObject>();

/** The default of a field; of a message that is not there, the defaults of its fields, made once for each type. */
function absent(field: protobuf.Field): MessageValue {
  if (field.repeated) return [];
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) return defaultOf(type);
  if (field.type === 'string') return '';
  if (field.type === 'bytes') return new Uint8Array();
  if (field.type === 'bool') return false;
  return type instanceof protobuf.Enum ? (Object.values(type.values)[0] ?? 0) : 0;
}

function defaultOf(type: protobuf.Type): MessageObject {
  const known = defaults.get(type);
  if (known !== undefined) return known;
  const result: Record<string, MessageValue> = Object.create(null);
  // A message that contains itself ends here.
  defaults.set(type, Object.create(null));
  for (const field of type.fieldsArray) if (!field.map) result[field.name] = absent(field);
  defaults.set(type, result);
  return result;
}
