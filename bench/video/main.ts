import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateModels } from '../../apps/evaluate.js';
import { trainModel } from '../../apps/train.js';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { importRecordings } from '../../datasets/recordings/import.js';
import { identitiesOf } from '../../evaluation/sides.js';
import { splitRecordings } from '../../evaluation/split.js';
import { TRAIN_SHARE } from '../../evaluation/tasks/video/cases.js';
import type { ScenarioDocument } from '../../scenarios/schema.js';
import { MODEL_SIZES, type ModelSizeName } from '../../worldmodel/model/configuration.js';
import { MODEL_FILES } from '../../worldmodel/model-folder.js';
import { recordedLessons, simulate, simulatedLessons, writeLessons } from './data.js';
import { ARM_SCENARIO, WALK_SCENARIO } from './scenarios.js';

/** How models of one set of recordings are made. */
interface Course {
  readonly scenario: ScenarioDocument;
  readonly episodes: number;
  readonly cameras: readonly string[];
  /** Whether each recording is divided by time; otherwise recordings are divided by seed. */
  readonly isByTime: boolean;
}

const COURSES: Readonly<Record<string, Course>> = {
  'bridge-robot': {
    scenario: ARM_SCENARIO,
    episodes: 320,
    cameras: ['camera', 'camera-1', 'camera-2'],
    isByTime: false,
  },
  'gopro-walk': { scenario: WALK_SCENARIO, episodes: 100, cameras: ['camera'], isByTime: true },
  'carnd-highway-video': { scenario: WALK_SCENARIO, episodes: 100, cameras: ['camera'], isByTime: true },
};

const USAGE = `node dist/bench/video/main.js FOLDER RECORDINGS SIZE SIMULATED_STEPS RECORDED_STEPS THREADS [NAME...]

Trains world models of video and judges them: on simulation alone, on the train side of RECORDINGS/NAME alone, and on both, one after the
other. Writes data, models and one report a NAME (${Object.keys(COURSES).join(', ')}; all by default) into FOLDER. What is there
already is not done again. SIZE: ${Object.keys(MODEL_SIZES).join(', ')}
`;

const SEED = 0;

async function main([
  folder,
  root,
  size,
  simulated,
  recorded,
  threads,
  ...names
]: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in COURSES));
  const isUsable = [simulated, recorded, threads].every((count) => Number(count) > 0) && size !== undefined;
  if (
    folder === undefined ||
    root === undefined ||
    !isUsable ||
    !(size in MODEL_SIZES) ||
    unknown.length > 0
  ) {
    process.stderr.write(unknown.length > 0 ? `no recordings ${unknown.join(', ')}\n${USAGE}` : USAGE);
    return 2;
  }
  const steps = { simulated: Number(simulated), recorded: Number(recorded) };
  for (const name of names.length > 0 ? names : Object.keys(COURSES)) {
    const options = {
      folder,
      name,
      source: join(root, name),
      size: size as ModelSizeName,
      threads: Number(threads),
      steps,
    };
    const models = await learn(options);
    const directory = join(folder, `${name}-report-${size}`);
    const { report } = await evaluateModels({ recordings: options.source, directory, models, seed: SEED });
    process.stdout.write(`${name}: ${report}\n`);
  }
  return 0;
}

interface LearnOptions {
  readonly folder: string;
  readonly name: string;
  readonly source: string;
  readonly size: ModelSizeName;
  readonly threads: number;
  readonly steps: { readonly simulated: number; readonly recorded: number };
}

/** Makes three models of one set of recordings; returns their folders. */
async function learn({
  folder,
  name,
  source,
  size,
  threads,
  steps,
}: LearnOptions): Promise<readonly string[]> {
  const { scenario, episodes, cameras, isByTime } = COURSES[name]!;
  const imported = join(folder, name);
  await importRecordings(source, imported);
  const recordings = await openDataset(imported);
  const toLearn = isByTime
    ? recordings.manifest.episodes.map(({ episode }) => episode)
    : trainEpisodes(recordings);
  const lessons = recordedLessons(recordings, toLearn, cameras, isByTime ? TRAIN_SHARE : 1);
  const recordedClips = await once(join(folder, `${name}-clips`), (directory) =>
    writeLessons(directory, 'recorded', `${name}-clips`, lessons),
  );
  const simulatedClips = await once(join(folder, `${scenario.name}-clips`), async (directory) =>
    writeLessons(
      directory,
      'simulated',
      `${scenario.name}-clips`,
      simulatedLessons(await simulate(folder, scenario, episodes)),
    ),
  );
  const train = async (kind: string, dataset: string, count: number, fineTune?: string): Promise<string> => {
    const directory = join(folder, `${kind}-${size}`);
    if (existsSync(join(directory, MODEL_FILES.manifest))) return directory;
    process.stdout.write(`${directory}: ${count} steps\n`);
    const from = fineTune === undefined ? { size } : { fineTune };
    await trainModel({
      ...from,
      datasets: [dataset],
      directory,
      steps: count,
      seed: SEED,
      threads,
      resume: true,
    });
    return directory;
  };
  const base = await train(`simulated-${scenario.name}`, simulatedClips, steps.simulated);
  const alone = await train(`${name}-alone`, recordedClips, steps.recorded);
  return [base, alone, await train(`${name}-tuned`, recordedClips, steps.recorded, base)];
}

/** The episodes that `umwelt evaluate` with the same seed does not judge by. */
function trainEpisodes({ manifest }: Dataset): readonly number[] {
  const identities = identitiesOf(manifest);
  const train = new Set(splitRecordings(identities, SEED).train.map(({ sha256 }) => sha256));
  return identities.flatMap(({ sha256 }, episode) => (train.has(sha256) ? [episode] : []));
}

async function once(directory: string, write: (directory: string) => Promise<string>): Promise<string> {
  return existsSync(join(directory, 'manifest.json')) ? directory : write(directory);
}

process.exitCode = await main(process.argv.slice(2));
