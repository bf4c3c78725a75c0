import type { SensorSample, StreamDescription } from '../contract.js';
import type { Recording, RecordingFormat } from './contract.js';
import { singleFiles } from './single-files.js';
import { readTable, timesFromStart } from './table.js';

const COMMIT = '0c7573b79e212fbd69655400c0e2fc5d563ddd3d';
const RATE_HZ = 100;
const PLATES = ['R', 'L'] as const;
const COLUMNS = [
  'Time',
  ...PLATES.flatMap((plate) => (['X', 'Y', 'Z'] as const).map((axis) => `${plate}GRF_${axis}` as const)),
  ...PLATES.flatMap((plate) => (['X', 'Y', 'Z'] as const).map((axis) => `${plate}COP_${axis}` as const)),
  ...PLATES.map((plate) => `${plate}FREEMOMENT_Y` as const),
] as const;

const FORCE: StreamDescription = {
  name: 'force',
  kind: 'haptics',
  rateHz: RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'forceN',
      dataType: 'float64',
      shape: [2, 3],
      unit: 'N',
      description: 'on each foot, world frame',
    },
    {
      name: 'centreOfPressureM',
      dataType: 'float64',
      shape: [2, 3],
      unit: 'm',
      description: 'where the force on each foot acts, world frame',
    },
    {
      name: 'freeMomentNm',
      dataType: 'float64',
      shape: [2],
      unit: 'N m',
      description: 'torque on each foot about the vertical through its centre of pressure',
    },
  ],
  metadata: { plates: ['right', 'left'] },
};

/** A standing adult on two force plates (dos Santos et al. 2017, PeerJ 5:e3626). */
export const bmclabForcePlate: RecordingFormat = {
  name: 'bmclab-force-plate',
  title: 'BMClab: quiet standing on two force plates',
  licence: 'CC-BY-4.0, dos Santos, Fukuchi, Fukuchi, Duarte',
  source: {
    citation:
      'dos Santos et al.: A data set with kinematic and ground reaction forces of human balance. PeerJ 5:e3626, 2017',
    url: 'https://github.com/BMClab/datasets',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/BMClab/datasets/${COMMIT}/PDS/data`,
    sha256: { 'PDS13OR1grf.txt': 'e3d20e4c87fc809b8ae1ae59c3c89a7675330034dda7b690932ef295d2eaf30c' },
    withoutDigest: 0,
  },
  ...singleFiles({
    conversion: { rateHz: RATE_HZ, axes: 'x = X (forward), y = -Z (Z is right), z = Y (up)' },
    streams: [FORCE],
    isRecording: (fileName) => /^PDS\w+grf\.txt$/.test(fileName),
    decode,
  }),
};

function decode(bytes: Uint8Array, fileName: string): Recording {
  const table = readTable(bytes, fileName, { delimiter: '\t', numbers: COLUMNS });
  const times = timesFromStart(table, 'Time', 1);
  const { numbers } = table;
  const vectors = (what: 'GRF' | 'COP', row: number) =>
    Float64Array.from(
      PLATES.flatMap((plate) => {
        const at = (axis: 'X' | 'Y' | 'Z') => numbers[`${plate}${what}_${axis}`][row]!;
        return [at('X'), -at('Z'), at('Y')];
      }),
    );
  const samples = Array.from(times, (timeNs, row): SensorSample => {
    const values = {
      forceN: vectors('GRF', row),
      centreOfPressureM: vectors('COP', row),
      freeMomentNm: Float64Array.from(PLATES, (plate) => numbers[`${plate}FREEMOMENT_Y`][row]!),
    };
    return { stream: FORCE.name, timeNs, values };
  });
  return { durationS: Number(times.at(-1)) / 1e9, attributes: {}, samples };
}
