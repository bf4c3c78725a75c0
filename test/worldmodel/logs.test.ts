import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvents, encodeEvent, frameRecord, type LogEvent } from '../../worldmodel/logs/event-file.js';
import {
  EVENT_FILE_PREFIX,
  LOG_FILE,
  type LogRecord,
  openTrainingLog,
} from '../../worldmodel/logs/training-log.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';
import { hasSmallDisk, withSmallDisk } from '../datasets/small-disk.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const NOON_S = 1_600_000_000;

describe('event file', () => {
  // The first record of a file that TensorFlow wrote, and a record's checksum from another (tensorboard/data/server/*.rs).
  const written =
    '1800000000000000a37f4b22' + '09000080389' + '9d6d7411a0d627261696e2e4576656e743a32' + '124b36ab';

  it('gives the bytes that TensorFlow wrote', () => {
    const wallTimeS = Buffer.from('0000803899d6d741', 'hex').readDoubleLE();
    const [event] = decodeEvents(Buffer.from(written, 'hex'));
    expect(event).toEqual({ wallTimeS, step: 0, content: 'version' });
    expect(hex(frameRecord(Buffer.from('\x1a\x11CRC test, one two'))).slice(-8)).toBe('8ad09457');
    expect(hex(frameRecord(encodeEvent(event!)))).toBe(written);
  });

  it('lays scalars out as Summary.Value with a simple_value', () => {
    const bytes = encodeEvent({ wallTimeS: 1, step: 300, content: { loss: 0.5 } });
    //                      wall_time = 1        step = 300   summary { value { tag "loss"       simple_value 0.5
    expect(hex(bytes)).toBe(
      '09000000000000f03f' + '10ac02' + '2a0d' + '0a0b' + '0a046c6f7373' + '150000003f',
    );
  });

  it('reads back what it wrote, zeros and numbers that are not finite included', () => {
    const scalar = fc.float().map((value) => (Object.is(value, -0) ? 0 : value));
    const content = fc.oneof(
      fc.constantFrom('version' as const, 'start' as const),
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((tag) => tag !== '__proto__'),
        scalar,
        { noNullPrototype: true },
      ),
    );
    const event = fc.record({
      wallTimeS: fc.double({ min: 0, max: 4e9, noNaN: true }),
      step: fc.nat(),
      content,
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const file = Buffer.concat(events.map((each) => frameRecord(encodeEvent(each))));
        expect(decodeEvents(file)).toEqual(events);
      }),
    );
  });

  it('leaves a torn record out, and refuses a changed byte anywhere', () => {
    const events: LogEvent[] = [1, 2].map((step) => ({ wallTimeS: 5, step, content: { loss: step } }));
    const file = Buffer.concat(events.map((event) => frameRecord(encodeEvent(event))));
    for (let length = file.length / 2; length < file.length; length++) {
      expect(decodeEvents(file.subarray(0, length))).toEqual([events[0]]);
    }
    for (let index = 0; index < file.length; index++) {
      const changed = Buffer.from(file);
      changed[index]! ^= 4;
      expect(() => decodeEvents(changed)).toThrow(/record at byte (0|\d\d): expected the checksum/);
    }
  });

  it('refuses an event of another kind', () => {
    const graph = Buffer.from('2200', 'hex');
    expect(() => decodeEvents(frameRecord(graph))).toThrow(/expected scalars/);
  });
});

const record = (step: number, values: LogRecord['values'] = { loss: 1 / step }): LogRecord => ({
  step,
  wallTimeS: NOON_S + step / 100,
  values,
});

async function lines(directory: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(directory, LOG_FILE), 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

async function eventFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith(EVENT_FILE_PREFIX)).sort();
}

async function events(directory: string, name: string): Promise<LogEvent[]> {
  return decodeEvents(await readFile(join(directory, name)));
}

