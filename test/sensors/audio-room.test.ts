import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../core/math/vector.js';
import { airAbsorptionNpPerM } from '../../sensors/audio/air.js';
import { BANDS_HZ, joinBands } from '../../sensors/audio/room/bands.js';
import { earlyResponse, eyringTimesS, type Room, type RoomPath } from '../../sensors/audio/room/response.js';
import { createReverberation } from '../../sensors/audio/room/reverberation.js';
import { tailResponse } from '../../sensors/audio/room/tail.js';
import { createWallFilter } from '../../sensors/audio/room/wall-filter.js';
import { bin, magnitude } from './signal.js';

const SPEED = 343.2;
const RATE = 16000;

function room(sizeM: [number, number, number], absorption: number | number[]): Room {
  const bands = typeof absorption === 'number' ? BANDS_HZ.map(() => absorption) : absorption;
  return { cornerM: [0, 0, 0], sizeM, absorption: Array.from({ length: 6 }, () => bands) };
}

/** Early and late response together. */
function respond(
  shoebox: Room,
  sourceM: Vec3,
  microphoneM: Vec3,
  more: Partial<RoomPath> = {},
  seed = 1,
): Float64Array {
  const path = { room: shoebox, sourceM, microphoneM, rateHz: RATE, speedMps: SPEED, ...more };
  const early = earlyResponse(path);
  const response = tailResponse(early, path.rateHz, [seed, 'room']);
  for (const [n, value] of early.response.entries()) if (n < response.length) response[n]! += value;
  return response;
}

/** Reverberation time from the slope between -5 and -35 dB of the backward integral (Schroeder 1965), s. */
function schroederS(response: Float64Array, rateHz: number): number {
  const energy = new Float64Array(response.length + 1);
  for (let n = response.length - 1; n >= 0; n--) energy[n] = energy[n + 1]! + response[n]! ** 2;
  const at = (dB: number): number => energy.findIndex((value) => value <= energy[0]! * 10 ** (dB / 10));
  return ((at(-35) - at(-5)) / rateHz) * 2;
}

