import { describe, expect, it } from 'vitest';
import { OUTDOORS, type SimSpec } from '../../scenarios/contract.js';
import { airAbsorptionDbPerM, SPEED_OF_SOUND_MPS } from '../../sensors/audio/air.js';
import { createAudio } from '../../sensors/audio/audio.js';
import { createSignal } from '../../sensors/audio/sources/signal.js';
import { car, listen, microphones, pitch, post, rms, sound } from './audio-listen.js';
import { scene, scripted } from './scene.js';
import { bin, delayS, magnitude } from './signal.js';

const whistle = sound({ kind: 'horn', body: 'car', frequenciesHz: [1000], harmonics: 1, levelPa: 1 });

describe('sound on its way', () => {
  it('shifts the pitch of a passing source as the moment of emission says, within 0.1 %', () => {
    for (const speed of [30, -12]) {
      const start = speed > 0 ? -20 : 8;
      const [heard] = listen(
        microphones([{ positionM: [0, 5, 0] }], { rateHz: 48000 }),
        { whistle },
        1.4,
        (t) => [start + speed * t, 0, 0],
      );
      for (let window = 0.15; window < 1.35; window += 0.05) {
        const [from, to] = [Math.round((window - 0.01) * 48000), Math.round((window + 0.01) * 48000)];
        // t - t' = d(t') / c, by halving.
        let [low, high] = [window - 0.2, window];
        for (let i = 0; i < 60; i++) {
          const middle = (low + high) / 2;
          const way = Math.hypot(start + speed * middle, 5);
          if (middle + way / SPEED_OF_SOUND_MPS < window) low = middle;
          else high = middle;
        }
        const x = start + speed * low;
        const expected = 1000 / (1 + (speed * x) / Math.hypot(x, 5) / SPEED_OF_SOUND_MPS);
        expect(Math.abs(pitch(heard!, 48000, from, to) / expected - 1)).toBeLessThan(1e-3);
      }
    }
  });

  it('shifts the pitch for a microphone that moves, by 1 + v / c', () => {
    const still = sound({ kind: 'horn', positionM: [60, 0, 0], frequenciesHz: [1000], harmonics: 1 });
    const [heard] = listen(microphones([{ body: 'car', positionM: [0, 0, 0] }]), { still }, 0.8, (t) => [
      25 * t,
      0,
      0,
    ]);
    expect(pitch(heard!, 16000, 6000, 12000) / (1000 * (1 + 25 / SPEED_OF_SOUND_MPS))).toBeCloseTo(1, 4);
  });

  it.each([
    [16000, 9, 0.1],
    [16000, 120, 0.2],
    [48000, 60, 0.2],
    [48000, 250, 1.3],
  ])('loses strength with distance and to the air, at every pitch: %i Hz, %i m', (rateHz, far, within) => {
    const frequenciesHz = [250, 1000, 2000, 4000, rateHz > 40000 ? 8000 : 4750];
    const [a, b] = listen(
      microphones([{ positionM: [2, 0, 0] }, { positionM: [far, 0, 0] }], { rateHz }),
      { tones: sound({ kind: 'horn', frequenciesHz, harmonics: 1, levelPa: 1 }) },
      far / 340 + 0.06,
    );
    const length = 0.04 * rateHz;
    const level = (heard: Float64Array, hz: number) =>
      magnitude(bin(heard, rateHz, hz, heard.length - length, length, false));
    for (const hz of frequenciesHz) {
      const dB = 20 * Math.log10(level(a!, hz) / level(b!, hz));
      const expected = 20 * Math.log10(far / 2) + (far - 2) * airAbsorptionDbPerM(hz, 20, 0.5);
      expect(Math.abs(dB - expected)).toBeLessThan(within);
    }
  });

  it('keeps its phase and its loudness where the far filter takes over, at 10 m', () => {
    const tone = sound({ kind: 'horn', frequenciesHz: [3000], harmonics: 1, levelPa: 1 });
    const [near, over] = listen(
      microphones([{ positionM: [10.2, 0, 0] }, { positionM: [10.3, 0, 0] }]),
      { tone },
      0.2,
    );
    const late = delayS(near!.subarray(1000), over!.subarray(1000), 16000, [3000], 0.1 / SPEED_OF_SOUND_MPS);
    expect(Math.abs(late - 0.1 / SPEED_OF_SOUND_MPS)).toBeLessThan(1e-6);
    expect((rms(near!, 1000) / rms(over!, 1000)) * (10.2 / 10.3)).toBeCloseTo(1, 2);
  });

  it('is absorbed as the tables of ISO 9613-1 say, dB a kilometre', () => {
    for (const [hz, celsius, humidity, table] of [
      [125, 20, 0.5, 0.445],
      [500, 20, 0.5, 2.73],
      [1000, 20, 0.5, 4.66],
      [2000, 20, 0.5, 9.86],
      [4000, 20, 0.5, 29.4],
      [8000, 20, 0.5, 104],
      [1000, 10, 0.7, 3.66],
      [4000, 10, 0.7, 32.8],
    ] as const) {
      const computed = 1000 * airAbsorptionDbPerM(hz, celsius, humidity);
      expect(Math.abs(computed / table - 1)).toBeLessThan(0.03);
    }
  });
});

