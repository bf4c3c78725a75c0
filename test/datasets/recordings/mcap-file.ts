import zstd from '@foxglove/wasm-zstd';
import { type McapTypes, McapWriter } from '@mcap/core';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

type Chunk = { readonly compression: string; readonly compressedData: Uint8Array };

/** Packs bytes as an LZ4 frame of blocks that are stored as they are. */
export function lz4Frame(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const size = Buffer.alloc(4);
    size.writeUInt32LE((block.length | 0x80000000) >>> 0);
    parts.push(size, block);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

export const COMPRESSIONS = {
  none: undefined,
  lz4: (bytes: Uint8Array): Chunk => ({ compression: 'lz4', compressedData: lz4Frame(bytes) }),
  zstd: (bytes: Uint8Array): Chunk => ({ compression: 'zstd', compressedData: zstd.compress(bytes) }),
} as const;

/** The messages of one topic. */
export interface Topic {
  readonly topic: string;
  readonly encoding?: string;
  readonly schema?: { readonly name: string; readonly encoding: string; readonly data: Uint8Array };
  readonly messages: readonly {
    readonly logTime: bigint;
    readonly publishTime?: bigint;
    readonly data: Uint8Array;
  }[];
}

export interface McapOptions {
  readonly compression?: keyof typeof COMPRESSIONS;
  readonly chunks?: boolean;
  readonly chunkSize?: number;
  /** Messages by log time, as a recorder writes them; topic by topic otherwise. */
  readonly sorted?: boolean;
  readonly attachment?: McapTypes.Attachment;
}

/** Writes an MCAP file by @mcap/core. */
export async function mcapFile(topics: readonly Topic[], options: McapOptions = {}): Promise<Buffer> {
  await zstd.isLoaded;
  const parts: Buffer[] = [];
  let position = 0n;
  const compressChunk = COMPRESSIONS[options.compression ?? 'none'];
  const writer = new McapWriter({
    writable: {
      position: () => position,
      write: async (bytes: Uint8Array) => {
        parts.push(Buffer.from(bytes));
        position += BigInt(bytes.length);
      },
    },
    useChunks: options.chunks ?? true,
    ...(options.chunkSize === undefined ? {} : { chunkSize: options.chunkSize }),
    ...(compressChunk && { compressChunk }),
  });
  await writer.start({ profile: '', library: 'test' });
  const all: McapTypes.Message[] = [];
  for (const { topic, encoding = 'json', schema, messages } of topics) {
    const schemaId = schema === undefined ? 0 : await writer.registerSchema(schema);
    const channelId = await writer.registerChannel({
      topic,
      schemaId,
      messageEncoding: encoding,
      metadata: new Map(),
    });
    messages.forEach(({ logTime, publishTime = logTime, data }, sequence) => {
      all.push({ channelId, sequence, logTime, publishTime, data });
    });
  }
  if (options.sorted ?? true)
    all.sort((a, b) => (a.logTime < b.logTime ? -1 : a.logTime > b.logTime ? 1 : 0));
  for (const message of all) await writer.addMessage(message);
  if (options.attachment !== undefined) await writer.addAttachment(options.attachment);
  await writer.end();
  return Buffer.concat(parts);
}

/** Bytes of a JSON message. */
export function json(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(value)));
}

/** Makes a protobuf schema as MCAP stores it, and how to write its messages. `types` is what protobufjs takes as JSON. */
export function protobufSchema(
  packageName: string,
  typeName: string,
  types: Readonly<Record<string, protobuf.AnyNestedObject>>,
): { readonly schema: NonNullable<Topic['schema']>; encode(value: object): Uint8Array } {
  const nested: Record<string, protobuf.AnyNestedObject> = { [packageName]: { nested: { ...types } } };
  const root = protobuf.Root.fromJSON({ nested }).resolveAll();
  const set = (root as unknown as { toDescriptor(edition: string): protobuf.Message }).toDescriptor('proto3');
  const data = descriptor.FileDescriptorSet.encode(set).finish();
  const name = `${packageName}.${typeName}`;
  const type = root.lookupType(name);
  return {
    schema: { name, encoding: 'protobuf', data: new Uint8Array(data) },
    encode: (value) => new Uint8Array(type.encode(type.fromObject(value)).finish()),
  };
}
