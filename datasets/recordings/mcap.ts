import { join } from 'node:path';
import { describeCause, UmweltError } from '../../core/errors.js';
import { secondsFromNs } from '../../core/time.js';
import type { SensorSample } from '../contract.js';
import type { Recording, RecordingFormat, RecordingSet } from './contract.js';
import { malformed } from './malformed.js';
import { createCatalogue, type McapCatalogue } from './mcap-catalogue.js';
import { createChannels, type McapChannel } from './mcap-channels.js';
import { timeOf } from './mcap-fields.js';
import { readMcap } from './mcap-file.js';
import type { MessageObject } from './mcap-protobuf.js';
import { at, type Reading } from './mcap-reading.js';
import { naturalOrder } from './natural-order.js';
import { namesIn } from './single-files.js';

const LEAVE_OUT = 'leave the channel out (`mcap filter --exclude-topic-regex`), or mend what writes it';

/** Any MCAP file with protobuf or JSON channels (https://mcap.dev/spec). */
export const mcap: RecordingFormat = {
  name: 'mcap',
  title: 'MCAP logs with protobuf or JSON channels (Foxglove, ROS 2)',
  licence: 'as their makers say; the format is MIT, Copyright (c) Foxglove Technologies Inc',
  source: {
    citation: 'Foxglove: MCAP, a modular container file format for multimodal log data',
    url: 'https://mcap.dev/spec',
    version: '0',
  },
  holds: (names) => names.some(isMcap),
  open: openFolder,
};

function isMcap(name: string): boolean {
  return /\.mcap$/i.test(name);
}

async function openFolder(folder: string): Promise<RecordingSet> {
  const names = (await namesIn(folder)).filter(isMcap).sort(naturalOrder);
  const catalogue = createCatalogue();
  const looks = new Map<string, Look>();
  for (const name of names) looks.set(name, await lookAt(join(folder, name), name, catalogue));
  const streams = catalogue.streams();
  if (streams.length === 0) throw nothingToRead(looks);
  return {
    conversion: {
      time: "the log time since the file's first message that is read; attributes tell how far publish times and stamps are from it",
      frames: 'as recorded; quaternions from x y z w to w x y z',
      rates: 'means over all files',
      left: Object.fromEntries(
        [...looks.values()].flatMap(({ skipped }) =>
          [...skipped].map(([topic, { reason }]) => [topic, reason]),
        ),
      ),
    },
    streams,
    entries: names.map((name) => ({ name, files: [name] })),
    read: async ({ name }) => readFile(join(folder, name), name, catalogue, looks.get(name)!),
  };
}

/** A message that can be read, and what it says. */
interface ReadMessage {
  readonly channel: McapChannel;
  readonly logTime: bigint;
  readonly publishTime: bigint;
  readonly message: MessageObject;
  readonly readings: readonly Reading[];
  /** For errors. */
  readonly place: string;
}

/** Calls for every message in the file's order; `onSkipped` for those of channels that are not read. */
async function* messages(
  path: string,
  name: string,
  onSkipped: (channel: McapChannel) => void,
): AsyncGenerator<ReadMessage> {
  const channels = createChannels();
  const counts = new Map<string, number>();
  for await (const { record, place: from } of readMcap(path, name)) {
    let place = from;
    try {
      channels.note(record);
      if (record.type !== 'Message') continue;
      const channel = channels.of(record.channelId);
      const index = counts.get(channel.topic) ?? 0;
      counts.set(channel.topic, index + 1);
      place = `${from}, channel "${channel.topic}", message ${index}`;
      if (channel.reason !== null) {
        onSkipped(channel);
        continue;
      }
      const message = channel.decode(record.data);
      const readings = await channel.read(message);
      const { logTime, publishTime } = record;
      yield { channel, logTime, publishTime, message, readings, place };
    } catch (cause) {
      if (cause instanceof UmweltError) throw cause;
      throw malformed(name, place, `${describeCause(cause)}; ${LEAVE_OUT}`);
    }
  }
}

/** What a first look at a file found. */
interface Look {
  startNs: bigint;
  endNs: bigint;
  readonly channels: Map<string, ChannelLook>;
  readonly skipped: Map<
    string,
    { readonly schema: string; readonly encoding: string; readonly reason: string }
  >;
}

interface ChannelLook {
  readonly schema: string;
  readonly encoding: string;
  messages: number;
  /** Log time less publish time, and less the message's stamp, least and most. */
  sincePublishNs: [bigint, bigint] | null;
  sinceStampNs: [bigint, bigint] | null;
}

