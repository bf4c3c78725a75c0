import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataType, type FixedSizeList, RecordBatchReader, tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTable, encodeTable } from '../../datasets/arrow/table.js';
import type { DatasetPlan, FieldDescription, SensorSample, TypedArray } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { beginDataset, writeShard } from '../../datasets/writer.js';
import { episodesOf, field, planOf, STREAMS, stream, temporaryFolder } from './sample-dataset.js';

const TYPES = {
  uint8: { array: Uint8Array, value: fc.integer({ min: 0, max: 255 }) },
  uint16: { array: Uint16Array, value: fc.integer({ min: 0, max: 65535 }) },
  int32: { array: Int32Array, value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
  float32: { array: Float32Array, value: fc.float() },
  float64: { array: Float64Array, value: fc.double() },
} as const;

const anyField = (name: string): fc.Arbitrary<FieldDescription> =>
  fc
    .record({
      dataType: fc.constantFrom(...(Object.keys(TYPES) as (keyof typeof TYPES)[])),
      shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    })
    .map(({ dataType, shape }) => field(name, dataType, shape));

const anyEpisodes = fc
  .integer({ min: 1, max: 3 })
  .chain((fields) => fc.tuple(...Array.from({ length: fields }, (_, i) => anyField(`f${i}`))))
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      episodes: fc.array(fc.array(fc.tuple(...fields.map(anyValues)), { maxLength: 5 }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  );

function anyValues({ dataType, shape }: FieldDescription): fc.Arbitrary<TypedArray> {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(TYPES[dataType].value, { minLength: length, maxLength: length })
    .map((values) => TYPES[dataType].array.from(values));
}

async function write(
  directory: string,
  plan: DatasetPlan,
  rows: (episode: number) => SensorSample[],
): Promise<void> {
  const session = await beginDataset(directory, plan, { resume: false });
  for (const shard of session.pendingShards) {
    const sources = [...episodesOf(plan, shard)].map((source) => ({
      ...source,
      samples: rows(source.episode),
    }));
    await writeShard(directory, plan, shard, sources);
  }
  await session.finish();
  await session.close();
}

describe('rows through a file', () => {
  it('come back with every type, shape, bit pattern and number of rows', async () => {
    await fc.assert(
      fc.asyncProperty(anyEpisodes, async ({ fields, episodes }) => {
        const directory = await temporaryFolder();
        const plan = planOf({ streams: [stream('s', 10, fields)], episodes: episodes.length });
        await write(directory, plan, (episode) =>
          episodes[episode]!.map((row, index) => ({
            stream: 's',
            timeNs: 2n ** 60n + BigInt(index),
            values: Object.fromEntries(fields.map(({ name }, i) => [name, row[i]!])),
          })),
        );
        const dataset = await openDataset(directory);
        for await (const { episode, streams } of dataset.episodes()) {
          const rows = episodes[episode]!;
          expect(streams.s!.rows).toBe(rows.length);
          expect([...streams.s!.timeNs]).toEqual(rows.map((_, index) => 2n ** 60n + BigInt(index)));
          for (const [i, { name, dataType }] of fields.entries()) {
            const expected = TYPES[dataType].array.from(rows.flatMap((row) => [...row[i]!]));
            const actual = streams.s!.values[name]!;
            expect(actual.constructor).toBe(expected.constructor);
            expect(Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength)).toEqual(
              Buffer.from(expected.buffer),
            );
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are joined where an episode is larger than a batch', async () => {
    const directory = await temporaryFolder();
    const plan = planOf({ streams: [stream('s', 10, [field('big', 'uint8', [1024, 1024])])], episodes: 2 });
    await write(directory, plan, (episode) =>
      Array.from({ length: episode === 0 ? 70 : 2 }, (_, row) => ({
        stream: 's',
        timeNs: BigInt(row),
        values: { big: new Uint8Array(2 ** 20).fill(row + episode) },
      })),
    );
    const bytes = await readFile(join(directory, 'shards/00000/s.arrow'));
    const table = tableFromIPC(bytes);
    expect(table.batches.map((batch) => batch.numRows)).toEqual([32, 32, 6, 2]);
    const dataset = await openDataset(directory);
    const { big } = (await dataset.readEpisode(0)).streams.s!.values;
    expect(big!.length).toBe(70 * 2 ** 20);
    for (let row = 0; row < 70; row++) expect(big![row * 2 ** 20 + 5]).toBe(row);
    expect((await dataset.readEpisode(1)).streams.s!.values.big![2 ** 20]).toBe(2);
  });
});

describe('the file', () => {
  it('reads with another reader: columns, tensor extension, units, one batch an episode', async () => {
    const directory = await temporaryFolder();
    const plan = planOf();
    await writeSample(directory, plan);
    const bytes = await readFile(join(directory, 'shards/00001/camera.arrow'));
    const table = tableFromIPC(bytes);
    expect(table.schema.fields.map((f) => f.name)).toEqual(['episode', 'time_ns', 'colour', 'depth']);
    expect(table.batches.map((batch) => batch.numRows)).toEqual([10, 10]);
    expect([...table.getChild('episode')!]).toEqual([...Array(10).fill(2), ...Array(10).fill(3)]);
    expect(table.getChild('time_ns')!.get(3)).toBe(300_000_000n);
    const colour = table.schema.fields[2]!;
    expect(DataType.isFixedSizeList(colour.type) && (colour.type as FixedSizeList).listSize).toBe(18);
    expect(colour.nullable).toBe(false);
    expect(colour.metadata.get('ARROW:extension:name')).toBe('arrow.fixed_shape_tensor');
    expect(JSON.parse(colour.metadata.get('ARROW:extension:metadata')!)).toEqual({ shape: [2, 3, 3] });
    expect(colour.metadata.get('unit')).toBe('m');
    expect(table.schema.metadata.get('umwelt.rate_hz')).toBe('10');
    expect([...table.getChild('colour')!.get(11)!]).toEqual(
      Array.from({ length: 18 }, (_, i) => 3 * 31 + 2 + i),
    );
  });

  it('is also a stream after its magic, as the format says', async () => {
    const directory = await temporaryFolder();
    await writeSample(directory, planOf());
    const bytes = await readFile(join(directory, 'shards/00000/state.arrow'));
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from('ARROW1\0\0'));
    const batches = [...RecordBatchReader.from(bytes.subarray(8))];
    expect(batches.map((batch) => batch.numRows)).toEqual([20, 20]);
  });

  it('has the same bytes on every machine and Node version', async () => {
    const directory = await temporaryFolder();
    await writeSample(directory, planOf());
    const { manifest } = await openDataset(directory);
    expect(manifest.dataSha256).toBe('4b66972c0dc9b9b301f57af3c0e3399f34057c18d80b164d5a94e9bcd74f1b93');
    expect(manifest.streams.map(({ rows, samples }) => [rows, samples])).toEqual([
      [50, 50],
      [100, 400],
    ]);
    expect(manifest.streams.map(({ rows: _r, samples: _s, bytes: _b, ...rest }) => rest)).toEqual(STREAMS);
  });
});

async function writeSample(directory: string, plan: DatasetPlan): Promise<void> {
  const session = await beginDataset(directory, plan, { resume: false });
  for (const shard of session.pendingShards)
    await writeShard(directory, plan, shard, episodesOf(plan, shard));
  await session.finish();
  await session.close();
}

describe('encodeTable', () => {
  const columns = [
    { name: 'recording', values: ['0.pt', '', 'Ä-🎲'] },
    { name: 'value', unit: 'm', values: Float64Array.of(1, Number.NaN, -0) },
    { name: 'index', unit: '1', values: Uint32Array.of(1, 2, 2 ** 32 - 1) },
    { name: 'step', unit: '1', values: Int32Array.of(-1, 0, 1) },
  ];

  it('comes back, and another reader agrees', () => {
    const bytes = encodeTable(columns, { seed: '3' });
    expect(decodeTable(bytes, 'drift.arrow')).toEqual(columns);
    const table = tableFromIPC(bytes);
    expect(table.schema.metadata.get('seed')).toBe('3');
    expect(table.getChild('recording')!.toJSON()).toEqual(['0.pt', '', 'Ä-🎲']);
    expect(Buffer.from(bytes.subarray(0, 6)).toString()).toBe('ARROW1');
  });

  it('keeps empty tables and refuses ragged ones', () => {
    const empty = columns.map(({ values, ...rest }) => ({ ...rest, values: values.slice(0, 0) }));
    expect(decodeTable(encodeTable(empty), 'x').map(({ values }) => values.length)).toEqual([0, 0, 0, 0]);
    expect(() => encodeTable([...columns, { name: 'short', values: ['a'] }])).toThrow(/"short" has 1 rows/);
  });

  it('names the file that is not a table', () => {
    expect(() => decodeTable(new Uint8Array(3), 'drift.arrow')).toThrow(/drift\.arrow/);
    expect(() => decodeTable(Buffer.from('ARROW1\0\0 and then nothing of use ARROW1'), 'x')).toThrow(
      expect.objectContaining({ code: 'malformed-file' }),
    );
  });
});
