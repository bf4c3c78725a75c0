import { GRAVITY_MPS2, type PendulumModel } from './model.js';
import type { Rig } from './swing.js';

/** Parameters of rigid arms: mass, centre of mass from the joint, distance to the next joint, inertia about the centre, joint friction. */
interface Arm {
  readonly massKg: number;
  readonly centreM: number;
  readonly nextM?: number;
  readonly inertiaKgm2: number;
  readonly viscousNms: number;
}

/** What the authors identified from their identification chunks (EstimatedParameters_*.mat), SI. */
const PUBLISHED: Readonly<Record<Rig, readonly Arm[]>> = {
  single: [
    {
      massKg: 0.1475845717930773,
      centreM: 0.14775490106282646,
      inertiaKgm2: 0.00010911850520768577,
      viscousNms: 0.0002239401254935462,
    },
  ],
  double: [
    {
      massKg: 0.09384397479834065,
      centreM: 0.10856521461039578,
      nextM: 0.17271920381751893,
      inertiaKgm2: 0.00043752942975691005,
      viscousNms: 0.00023714278269358068,
    },
    {
      massKg: 0.13759597049941155,
      centreM: 0.11677901844565573,
      inertiaKgm2: 0.001268829392577409,
      viscousNms: 0.000010000001933055762,
    },
  ],
  triple: [
    {
      massKg: 0.2581719983683373,
      centreM: 0.15999992826909096,
      nextM: 0.17279973742232446,
      inertiaKgm2: 0.0001000434693421481,
      viscousNms: 0.0014770954836040133,
    },
    {
      massKg: 0.2794277832970256,
      centreM: 0.20293921346068808,
      nextM: 0.2287,
      inertiaKgm2: 0.0003141595157746477,
      viscousNms: 0.0002595766277545854,
    },
    {
      massKg: 0.1186242324850691,
      centreM: 0.18370874151585612,
      inertiaKgm2: 0.00016873903743833067,
      viscousNms: 0.00001,
    },
  ],
};

/** Makes the authors' model of a rig. It was identified on chunks of both sides of any split by seed. */
export function publishedModel(rig: Rig): PendulumModel {
  const arms = PUBLISHED[rig];
  const below = (i: number) => arms.slice(i + 1).reduce((sum, { massKg }) => sum + massKg, 0);
  const moments = arms.map(({ massKg, centreM, nextM = 0 }, i) => massKg * centreM + nextM * below(i));
  const second = arms.map(
    ({ massKg, centreM, nextM = 0, inertiaKgm2 }, i) =>
      inertiaKgm2 + massKg * centreM ** 2 + nextM ** 2 * below(i),
  );
  const first = moments[0]!;
  const none = arms.map(() => 0);
  return {
    chain: {
      lengthM: second.map((value, i) => value / moments[i]!),
      momentShare: moments.map((value) => value / first),
      jointDistanceM: arms.flatMap(({ nextM }) => (nextM === undefined ? [] : [nextM])),
      viscousMps: arms.map(({ viscousNms }) => viscousNms / first),
      dryMps2: none,
      dragM: none,
      gravityMps2: GRAVITY_MPS2,
    },
    biasRad: none,
  };
}
