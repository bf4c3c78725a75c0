import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { beginDataset, writeShard } from '../../datasets/writer.js';
import type { Overlay } from '../../evaluation/calibrate/overlay.js';
import { divideCases, identitiesOf } from '../../evaluation/sides.js';
import type { Case, OpenTask } from '../../evaluation/task.js';
import { taskOf } from '../../evaluation/tasks/list.js';
import { followChain } from '../../evaluation/tasks/multiarm-pendulum/chain.js';
import { nominalModel } from '../../evaluation/tasks/multiarm-pendulum/model.js';
import { publishedModel } from '../../evaluation/tasks/multiarm-pendulum/published.js';
import { rigOfOverlay } from '../../evaluation/tasks/multiarm-pendulum/rig-model.js';
import { METRICS, scoreSwing } from '../../evaluation/tasks/multiarm-pendulum/score.js';
import type { Swing, SwingForecast } from '../../evaluation/tasks/multiarm-pendulum/swing.js';
import { multiarmPendulumTask } from '../../evaluation/tasks/multiarm-pendulum/task.js';
import { createWorld } from '../../sim/world.js';
import { field, stream, temporaryFolder } from '../datasets/sample-dataset.js';

const FRAMES = 500;
const STARTS = [1.2, 0.9, 0.7, 1.4];
/** The authors' single pendulum, which is not as drawn, with dry friction and drag. */
const BUILT = { ...publishedModel('single').chain, viscousMps: [0], dryMps2: [0.02], dragM: [0.0005] };

/** Chunks of a single pendulum that is not as drawn, as a dataset of recordings. */
async function recorded(): Promise<Dataset> {
  const directory = join(await temporaryFolder(), 'recordings');
  const fields = [field('angleRad', 'float64', [1]), field('angularVelocityRadps', 'float64', [1])];
  const plan = {
    name: 'multiarm-pendulum',
    origin: 'recorded' as const,
    episodes: STARTS.length,
    seed: null,
    configuration: { format: 'multiarm-pendulum' },
    versions: {},
    streams: [stream('single', 1000, fields)],
    episodesPerShard: 64,
  };
  const session = await beginDataset(directory, plan, { resume: false });
  const episodes = STARTS.map((start, episode) => {
    const path = followChain(BUILT, Float64Array.of(start, 0), 1000, FRAMES);
    return {
      episode,
      durationS: (FRAMES - 1) / 1000,
      attributes: { sourceFile: `a.mat#id-${episode}`, sourceSha256: `${episode}`.repeat(64), rig: 'single' },
      samples: Array.from({ length: FRAMES }, (_, i) => ({
        stream: 'single',
        timeNs: BigInt(i) * 1_000_000n,
        values: {
          angleRad: path.slice(2 * i, 2 * i + 1),
          angularVelocityRadps: path.slice(2 * i + 1, 2 * i + 2),
        },
      })),
    };
  });
  for (const shard of session.pendingShards) await writeShard(directory, plan, shard, episodes);
  await session.finish();
  await session.close();
  return openDataset(directory);
}

async function opened(recordings: Dataset): Promise<OpenTask> {
  return multiarmPendulumTask.open({
    recordings,
    createWorld,
    models: [],
    contextFrames: 50,
    seed: 0,
    overlay: null,
  });
}

async function errorsOf(
  task: OpenTask,
  train: readonly Case[],
  chosen: Case,
): Promise<ReadonlyMap<string, number>> {
  const errors = new Map<string, number>();
  const { context, truth } = await task.load(chosen);
  for (const method of task.methods(train)) {
    const prepared = await method.prepare({});
    const forecast = await prepared.forecast(context, chosen);
    const against = (await prepared.against?.(context, chosen)) ?? truth;
    const { overall, finite } = task.score(forecast, against, [0.1, 0.5]);
    expect(finite).toBe(true);
    errors.set(method.name, overall.angle_deg!.value);
  }
  return errors;
}

