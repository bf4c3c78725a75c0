import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { SPEED_OF_SOUND_MPS } from '../../sensors/audio/air.js';
import { createAudio } from '../../sensors/audio/audio.js';
import { contactDurationS, findImpacts } from '../../sensors/audio/impacts.js';
import { bodyModes } from '../../sensors/audio/modes.js';
import { createResonators } from '../../sensors/audio/resonators.js';
import { type AudioSpecification, audioSpecification } from '../../sensors/audio/specification.js';
import type { SensorSample } from '../../sensors/contract.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, digest, type Event, scene, scripted } from './scene.js';
import { delayS, rootMeanSquare, tone } from './signal.js';

const anvil = body('anvil', 'fixed', { kind: 'sphere', radiusM: 0.01 }, 'steel');
const hammer = body('hammer', 'dynamic', { kind: 'sphere', radiusM: 0.02 }, 'plastic', {
  pose: { positionM: [0, 0, 0.02], orientation: [1, 0, 0, 0] },
});
const slab = body('slab', 'fixed', { kind: 'box', halfExtentsM: [0.5, 0.4, 0.01] }, 'wood');
const block = body('block', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.04, 0.03] }, 'plastic', {
  pose: { positionM: [0, 0, 0.03], orientation: [1, 0, 0, 0] },
});

function microphones(
  places: readonly Vec3[],
  overrides: Partial<AudioSpecification> = {},
): AudioSpecification {
  const list = places.map((positionM, index) => ({ name: `m${index}`, positionM }));
  const parsed = audioSpecification.parse({ kind: 'audio', microphones: list, noise: false });
  return { ...(parsed as AudioSpecification), fullScalePa: 1e4, ...overrides };
}

/** A blow in step 101: the bodies close at 1 m/s before it, and the solver stops them. */
function blow(spec: SimSpec, pointM: Vec3, impulseNs: number) {
  const still = [0, 0, 0, 0, 0, 0];
  return (step: number): Event => {
    if (step === 100) return { velocities: [...still, 0, 0, -1, 0, 0, 0] };
    if (step !== 101) return {};
    return { velocities: spec.bodies.flatMap(() => still), contacts: [contact(pointM, impulseNs)] };
  };
}

/** What each microphone records. */
function listen(
  spec: SimSpec,
  specification: AudioSpecification,
  script: (step: number) => Event,
): Float64Array[] {
  const sensor = createAudio('audio', specification, spec);
  return tracks(
    scripted(spec, script).flatMap((frame) => sensor.sense(frame)),
    specification,
  );
}

function tracks(samples: readonly SensorSample[], { microphones: all, samplesPerRow }: AudioSpecification) {
  return all.map((_, m) =>
    Float64Array.from(
      samples.flatMap(({ values }) => [
        ...values.pressurePa!.subarray(m * samplesPerRow, (m + 1) * samplesPerRow),
      ]),
    ),
  );
}

describe('a struck steel rod', () => {
  const lengthM = 0.5;
  const radiusM = 0.005;
  const rod = body('rod', 'dynamic', { kind: 'cylinder', radiusM, halfHeightM: lengthM / 2 }, 'steel', {
    pose: { positionM: [0, 0, radiusM], orientation: [Math.SQRT1_2, 0, Math.SQRT1_2, 0] },
  });
  const spec = scene([anvil, rod], {}, 2);
  const sound = listen(spec, microphones([[0, 0.3, 1]]), blow(spec, [0.25, 0, 0], 0.1))[0]!;
  const { youngPa, densityKgpm3 } = rod.material;

  it.each([
    [0, 4.730041],
    [1, 7.853205],
  ])('rings at bending mode %i of a free bar within 1 %, and decays as Rayleigh damping says', (_, root) => {
    const hz = ((root / lengthM) ** 2 * (radiusM / 2) * Math.sqrt(youngPa / densityKgpm3)) / (2 * Math.PI);
    const heard = tone(sound, 16000, hz, 4000, 8000, 400);
    // The lag holds whole turns of the phase only to within 20 Hz.
    expect(Math.abs(heard.frequencyHz / hz - 1)).toBeLessThan(0.01);
    const far = tone(sound, 16000, heard.frequencyHz, 4000, 8000, 16000);
    const w = 2 * Math.PI * heard.frequencyHz;
    expect(far.decayPerS / ((5 + 3e-8 * w * w) / 2)).toBeCloseTo(1, 2);
  });

  it('is silent until the sound of the blow arrives', () => {
    const distance = Math.hypot(0.3, 1 - radiusM);
    const arrives = Math.floor((0.1 + distance / SPEED_OF_SOUND_MPS) * 16000);
    // The interpolating filter looks four samples ahead.
    expect(sound.subarray(0, arrives - 4).every((value) => value === 0)).toBe(true);
    expect(rootMeanSquare(sound, arrives, arrives + 200)).toBeGreaterThan(1e-3);
  });
});

