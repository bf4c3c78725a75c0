import type { Control } from '../../../core/progress.js';
import { randomStream } from '../../../core/random.js';
import { coverage, placeInEnsemble } from '../../metrics/uncertainty/calibration.js';
import type { Case, LoadedCase, Method, MethodKind, TaskSetup } from '../../task.js';
import { DEFAULT_ENGINE, FINE_ENGINE } from './engine.js';
import { constantVelocity, copyLast, drawMotion, integrate, replay, simulate } from './forecasts.js';
import { stateByModel } from './initial-state.js';
import { publishedModel } from './published.js';
import { fitRig, nominalRig, type RigModel, rigOfOverlay } from './rig-model.js';
import { rigsAmong } from './score.js';
import { anglesOf, RIG_NAMES, type Rig, type Swing, type SwingContext, type SwingForecast } from './swing.js';

export const BASELINE = 'copy-last';
export const CEILING = 'perturbed-replay';
export const SIMULATOR = 'physics-fitted';

/** A way to forecast swings. */
export type SwingMethod = Method<SwingContext, Swing, SwingForecast>;

/** What methods are made from. */
export interface SwingSetup extends TaskSetup {
  readonly train: readonly Case[];
  readonly rigOf: (chosen: Case) => Rig;
  /** Reads the whole motion of a case's recording. */
  readonly swingOf: (chosen: Case) => Promise<Swing>;
  readonly load: (chosen: Case) => Promise<LoadedCase<SwingContext, Swing>>;
}

/** Equally likely motions in a forecast. */
const MEMBERS = 24;
const SPREADS = [1, 2, 4, 8];
/** Train cases of a rig that the spread is chosen on. */
const SPREAD_CASES = 8;
const LEVEL = 0.9;

/** Lists the methods, simplest first. Without a train side or an overlay nothing is calibrated. */
export function methodsOf(setup: SwingSetup): readonly SwingMethod[] {
  const { createWorld, train, overlay } = setup;
  const drawn = (rig: Rig) => nominalRig(rig, 'uniform rods').best;
  const beliefs = remember((control: Control) => believe(setup, control));
  const calibrated = train.length > 0 || overlay !== null;
  return [
    known(BASELINE, 'baseline', 'the last angles', async (context) => ({ point: copyLast(context) })),
    known('constant-velocity', 'baseline', "goes on at the rate of the context's end", async (context) => ({
      point: constantVelocity(context),
    })),
    known(
      'physics-default',
      'physics',
      'the engine, uniform rods as drawn, no friction',
      async (context) => ({
        point: await simulate(createWorld, drawn(context.rig), context, DEFAULT_ENGINE),
      }),
    ),
    known(
      'integrator-default',
      'physics',
      'the equations, uniform rods as drawn, no friction',
      async (context) => ({
        point: integrate(drawn(context.rig), context),
      }),
    ),
    known(
      'integrator-published',
      'physics',
      'the equations, as the authors identified the rigs',
      async (context) => ({
        point: integrate(publishedModel(context.rig), context),
      }),
    ),
    ...(calibrated ? [fittedEngine(setup, beliefs), fittedIntegrator(setup, beliefs)] : []),
    perturbedReplay(setup, calibrated ? beliefs : null),
  ];
}

function known(
  name: string,
  kind: MethodKind,
  description: string,
  forecast: (context: SwingContext) => Promise<SwingForecast>,
): SwingMethod {
  const prepare = async () => ({ parameters: {}, forecast });
  return { name, kind, description, identity: { method: name }, preparation: 0, prepare };
}

/** What is believed of one rig, and how much further its forecasts must spread than the fit says. */
interface Belief {
  readonly rig: RigModel;
  readonly spread: number;
}

type Beliefs = Readonly<Record<Rig, Belief>>;

async function believe(setup: SwingSetup, { onProgress, signal }: Control): Promise<Beliefs> {
  const { train, overlay, rigOf, swingOf } = setup;
  const found: [Rig, Belief][] = [];
  const chunks = onePerEpisode(train);
  let done = 0;
  for (const rig of RIG_NAMES) {
    const own = chunks.filter((chosen) => rigOf(chosen) === rig);
    if (overlay !== null) {
      found.push([rig, { rig: rigOfOverlay(rig, overlay), spread: 1 }]);
      continue;
    }
    if (own.length === 0) {
      found.push([rig, { rig: nominalRig(rig, 'there is no chunk to fit to'), spread: 1 }]);
      continue;
    }
    const swings: Swing[] = [];
    for (const chosen of own) swings.push(await swingOf(chosen));
    const model = await fitRig(rig, swings.map(anglesOf), signal);
    found.push([rig, { rig: model, spread: await chooseSpread(setup, rig, model) }]);
    done += own.length;
    onProgress?.({ done, total: chunks.length });
  }
  return Object.fromEntries(found) as Record<Rig, Belief>;
}

function onePerEpisode(cases: readonly Case[]): readonly Case[] {
  return [...new Map(cases.map((chosen) => [chosen.episode, chosen])).values()];
}

