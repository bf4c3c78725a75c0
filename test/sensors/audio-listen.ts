import { OUTDOORS, type SimSpec } from '../../scenarios/contract.js';
import { createAudio } from '../../sensors/audio/audio.js';
import {
  type SoundSourceSpecification,
  soundSourceSpecification,
} from '../../sensors/audio/sources/specification.js';
import { type AudioSpecification, audioSpecification } from '../../sensors/audio/specification.js';
import { body, scene, scripted } from './scene.js';

export const post = body('post', 'fixed', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'wood', {
  pose: { positionM: [0, 0, -50], orientation: [1, 0, 0, 0] },
});
export const car = body('car', 'kinematic', { kind: 'box', halfExtentsM: [2, 1, 0.7] }, 'steel');

/** Parses an array of microphones without noise. */
export const microphones = (list: object[], overrides: object = {}): AudioSpecification =>
  audioSpecification.parse({
    kind: 'audio',
    noise: false,
    fullScalePa: 1000,
    samplesPerRow: 100,
    microphones: list.map((one, i) => ({ name: `m${i}`, ...one })),
    ...overrides,
  }) as AudioSpecification;

/** Parses a source. */
export const sound = (document: object): SoundSourceSpecification =>
  soundSourceSpecification.parse(document) as SoundSourceSpecification;

/** What microphones hear of sounds while the car goes along a path. */
export function listen(
  audio: AudioSpecification,
  sounds: Record<string, SoundSourceSpecification>,
  durationS: number,
  at: (t: number) => readonly [number, number, number] = () => [0, 0, 0],
  acoustics: SimSpec['acoustics'] = OUTDOORS,
): Float64Array[] {
  const spec: SimSpec = { ...scene([post, car], {}, durationS), sounds, acoustics };
  const sensor = createAudio('ears', audio, spec);
  const frames = scripted(spec, (step) => {
    const now = at(step / 1000);
    const next = at((step + 1) / 1000);
    const velocity = now.map((value, axis) => (next[axis]! - value) * 1000);
    return {
      poses: [0, 0, -50, 1, 0, 0, 0, ...now, 1, 0, 0, 0],
      velocities: [0, 0, 0, 0, 0, 0, ...velocity, 0, 0, 0],
    };
  });
  const rows = frames.flatMap((frame) => sensor.sense(frame)).map(({ values }) => values.pressurePa!);
  return audio.microphones.map((_, m) =>
    Float64Array.from(rows.flatMap((row) => [...row.subarray(m * 100, (m + 1) * 100)])),
  );
}

/** Root mean square. */
export const rms = (samples: Float64Array, from = 0, to = samples.length): number =>
  Math.sqrt(samples.subarray(from, to).reduce((sum, value) => sum + value * value, 0) / (to - from));

/** Mean frequency of a tone over some samples, from its rising zeros. */
export function pitch(samples: Float64Array, rateHz: number, from: number, to: number): number {
  const zeros: number[] = [];
  for (let n = from; n < to; n++) {
    const [a, b] = [samples[n]!, samples[n + 1]!];
    if (a < 0 && b >= 0) zeros.push(n + a / (a - b));
  }
  return ((zeros.length - 1) * rateHz) / (zeros.at(-1)! - zeros[0]!);
}