describe('a room', () => {
  it.each([
    ['a box of a room', room([5, 4, 3], 0.25), 0.15],
    ['a hall', room([18, 12, 7], 0.15), 0.15],
    ['a bare office', room([4.2, 3.6, 2.7], 0.1), 0.15],
  ] as const)('rings as long as Eyring says: %s', (_, shoebox, tolerance) => {
    const [x, y, z] = shoebox.sizeM;
    const expected = eyringTimesS(shoebox, SPEED)[3]!;
    const places = [
      [0.3, 0.35, 0.45],
      [0.7, 0.4, 0.6],
      [0.2, 0.7, 0.3],
    ] as const;
    for (const [i, [a, b, c]] of places.entries()) {
      const response = respond(shoebox, [a * x, b * y, c * z], [0.55 * x, 0.62 * y, 0.4 * z], {}, i);
      expect(Math.abs(schroederS(response, RATE) / expected - 1)).toBeLessThan(tolerance);
    }
  });

  it('rings longer in the bands that its walls absorb less', () => {
    const dull = room([6, 5, 3], [0.05, 0.08, 0.1, 0.15, 0.2, 0.25]);
    const times = eyringTimesS(dull, SPEED);
    const response = respond(dull, [2, 2, 1.5], [4, 3, 1.2]);
    // Beyond the outermost bands' middles they stand alone.
    for (const [band, frequencyHz] of [
      [0, 105],
      [5, 5500],
    ] as const) {
      expect(Math.abs(schroederS(bandPass(response, frequencyHz), RATE) / times[band]! - 1)).toBeLessThan(
        0.25,
      );
    }
  });

  it('sends the first reflections from where mirrors would show the source', () => {
    const shoebox = room([5, 4, 3], 0.36);
    const response = respond(shoebox, [1, 1, 1], [3, 2, 1.5], { rateHz: 48000 });
    // The floor's image at z = -1: distance sqrt(4 + 1 + 6.25), gain 0.8.
    const distance = Math.sqrt(4 + 1 + 6.25);
    const place = (distance / SPEED) * 48000;
    let [sum, moment] = [0, 0];
    for (let n = Math.round(place) - 6; n <= Math.round(place) + 6; n++) {
      sum += response[n]!;
      moment += n * response[n]!;
    }
    expect(sum * distance).toBeCloseTo(0.8, 2);
    expect(Math.abs(moment / sum - place)).toBeLessThan(0.05);
    // Nothing comes before the nearest image, the floor or another.
    expect(response.subarray(0, Math.floor(place * 0.9)).every((value) => Math.abs(value) < 1e-3)).toBe(true);
  });

  it('never grows louder: the energy still to come only falls, however hard the walls', () => {
    for (const absorption of [0.02, 0.2, 0.9]) {
      const response = respond(room([3, 4, 2.5], absorption), [1, 1, 1], [2, 3, 1.5], { rateHz: 8000 });
      const window = 400;
      const levels = Array.from({ length: Math.floor(response.length / window) }, (_, k) =>
        response.subarray(k * window, (k + 1) * window).reduce((sum, value) => sum + value * value, 0),
      );
      for (let k = 4; k + 4 < levels.length; k += 4) {
        const mean = (from: number) => levels.slice(from, from + 4).reduce((sum, level) => sum + level, 0);
        if (mean(k) > 1e-12) expect(mean(k)).toBeLessThan(mean(k - 4) * 1.1);
      }
    }
  });

  it('rings shorter where the air is dry', () => {
    const hall = room([18, 12, 7], 0.05);
    const airNpPerM = BANDS_HZ.map((hz) => airAbsorptionNpPerM(hz, 20, 0.2));
    const times = eyringTimesS(hall, SPEED, airNpPerM);
    expect(times[5]! / eyringTimesS(hall, SPEED)[5]!).toBeLessThan(0.6);
    const response = respond(hall, [5, 5, 2], [12, 8, 3], { airNpPerM });
    expect(Math.abs(schroederS(bandPass(response, 5500), RATE) / times[5]! - 1)).toBeLessThan(0.25);
  });

  it('lets a microphone hear the images by their directions', () => {
    // The floor's image lies right below: a figure of eight that looks along x hears nothing of it.
    const hear = (awayM: Vec3, distance: number) => ({
      gains: BANDS_HZ.map(() => awayM[0] / distance),
      extraM: 0,
    });
    const shoebox = room([6, 6, 4], 0.3);
    const [omni, eight] = [{}, { hear }].map((more) =>
      respond(shoebox, [3, 3, 1], [3, 3, 1.5], more).subarray(0, 180),
    );
    const floor = Math.round((2.5 / SPEED) * RATE);
    const level = (samples: Float64Array) =>
      Math.max(...samples.subarray(floor - 3, floor + 4).map(Math.abs));
    expect(level(omni!)).toBeGreaterThan(0.2);
    expect(level(eight!)).toBeLessThan(0.01);
  });

  it('refuses whatever stands outside of it', () => {
    expect(() => respond(room([3, 3, 3], 0.2), [4, 1, 1], [1, 1, 1])).toThrow(
      /every source inside the room from \[0, 0, 0\] of size \[3, 3, 3\] m, got one at \[4, 1, 1\]/,
    );
  });
});