/** Chooses the spread whose 90 % intervals come closest to holding 90 % of the train side's angles. */
async function chooseSpread(setup: SwingSetup, rig: Rig, model: RigModel): Promise<number> {
  const own = setup.train.filter((chosen) => setup.rigOf(chosen) === rig);
  const stride = Math.max(1, Math.floor(own.length / SPREAD_CASES));
  const judged = own.filter((_, i) => i % stride === 0).slice(0, SPREAD_CASES);
  let best = { spread: 1, miss: Number.POSITIVE_INFINITY };
  for (const spread of SPREADS) {
    const places = [];
    for (const chosen of judged) {
      const { context, truth } = await setup.load(chosen);
      const members = drawMembers(setup.seed, model, spread, context, chosen);
      for (let at = 1; at <= 8; at++) {
        const frame = Math.floor((at * (truth.frames - 1)) / 8) * 2 * truth.arms;
        for (let arm = 0; arm < truth.arms; arm++) {
          const values = members.map(({ path }) => path[frame + arm]!);
          places.push(placeInEnsemble(values, truth.path[frame + arm]!));
        }
      }
    }
    const miss = Math.abs(coverage(places, LEVEL).value - LEVEL);
    if (miss < best.miss) best = { spread, miss };
  }
  return best.spread;
}

function drawMembers(
  seed: number,
  rig: RigModel,
  spread: number,
  context: SwingContext,
  { name }: Case,
): readonly Swing[] {
  const estimate = stateByModel(rig.best, context.seen);
  const random = randomStream(seed, 'evaluation', 'multiarm-pendulum', 'members', name);
  return Array.from({ length: MEMBERS }, () => drawMotion(rig, context, estimate, random, spread));
}

type KnownBeliefs = (control: Control) => Promise<Beliefs>;

function fittedEngine(setup: SwingSetup, beliefs: KnownBeliefs): SwingMethod {
  return {
    name: SIMULATOR,
    kind: 'physics',
    description: 'the engine, calibrated; dry friction and drag made viscous for each motion',
    identity: { method: SIMULATOR },
    preparation: chunksToFit(setup),
    async prepare(control) {
      const found = await beliefs(control);
      return {
        parameters: factsOf(setup, found),
        forecast: async (context) => ({
          point: await simulate(setup.createWorld, found[context.rig].rig.best, context, FINE_ENGINE),
        }),
      };
    },
  };
}

function fittedIntegrator(setup: SwingSetup, beliefs: KnownBeliefs): SwingMethod {
  return {
    name: 'integrator-fitted',
    kind: 'physics',
    description: `the equations, calibrated; ${MEMBERS} motions over parameters and initial state`,
    identity: { method: 'integrator-fitted', members: MEMBERS },
    preparation: chunksToFit(setup),
    async prepare(control) {
      const found = await beliefs(control);
      return {
        parameters: factsOf(setup, found),
        forecast: async (context, chosen) => {
          const { rig, spread } = found[context.rig];
          return {
            point: integrate(rig.best, context),
            members: drawMembers(setup.seed, rig, spread, context, chosen),
          };
        },
      };
    },
  };
}

/** How far two motions of one model drift apart of which one begins where the readings may be wrong: nobody can know better. */
function perturbedReplay(setup: SwingSetup, beliefs: KnownBeliefs | null): SwingMethod {
  return {
    name: CEILING,
    kind: 'ceiling',
    description: 'the equations against themselves, begun again within the error of the readings',
    identity: { method: CEILING, calibrated: beliefs !== null },
    preparation: beliefs === null ? 0 : chunksToFit(setup),
    async prepare(control) {
      const found = await beliefs?.(control);
      const modelOf = (rig: Rig) => found?.[rig].rig.best ?? publishedModel(rig);
      return {
        parameters: {},
        forecast: async (context, { name }) => {
          const model = modelOf(context.rig);
          const random = randomStream(setup.seed, 'evaluation', 'multiarm-pendulum', 'replay', name);
          return { point: replay(model, context, stateByModel(model, context.seen), random, 1) };
        },
        against: async (context) => integrate(modelOf(context.rig), context),
      };
    },
  };
}

function chunksToFit({ train, overlay }: SwingSetup): number {
  return overlay === null ? onePerEpisode(train).length : 0;
}

function factsOf({ train, rigOf, overlay }: SwingSetup, beliefs: Beliefs): Readonly<Record<string, unknown>> {
  const rigs = overlay === null ? rigsAmong(train.map(rigOf)) : RIG_NAMES;
  return Object.fromEntries(
    rigs.map((rig) => [rig, { ...beliefs[rig].rig.facts, spread: beliefs[rig].spread }]),
  );
}

/** Makes what several methods need once; a failure is not kept. */
function remember<A, R>(make: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let made: Promise<R> | undefined;
  return (argument) => {
    made ??= make(argument).catch((cause: unknown) => {
      made = undefined;
      throw cause;
    });
    return made;
  };
}