describe('microphones', () => {
  const tone = (positionM: number[], frequenciesHz = [1000]) =>
    sound({ kind: 'horn', positionM, frequenciesHz, harmonics: 1, levelPa: 1 });

  it.each([
    ['omni', 1, 0],
    ['cardioid', 0.5, 0.5],
    ['supercardioid', 0.366, 0.634],
    ['hypercardioid', 0.25, 0.75],
    ['figure-eight', 0, 1],
  ])('hear by their pattern: %s', (pattern, omni, eight) => {
    for (const angle of [0, 1, Math.PI / 2, 2.4, Math.PI]) {
      const [heard] = listen(
        microphones([{ positionM: [0, 0, 0], pattern }]),
        { tone: tone([2 * Math.cos(angle), 2 * Math.sin(angle), 0]) },
        0.3,
      );
      const gain = Math.abs(omni + eight * Math.cos(angle));
      expect(Math.abs(rms(heard!, 2000, 4000) * 2 - gain)).toBeLessThan(0.01);
    }
  });

  it('turn with what carries them, and have a sensitivity', () => {
    const list = [
      {
        body: 'car',
        positionM: [0, 0, 1],
        pattern: 'cardioid',
        orientation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
      },
      { positionM: [0, 0, 1], gainDb: 6.0206 },
    ];
    const [turned, loud] = listen(microphones(list), { tone: tone([0, -2, 1]) }, 0.3);
    // Its axis is the car's left; the source is on the right.
    expect(rms(turned!, 2000, 4000)).toBeLessThan(0.01);
    expect(rms(loud!, 2000, 4000)).toBeCloseTo(1, 2);
  });

  it.each([8000, 22050, 44100, 48000, 96000])('hear a tone as loud at %i Hz', (rateHz) => {
    const [heard] = listen(
      microphones([{ positionM: [1, 0, 0] }], { rateHz }),
      { tone: tone([0, 0, 0]) },
      0.2,
    );
    expect(Math.abs(rms(heard!, Math.round(0.1 * rateHz)) - 1)).toBeLessThan(0.01);
  });

  it('keep out slow pressure where asked to: half the power at the corner, 6 dB an octave below', () => {
    const gain = (hz: number, highPassHz?: number): number => {
      const audio = microphones([{ positionM: [1, 0, 0] }], highPassHz === undefined ? {} : { highPassHz });
      return rms(listen(audio, { tone: tone([0, 0, 0], [hz]) }, 0.6)[0]!, 3200);
    };
    for (const [hz, expected] of [
      [25, 1 / Math.sqrt(17)],
      [100, Math.SQRT1_2],
      [3200, 1],
    ] as const)
      expect(Math.abs(gain(hz, 100) / gain(hz) - expected)).toBeLessThan(0.01);
  });

  it('stand apart by the way of the sound, to a microsecond', () => {
    const list = [{ positionM: [0, 0, 0] }, { positionM: [0, 0.2, 0] }];
    for (const [x, y] of [
      [3, 1],
      [1, 4],
      [-2, 2],
    ] as const) {
      const [a, b] = listen(microphones(list, { rateHz: 48000 }), { tone: tone([x, y, 0.5], [600]) }, 0.2);
      const phase = (samples: Float64Array): number => {
        let [re, im] = [0, 0];
        for (let n = 4000; n < 8000; n++) {
          re += samples[n]! * Math.cos((2 * Math.PI * 600 * n) / 48000);
          im += samples[n]! * Math.sin((2 * Math.PI * 600 * n) / 48000);
        }
        return Math.atan2(im, re);
      };
      const turn = phase(b!) - phase(a!);
      const late = (turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI))) / (2 * Math.PI * 600);
      const expected = (Math.hypot(x, y - 0.2, 0.5) - Math.hypot(x, y, 0.5)) / SPEED_OF_SOUND_MPS;
      expect(Math.abs(late - expected)).toBeLessThan(1e-6);
    }
  });

  it('stand apart by the way of noise too, to a microsecond', () => {
    const list = [{ positionM: [0, 0, 1] }, { positionM: [0, 0.3, 1] }];
    const noise = sound({ kind: 'tyre', body: 'car', positionM: [0, 3, 0.5], toS: 0.3, levelPa: 1 });
    const spec: SimSpec = { ...scene([post, car], {}, 0.36), sounds: { noise }, acoustics: OUTDOORS };
    const sensor = createAudio('ears', microphones(list, { rateHz: 48000 }), spec);
    // A wheel that spins on the spot.
    const frames = scripted(spec, () => ({ velocities: [0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0] }));
    const rows = frames.flatMap((frame) => sensor.sense(frame)).map(({ values }) => values.pressurePa!);
    const [a, b] = [0, 1].map((m) => rows.flatMap((row) => [...row.subarray(m * 100, (m + 1) * 100)]));
    const expected = (Math.hypot(2.7, 0.5) - Math.hypot(3, 0.5)) / SPEED_OF_SOUND_MPS;
    // The peak of the cross-correlation, as the slope of the cross-spectrum's phase.
    const bins = Array.from({ length: 60 }, (_, k) => 300 + 40 * k);
    expect(Math.abs(delayS(a!, b!, 48000, bins, expected) - expected)).toBeLessThan(1e-6);
  });

  it('hear as a pair of ears: later and duller on the far side', () => {
    const ears = [
      { positionM: [0, 0, 0], pattern: 'left-ear' },
      { positionM: [0, 0, 0], pattern: 'right-ear' },
    ];
    const level = (hz: number): number => {
      const [left, right] = listen(
        microphones(ears, { rateHz: 48000 }),
        { tone: tone([0, 3, 0], [hz]) },
        0.2,
      );
      return 20 * Math.log10(rms(left!, 3000, 9000) / rms(right!, 3000, 9000));
    };
    expect(level(200)).toBeLessThan(4);
    expect(level(6000)).toBeGreaterThan(12);
    const click = sound({
      kind: 'horn',
      positionM: [0, 3, 0],
      frequenciesHz: [500],
      harmonics: 1,
      fromS: 0.05,
    });
    const [left, right] = listen(microphones(ears, { rateHz: 48000 }), { click }, 0.1);
    const first = (samples: Float64Array): number => {
      const peak = Math.max(...samples);
      return samples.findIndex((value) => Math.abs(value) > 0.01 * peak);
    };
    // Woodworth: a (1 + pi / 2) / c from ear to ear.
    const late = (0.0875 * (1 + Math.PI / 2)) / SPEED_OF_SOUND_MPS;
    expect(Math.abs((first(right!) - first(left!)) / 48000 - late)).toBeLessThan(6e-5);
  });

  it('refuse a carrier that is not there, and a place outside the room', () => {
    const room = {
      cornerM: [0, 0, 0],
      sizeM: [4, 3, 3],
      absorption: Array(6).fill(Array(6).fill(0.3)),
    } as const;
    expect(() => listen(microphones([{ body: 'bus', positionM: [0, 0, 0] }]), {}, 0.1)).toThrow(
      /sensors\.ears\.microphones\.0\.body: expected the name of a body/,
    );
    const outside = microphones([{ positionM: [5, 1, 1] }]);
    expect(() => listen(outside, {}, 0.1, undefined, { ...OUTDOORS, room } as SimSpec['acoustics'])).toThrow(
      /every microphone inside the room/,
    );
  });

  it('hear a room ring on after a sound has ended, and nothing of it outdoors', () => {
    const bands = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    const room = {
      cornerM: [-3, -2, -1],
      sizeM: [6, 5, 3],
      absorption: Array.from({ length: 6 }, () => bands),
    };
    const beep = { beep: sound({ kind: 'horn', frequenciesHz: [900], harmonics: 1, toS: 0.2, levelPa: 1 }) };
    const audio = microphones([{ positionM: [2, 1, 0.5] }]);
    const [dry] = listen(audio, beep, 0.6);
    const [wet] = listen(audio, beep, 0.6, undefined, {
      ...OUTDOORS,
      room,
    } as unknown as SimSpec['acoustics']);
    expect(rms(dry!, 3600, 4800)).toBe(0);
    expect(rms(wet!, 3600, 4800)).toBeGreaterThan(0.05);
    expect(rms(wet!, 8000, 9000)).toBeLessThan(rms(wet!, 3600, 4800));
    expect(wet!.subarray(0, 140)).toEqual(dry!.subarray(0, 140));
  });
});

