import { join } from 'node:path';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { readWholeFile } from '../files.js';
import type { Recording, RecordingEntry, RecordingFormat, RecordingSet } from './contract.js';
import {
  PENDULUM_ARMS,
  PENDULUM_RATE_HZ,
  type PendulumChunk,
  type PendulumRig,
  readCsvChunks,
  readMatChunks,
} from './multiarm-pendulum-files.js';
import { namesIn } from './single-files.js';

/** The published files: `<url>/<commit>/ParameterEstimation/<Rig>Pendulum/<name>`. */
const COMMIT = 'e99a7e13fe2adc8fc647321a156b6cb59a48a698';
const BASE_URL = `https://raw.githubusercontent.com/dynamicslab/MultiArm-Pendulum/${COMMIT}/ParameterEstimation`;

const SHA256 = {
  'SinglePendulumDataForParameterEstimation.mat':
    'f3b8cdda4a6e86405ec37ff32b98be76fd37806a609cba7870628c1e40377a98',
  'TriplePendulumDataForParameterEstimation.mat':
    'c92e7ad880b9977c47842b54697dbcb4bc2183672af94a18a592449e89cfd81c',
} as const;

const MAT = /^(Single|Double|Triple)PendulumDataForParameterEstimation\.mat$/;
const CSV = /^(single|double|triple)_pendulum_1khz\.csv$/;
const RIGS = Object.keys(PENDULUM_ARMS) as readonly PendulumRig[];

/** What the conversion does to the numbers, with the frame that a simulation of the rig shares. */
const CONVERSION = {
  rateHz: PENDULUM_RATE_HZ,
  angle:
    'minus pi: 0 hangs straight down (the source has 0 upright and pi down); of each arm from the vertical, not from the arm before; unwrapped',
  angularVelocity:
    'as published: median-filtered and wavelet-denoised by the authors, so that a value knows what comes after it',
  frame:
    'axle along +x; a turn about it is positive, so that an arm of length L points along (0, L sin, -L cos); which way the rig faced is not published',
  time: 'from the start of the chunk; attributes.startS is from the start of the run',
} as const;

/** Free swings of a pendulum of one, two or three arms whose cart is clamped (Kaheman, Fasel, Bramburger, Strom, Kutz, Brunton). */
export const multiarmPendulum: RecordingFormat = {
  name: 'multiarm-pendulum',
  title: 'Multi-arm pendulum: free swings of one, two and three arms',
  licence: 'MIT, Copyright (c) 2022 dynamicslab',
  source: {
    citation:
      'Kaheman, Fasel, Bramburger, Strom, Kutz, Brunton: The Experimental Multi-Arm Pendulum on a Cart: A Benchmark System for Chaos, Learning, and Control. arXiv:2205.06231, 2022',
    url: 'https://github.com/dynamicslab/MultiArm-Pendulum',
    version: COMMIT,
  },
  publication: {
    baseUrl: BASE_URL,
    sha256: SHA256,
    addresses: Object.fromEntries(
      Object.keys(SHA256).map((name) => [name, `${BASE_URL}/${name.slice(0, name.indexOf('Data'))}/${name}`]),
    ),
    withoutDigest: 1,
  },
  holds: (names) => names.some((name) => rigOf(name) !== undefined),
  open,
};

function rigOf(fileName: string): PendulumRig | undefined {
  const match = MAT.exec(fileName) ?? CSV.exec(fileName);
  return match?.[1]?.toLowerCase() as PendulumRig | undefined;
}

/** The rigs' files in a folder: of two with the same run, the one that is published. */
function chooseFiles(names: readonly string[]): readonly { rig: PendulumRig; file: string }[] {
  return RIGS.flatMap((rig) => {
    const own = names.filter((name) => rigOf(name) === rig);
    const file = own.find((name) => MAT.test(name)) ?? own[0];
    return file === undefined ? [] : [{ rig, file }];
  });
}

async function open(folder: string): Promise<RecordingSet> {
  const chosen = chooseFiles(await namesIn(folder));
  const entries: RecordingEntry[] = [];
  for (const { rig, file } of chosen) {
    for (const { part } of await readChunks(folder, file, rig)) {
      entries.push({ name: `${file}#${part}`, files: [file] });
    }
  }
  // Entries are read in order, so that one file in memory saves undoing it again for each of its chunks.
  let last: { readonly file: string; readonly chunks: readonly PendulumChunk[] } | undefined;
  return {
    conversion: CONVERSION,
    streams: chosen.map(({ rig }) => streamOf(rig)),
    entries,
    async read({ name, files }) {
      const file = files[0]!;
      const rig = rigOf(file)!;
      if (last?.file !== file) last = { file, chunks: await readChunks(folder, file, rig) };
      return recordingOf(last.chunks, name.slice(file.length + 1), rig);
    },
  };
}

async function readChunks(folder: string, file: string, rig: PendulumRig): Promise<readonly PendulumChunk[]> {
  const bytes = await readWholeFile(join(folder, file));
  return MAT.test(file) ? readMatChunks(bytes, file, rig) : readCsvChunks(bytes, file, rig);
}

function streamOf(rig: PendulumRig): StreamDescription {
  const arms = PENDULUM_ARMS[rig];
  return {
    name: rig,
    kind: 'truth',
    rateHz: PENDULUM_RATE_HZ,
    samplesPerRow: 1,
    fields: [
      {
        name: 'angleRad',
        dataType: 'float64',
        shape: [arms],
        unit: 'rad',
        description: 'of each arm from straight down, about +x, unwrapped; unfiltered encoder',
      },
      {
        name: 'angularVelocityRadps',
        dataType: 'float64',
        shape: [arms],
        unit: 'rad/s',
        description: 'of each arm; filtered by the authors with samples that come later',
      },
    ],
    metadata: { rig, arms },
  };
}

/** Chunks are slices of one run: what lies a sample before or after one is said, by its part. */
function recordingOf(chunks: readonly PendulumChunk[], part: string, rig: PendulumRig): Recording {
  const chunk = chunks.find((candidate) => candidate.part === part)!;
  const tick = (timeS: number) => Math.round(timeS * PENDULUM_RATE_HZ);
  const firstTick = tick(chunk.timeS[0]!);
  const nextTick = firstTick + chunk.timeS.length;
  const follows = chunks.find(({ timeS }) => tick(timeS[0]!) + timeS.length === firstTick);
  const followedBy = chunks.find(({ timeS }) => tick(timeS[0]!) === nextTick);
  return {
    durationS: (chunk.timeS.length - 1) / PENDULUM_RATE_HZ,
    attributes: {
      rig,
      part,
      startS: firstTick / PENDULUM_RATE_HZ,
      follows: follows?.part ?? null,
      followedBy: followedBy?.part ?? null,
    },
    samples: samplesOf(chunk, rig),
  };
}

function* samplesOf({ timeS, values }: PendulumChunk, rig: PendulumRig): Generator<SensorSample> {
  const arms = PENDULUM_ARMS[rig];
  for (let row = 0; row < timeS.length; row++) {
    const at = row * 2 * arms;
    yield {
      stream: rig,
      timeNs: tickTimeNs(row, PENDULUM_RATE_HZ),
      values: {
        angleRad: values.slice(at, at + arms).map((angle) => angle - Math.PI),
        angularVelocityRadps: values.slice(at + arms, at + 2 * arms),
      },
    };
  }
}