describe("a wall's filter", () => {
  const gainAt = (h: Float64Array, hz: number, rateHz: number): number =>
    magnitude(bin(h, rateHz, hz, 0, h.length, false));

  it.each([
    [48000, [0.05, 0.06, 0.08, 0.1, 0.13, 0.18]],
    [48000, [0.9, 0.1, 0.5, 0.02, 0.8, 0.3]],
    [16000, [0.05, 0.1, 0.2, 0.4, 0.6, 0.8]],
    [16000, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    [8000, [0, 0.1, 0, 0.2, 0, 0.1]],
  ])('has the gain of each band at its middle and never more than one: %i Hz, %j', (rateHz, absorption) => {
    const h = new Float64Array(8192);
    h[0] = 1;
    createWallFilter(absorption, rateHz).process(h, h, h.length);
    for (const [band, hz] of BANDS_HZ.entries())
      if (hz < 0.4 * rateHz)
        expect(
          Math.abs(20 * Math.log10(gainAt(h, hz, rateHz) / Math.sqrt(1 - absorption[band]!))),
        ).toBeLessThan(0.3);
    for (let hz = 20; hz < rateHz / 2; hz *= 1.1) expect(gainAt(h, hz, rateHz)).toBeLessThan(1.001);
  });

  it('lets nothing through where the wall takes all', () => {
    const h = Float64Array.of(1, 2, 3);
    createWallFilter([1, 1, 1, 1, 1, 1], 16000).process(h, h, 3);
    expect([...h]).toEqual([0, 0, 0]);
  });
});

describe('reverberation', () => {
  it.each([1, 2, 3])(
    'is the convolution with %i responses, whatever the sizes of the steps',
    (microphones) => {
      const responses = Array.from({ length: microphones }, (_, m) =>
        Float64Array.from({ length: 5000 }, (_, n) => (n < 70 + m ? 0 : Math.sin(n * n + m) * 0.999 ** n)),
      );
      const source = Float64Array.from({ length: 6000 }, (_, n) =>
        n % 37 === 0 || n < 50 ? Math.cos(n) : 0,
      );
      const outs = responses.map(() => new Float64Array(6000));
      const reverberation = createReverberation(responses);
      for (let n = 0, step = 1; n < 6000; step = (step * 7) % 97) {
        const count = Math.min(1 + step, 6000 - n);
        reverberation.process(
          source.subarray(n, n + count),
          outs.map((out) => out.subarray(n, n + count)),
          count,
        );
        n += count;
      }
      for (const [m, response] of responses.entries()) {
        for (const n of [0, 69, 70, 500, 1023, 1024, 3000, 5999]) {
          let sum = 0;
          for (let k = 0; k < Math.min(n + 1, 5000); k++) sum += response[k]! * source[n - k]!;
          expect(outs[m]![n]).toBeCloseTo(sum, 8);
        }
      }
    },
  );

  it('falls silent, and sounds anew', () => {
    const response = Float64Array.from({ length: 400 }, (_, n) => (n < 9 ? 0 : 1 / n));
    const reverberation = createReverberation([response]);
    const out = new Float64Array(4000);
    const source = new Float64Array(4000);
    source[5] = 1;
    source[3000] = 2;
    for (let n = 0; n < 4000; n += 8)
      reverberation.process(source.subarray(n, n + 8), [out.subarray(n, n + 8)], 8);
    for (const n of [5, 13, 14, 50, 404, 405, 2000, 3008, 3009, 3399, 3400]) {
      const expected = (n < 3000 ? response[n - 5] : 2 * (response[n - 3000] ?? 0)) ?? 0;
      expect(out[n]).toBeCloseTo(expected, 12);
    }
  });

  it('splits a spectrum into bands that join to the whole', () => {
    const signal = Float64Array.from({ length: 900 }, (_, n) => Math.sin(n * 1.3) / (1 + n));
    const joined = joinBands(
      BANDS_HZ.map(() => signal),
      RATE,
    );
    for (let n = 0; n < 900; n++) expect(joined[n]).toBeCloseTo(signal[n]!, 10);
  });
});

/** A resonant filter an octave wide. */
function bandPass(signal: Float64Array, frequencyHz: number): Float64Array {
  const w = (2 * Math.PI * frequencyHz) / RATE;
  const alpha = Math.sin(w) / 2 / 2;
  const [a0, a1, a2] = [1 + alpha, -2 * Math.cos(w), 1 - alpha];
  let out = signal;
  for (let pass = 0; pass < 2; pass++) {
    const filtered = new Float64Array(signal.length);
    for (let n = 0; n < signal.length; n++) {
      const x2 = n >= 2 ? out[n - 2]! : 0;
      const y1 = n >= 1 ? filtered[n - 1]! : 0;
      const y2 = n >= 2 ? filtered[n - 2]! : 0;
      filtered[n] = (alpha * (out[n]! - x2) - a1 * y1 - a2 * y2) / a0;
    }
    out = filtered;
  }
  return out;
}