describe('propagation', () => {
  const near: Vec3 = [0.7, 0.1, 0.4];
  const far: Vec3 = [-1.9, 0.3, 0.6];
  const apart = (point: Vec3) => {
    const distance = (m: Vec3) => Math.hypot(m[0] - point[0], m[1] - point[1], m[2] - point[2]);
    return [distance(near), distance(far)] as const;
  };

  it.each([
    ['a moving body, from its centre', anvil, block, [0, 0, 0.03]],
    ['a fixed body, from the point of the blow', slab, hammer, [0.03, 0.02, 0]],
  ] as const)('carries %s: delay within 1 microsecond and 1 / r', (_, below, above, origin) => {
    const spec = scene([below, above], {}, 1.2);
    const [a, b] = listen(spec, microphones([near, far]), blow(spec, [0.03, 0.02, 0], 0.1)) as [
      Float64Array,
      Float64Array,
    ];
    const [ra, rb] = apart(origin);
    const sounding = below === slab ? slab : block;
    const tones = [...bodyModes(sounding, 16000).frequencyHz].filter((hz) => hz < 5000);
    const expected = (rb - ra) / SPEED_OF_SOUND_MPS;
    expect(Math.abs(delayS(a, b, 16000, tones, expected) - expected)).toBeLessThan(1e-6);
    expect((rootMeanSquare(a) / rootMeanSquare(b)) * (ra / rb)).toBeCloseTo(1, 2);
  });
});

describe('resonators', () => {
  it('take in the impulse of a push exactly, however short or long', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 40, noNaN: true }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (length, start) => {
          // At 0.02 Hz, undamped, the velocity after a push of a few milliseconds is the impulse.
          const bank = createResonators(Float64Array.of(0.02), Float64Array.of(0), Float64Array.of(1), 16000);
          bank.push(Float64Array.of(3), start, length);
          const out = new Float64Array(64);
          for (let block = 0; block < 4; block++) bank.render(out.subarray(block * 16, block * 16 + 16), 16);
          expect(out[63]!).toBeCloseTo(3, 3);
        },
      ),
    );
  });

  it('never gain energy after the last push', () => {
    const frequency = fc.double({ min: 30, max: 7000, noNaN: true });
    const decay = fc.double({ min: 0, max: 2000, noNaN: true });
    fc.assert(
      fc.property(frequency, decay, (hz, decayPerS) => {
        const bank = createResonators(
          Float64Array.of(hz),
          Float64Array.of(decayPerS),
          Float64Array.of(1),
          16000,
        );
        bank.push(Float64Array.of(1), 0, 0.5);
        const out = new Float64Array(2000);
        for (let block = 0; block < 125; block++) bank.render(out.subarray(block * 16, block * 16 + 16), 16);
        // For a free oscillation A r^n cos(n a + b) this is A^2 r^2n sin^2 a: kinetic and potential energy together.
        const r = Math.exp(-decayPerS / 16000);
        const w = 2 * Math.PI * hz;
        const cosine = Math.cos(Math.sqrt(Math.max(0, w * w - decayPerS * decayPerS)) / 16000);
        const energy = (n: number) =>
          out[n]! ** 2 + (r * out[n - 1]!) ** 2 - 2 * r * cosine * out[n]! * out[n - 1]!;
        const most = energy(16);
        let growth = 0;
        for (let n = 17; n < 2000; n++) growth = Math.max(growth, energy(n) - energy(n - 1));
        expect(growth).toBeLessThanOrEqual(1e-10 * most);
      }),
      { numRuns: 50 },
    );
  });

  it('come to rest', () => {
    const bank = createResonators(Float64Array.of(1000), Float64Array.of(300), Float64Array.of(1), 16000);
    bank.push(Float64Array.of(1), 0, 8);
    const out = new Float64Array(16);
    let blocks = 0;
    while (bank.render(out, 16)) blocks++;
    expect(blocks).toBeLessThan(200);
  });
});

