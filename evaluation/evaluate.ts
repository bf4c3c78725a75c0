import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { didYouMean } from '../core/validation.js';
import type { Dataset, DatasetManifest } from '../datasets/contract.js';
import type { CreateWorld } from '../sim/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import { type Overlay, overlayDigest } from './calibrate/overlay.js';
import { differencesOf, gapsOf, resultsOf, type Scored } from './compare.js';
import { drawGallery } from './gallery.js';
import { NO_STORE, type PartialScores, partialStore } from './partial-scores.js';
import { resampleCases } from './resampling.js';
import type { EvaluationResult, JudgedRecordings, Protocol } from './result.js';
import { type Judging, scoreMethod, simulatorForecasts } from './score-method.js';
import {
  divideCases,
  identitiesOf,
  requireUnseenByModel,
  requireUnseenByOverlay,
  type Sides,
} from './sides.js';
import { DEFAULT_TRAIN_SHARE } from './split.js';
import type { Method, OpenTask, Prepared, Task } from './task.js';
import { taskOf } from './tasks/list.js';

/** What to judge, on what, and how. */
export interface EvaluationOptions extends Control {
  /** A dataset of `origin: 'recorded'` in a format that has a task. */
  readonly recordings: Dataset;
  /** Judged beside the task's methods; the caller keeps and releases them. */
  readonly models?: readonly WorldModel[];
  readonly createWorld: CreateWorld;
  /** Names of the task's methods, all of them by default. */
  readonly baselines?: readonly string[];
  /** How many frames of a recording a method sees; the task's own by default. */
  readonly contextFrames?: number;
  /** Of the split, of fits and of the bootstrap. 0 by default. */
  readonly seed?: number;
  /** What `umwelt calibrate` found. */
  readonly overlay?: Overlay;
  /** True judges by every recording and fits nothing on them. */
  readonly holdOutAll?: boolean;
  /** False leaves out the gallery, which runs every method on three cases again. True by default. */
  readonly gallery?: boolean;
  /** Written into the result and into the digest of its inputs. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The folder of the report: scores of methods that are done wait in its `partial/`, so that a killed run can go on. */
  readonly directory?: string;
}

/**
 * Judges methods and world models on held-out recordings: each sees the first frames of a case and predicts the rest;
 * scores are averaged over cases, with 95 % bootstrap intervals over recordings.
 *
 * @throws UmweltError `invalid-input` for recordings that have no task, an unknown method, two methods of one name, or a
 *   model or overlay that was fitted to a held-out recording; `interrupted`; `io`.
 */
export async function evaluateRecordings(options: EvaluationOptions): Promise<EvaluationResult> {
  const { recordings, models = [], seed = 0, versions = {}, overlay = null, holdOutAll = false } = options;
  const { manifest } = recordings;
  const identities = identitiesOf(manifest);
  const task = taskOf(manifest);
  const contextFrames = requireContext(options.contextFrames ?? task.contextFrames);
  const opened = await task.open({
    recordings,
    createWorld: options.createWorld,
    models,
    contextFrames,
    seed,
    overlay,
  });
  const sides = divideCases(opened.cases, identities, seed, holdOutAll);
  for (const model of models) requireUnseenByModel(model, sides.heldout);
  if (overlay !== null) requireUnseenByOverlay(overlay, sides);
  const horizonsS = opened.horizonsS(sides.heldout);
  const protocol = protocolOf(task, opened, sides, horizonsS, contextFrames);
  const inputsSha256 = jsonDigest({
    protocol: protocol.sha256,
    dataSha256: manifest.dataSha256,
    seed,
    overlay: overlay && overlayDigest(overlay),
    versions,
  });
  const judging: Judging = { task: opened, metrics: task.metrics, heldout: sides.heldout, horizonsS };
  const methods = chooseMethods(opened.methods(sides.train), options.baselines, task.methodNames);
  const ready = readyMethods(methods, options.signal);
  try {
    const scored = await scoreAll(ready, judging, task, inputsSha256, options);
    const resamples = resampleCases(sides.heldout, seed);
    const results = resultsOf(scored, task, horizonsS.length, resamples);
    return {
      format: 'umwelt-evaluation',
      formatVersion: 2,
      protocol,
      metrics: task.metrics,
      recordings: describeRecordings(manifest, opened, sides),
      seed,
      trainShare: DEFAULT_TRAIN_SHARE,
      heldout: describeCases(sides),
      horizonsS,
      methods: results,
      differences: differencesOf(results, task.metrics, resamples),
      gaps: gapsOf(scored, results, opened.simulator, resamples),
      gallery:
        options.gallery === false
          ? []
          : await drawGallery(
              opened,
              sides.heldout,
              results,
              task.metrics[0]!,
              ready
                .filter(({ method }) => method.kind !== 'ceiling')
                .map(({ method, prepared }) => ({ name: method.name, prepared })),
              options.signal,
            ),
      notes: opened.notes,
      versions,
      inputsSha256,
    };
  } finally {
    for (const { release } of ready) await release();
  }
}

function requireContext(frames: number): number {
  if (Number.isSafeInteger(frames) && frames >= 1) return frames;
  throw new UmweltError(
    'invalid-input',
    { contextFrames: frames },
    `evaluation: expected a context of at least 1 whole frame, got ${frames}`,
  );
}

