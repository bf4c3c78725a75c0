import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainModel } from '../../apps/train.js';
import { writeFileAtomically } from '../../datasets/files.js';
import { judgeDreams } from '../../evaluation/dreams/judge.js';
import { LOG_FILE } from '../../worldmodel/logs/training-log.js';
import { MODEL_FILES } from '../../worldmodel/model-folder.js';
import { loadWorldModel } from '../../worldmodel/rollout.js';
import type { LearningResult } from './contract.js';
import { prepareData } from './data.js';
import { dreamLong } from './long.js';
import { learningTables } from './tables.js';
import { VARIANTS, type Variant } from './variants.js';

const CONTEXT_TICKS = 7;
const HORIZON_TICKS = 37;
const LONG_TICKS = 74;
const SAMPLES = 8;

const USAGE = `node dist/bench/learning/main.js FOLDER SCENARIO STEPS THREADS [VARIANT...]

Trains variants of the world model on 400 simulated episodes of SCENARIO, judges each on 100 others, and writes results and tables
(Markdown) to FOLDER. What is there already is not done again. Variants (all by default): ${Object.keys(VARIANTS).join(', ')}
`;

async function main([folder, scenario, steps, threads, ...names]: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in VARIANTS));
  if (
    folder === undefined ||
    scenario === undefined ||
    !(Number(steps) > 0) ||
    !(Number(threads) > 0) ||
    unknown.length > 0
  ) {
    process.stderr.write(unknown.length > 0 ? `no variant ${unknown.join(', ')}\n${USAGE}` : USAGE);
    return 2;
  }
  const data = await prepareData(folder, scenario);
  const out = join(folder, `${scenario}-results`);
  await mkdir(out, { recursive: true });
  for (const name of names.length > 0 ? names : Object.keys(VARIANTS)) {
    const file = join(out, `${name}.json`);
    if (existsSync(file)) continue;
    process.stdout.write(`${scenario}: ${name}\n`);
    const directory = join(folder, `${scenario}-models`, name);
    const options = { directory, steps: Number(steps), threads: Number(threads), variant: VARIANTS[name]! };
    const trainingS = await train(data.training, options);
    const model = await loadWorldModel(directory, name);
    const judge = (horizonTicks: number) => ({ contextTicks: CONTEXT_TICKS, horizonTicks, samples: SAMPLES });
    const isWhole = name === 'all';
    const result: LearningResult = {
      variant: name,
      trainingS,
      steps: Number(steps),
      dreams: await all(judgeDreams(model, data.held, judge(HORIZON_TICKS))),
      long: isWhole ? await all(judgeDreams(model, data.long, judge(LONG_TICKS))) : [],
      range: isWhole ? await dreamLong(model, data.held) : null,
    };
    await model.release();
    await writeFileAtomically(file, JSON.stringify(result, plainArrays));
  }
  const results = await readResults(out);
  const tables = learningTables(scenario, results);
  await writeFileAtomically(join(folder, `${scenario}.md`), tables);
  process.stdout.write(tables);
  return 0;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Trains, or goes on; returns the seconds from the first step to the last (with what lay between, where it was interrupted). */
async function train(
  dataset: string,
  {
    directory,
    steps,
    threads,
    variant,
  }: { directory: string; steps: number; threads: number; variant: Variant },
): Promise<number> {
  await trainModel({
    datasets: [dataset],
    directory,
    steps,
    threads,
    seed: 0,
    validationShare: 0.1,
    resume: existsSync(join(directory, MODEL_FILES.plan)),
    ...variant,
  });
  const log = (await readFile(join(directory, LOG_FILE), 'utf8')).trim().split('\n');
  const wallTimeS = (line: string | undefined): number =>
    (JSON.parse(line!) as { wallTimeS: number }).wallTimeS;
  return wallTimeS(log.at(-1)) - wallTimeS(log[0]);
}

async function readResults(folder: string): Promise<LearningResult[]> {
  const results: LearningResult[] = [];
  for (const name of Object.keys(VARIANTS)) {
    const file = join(folder, `${name}.json`);
    if (existsSync(file)) results.push(JSON.parse(await readFile(file, 'utf8'), fromPlain));
  }
  return results;
}

/** Typed arrays become lists, and what is not finite null. */
function plainArrays(_key: string, value: unknown): unknown {
  return value instanceof Float64Array ? { float64: [...value] } : value;
}

function fromPlain(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('float64' in value)) return value;
  return Float64Array.from(value.float64 as (number | null)[], (item) => item ?? Number.NaN);
}

process.exitCode = await main(process.argv.slice(2));
