import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describeCause, UmweltError } from '../../core/errors.js';
import { add } from './elementwise.js';
import { createGraph, type DataType, type Tensor, type TensorData } from './graph.js';
import { type OnnxOptions, toOnnx } from './onnx.js';
import { nameExtent, readExtent } from './open-constants.js';
import { type Provider, providerUnavailable, requireProvider } from './provider.js';

/** How a session runs. */
export interface SessionOptions {
  /**
   * Threads inside one operation; all cores by default. Results repeat bit for bit on one kind of processor with one
   * number of threads, and differ in the last digits between numbers.
   */
  readonly threads?: number;
  /**
   * What computes; `cpu` by default. Another provider that does not start is an error, never replaced by the CPU. Single
   * operations that it lacks do run on the CPU (webgpu: see README.md).
   */
  readonly provider?: Provider;
}

/**
 * Computes something small with a provider, so that one that is not there is known before anything else is done.
 *
 * @throws UmweltError `unavailable` naming the provider, why, and what mends it; `invalid-input` for an unknown one.
 */
export async function requireProviderStarts(provider: Provider): Promise<void> {
  if (requireProvider(provider) === 'cpu') return;
  const graph = createGraph();
  const session = await createSession({ sum: add(graph.input('x', [1]), 1) }, { provider, threads: 1 });
  await session.release();
}

/** A loaded graph; `release` frees the native session. */
export interface Session {
  /** What `run` expects, by name. */
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /**
   * Computes all outputs. Input buffers are read during the call; output buffers are new and belong to the caller.
   *
   * @throws UmweltError `invalid-input` for a missing or unknown name or a position outside a table, `shape-mismatch` for a
   * wrong length.
   */
  run(inputs: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}

/** Name, shape and type of an input or output of a model. */
export interface ValueDescription {
  readonly name: string;
  /** -1 stands for an extent that follows the batch; at most one. */
  readonly shape: readonly number[];
  readonly dtype: DataType;
  /** Where an extent is -1: how many times the batch it is. */
  readonly timesBatch?: number;
}

/**
 * Compiles the part of a graph that the outputs depend on, with parameters as constants.
 *
 * @throws UmweltError `unavailable` when ONNX Runtime cannot be loaded or the provider does not start, `invalid-input` for
 * an unknown provider.
 */
export function createSession(
  outputs: Readonly<Record<string, Tensor>>,
  options: SessionOptions & OnnxOptions = {},
): Promise<Session> {
  return loadSession(toOnnx(outputs, options), options);
}

/**
 * Opens a serialised ONNX model as `toOnnx` or `toOnnxForAnyBatch` writes it. Where the batch is open, each `run` may have
 * another: it follows from the lengths of the inputs, which must agree.
 *
 * @throws UmweltError `unavailable` when ONNX Runtime cannot be loaded or the provider does not start, `invalid-input` for
 * an unknown provider, `malformed-file` when ONNX Runtime refuses the model.
 */
export async function loadSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { runtime, session } = await openNative(model, options, 'all');
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);
  return {
    inputs,
    outputs,
    async run(given) {
      const feeds = makeFeeds(runtime, inputs, given);
      const results = await runNative(session, feeds);
      return Object.fromEntries(outputs.map(({ name }) => [name, results[name]!.data as TensorData]));
    },
    release: () => session.release(),
  };
}

/** ONNX Runtime's module, loaded when first needed. */
export type Runtime = typeof import('onnxruntime-node');

/**
 * Loads the native package and a model in it. Only the engine calls this.
 *
 * @param level how much ONNX Runtime rewrites the graph first.
 */
export async function openNative(
  model: Uint8Array,
  options: SessionOptions,
  level: 'disabled' | 'all',
): Promise<{ readonly runtime: Runtime; readonly session: InferenceSession }> {
  const { threads = availableParallelism() } = options;
  const provider = requireProvider(options.provider ?? 'cpu');
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UmweltError('invalid-input', { threads }, `session: expected 1 thread or more, got ${threads}`);
  }
  const runtime = await loadRuntime();
  try {
    return { runtime, session: await open(runtime, model, provider, threads, level) };
  } catch (cause) {
    // Only a model that the CPU takes shows that it was the provider that failed.
    const refusal = provider === 'cpu' ? cause : await refusalByCpu(runtime, model);
    if (refusal === undefined) throw providerUnavailable(provider, cause);
    throw new UmweltError(
      'malformed-file',
      { bytes: model.length },
      `ONNX Runtime refuses the model: ${describeCause(refusal)}`,
      refusal,
    );
  }
}

function open(
  runtime: Runtime,
  model: Uint8Array,
  provider: Provider,
  threads: number,
  level: 'disabled' | 'all',
): Promise<InferenceSession> {
  return runtime.InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: level,
    logSeverityLevel: 3,
    // Never `set_denormal_as_zero`: it changes the calling thread's arithmetic for good, and with it every simulation after.
  });
}

