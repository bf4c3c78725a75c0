import type { SensorSample, StreamDescription } from '../contract.js';
import type { Recording, RecordingFormat } from './contract.js';
import { FABRICSLIDE_SHA256 } from './fabricslide-tactile-digests.js';
import { malformed } from './malformed.js';
import { nestedFiles } from './nested-files.js';
import { readTable, type Table, timesFromStart } from './table.js';

const COMMIT = 'eceb7716027cd1bcb5e614927f4cc2d0904adb25';
/** Mean of 168,000 intervals between stamps: 28.08 ms. */
const RATE_HZ = 35.61;
export const FABRICSLIDE_TAXELS = 16;
/** `<fabric>_F<level>_V<mm/s, downwards negative>mmps_<repetition>.csv` */
const FILE_NAME = /^([A-Za-z]{1,40})_F(\d{1,5})_V(-?\d{1,5})mmps_(\d{1,5})\.csv$/;

const PROXIMITY = ['proximity1', 'proximity2'] as const;
const TAXELS = Array.from({ length: FABRICSLIDE_TAXELS }, (_, index) => `channel${index + 1}`);
const COLUMNS: readonly string[] = ['timestamp', ...PROXIMITY, ...TAXELS];

const TOUCH: StreamDescription = {
  name: 'touch',
  kind: 'haptics',
  rateHz: RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'taxelCount',
      dataType: 'uint16',
      shape: [FABRICSLIDE_TAXELS],
      unit: 'count',
      description:
        "raw reading of each of the finger's taxels, more is more pressure; never calibrated to newtons",
    },
    {
      name: 'proximityCount',
      dataType: 'uint16',
      shape: [PROXIMITY.length],
      unit: 'count',
      description: 'raw reading of the two proximity sensors',
    },
  ],
  metadata: {},
};

const COMMAND: StreamDescription = {
  name: 'command',
  kind: 'action',
  rateHz: RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'value',
      dataType: 'float32',
      shape: [2],
      unit: '1',
      description: 'what is commanded from this sample to the next, by metadata.components',
    },
  ],
  metadata: {
    components: [
      {
        label: 'mean of the taxels without the largest and the smallest, held by the width of the grip',
        unit: 'count',
      },
      { label: 'velocity of the finger along the fabric, z', unit: 'm/s' },
    ],
  },
};

/** What the name of a file says. Attributes of the recording. */
export interface FabricslideCondition {
  readonly fabric: string;
  /** Target of the trimmed mean of the taxels. */
  readonly forceLevelCount: number;
  /** Commanded, along z: negative is down. */
  readonly speedMps: number;
  /** Recordings that differ in this alone are re-runs. */
  readonly repetition: number;
}

/** A tactile finger that pinches a hanging fabric and slides along it (Wang et al. 2022). */
export const fabricslideTactile: RecordingFormat = {
  name: 'fabricslide-tactile',
  title: 'FabricSlide: a tactile finger sliding along hanging fabrics',
  licence: 'MIT, Copyright (c) 2019',
  source: {
    citation: 'Wang et al. Frontiers in Neurorobotics 16:808222, 2022',
    url: 'https://github.com/wngfra/FabricSlide',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/wngfra/FabricSlide/${COMMIT}/data/fabric`,
    sha256: FABRICSLIDE_SHA256,
    withoutDigest: 602,
  },
  ...nestedFiles({
    subfolder: 'data',
    conversion: {
      times: 'stamps in ms, from the first; a row that repeats the one before it, stamp and all, is left out',
      taxels: 'raw counts',
      command: 'from the name of the file: force level in counts, speed in m/s along z (up)',
    },
    streams: [TOUCH, COMMAND],
    isRecording: (fileName) => FILE_NAME.test(fileName),
    decode,
  }),
};

function decode(bytes: Uint8Array, fileName: string): Recording {
  const condition = conditionOf(fileName);
  const table = withoutRepeats(readTable(bytes, fileName, { delimiter: ',', numbers: COLUMNS }));
  const times = timesFromStart(table, 'timestamp', 1000);
  const command = [condition.forceLevelCount, condition.speedMps];
  const counts = (columns: readonly string[], row: number) =>
    Uint16Array.from(columns, (column) => countOf(table, column, row));
  function* samples(): Generator<SensorSample> {
    for (const [row, timeNs] of times.entries()) {
      const values = { taxelCount: counts(TAXELS, row), proximityCount: counts(PROXIMITY, row) };
      yield { stream: TOUCH.name, timeNs, values };
      yield { stream: COMMAND.name, timeNs, values: { value: Float32Array.from(command) } };
    }
  }
  return { durationS: Number(times.at(-1)) / 1e9, attributes: { ...condition }, samples: samples() };
}

function conditionOf(fileName: string): FabricslideCondition {
  const parts = FILE_NAME.exec(fileName);
  if (parts === null) {
    throw malformed(fileName, 'its name', 'expected <fabric>_F<level>_V<mm/s>mmps_<repetition>.csv');
  }
  const [, fabric, level, speed, repetition] = parts;
  return {
    fabric: fabric!,
    forceLevelCount: Number(level),
    speedMps: Number(speed) / 1000,
    repetition: Number(repetition),
  };
}

/** One of the published files has its last reading twice. */
function withoutRepeats(table: Table<string>): Table<string> {
  const columns = Object.values(table.numbers);
  const kept = Array.from({ length: table.rows }, (_, row) => row).filter(
    (row) => row === 0 || columns.some((column) => column[row] !== column[row - 1]),
  );
  if (kept.length === table.rows) return table;
  const numbers = Object.entries(table.numbers).map(
    ([name, column]) => [name, Float64Array.from(kept, (row) => column[row]!)] as const,
  );
  const lines = kept.map((row) => table.lines[row]!);
  return { ...table, rows: kept.length, numbers: Object.fromEntries(numbers), lines };
}

function countOf(table: Table<string>, column: string, row: number): number {
  const value = table.numbers[column]![row]!;
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  const place = `line ${table.lines[row]}, column ${column}`;
  throw malformed(table.path, place, `expected a whole number from 0 to 65535, got ${value}`);
}