describe('findImpacts', () => {
  const spec = scene([slab, block]);
  const frames = (closing: number, impulseNs: number) =>
    scripted(spec, (step) => ({
      velocities:
        step === 0 ? [0, 0, 0, 0, 0, 0, 0, 0, -closing, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      contacts: step === 1 ? [contact([0, 0, 0], impulseNs)] : [],
    }));
  const found = (closing: number, impulseNs: number) => {
    const [before, after] = frames(closing, impulseNs);
    return findImpacts(before!, after!, spec);
  };

  it('takes the whole impulse of a blow', () => {
    expect(found(1, block.massKg)[0]!.impulseNs).toEqual([0, 0, block.massKg]);
  });

  it('hears nothing in a contact that bears weight, or that opens', () => {
    expect(found(0, block.massKg * 9.81e-3)).toEqual([]);
    expect(found(0.009, block.massKg * 9.81e-3)).toEqual([]);
    expect(found(-1, 0.1)).toEqual([]);
  });

  it('never makes more of a blow than an elastic stop of what approached', () => {
    expect(found(0.5, 100)[0]!.impulseNs[2]).toBeLessThanOrEqual(2 * block.massKg * 0.5);
  });

  it('lasts as Hertz says: two steel balls of 10 mm radius at 1 m/s touch for 62 microseconds', () => {
    const [a, b] = [anvil, { ...anvil, motion: 'dynamic' as const }];
    const mass = b.massKg / 2;
    const modulus = 2e11 / (2 * (1 - 0.29 ** 2));
    const expected = 2.87 * ((mass * mass) / (0.005 * modulus ** 2)) ** 0.2;
    expect(contactDurationS(a, b, mass, 1) / expected).toBeCloseTo(1, 9);
    expect(contactDurationS(a, b, mass, 32) / contactDurationS(a, b, mass, 1)).toBeCloseTo(0.5, 9);
    expect(expected).toBeCloseTo(62e-6, 6);
  });
});

describe('the recording', () => {
  const spec = scene([slab, block], {}, 0.5);
  const script = blow(spec, [0.03, 0.02, 0], 0.2);

  it('comes in complete rows, each at the time of its first sample', () => {
    const sensor = createAudio('audio', microphones([[0, 0, 1]], { samplesPerRow: 300 }), spec);
    const samples = scripted(spec, script).flatMap((frame) => sensor.sense(frame));
    expect(samples).toHaveLength(26);
    expect(samples.map(({ timeNs }) => timeNs).slice(0, 3)).toEqual([0n, 18_750_000n, 37_500_000n]);
    for (const { values } of samples) expect(values.pressurePa).toHaveLength(300);
  });

  it('does not depend on how long the rows are', () => {
    const long = listen(spec, microphones([[0, 0, 1]], { samplesPerRow: 800 }), script)[0]!;
    const short = listen(spec, microphones([[0, 0, 1]], { samplesPerRow: 7 }), script)[0]!;
    expect(short.subarray(0, 8000)).toEqual(long.subarray(0, short.length).subarray(0, 8000));
  });

  it('clips at full scale', () => {
    const clipped = listen(spec, microphones([[0.1, 0.1, 0.2]], { fullScalePa: 0.05 }), script)[0]!;
    expect(Math.max(...clipped.map(Math.abs))).toBe(Math.fround(0.05));
  });

  it('adds self-noise of the given level, its own to each microphone whichever others there are', () => {
    const places: Vec3[] = [
      [0, 0, 1],
      [0, 1, 1],
    ];
    const noisy = microphones(places, { noise: true, selfNoisePa: 1e-3 });
    const [a, b] = listen(spec, noisy, () => ({})) as [Float64Array, Float64Array];
    expect(rootMeanSquare(a) / 1e-3).toBeCloseTo(1, 1);
    const product = a.reduce((sum, value, index) => sum + value * b[index]!, 0) / a.length;
    expect(Math.abs(product)).toBeLessThan(5e-8);
    const alone = microphones(places, { noise: true, selfNoisePa: 1e-3 });
    const second = { ...alone, microphones: [alone.microphones[1]!] };
    expect(listen(spec, second, () => ({}))[0]).toEqual(b);
  });

  it('repeats bit for bit, today as then', () => {
    const run = () => {
      const sensor = createAudio('audio', microphones([[0, 0.2, 0.5]], { noise: true }), spec);
      return digest(scripted(spec, script).flatMap((frame) => sensor.sense(frame)));
    };
    expect(run()).toBe(run());
    expect(run()).toBe('7b46bd7b1548a573381184bbd9a505c418282188efa6886fcec8f035d827a8ba');
  });
});

describe('a cube that falls in the real engine', () => {
  it('is silent before, loud as a knock at the blow, dies away, and does not buzz at rest', async () => {
    const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [1.5, 1.5, 0.02] }, 'wood', {
      pose: { positionM: [0, 0, -0.02], orientation: [1, 0, 0, 0] },
    });
    const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'plastic', {
      massKg: 0.37,
      pose: { positionM: [0.1, 0.05, 0.25], orientation: [1, 0, 0, 0] },
    });
    const spec = scene([table, cube], {}, 1.6);
    const specification = microphones([[0.6, 0.5, 0.7]]);
    const sensor = createAudio('audio', specification, spec);
    const world = await createWorld(spec);
    const samples: SensorSample[] = [...sensor.sense(world.frame())];
    for (let step = 0; step < 1600; step++) samples.push(...sensor.sense(world.step()));
    world.free();
    const sound = tracks(samples, specification)[0]!;
    // It falls 200 mm: 0.202 s.
    expect(rootMeanSquare(sound, 0, 3200)).toBe(0);
    const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(peak).toBeGreaterThan(0.1);
    expect(peak).toBeLessThan(20);
    const levels = [0.5, 0.7, 0.9, 1.1].map((s) => rootMeanSquare(sound, s * 16000, (s + 0.2) * 16000));
    for (const [index, level] of levels.entries())
      if (index > 0) expect(level).toBeLessThanOrEqual(levels[index - 1]!);
    expect(rootMeanSquare(sound, 1.4 * 16000)).toBe(0);
  });
});
