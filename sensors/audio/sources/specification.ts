import { z } from 'zod';
import { type Resolved, randomisable } from '../../../core/distribution.js';

const coordinateM = randomisable(z.number().min(-1e5).max(1e5));

/** What every source has: where it is, when it sounds and how loud. */
const place = {
  /** The body that carries it; the world where absent. */
  body: z.string().min(1).optional(),
  /** In the frame of that body, or of the world. */
  positionM: z.tuple([coordinateM, coordinateM, coordinateM]).default([0, 0, 0]),
  fromS: randomisable(z.number().min(0).max(3600)).default(0),
  toS: randomisable(z.number().min(0).max(3600)).default(3600),
  /** Root mean square sound pressure 1 m away, Pa. */
  levelPa: randomisable(z.number().min(0).max(1e3)).default(0.2),
};

/** A source of sound beside contacts. Constant speeds; where a body moves, Doppler follows from its motion. */
export const soundSourceSpecification = z.discriminatedUnion('kind', [
  /** Firing orders: rpm cylinders / 120 Hz and harmonics. */
  z.strictObject({
    kind: z.literal('engine'),
    ...place,
    rpm: randomisable(z.number().min(100).max(20000)).default(1500),
    cylinders: randomisable(z.int().min(1).max(16)).default(4),
  }),
  /** Rolling noise of a vehicle's tyres: `levelPa` is at 10 m/s, and grows by 30 log10(v / 10) dB with the body's speed. */
  z.strictObject({ kind: z.literal('tyre'), ...place }),
  /** Turbulence at every microphone, not a place: `levelPa` is at 10 m/s and grows with the square of the wind's speed. */
  z.strictObject({
    kind: z.literal('wind'),
    ...place,
    windSpeedMps: randomisable(z.number().min(0).max(100)).default(5),
  }),
  /** A tone that sweeps between two pitches. */
  z.strictObject({
    kind: z.literal('siren'),
    ...place,
    lowHz: randomisable(z.number().min(20).max(20000)).default(600),
    highHz: randomisable(z.number().min(20).max(20000)).default(1400),
    periodS: randomisable(z.number().min(0.05).max(60)).default(3),
  }),
  /** Steady tones with harmonics; one frequency is a pure tone. */
  z.strictObject({
    kind: z.literal('horn'),
    ...place,
    frequenciesHz: z
      .array(randomisable(z.number().min(20).max(20000)))
      .min(1)
      .max(16)
      .default([420, 500]),
    harmonics: z.int().min(1).max(40).default(8),
  }),
]);

export type SoundSourceSpecification = Resolved<z.output<typeof soundSourceSpecification>>;
