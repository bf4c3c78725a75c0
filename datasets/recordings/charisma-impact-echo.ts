import type { SensorSample, StreamDescription } from '../contract.js';
import { CHARISMA_SHA256 } from './charisma-impact-echo-digests.js';
import type { Recording, RecordingFormat } from './contract.js';
import { malformed } from './malformed.js';
import { nestedFiles } from './nested-files.js';
import { readTable, timesFromStart } from './table.js';

const COMMIT = '8735da127d902e2db8a6faef818d55f99947fd8e';
const RATE_HZ = 200_000;
const FILE_NAME = /^([A-Z])-(\d{2})\.txt$/;
/** How far a stamp may be from its place, in sampling intervals: stamps have seven digits. */
const STAMP_TOLERANCE = 0.1;

const RESPONSE: StreamDescription = {
  name: 'response',
  kind: 'vibration',
  rateHz: RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'signal',
      dataType: 'float64',
      shape: [],
      unit: 'V',
      description: 'surface transducer as published: volts, by the instrument; the publisher states no unit',
    },
  ],
  metadata: {},
};

/** Taps on a concrete specimen, heard by a transducer on its surface (FHWA, CHARISMA). */
export const charismaImpactEcho: RecordingFormat = {
  name: 'charisma-impact-echo',
  title: 'CHARISMA: impact-echo taps on a specimen, one a grid point',
  licence: 'CC0-1.0, FHWA Turner-Fairbank NDE Laboratory',
  source: {
    citation: 'FHWA Turner-Fairbank NDE Laboratory: CHARISMA, impact-echo peak frequency mapping',
    url: 'https://github.com/TFHRCFASTNDElab/CHARISMA',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/TFHRCFASTNDElab/CHARISMA/${COMMIT}/impact-echo/PeakFrequencyMapping/data`,
    sha256: CHARISMA_SHA256,
    withoutDigest: 197,
  },
  ...nestedFiles({
    subfolder: 'data',
    conversion: { rateHz: RATE_HZ, signal: 'as published' },
    streams: [RESPONSE],
    isRecording: (fileName) => FILE_NAME.test(fileName),
    decode,
  }),
};

function decode(bytes: Uint8Array, fileName: string): Recording {
  const [, gridRow, gridColumn] = FILE_NAME.exec(fileName) ?? [];
  const names = ['time', 'signal'] as const;
  const table = readTable(bytes, fileName, { delimiter: '\t', numbers: names, names });
  const times = timesFromStart(table, 'time', 1);
  const { time, signal } = table.numbers;
  for (let row = 0; row < table.rows; row++) {
    const intervals = (time[row]! - time[0]!) * RATE_HZ;
    if (Math.abs(intervals - row) <= STAMP_TOLERANCE) continue;
    const place = `line ${table.lines[row]}, column time`;
    throw malformed(fileName, place, `expected one sample every 5 us, got ${time[row]} as sample ${row}`);
  }
  function* samples(): Generator<SensorSample> {
    for (const [row, timeNs] of times.entries())
      yield { stream: RESPONSE.name, timeNs, values: { signal: signal.slice(row, row + 1) } };
  }
  return {
    durationS: Number(times.at(-1)) / 1e9,
    attributes: { gridRow, gridColumn: Number(gridColumn) },
    samples: samples(),
  };
}