async function lookAt(path: string, name: string, catalogue: McapCatalogue): Promise<Look> {
  const look: Look = { startNs: -1n, endNs: 0n, channels: new Map(), skipped: new Map() };
  const last = new Map<string, bigint>();
  const onSkipped = ({ topic, schema, encoding, reason }: McapChannel): void => {
    look.skipped.set(topic, { schema, encoding, reason: reason ?? '' });
  };
  for await (const { channel, logTime, publishTime, message, readings, place } of messages(
    path,
    name,
    onSkipped,
  )) {
    const { topic, schema, encoding } = channel;
    for (const reading of readings) {
      const key = JSON.stringify([topic, reading.part]);
      const previous = last.get(key);
      if (previous !== undefined && logTime < previous) {
        const reason = `time must run forwards, got ${logTime} after ${previous} ns; sort the file (\`mcap sort\`)`;
        throw malformed(name, place, reason);
      }
      try {
        catalogue.note(topic, schema, reading, logTime, previous);
      } catch (cause) {
        throw malformed(name, place, `${describeCause(cause)}; ${LEAVE_OUT}`);
      }
      last.set(key, logTime);
    }
    if ((readings.length === 0 ? look.channels : look.skipped).has(topic)) {
      throw malformed(name, place, `some of its messages hold numbers, some hold none; ${LEAVE_OUT}`);
    }
    if (readings.length === 0) {
      look.skipped.set(topic, { schema, encoding, reason: 'its messages hold no numbers' });
      continue;
    }
    if (look.startNs < 0n || logTime < look.startNs) look.startNs = logTime;
    if (logTime > look.endNs) look.endNs = logTime;
    let seen = look.channels.get(topic);
    if (seen === undefined) {
      seen = { schema, encoding, messages: 0, sincePublishNs: null, sinceStampNs: null };
      look.channels.set(topic, seen);
    }
    seen.messages++;
    seen.sincePublishNs = widened(seen.sincePublishNs, logTime - publishTime);
    const stampNs = stampOf(message);
    if (stampNs !== null) seen.sinceStampNs = widened(seen.sinceStampNs, logTime - stampNs);
  }
  return look;
}

function widened(range: [bigint, bigint] | null, value: bigint): [bigint, bigint] {
  if (range === null) return [value, value];
  return [value < range[0] ? value : range[0], value > range[1] ? value : range[1]];
}

function stampOf(message: MessageObject): bigint | null {
  const time = timeOf(at(message, ['timestamp'])) ?? timeOf(at(message, ['header', 'stamp']));
  if (time === null || !Number.isSafeInteger(time.seconds) || !Number.isSafeInteger(time.nanoseconds))
    return null;
  return BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds);
}

function readFile(path: string, name: string, catalogue: McapCatalogue, look: Look): Recording {
  return {
    durationS: look.startNs < 0n ? 0 : secondsFromNs(look.endNs - look.startNs),
    attributes: {
      startUnixNs: look.startNs < 0n ? null : String(look.startNs),
      channels: Object.fromEntries(
        [...look.channels].map(
          ([topic, { schema, encoding, messages: count, sincePublishNs, sinceStampNs }]) => [
            topic,
            {
              schema,
              encoding,
              messages: count,
              sincePublishS: inSeconds(sincePublishNs),
              sinceStampS: inSeconds(sinceStampNs),
            },
          ],
        ),
      ),
      skipped: Object.fromEntries(look.skipped),
    },
    samples: samplesOf(path, name, catalogue, look.startNs),
  };
}

function inSeconds(range: [bigint, bigint] | null): [number, number] | null {
  return range === null ? null : [secondsFromNs(range[0]), secondsFromNs(range[1])];
}

async function* samplesOf(
  path: string,
  name: string,
  catalogue: McapCatalogue,
  startNs: bigint,
): AsyncGenerator<SensorSample> {
  for await (const { channel, logTime, readings, place } of messages(path, name, () => {})) {
    for (const reading of readings) {
      const stream = catalogue.streamOf(channel.topic, reading);
      const values = await valuesOf(reading, stream.items).catch((cause) => {
        throw malformed(name, place, describeCause(cause));
      });
      yield { stream: stream.name, timeNs: logTime - startNs, values };
    }
  }
}

/** Asynchronous also where `values` throws at once. */
async function valuesOf(reading: Reading, items: number): Promise<SensorSample['values']> {
  return reading.values(items);
}

function nothingToRead(looks: ReadonlyMap<string, Look>): UmweltError {
  const [name = 'the folder', look] = [...looks][0] ?? [];
  const skipped = [...(look?.skipped ?? [])].map(([topic, { reason }]) => `${topic}: ${reason}`);
  const reason = skipped.length === 0 ? 'there are no messages' : skipped.slice(0, 10).join('; ');
  return malformed(name, 'channels', `nothing in it can be read: ${reason}`);
}
