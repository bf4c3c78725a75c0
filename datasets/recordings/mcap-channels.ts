import type { McapTypes } from '@mcap/core';
import { describeCause } from '../../core/errors.js';
import { fieldsOf, flatten, isObject, valuesOf } from './mcap-fields.js';
import { decodeProtobuf, type MessageObject, type MessageValue, protobufType } from './mcap-protobuf.js';
import { type Reading, single } from './mcap-reading.js';
import { type ReadMessage, senseOf } from './mcap-senses.js';

/** A channel of one file: how its messages are read, or why they are not. */
export interface McapChannel {
  readonly topic: string;
  readonly schema: string;
  readonly encoding: string;
  /** Throws plain Errors that say what is wrong with the bytes. */
  decode(data: Uint8Array): MessageObject;
  readonly read: ReadMessage;
  /** Why no message of it is read; null where they are. */
  readonly reason: string | null;
}

/** The channels of one file, as its records tell them. */
export interface McapChannels {
  /** Takes in a schema or channel record; others change nothing. Throws plain Errors. */
  note(record: McapTypes.TypedMcapRecord): void;
  /** The channel of a message. */
  of(id: number): McapChannel;
}

/** Starts with no channels. */
export function createChannels(): McapChannels {
  const schemas = new Map<number, McapTypes.TypedMcapRecords['Schema']>();
  const channels = new Map<number, McapChannel>();
  return {
    note(record) {
      if (record.type === 'Schema') {
        const before = schemas.get(record.id);
        if (
          before !== undefined &&
          (before.name !== record.name || !Buffer.from(before.data).equals(record.data))
        ) {
          throw new Error(`schema ${record.id} is there twice, "${before.name}" and "${record.name}"`);
        }
        schemas.set(record.id, record);
      }
      // The summary at the end repeats them.
      if (record.type === 'Channel' && !channels.has(record.id)) {
        channels.set(record.id, channelOf(record, schemas.get(record.schemaId)));
      }
    },
    of(id) {
      const found = channels.get(id);
      if (found === undefined) throw new Error(`a message of channel ${id}, which is not declared`);
      return found;
    },
  };
}

function channelOf(
  { topic, messageEncoding, schemaId }: McapTypes.TypedMcapRecords['Channel'],
  schema: McapTypes.TypedMcapRecords['Schema'] | undefined,
): McapChannel {
  if (schemaId !== 0 && schema === undefined)
    throw new Error(`channel "${topic}" has schema ${schemaId}, which is not there`);
  const name = schema?.name ?? '';
  const facts = { topic, schema: name, encoding: messageEncoding, read: senseOf(name, numbersOf) };
  if (messageEncoding === 'json') return { ...facts, decode: decodeJson, reason: null };
  if (messageEncoding === 'protobuf' && schema?.encoding === 'protobuf') {
    try {
      const type = protobufType(schema.data, name);
      return { ...facts, decode: (data) => decodeProtobuf(type, data), reason: null };
    } catch (cause) {
      throw new Error(`the schema of channel "${topic}" has no message "${name}": ${describeCause(cause)}`);
    }
  }
  const reason = `messages in "${messageEncoding}" are not read: record the topic as protobuf or JSON, or convert the file`;
  const decode = (): MessageObject => {
    throw new Error(reason);
  };
  return { ...facts, decode, reason };
}

function decodeJson(data: Uint8Array): MessageObject {
  const value: MessageValue = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  if (isObject(value)) return value;
  throw new Error('a JSON message must be an object');
}

/** Reads any message as its numbers. */
function numbersOf(message: MessageObject): readonly Reading[] {
  const { numbers, left } = flatten(message);
  if (numbers.length === 0) return [];
  for (const { name, values } of numbers) {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new Error(`"${name}" is ${values[bad]}, not a finite number`);
  }
  const fields = fieldsOf(numbers);
  return [single('generic', fields, () => valuesOf(numbers, fields), { notNumbers: left })];
}
