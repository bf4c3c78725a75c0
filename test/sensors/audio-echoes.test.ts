import { describe, expect, it } from 'vitest';
import { OUTDOORS, type SimSpec } from '../../scenarios/contract.js';
import { SPEED_OF_SOUND_MPS } from '../../sensors/audio/air.js';
import { createAudio } from '../../sensors/audio/audio.js';
import { car, listen, microphones, post, rms, sound } from './audio-listen.js';
import { scene, scripted } from './scene.js';
import { bin, magnitude } from './signal.js';

type Room = NonNullable<SimSpec['acoustics']['room']>;

const indoors = (room: Partial<Room>): SimSpec['acoustics'] => ({
  ...OUTDOORS,
  room: {
    cornerM: [-4, -3, -1],
    sizeM: [8, 6, 3.5],
    absorption: Array.from({ length: 6 }, () => [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]),
    ...room,
  },
});

const beep = (more: object) =>
  sound({ kind: 'horn', frequenciesHz: [700, 1100], harmonics: 2, toS: 0.1, levelPa: 1, ...more });

describe('echoes of what moves', () => {
  it('come from images that move too: a wall ahead sends back a higher pitch', () => {
    const nothing = [1, 1, 1, 1, 1, 1];
    const bare = [0.2, 0.2, 0.2, 0.2, 0.2, 0.2];
    const room = {
      cornerM: [-40, -20, -20] as const,
      sizeM: [80, 40, 40] as const,
      absorption: [nothing, bare, nothing, nothing, nothing, nothing],
    };
    const tone = sound({ kind: 'horn', body: 'car', frequenciesHz: [1000], harmonics: 1, levelPa: 1 });
    const [heard] = listen(
      microphones([{ positionM: [-30, 0, 0] }]),
      { tone },
      0.9,
      (t) => [10 + 20 * t, 0, 0],
      indoors(room),
    );
    const level = (hz: number): number => magnitude(bin(heard!, 16000, hz, 9000, 5000)) / 2500;
    const away = 1000 / (1 + 20 / SPEED_OF_SOUND_MPS);
    const back = 1000 / (1 - 20 / SPEED_OF_SOUND_MPS);
    const [direct, echo] = [level(away), level(back)];
    // The image is 2 x 40 - x away from the origin, the source x.
    expect(echo / direct).toBeGreaterThan(0.8 * Math.sqrt(0.8) * (50 / 90));
    expect(echo / direct).toBeLessThan(1.2 * Math.sqrt(0.8) * (50 / 80));
    expect(level(1000)).toBeLessThan(0.03 * direct);
  });

  it('are those of what rests, for a body that may move but does not', () => {
    const list = microphones([{ positionM: [1.2, 1, 0.4], pattern: 'cardioid' }], { rateHz: 48000 });
    const [rests] = listen(list, { beep: beep({ positionM: [-1, -0.7, 0] }) }, 0.3, undefined, indoors({}));
    const [may] = listen(
      list,
      { beep: beep({ body: 'car', positionM: [-1, -0.7, 0] }) },
      0.3,
      undefined,
      indoors({}),
    );
    const rest = rests!.map((value, n) => value - may![n]!);
    expect(rms(rest) / rms(rests!)).toBeLessThan(0.01);
  });

  it('have the sensitivity of the microphone', () => {
    const hear = (gainDb: number) =>
      listen(
        microphones([{ positionM: [1, 1, 0], gainDb }]),
        { beep: beep({}) },
        0.3,
        undefined,
        indoors({}),
      )[0]!;
    expect(rms(hear(20), 2500) / rms(hear(0), 2500)).toBeCloseTo(10, 6);
  });

  it('reach the ear that is turned to them first, and louder', () => {
    // Outside the direct path: the source is ahead, a hard wall on the left only.
    const nothing = [1, 1, 1, 1, 1, 1];
    const hard = [0, 0, 0, 0, 0, 0];
    const [left, right] = listen(
      microphones([
        { positionM: [0, 0, 0], pattern: 'left-ear' },
        { positionM: [0, 0, 0], pattern: 'right-ear' },
      ]),
      { beep: beep({ positionM: [0.5, 0, 0], frequenciesHz: [3000], harmonics: 1, toS: 0.005 }) },
      0.1,
      undefined,
      indoors({ absorption: [nothing, nothing, nothing, hard, nothing, nothing] }),
    );
    // Direct until 0.0065 s; the echo of the wall at y = 3 m after 6.02 m.
    const [from, to] = [0.0165 * 16000, 0.025 * 16000];
    expect(rms(left!, from, to) / rms(right!, from, to)).toBeGreaterThan(3);
  });
});

describe('a sound that a body carries', () => {
  it('is silent while the body is not there', () => {
    const audio = microphones([{ positionM: [1, 0, 0] }]);
    const hum = sound({ kind: 'horn', body: 'car', levelPa: 1 });
    const spec: SimSpec = { ...scene([post, car], {}, 0.2), sounds: { hum }, acoustics: OUTDOORS };
    const sensor = createAudio('ears', audio, spec);
    const frames = scripted(spec, () => ({})).map((frame, step) => ({
      ...frame,
      present: Uint8Array.of(1, step < 100 ? 0 : 1),
    }));
    const heard = Float64Array.from(
      frames.flatMap((frame) => sensor.sense(frame)).flatMap(({ values }) => [...values.pressurePa!]),
    );
    expect(rms(heard, 0, 1600)).toBe(0);
    expect(rms(heard, 1700, 3000)).toBeGreaterThan(0.5);
  });
});
