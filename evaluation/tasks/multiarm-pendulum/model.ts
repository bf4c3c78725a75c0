import type { ChainParameters } from './chain.js';

/** A rig as a simulation sees it: the chain, and where its encoders read 0. */
export interface PendulumModel {
  readonly chain: ChainParameters;
  /** [arms] what an encoder reads while its arm hangs straight down, rad. */
  readonly biasRad: readonly number[];
}

/** Standard gravity as the authors round it, m/s2. Fixed: lengths take up its error. */
export const GRAVITY_MPS2 = 9.81;

/** One number of a model. */
export interface ModelParameter {
  /** `length_1_m`: the first arm's. */
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** Bounds of any search. */
  readonly lo: number;
  readonly hi: number;
  /** A change of it that matters, for steps of a search. */
  readonly scale: number;
}

interface Family {
  readonly key: 'lengthM' | 'momentShare' | 'jointDistanceM' | 'viscousMps' | 'dryMps2' | 'dragM' | 'biasRad';
  readonly stem: string;
  readonly unit: string;
  readonly suffix: string;
  readonly description: string;
  readonly lo: number;
  readonly hi: number;
  readonly scale: number;
}

const FAMILIES: readonly Family[] = [
  {
    key: 'lengthM',
    stem: 'length',
    suffix: '_m',
    unit: 'm',
    lo: 0.05,
    hi: 0.6,
    scale: 0.01,
    description: 'length of the equivalent simple pendulum',
  },
  {
    key: 'momentShare',
    stem: 'moment_share',
    suffix: '',
    unit: '1',
    lo: 0.02,
    hi: 2,
    scale: 0.05,
    description: "first moment over the first arm's",
  },
  {
    key: 'jointDistanceM',
    stem: 'joint_distance',
    suffix: '_m',
    unit: 'm',
    lo: 0.05,
    hi: 0.5,
    scale: 0.01,
    description: 'from its joint to the next',
  },
  {
    key: 'viscousMps',
    stem: 'viscous',
    suffix: '_mps',
    unit: 'm/s',
    lo: 0,
    hi: 0.2,
    scale: 0.005,
    description: "viscous friction of its joint over the first arm's moment",
  },
  {
    key: 'dryMps2',
    stem: 'dry',
    suffix: '_mps2',
    unit: 'm/s2',
    lo: 0,
    hi: 0.5,
    scale: 0.02,
    description: "dry friction of its joint over the first arm's moment",
  },
  {
    key: 'dragM',
    stem: 'drag',
    suffix: '_m',
    unit: 'm',
    lo: 0,
    hi: 0.02,
    scale: 0.0005,
    description: "drag of the air over the first arm's moment",
  },
  {
    key: 'biasRad',
    stem: 'bias',
    suffix: '_rad',
    unit: 'rad',
    lo: -0.2,
    hi: 0.2,
    scale: 0.005,
    description: 'reading of its encoder while it hangs straight down',
  },
];

/** Where each parameter lies: the first arm's moment share is 1, and the last arm has no next joint. */
function placesOf(arms: number): readonly { readonly family: Family; readonly arm: number }[] {
  return FAMILIES.flatMap((family) =>
    Array.from({ length: arms }, (_, arm) => ({ family, arm })).filter(
      ({ arm }) =>
        !(family.key === 'momentShare' && arm === 0) &&
        !(family.key === 'jointDistanceM' && arm === arms - 1),
    ),
  );
}

/** Lists what a model of so many arms is made of, in the order of `valuesOf`. */
export function modelParameters(arms: number): readonly ModelParameter[] {
  return placesOf(arms).map(({ family, arm }) => {
    const { stem, suffix, unit, description, lo, hi, scale } = family;
    return {
      name: `${stem}_${arm + 1}${suffix}`,
      unit,
      description: `arm ${arm + 1}: ${description}`,
      lo,
      hi,
      scale,
    };
  });
}

/** Returns a model's parameters in the order of `modelParameters`. */
export function valuesOf(model: PendulumModel): Float64Array {
  return Float64Array.from(
    placesOf(model.biasRad.length).map(({ family, arm }) =>
      family.key === 'biasRad' ? model.biasRad[arm]! : model.chain[family.key][arm]!,
    ),
  );
}

/** Makes a model from parameters in the order of `modelParameters`. */
export function modelOf(arms: number, values: ArrayLike<number>): PendulumModel {
  const made = {
    lengthM: new Array<number>(arms).fill(0),
    momentShare: new Array<number>(arms).fill(1),
    jointDistanceM: new Array<number>(arms - 1).fill(0),
    viscousMps: new Array<number>(arms).fill(0),
    dryMps2: new Array<number>(arms).fill(0),
    dragM: new Array<number>(arms).fill(0),
    biasRad: new Array<number>(arms).fill(0),
  };
  for (const [i, { family, arm }] of placesOf(arms).entries()) made[family.key][arm] = values[i]!;
  const { biasRad, ...chain } = made;
  return { chain: { ...chain, gravityMps2: GRAVITY_MPS2 }, biasRad };
}

/** Length and mass of each arm as the authors give them for a simulation (TriplePendulumSimWithX0.m), m and kg. */
export const NOMINAL_ARMS = [
  { lengthM: 0.1727, massKg: 0.11 },
  { lengthM: 0.2286, massKg: 0.12 },
  { lengthM: 0.2413, massKg: 0.1 },
] as const;

/** Makes the model that a person sets up from the drawing: uniform rods, each hung on the end of the one before, no friction, no bias. */
export function nominalModel(arms: number): PendulumModel {
  const rods = NOMINAL_ARMS.slice(0, arms);
  const below = (arm: number) => rods.slice(arm + 1).reduce((sum, { massKg }) => sum + massKg, 0);
  const moments = rods.map(({ lengthM, massKg }, arm) => lengthM * (massKg / 2 + below(arm)));
  const second = rods.map(({ lengthM, massKg }, arm) => lengthM * lengthM * (massKg / 3 + below(arm)));
  const none = rods.map(() => 0);
  return {
    chain: {
      lengthM: second.map((value, arm) => value / moments[arm]!),
      momentShare: moments.map((value) => value / moments[0]!),
      jointDistanceM: rods.slice(0, -1).map(({ lengthM }) => lengthM),
      viscousMps: none,
      dryMps2: none,
      dragM: none,
      gravityMps2: GRAVITY_MPS2,
    },
    biasRad: none,
  };
}