describe('sources of sound', () => {
  const make = (document: object, seconds: number, speedMps = 0): Float64Array => {
    const signal = createSignal(sound(document), 16000, [1, 'test']);
    const out = new Float64Array(16000 * seconds);
    for (let from = 0; from < out.length; from += 16)
      signal.fill(out.subarray(from, from + 16), 16, speedMps);
    return out;
  };
  /** Power at a frequency, relative to a tone of root mean square 1. */
  const powerAt = (samples: Float64Array, hz: number): number => {
    let [re, im] = [0, 0];
    for (const [n, value] of samples.entries()) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
      re += value * window * Math.cos((2 * Math.PI * hz * n) / 16000);
      im += value * window * Math.sin((2 * Math.PI * hz * n) / 16000);
    }
    return (8 * (re * re + im * im)) / samples.length ** 2;
  };

  it('have the level that they state', () => {
    expect(rms(make({ kind: 'horn', levelPa: 0.5 }, 2))).toBeCloseTo(0.5, 2);
    expect(rms(make({ kind: 'siren', levelPa: 0.5 }, 3))).toBeCloseTo(0.5, 2);
    expect(rms(make({ kind: 'engine', levelPa: 0.5 }, 2))).toBeCloseTo(0.5, 1);
    expect(rms(make({ kind: 'tyre', levelPa: 0.5 }, 4, 10))).toBeCloseTo(0.5, 1);
    expect(rms(make({ kind: 'wind', levelPa: 0.5, windSpeedMps: 10 }, 8)) / 0.5).toBeGreaterThan(0.85);
    expect(rms(make({ kind: 'wind', levelPa: 0.5, windSpeedMps: 10 }, 8)) / 0.5).toBeLessThan(1.15);
  });

  it('grow louder with speed: tyres by 30 log v, wind by v squared', () => {
    const dB = (a: Float64Array, b: Float64Array): number => 20 * Math.log10(rms(a) / rms(b));
    const tyre = { kind: 'tyre', levelPa: 1 };
    expect(dB(make(tyre, 2, 20), make(tyre, 2, 10))).toBeCloseTo(30 * Math.log10(2), 6);
    expect(rms(make(tyre, 1, 0))).toBeLessThan(1e-9);
    const wind = (windSpeedMps: number) => make({ kind: 'wind', windSpeedMps }, 20);
    expect(Math.abs(dB(wind(20), wind(10)) - 12.04)).toBeLessThan(1.5);
  });

  it('fire an engine at rpm x cylinders / 120', () => {
    const heard = make({ kind: 'engine', rpm: 2400, cylinders: 4, levelPa: 1 }, 2);
    const near = (hz: number): number =>
      Math.max(...[-2, -1, -0.5, 0, 0.5, 1, 2].map((off) => powerAt(heard.subarray(0, 8192), hz + off)));
    expect(near(80)).toBeGreaterThan(0.3);
    expect(near(160)).toBeGreaterThan(0.05);
    expect(near(120)).toBeLessThan(0.03);
  });

  it('sweep a siren between its two pitches', () => {
    const heard = make({ kind: 'siren', lowHz: 500, highHz: 1500, periodS: 2 }, 2);
    expect(powerAt(heard.subarray(0, 512), 515)).toBeGreaterThan(5 * powerAt(heard.subarray(0, 512), 900));
    expect(powerAt(heard.subarray(15744, 16256), 1490)).toBeGreaterThan(
      5 * powerAt(heard.subarray(15744, 16256), 900),
    );
  });

  it('have no pitch above half the sampling rate', () => {
    const signal = createSignal(
      sound({ kind: 'siren', lowHz: 3500, highHz: 9000, periodS: 1, levelPa: 1 }),
      16000,
      [1, 'test'],
    );
    const out = new Float64Array(16000);
    signal.fill(out, 16000, 0);
    // Past 8 kHz, half a period in, all of it is out of reach; on its way the third harmonic never folds back.
    expect(rms(out, 7400, 8600)).toBeLessThan(1e-12);
    const early = out.subarray(0, 1024);
    expect(powerAt(early, 3560)).toBeGreaterThan(1e3 * powerAt(early, 16000 - 3 * 3560));
  });

  it('sound between their times only, the same again, and blow at each microphone alone', () => {
    const heard = make({ kind: 'horn', fromS: 0.25, toS: 0.5 }, 1);
    expect(rms(heard, 0, 4000)).toBe(0);
    expect(rms(heard, 4000, 8000)).toBeGreaterThan(0.1);
    expect(rms(heard, 8000, 16000)).toBe(0);
    expect(make({ kind: 'engine' }, 1)).toEqual(make({ kind: 'engine' }, 1));
    const pair = microphones([{ positionM: [0, 0, 0] }, { positionM: [0, 0.01, 0] }]);
    const [a, b] = listen(pair, { breeze: sound({ kind: 'wind', levelPa: 1, windSpeedMps: 10 }) }, 1);
    const product = a!.reduce((sum, value, n) => sum + value * b![n]!, 0) / a!.length;
    expect(Math.abs(product / (rms(a!) * rms(b!)))).toBeLessThan(0.3);
  });
});