describe('the pendulum task', () => {
  it('calibrates on the train side, and is right where the drawing is not', async () => {
    const recordings = await recorded();
    expect(taskOf(recordings.manifest)).toBe(multiarmPendulumTask);
    const task = await opened(recordings);
    expect(task.cases).toMatchObject([
      { name: 'a.mat#id-0', startS: 0, horizonS: 0.45, stratum: 'single' },
      {},
      {},
      {},
    ]);
    const { train, heldout } = divideCases(task.cases, identitiesOf(recordings.manifest), 0, false);
    const errors = await errorsOf(task, train, heldout[0]!);
    expect([...errors.keys()]).toEqual([
      ...['copy-last', 'constant-velocity', 'physics-default', 'integrator-default', 'integrator-published'],
      ...['physics-fitted', 'integrator-fitted', 'perturbed-replay'],
    ]);
    expect(errors.get('integrator-default')).toBeGreaterThan(5);
    expect(errors.get('physics-default')).toBeCloseTo(errors.get('integrator-default')!, 0);
    expect(errors.get('integrator-fitted')).toBeLessThan(0.05);
    expect(errors.get('physics-fitted')).toBeLessThan(0.3);
    expect(errors.get('perturbed-replay')).toBeLessThan(0.1);
  }, 60_000);

  it('gives the same distribution twice, another with another case', async () => {
    const task = await opened(await recorded());
    const method = task.methods(task.cases).find(({ name }) => name === 'integrator-fitted')!;
    const { forecast } = await method.prepare({});
    const [first, second] = task.cases;
    const { context } = await task.load(first!);
    const drawn = async (chosen: Case) => ((await forecast(context, chosen)) as SwingForecast).members!;
    expect(await drawn(first!)).toEqual(await drawn(first!));
    expect(await drawn(second!)).not.toEqual(await drawn(first!));
  }, 60_000);

  it('lets calibration vary each rig, with no mismatch at the truth, and takes what it finds', async () => {
    const recordings = await recorded();
    const task = await opened(recordings);
    const { problems } = task.calibration!(task.cases);
    expect(problems.map(({ name, cases }) => [name, cases.length])).toEqual([
      ['single', 4],
      ['double', 0],
      ['triple', 0],
    ]);
    const { parameters, cases, loss } = problems[0]!;
    const start = Object.fromEntries(parameters.map(({ name, start: value }) => [name, value]));
    const truth = {
      single_length_1_m: BUILT.lengthM[0]!,
      single_dry_1_mps2: 0.02,
      single_drag_1_m: 0.0005,
      single_bias_1_rad: 0,
    };
    expect(Object.keys(truth)).toEqual(Object.keys(start));
    expect(await loss(start, cases[0]!)).toBeGreaterThan(1);
    expect(await loss(truth, cases[0]!)).toBeLessThan(0.001);
    expect(await loss({ ...truth, single_length_1_m: 1e-9 }, cases[0]!)).toBe(180);
    const described = parameters.map(({ scale: _, start: __, ...parameter }) => ({
      ...parameter,
      problem: 'single',
      best: 0,
      mean: 0,
      standardDeviation: 0,
    }));
    const overlay = { parameters: described, posterior: [truth, start] } as unknown as Overlay;
    expect(rigOfOverlay('single', overlay).best).toEqual({ chain: BUILT, biasRad: [0] });
    expect(rigOfOverlay('double', overlay).best).toEqual(nominalModel(2));
  });

  it('fits nothing where all is held out', async () => {
    const task = await opened(await recorded());
    expect(task.methods([]).map(({ name }) => name)).not.toContain('integrator-fitted');
  });

  it('refuses recordings that do not say their rig', async () => {
    const recordings = await recorded();
    const [first, ...rest] = recordings.manifest.episodes;
    const episodes = [{ ...first!, attributes: { ...first!.attributes, rig: 'quadruple' } }, ...rest];
    const changed = { ...recordings, manifest: { ...recordings.manifest, episodes } };
    await expect(opened(changed)).rejects.toThrow(
      /episode 0: expected attributes.rig to be single, double, triple/,
    );
  });
});

/** A single arm whose angle is 0, 1, 2 ... times a slope. */
function ramp(slopeDeg: number, frames = 101): Swing {
  const path = Float64Array.from({ length: 2 * frames }, (_, i) =>
    i % 2 === 0 ? ((i / 2) * slopeDeg * Math.PI) / 180 : 0,
  );
  return { rig: 'single', arms: 1, rateHz: 1000, frames, path };
}

describe('scoreSwing', () => {
  it('says how far off the angle is, and when it passes 10 degrees', () => {
    const { overall, byHorizon, finite } = scoreSwing({ point: ramp(0.2) }, ramp(0), [0.05, 0.1, 0.2]);
    expect(finite).toBe(true);
    expect(overall.angle_deg!.value).toBeCloseTo(0.2 * 50.5, 9);
    expect(overall.single_angle_deg).toEqual(overall.angle_deg);
    expect(overall.single_within_10deg_s!.value).toBeCloseTo(0.05, 6);
    expect(byHorizon.angle_deg!.map(({ value }) => value)).toEqual([
      expect.closeTo(10),
      expect.closeTo(20),
      Number.NaN,
    ]);
    expect(overall.double_angle_deg).toBeUndefined();
    expect(overall.angle_crps_deg).toEqual(overall.angle_deg);
    expect(scoreSwing({ point: ramp(0.05) }, ramp(0), []).overall.single_within_10deg_s!.value).toBeCloseTo(
      0.1,
      9,
    );
  });

  it('measures the tip and the energy', () => {
    const still = ramp(0);
    const aside = { ...still, path: still.path.map((_, i) => (i % 2 === 0 ? Math.PI : 0)) };
    const { overall } = scoreSwing({ point: aside }, still, []);
    expect(overall.tip_mm!.value).toBeCloseTo(2 * 172.7, 6);
    expect(overall.energy_pct!.value).toBeCloseTo(100, 6);
  });

  it('rewards members around the truth, and counts what they cover', () => {
    const slopes = [-0.2, -0.1, 0, 0.1, 0.2, 0.3];
    const forecast = { point: ramp(0), members: slopes.map((slope) => ramp(slope)) };
    const { overall, pit } = scoreSwing(forecast, ramp(0.05), [0.1]);
    expect(overall.angle_coverage_90!.value).toBeCloseTo(1, 9);
    expect(overall.angle_crps_deg!.value).toBeLessThan(overall.angle_deg!.value);
    expect(pit!.angle!.reduce((sum, count) => sum + count, 0)).toBeCloseTo(10, 9);
    const far = scoreSwing(forecast, ramp(2), [0.1]).overall;
    expect(far.angle_coverage_90!.value).toBeLessThan(0.7);
  });

  it('has a description for every number', () => {
    const known = METRICS.map(({ name }) => name);
    const { overall } = scoreSwing({ point: ramp(0), members: [ramp(0), ramp(0.1)] }, ramp(0), []);
    expect(known).toEqual(expect.arrayContaining(Object.keys(overall)));
    expect(new Set(known).size).toBe(known.length);
  });
});
