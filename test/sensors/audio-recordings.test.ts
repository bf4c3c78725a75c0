import { describe, expect, it } from 'vitest';
import { createAudio } from '../../sensors/audio/audio.js';
import { type AudioSpecification, audioSpecification } from '../../sensors/audio/specification.js';
import { joinRows } from '../../sensors/audio/tracks.js';
import { body, contact, scene, scripted } from './scene.js';
import { rootMeanSquare } from './signal.js';
import {
  median,
  readClip,
  reportClip,
  resynthesise,
  STRUCK_FOLDER,
  spectralCentroid,
  struckClips,
} from './struck-clips.js';

const clips = struckClips();
const about = `(skipped where ${STRUCK_FOLDER} is not)`;
/** Clips of one clear stroke on something that rings. */
const RINGING = [
  'drum_cowbell',
  'drum_tom_hi_soft',
  'drum_tom_lo_hard',
  'drum_tom_mid_soft',
  'tabla_na',
  'tabla_tas3',
  'tabla_tun1',
  'tabla_ghe8',
].filter((name) => clips.includes(name));

describe.skipIf(RINGING.length === 0)(`struck things, recorded ${about}`, () => {
  it.each(RINGING)(
    '%s: twelve modes hold nine tenths of the ringing, and resonators give them back',
    (name) => {
      const { explained, distinct, frequencyErrors, decayErrors } = reportClip(name);
      expect(explained).toBeGreaterThan(0.9);
      expect(distinct.length).toBeGreaterThan(1);
      expect(median(frequencyErrors)).toBeLessThan(1e-3);
      expect(median(decayErrors)).toBeLessThan(0.02);
    },
  );
});

/** The seven pairs of SOURCE.md of which this copy holds both strokes. */
const PAIRS = ['drum_tom_lo', 'drum_tom_mid', 'drum_tom_hi'].filter(
  (name) => clips.includes(`${name}_soft`) && clips.includes(`${name}_hard`),
);

/** Centroid of a wooden plate's sound when a ball strikes it at a speed, Hz; Hertz shortens the blow as v^(-1/5). */
function strikePlate(speedMps: number): { readonly centroidHz: number; readonly level: number } {
  const plate = body('plate', 'fixed', { kind: 'box', halfExtentsM: [0.3, 0.25, 0.006] }, 'wood', {
    pose: { positionM: [0, 0, -0.006], orientation: [1, 0, 0, 0] },
  });
  const ball = body('ball', 'dynamic', { kind: 'sphere', radiusM: 0.015 }, 'rubber', {
    pose: { positionM: [0, 0, 0.015], orientation: [1, 0, 0, 0] },
  });
  const spec = scene([plate, ball], {}, 0.5);
  const specification = audioSpecification.parse({
    kind: 'audio',
    rateHz: 44100,
    samplesPerRow: 441,
    microphones: [{ name: 'm', positionM: [0.1, 0.2, 0.6] }],
    fullScalePa: 1e4,
    noise: false,
  }) as AudioSpecification;
  const still = [0, 0, 0, 0, 0, 0];
  const frames = scripted(spec, (step) => {
    if (step === 1) return { velocities: [...still, 0, 0, -speedMps, 0, 0, 0] };
    if (step !== 2) return {};
    return { velocities: [...still, ...still], contacts: [contact([0.07, 0.04, 0], ball.massKg * speedMps)] };
  });
  const sensor = createAudio('audio', specification, spec);
  const rows = frames.flatMap((frame) => sensor.sense(frame)).map(({ values }) => values.pressurePa!);
  const track = Float64Array.from(joinRows(rows as Float32Array[], 1, 441)[0]!);
  return { centroidHz: spectralCentroid(track, 44100), level: rootMeanSquare(track) };
}

describe('soft and hard strokes', () => {
  it('brighten the simulated sound as they grow faster', () => {
    const [soft, hard] = [strikePlate(1), strikePlate(4)];
    expect(hard.level / soft.level).toBeGreaterThan(4);
    expect(hard.centroidHz / soft.centroidHz).toBeGreaterThan(1.05);
  });

  it.skipIf(PAIRS.length === 0)(`move the centroid as the real pairs do: up ${about}`, () => {
    for (const name of PAIRS) {
      const [soft, hard] = [readClip(`${name}_soft`), readClip(`${name}_hard`)];
      const real = spectralCentroid(hard.samples, 44100) / spectralCentroid(soft.samples, 44100);
      expect(real).toBeGreaterThan(1.4);
      // The drum's own modes, struck by a blow of half a millisecond and by one shortened as the peaks' ratio says.
      const loudest = (samples: Float64Array) => samples.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const ratio = loudest(hard.samples) / loudest(soft.samples);
      const { modes } = reportClip(`${name}_hard`);
      const sound = (blowS: number) => spectralCentroid(resynthesise(modes, 44100, 22050, blowS), 44100);
      const simulated = sound(0.0005 * ratio ** -0.2) / sound(0.0005);
      expect(simulated).toBeGreaterThan(1.02);
      expect(simulated).toBeLessThan(real);
    }
  });
});
