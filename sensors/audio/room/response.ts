import { UmweltError } from '../../../core/errors.js';
import { cbrt, exp, log } from '../../../core/math/exact.js';
import type { Vec3 } from '../../../core/math/vector.js';
import type { AcousticsSpec } from '../../../scenarios/contract.js';
import { depositSample, TAPS } from '../fractional-delay.js';
import { NEAREST_M } from '../propagation.js';
import { BANDS_HZ, joinBands } from './bands.js';
import type { TailStart } from './tail.js';

export type Room = NonNullable<AcousticsSpec['room']>;

/** Mirror images are followed up to about this many; the tail takes over where they end. */
const MOST_IMAGES = 1000;
/** The tail is joined by the energy of this long before it. */
const JOIN_S = 0.02;
/** How far into a wall a source may reach, and how far off the wall it is taken. */
const WALL_M = 0.05;
const NUDGE_M = 0.01;
/** The filters of the bands smear the last images over this long. */
const SMEAR_S = 0.004;

/**
 * Returns the reverberation time of a room in each band after Eyring (1930), `24 ln(10) V / (c (4 m V - S ln(1 - a)))`, a the mean
 * absorption over the surface and m what air takes of the energy a metre, s.
 *
 * @param airNpPerM [bands] what air takes of the amplitude; nothing where absent.
 */
export function eyringTimesS(
  { sizeM, absorption }: Room,
  speedMps: number,
  airNpPerM?: readonly number[],
): number[] {
  const [x, y, z] = sizeM;
  const walls = [y * z, y * z, x * z, x * z, x * y, x * y];
  const surface = walls.reduce((sum, area) => sum + area, 0);
  return BANDS_HZ.map((_, band) => {
    const absorbed = walls.reduce((sum, area, wall) => sum + area * absorption[wall]![band]!, 0) / surface;
    // A room whose walls take nothing would ring for ever.
    const rate = -log(1 - Math.min(0.999, Math.max(1e-4, absorbed)));
    const air = 8 * (airNpPerM?.[band] ?? 0) * x * y * z;
    return (24 * log(10) * x * y * z) / (speedMps * (surface * rate + air));
  });
}

/** A source and a microphone in a room. */
export interface RoomPath {
  readonly room: Room;
  readonly sourceM: Vec3;
  readonly microphoneM: Vec3;
  readonly rateHz: number;
  readonly speedMps: number;
  /** [bands] What air takes of the amplitude; nothing where absent. */
  readonly airNpPerM?: readonly number[];
  /** What the microphone makes of sound from away, `distance` long: gain [bands], and a longer way. Omnidirectional where absent. */
  readonly hear?: (
    awayM: Vec3,
    distance: number,
  ) => { readonly gains: readonly number[]; readonly extraM: number };
  /** Images of fewer reflections are left out; 1 where absent. */
  readonly fromOrder?: number;
}

/**
 * Returns what a microphone hears of a click in a box-shaped room after the direct sound, as long as it comes from walls one by one: the
 * early response of the room, Pa for a source of 1 Pa m; and how the tail goes on (`tailResponse`).
 *
 * Mirror images (Allen and Berkley 1979), each at its distance and fainter by the walls that it passes through and by the air, band by
 * band, and as the microphone hears its direction. Where they grow too many the tail takes over, at the level that they have reached.
 *
 * @throws UmweltError `invalid-input` when source or microphone is not inside the room.
 */
export function earlyResponse(path: RoomPath): TailStart & { readonly response: Float64Array } {
  const { room, rateHz, speedMps } = path;
  requireInside(room, path.sourceM, 'source');
  requireInside(room, path.microphoneM, 'microphone');
  const [x, y, z] = room.sizeM;
  const timesS = eyringTimesS(room, speedMps, path.airNpPerM);
  // The number of images nearer than r is the volume of the sphere over that of the room.
  const reachM = cbrt((3 * x * y * z * MOST_IMAGES) / (4 * Math.PI));
  const joinS = reachM / speedMps;
  const join = Math.ceil(joinS * rateHz) + TAPS;
  const bands = BANDS_HZ.map(() => new Float64Array(join + Math.ceil(SMEAR_S * rateHz)));
  const nearestM = addImages(bands, path, reachM);
  const window = Math.max(1, Math.floor(Math.min(JOIN_S, joinS / 2) * rateHz));
  const levels = bands.map((response, band) => {
    let energy = 0;
    for (let n = join - window; n < join; n++) energy += response[n]! * response[n]!;
    // Amplitude falls by 60 dB in the reverberation time; the window's middle is half of it before the join.
    return Math.sqrt(energy / window) * exp((-1.5 * log(10) * window) / (timesS[band]! * rateHz));
  });
  const response = joinBands(bands, rateHz);
  // What the filters smear before the first image.
  response.fill(0, 0, Math.max(1, Math.floor((nearestM / speedMps) * rateHz) - TAPS));
  return { response, join, levels, timesS };
}