/** The steps that TensorBoard shows: a start voids what earlier files hold from its step on, except the folder's first. */
async function shownSteps(directory: string): Promise<number[]> {
  let shown: number[] = [];
  let begun = false;
  for (const name of await eventFiles(directory)) {
    const [version, ...rest] = await events(directory, name);
    expect(version!.content).toBe('version');
    for (const { step, content } of rest) {
      if (content !== 'start') shown.push(step);
      else if (begun) shown = shown.filter((each) => each < step);
      begun ||= content === 'start';
    }
  }
  return shown;
}

async function writeSteps(directory: string, from: number, to: number, resumeAtStep?: number): Promise<void> {
  const log = await openTrainingLog(directory, resumeAtStep);
  for (let step = from; step <= to; step++) await log.write(record(step));
  await log.close();
}

const stepsTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const stepsOf = async (directory: string): Promise<unknown[]> =>
  (await lines(directory)).map(({ step }) => step);

describe('openTrainingLog', () => {
  it('writes one JSON object a line and the same scalars as events', async () => {
    const directory = await temporaryFolder();
    const log = await openTrainingLog(directory);
    await log.write(record(1, { loss: 0.25, 'loss/camera': 0 }));
    await log.write(record(2, { loss: 1e-3 }));
    await log.close();
    await log.close();
    expect(await readFile(join(directory, LOG_FILE), 'utf8')).toBe(
      '{"step":1,"wallTimeS":1600000000.01,"loss":0.25,"loss/camera":0}\n' +
        '{"step":2,"wallTimeS":1600000000.02,"loss":0.001}\n',
    );
    const [name, ...others] = await eventFiles(directory);
    expect([name, others]).toEqual(['events.out.tfevents.1600000000.umwelt.0000', []]);
    expect(await events(directory, name!)).toEqual([
      { wallTimeS: NOON_S + 0.01, step: 0, content: 'version' },
      { wallTimeS: NOON_S + 0.01, step: 0, content: 'start' },
      { wallTimeS: NOON_S + 0.01, step: 1, content: { loss: 0.25, 'loss/camera': 0 } },
      { wallTimeS: NOON_S + 0.02, step: 2, content: { loss: Math.fround(1e-3) } },
    ]);
  });

  it('writes numbers that are not finite as strings, and lets no value pass for the step', async () => {
    const directory = await temporaryFolder();
    const log = await openTrainingLog(directory);
    const values = { loss: Number.NaN, high: Number.POSITIVE_INFINITY, low: Number.NEGATIVE_INFINITY };
    await log.write(record(1, { ...values, step: 7 }));
    await log.close();
    const stamp = { step: 1, wallTimeS: NOON_S + 0.01 };
    expect(await lines(directory)).toEqual([{ ...stamp, loss: 'NaN', high: 'Infinity', low: '-Infinity' }]);
    const [, , scalars] = await events(directory, (await eventFiles(directory))[0]!);
    expect(scalars!.content).toMatchObject(values);
  });

  it('holds records back for 2 s or a hundred records at most, and until a flush', async () => {
    const directory = await temporaryFolder();
    const log = await openTrainingLog(directory);
    const write = async (step: number, afterS: number): Promise<number> => {
      await log.write({ step, wallTimeS: NOON_S + afterS, values: { loss: 1 } });
      return (await lines(directory)).length;
    };
    expect(await write(1, 0)).toBe(1);
    expect(await write(2, 1)).toBe(1);
    expect(await write(3, 2)).toBe(3);
    for (let step = 4; step < 103; step++) expect(await write(step, 2.5)).toBe(3);
    expect(await write(103, 2.5)).toBe(103);
    expect(await write(104, 2.6)).toBe(103);
    await log.flush();
    expect(await stepsOf(directory)).toEqual(stepsTo(104));
    expect(await write(105, -3600)).toBe(105);
    expect(await shownSteps(directory)).toEqual(stepsTo(105));
    await log.close();
  });

  it('keeps the order of writes that nobody waits for', async () => {
    const directory = await temporaryFolder();
    const log = await openTrainingLog(directory);
    const writes = stepsTo(250).map((step) => log.write({ ...record(step), wallTimeS: NOON_S + 3 * step }));
    await Promise.all([...writes, log.close()]);
    expect(await stepsOf(directory)).toEqual(stepsTo(250));
    expect(await shownSteps(directory)).toEqual(stepsTo(250));
  });

  it('has each step once when it is resumed, however often', async () => {
    const directory = await temporaryFolder();
    await writeSteps(directory, 1, 30);
    await writeSteps(directory, 21, 25, 20);
    await writeSteps(directory, 11, 40, 10);
    expect(await stepsOf(directory)).toEqual(stepsTo(40));
    expect(await eventFiles(directory)).toHaveLength(3);
    expect(await shownSteps(directory)).toEqual(stepsTo(40));
  });

  it('begins anew without a checkpoint', async () => {
    const directory = await temporaryFolder();
    await writeSteps(directory, 1, 30);
    await writeSteps(directory, 1, 5);
    expect(await stepsOf(directory)).toEqual(stepsTo(5));
    expect(await shownSteps(directory)).toEqual(stepsTo(5));
  });

  it('drops what a killed process left of a line, wherever it was torn', async () => {
    const directory = await temporaryFolder();
    await writeSteps(directory, 1, 12);
    const path = join(directory, LOG_FILE);
    const whole = await readFile(path);
    const eleven = whole.indexOf('{"step":12');
    for (let length = eleven; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await (await openTrainingLog(directory, 12)).close();
      expect(await readFile(path)).toEqual(whole.subarray(0, eleven));
    }
    await writeFile(path, whole);
    // What a power cut may leave at the end of a file.
    await appendFile(path, Buffer.concat([Buffer.alloc(100), Buffer.from('\nnull\n'), Buffer.alloc(9)]));
    await (await openTrainingLog(directory, 12)).close();
    expect(await readFile(path)).toEqual(whole);
  });

  it('goes on after a torn event, in a file that sorts later though the clock was set back', async () => {
    const directory = await temporaryFolder();
    await writeSteps(directory, 1, 12);
    const [first] = await eventFiles(directory);
    await truncate(join(directory, first!), (await readFile(join(directory, first!))).length - 3);
    const log = await openTrainingLog(directory, 12);
    await log.write({ step: 13, wallTimeS: NOON_S - 86_400, values: { loss: 1 } });
    await log.close();
    expect(await eventFiles(directory)).toEqual([first, 'events.out.tfevents.1600000000.umwelt.0001']);
    expect(await shownSteps(directory)).toEqual([...stepsTo(11), 13]);
  });

  it('reports a missing folder and a path through a file', async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, 'file'), '');
    await mkdir(join(directory, 'taken', LOG_FILE), { recursive: true });
    for (const [name, reason] of [
      ['missing', 'ENOENT'],
      ['file', 'ENOTDIR'],
      ['taken', 'EISDIR'],
    ] as const) {
      const path = join(directory, name, LOG_FILE);
      await expect(openTrainingLog(join(directory, name))).rejects.toMatchObject({
        code: 'io',
        context: { path, reason },
      });
    }
  });

  it.skipIf(!hasSmallDisk())(
    'reports a full disk, appends nothing more, and resumes to each step once (skipped where tmpfs cannot be mounted)',
    async () => {
      await withSmallDisk(64, async (directory) => {
        await writeSteps(directory, 1, 10);
        await writeFile(join(directory, 'ballast'), Buffer.alloc(32 << 10));
        const log = await openTrainingLog(directory, 10);
        const full = { code: 'io', context: { reason: 'ENOSPC' } };
        const filled = async (): Promise<void> => {
          for (let step = 11; step < 2000; step++) await log.write(record(step));
        };
        await expect(filled()).rejects.toMatchObject(full);
        const left = await readFile(join(directory, LOG_FILE));
        await truncate(join(directory, 'ballast'));
        await expect(log.flush()).rejects.toMatchObject(full);
        await expect(log.close()).rejects.toMatchObject(full);
        expect(await readFile(join(directory, LOG_FILE))).toEqual(left);
        await writeSteps(directory, 11, 20, 10);
        expect(await stepsOf(directory)).toEqual(stepsTo(20));
        expect(await shownSteps(directory)).toEqual(stepsTo(20));
      });
    },
  );
});