function chooseMethods(
  methods: readonly Method[],
  wanted: readonly string[] | undefined,
  known: readonly string[],
): readonly Method[] {
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UmweltError(
      'invalid-input',
      { name: twice },
      `two methods are called "${twice}": give each model a name of its own`,
    );
  }
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UmweltError(
      'invalid-input',
      { name: unknown, known: names },
      known.includes(unknown)
        ? `${unknown} needs a train side or an overlay that there is not: give --overlay, or leave --held-out all away`
        : `unknown baseline "${unknown}": expected one of ${names.join(', ')}${didYouMean(unknown, names)}`,
    );
  }
  const chosen = methods.filter(
    ({ name, kind }) => wanted === undefined || kind === 'world-model' || wanted.includes(name),
  );
  if (chosen.length > 0) return chosen;
  throw new UmweltError('invalid-input', {}, 'nothing to evaluate: expected a model or a baseline');
}

/** A method that is prepared when it is first needed, and once. */
interface ReadyMethod {
  readonly method: Method;
  prepared(onProgress?: (done: number) => void): Promise<Prepared>;
  /** Has a later preparation begin from what was fitted before the run was killed. */
  remember(parameters: PartialScores['parameters']): void;
  release(): Promise<void>;
}

function readyMethods(methods: readonly Method[], signal: AbortSignal | undefined): readonly ReadyMethod[] {
  return methods.map((method): ReadyMethod => {
    let prepared: Promise<Prepared> | undefined;
    let known: PartialScores['parameters'] | undefined;
    return {
      method,
      prepared(onProgress) {
        const control = {
          onProgress: ({ done }: { done: number }) => onProgress?.(done),
          ...(signal && { signal }),
        };
        prepared ??= method.prepare(control, known);
        return prepared;
      },
      remember(parameters) {
        known = parameters;
      },
      async release() {
        await (await prepared?.catch(() => undefined))?.release?.();
      },
    };
  });
}

async function scoreAll(
  ready: readonly ReadyMethod[],
  judging: Judging,
  task: Task,
  inputs: string,
  { directory, onProgress, signal }: EvaluationOptions,
): Promise<readonly Scored[]> {
  const names = task.metrics.map(({ name }) => name);
  const store = directory === undefined ? NO_STORE : partialStore(directory, names);
  const work = ready.map(({ method }) => method.preparation + judging.heldout.length);
  const total = work.reduce((sum, part) => sum + part, 0);
  const { asTruth, simulator: simulatorName } = judging.task;
  const reference = ready.find(({ method }) => method.name === simulatorName);
  const simulator =
    reference === undefined || asTruth === undefined
      ? null
      : simulatorForecasts(() => reference.prepared(), asTruth);
  const scored: Scored[] = [];
  let before = 0;
  for (const [index, { method, prepared, remember }] of ready.entries()) {
    const key = { inputs, method: method.identity };
    const report = (done: number) => onProgress?.({ done: before + done, total, note: method.name });
    let partial = method.identity === null ? null : await store.load(key);
    if (partial !== null) {
      remember(partial.parameters);
    } else {
      const made = await prepared(report);
      const after = (done: number) => report(method.preparation + done);
      const judge = method.kind === 'world-model' || method.kind === 'learned' ? simulator : null;
      partial = await scoreMethod(made, judging, judge, after, signal);
      if (method.identity !== null) await store.save(key, partial);
    }
    scored.push({ method, partial });
    before += work[index]!;
    report(0);
  }
  return scored;
}

function protocolOf(
  task: Task,
  opened: OpenTask,
  sides: Sides,
  horizonsS: readonly number[],
  contextFrames: number,
): Protocol {
  const protocol = {
    task: task.name,
    sentence: task.protocol,
    contextFrames,
    heldOut: sides.heldOut,
    baseline: task.baseline,
    ceiling: task.ceiling ?? null,
    simulator: opened.simulator ?? null,
    facts: opened.facts,
  };
  const metrics = task.metrics.map(({ name, unit }) => ({ name, unit }));
  const sha256 = jsonDigest({ ...protocol, metrics, horizonsS, heldout: describeCases(sides) });
  return { ...protocol, sha256 };
}

function describeCases({ heldout }: Sides): EvaluationResult['heldout'] {
  return heldout.map(({ name, recording, startS, horizonS, unit, stratum }) => ({
    name,
    recording: recording.name,
    sha256: recording.sha256,
    startS,
    horizonS,
    unit: unit ?? recording.sha256,
    stratum: stratum ?? null,
  }));
}

function describeRecordings(
  { name, configuration, dataSha256, episodes }: DatasetManifest,
  opened: OpenTask,
  sides: Sides,
): JudgedRecordings {
  const count = (cases: OpenTask['cases']) => new Set(cases.map(({ episode }) => episode)).size;
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  const { title, licence, source } = configuration as {
    title?: unknown;
    licence?: unknown;
    source?: { url?: unknown };
  };
  return {
    name,
    title: text(title, 'recordings'),
    licence: text(licence, 'not stated'),
    url: text(source?.url, ''),
    dataSha256,
    total: episodes.length,
    train: count(sides.train),
    heldout: count(sides.heldout),
    tooShort: episodes.length - count(opened.cases),
  };
}