/** Adds every image but the source itself, up to a distance. @returns how far the nearest one has to go, m. */
function addImages(bands: readonly Float64Array[], path: RoomPath, reachM: number): number {
  const { room, sourceM, microphoneM, airNpPerM, hear, fromOrder = 1 } = path;
  const { cornerM, sizeM, absorption } = room;
  const samplesPerM = path.rateHz / path.speedMps;
  const reflections = absorption.map((wall) => wall.map((share) => Math.sqrt(1 - share)));
  const axes = [0, 1, 2].map((axis) =>
    imagesAlong(
      sourceM[axis]! - cornerM[axis]!,
      microphoneM[axis]! - cornerM[axis]!,
      sizeM[axis]!,
      reachM,
      reflections[axis * 2]!,
      reflections[axis * 2 + 1]!,
    ),
  );
  const most = reachM * reachM;
  let nearestM = reachM;
  for (const a of axes[0]!) {
    for (const b of axes[1]!) {
      const flat = a.awayM * a.awayM + b.awayM * b.awayM;
      if (flat > most) continue;
      for (const c of axes[2]!) {
        const squared = flat + c.awayM * c.awayM;
        if (squared > most || a.order + b.order + c.order < Math.max(1, fromOrder)) continue;
        const distance = Math.max(NEAREST_M, Math.sqrt(squared));
        const heard = hear?.([a.awayM, b.awayM, c.awayM], distance);
        const way = distance + (heard?.extraM ?? 0);
        if (way < nearestM) nearestM = way;
        for (const [band, response] of bands.entries()) {
          const walls = a.gains[band]! * b.gains[band]! * c.gains[band]!;
          const air = airNpPerM === undefined ? 1 : exp(-airNpPerM[band]! * distance);
          depositSample(response, way * samplesPerM, (walls * air * (heard?.gains[band] ?? 1)) / distance);
        }
      }
    }
  }
  return nearestM;
}

interface AxisImage {
  /** From the microphone to the image. */
  readonly awayM: number;
  readonly order: number;
  /** [bands] */
  readonly gains: readonly number[];
}

/** Images along one axis: at 2 n L + s and 2 n L - s, through |n| and |n| or |n - 1| passes of the two walls. */
function imagesAlong(
  source: number,
  microphone: number,
  size: number,
  reachM: number,
  low: readonly number[],
  high: readonly number[],
): AxisImage[] {
  const images: AxisImage[] = [];
  const most = Math.ceil(reachM / (2 * size)) + 1;
  for (let n = -most; n <= most; n++) {
    for (const mirrored of [false, true]) {
      const awayM = 2 * n * size + (mirrored ? -source : source) - microphone;
      if (Math.abs(awayM) > reachM) continue;
      const passesLow = mirrored ? Math.abs(n - 1) : Math.abs(n);
      const passesHigh = Math.abs(n);
      const gains = low.map((gain, band) => power(gain, passesLow) * power(high[band]!, passesHigh));
      images.push({ awayM, order: passesLow + passesHigh, gains });
    }
  }
  return images;
}

/** A place on a wall, or up to 5 cm within it, as one just inside: bodies touch walls, and sound comes from where they touch. */
export function nearInside({ cornerM, sizeM }: Room, placeM: Vec3): Vec3 {
  const inside = placeM.map((value, axis) => {
    const [low, high] = [cornerM[axis]!, cornerM[axis]! + sizeM[axis]!];
    if (value < low - WALL_M || value > high + WALL_M) return value;
    return Math.min(high - NUDGE_M, Math.max(low + NUDGE_M, value));
  });
  return inside as unknown as Vec3;
}

/** Tells whether a place is inside a room. */
export function isInside({ cornerM, sizeM }: Room, placeM: Vec3): boolean {
  return placeM.every((value, axis) => value > cornerM[axis]! && value < cornerM[axis]! + sizeM[axis]!);
}

/** @throws UmweltError `invalid-input` when a place is not inside a room. */
export function requireInside(room: Room, placeM: Vec3, what: string): void {
  if (isInside(room, placeM)) return;
  const { cornerM, sizeM } = room;
  throw new UmweltError(
    'invalid-input',
    { placeM, cornerM, sizeM },
    `acoustics.room: expected every ${what} inside the room from [${cornerM.join(', ')}] of size ` +
      `[${sizeM.join(', ')}] m, got one at [${placeM.map((value) => Number(value.toPrecision(6))).join(', ')}]; ` +
      'move it or widen the room',
  );
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let k = 0; k < exponent; k++) product *= base;
  return product;
}