async function refusalByCpu(runtime: Runtime, model: Uint8Array): Promise<unknown> {
  try {
    const session = await open(runtime, model, 'cpu', 1, 'disabled');
    await session.release();
    return undefined;
  } catch (refusal) {
    return refusal;
  }
}

/**
 * Runs a native session.
 *
 * @param fetches outputs by name: a tensor to write to, or null for a new one; all as new ones by default.
 * @throws UmweltError `invalid-input` for a position outside of what `gatherRows` picks from, `internal` for all else that
 * ONNX Runtime refuses.
 */
export async function runNative(
  session: InferenceSession,
  feeds: Readonly<Record<string, OrtTensor>>,
  fetches?: Readonly<Record<string, OrtTensor | null>>,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return fetches === undefined ? await session.run(feeds) : await session.run(feeds, fetches);
  } catch (cause) {
    const reason = describeCause(cause);
    throw new UmweltError(
      /out of data bounds|must be within the inclusive range/.test(reason) ? 'invalid-input' : 'internal',
      {},
      `session: ONNX Runtime fails in the run: ${reason}`,
      cause,
    );
  }
}

/** Wraps given arrays for ONNX Runtime, without copying. */
export function makeFeeds(
  runtime: Runtime,
  inputs: readonly ValueDescription[],
  given: Readonly<Record<string, TensorData>>,
): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {};
  let known: { readonly name: string; readonly batch: number } | undefined;
  for (const input of inputs) {
    const { name, dtype, timesBatch } = input;
    const data = given[name];
    if (data === undefined) {
      const expected = inputs.map((one) => one.name);
      throw new UmweltError(
        'invalid-input',
        { missing: name, expected },
        `session: the input "${name}" is missing; expected ${expected.join(', ')}`,
      );
    }
    const shape = shapeOf(input, data);
    if (timesBatch !== undefined) {
      const batch = shape[input.shape.indexOf(-1)]! / timesBatch;
      if (known !== undefined && known.batch !== batch) {
        throw new UmweltError(
          'shape-mismatch',
          { [known.name]: known.batch, [name]: batch },
          `session: input "${known.name}" holds a batch of ${known.batch} and input "${name}" one of ${batch}; give all inputs the same`,
        );
      }
      known = { name, batch };
    }
    feeds[name] = new runtime.Tensor(dtype, data as Float32Array, shape);
  }
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw new UmweltError(
      'invalid-input',
      { unknown },
      `session: the model has no input "${unknown}" (or its outputs do not depend on it); it takes ${inputs.map((input) => input.name).join(', ')}`,
    );
  }
  return feeds;
}

/** The shape that given values have: the extent that follows the batch comes from their number. */
function shapeOf({ name, shape, dtype, timesBatch }: ValueDescription, data: TensorData): readonly number[] {
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  const open = data.length / known;
  const fits = timesBatch === undefined ? open === 1 : open > 0 && Number.isInteger(open / timesBatch);
  if (fits && holds(data, dtype)) return shape.map((extent) => (extent === -1 ? open : extent));
  const count = timesBatch === undefined ? `${known}` : `${known * timesBatch} for each element of a batch`;
  const extents = shape.map((extent) => (extent === -1 ? nameExtent(timesBatch!) : extent));
  throw new UmweltError(
    'shape-mismatch',
    { name, shape, dtype, length: data.length },
    `session: input "${name}" expects ${count} values [${extents.join(', ')}] of ${dtype}, got ${data.length} in ${data.constructor.name}`,
  );
}

async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = await import('onnxruntime-node');
    // What goes wrong is thrown; the same in colour on the terminal would only stand beside it.
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (cause) {
    throw new UmweltError(
      'unavailable',
      { package: 'onnxruntime-node', platform: process.platform, architecture: process.arch },
      `ONNX Runtime cannot be loaded on ${process.platform}-${process.arch}: ${describeCause(cause)}; reinstall with "npm ci" on a supported platform`,
      cause,
    );
  }
}

function holds(data: TensorData, dtype: DataType): boolean {
  if (dtype === 'float32') return data instanceof Float32Array;
  return dtype === 'int64' ? data instanceof BigInt64Array : data instanceof Uint8Array;
}

function describe(metadata: InferenceSession.ValueMetadata): ValueDescription {
  if (!metadata.isTensor) {
    throw new UmweltError(
      'malformed-file',
      { name: metadata.name },
      `model: "${metadata.name}" is no tensor`,
    );
  }
  const open = metadata.shape.filter((extent) => typeof extent === 'string');
  const timesBatch = open.length === 0 ? undefined : readExtent(open[0]!);
  if (open.length > 1 || (open.length === 1 && timesBatch === undefined)) {
    throw new UmweltError(
      'malformed-file',
      { name: metadata.name, shape: metadata.shape },
      `model: "${metadata.name}" has the open extents "${open.join('", "')}"; expected numbers, and "batch" (or "2 * batch") once at most`,
    );
  }
  const shape = metadata.shape.map((extent) => (typeof extent === 'string' ? -1 : extent));
  const dtype = metadata.type as DataType;
  return { name: metadata.name, shape, dtype, ...(timesBatch !== undefined && { timesBatch }) };
}
