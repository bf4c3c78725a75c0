import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { continueTurning } from '../../evaluation/tasks/vehicles/baselines.js';
import { fitMisses } from '../../evaluation/tasks/vehicles/belief.js';
import {
  followMeasured,
  forecastBicycle,
  STANDARD_VEHICLE,
  type VehicleParameters,
} from '../../evaluation/tasks/vehicles/bicycle-forecast.js';
import { errorsAt } from '../../evaluation/tasks/vehicles/errors.js';
import { estimateMotion } from '../../evaluation/tasks/vehicles/estimate.js';
import { fitProblems } from '../../evaluation/tasks/vehicles/fit.js';
import { drawPath, fitNoise, grownVariances } from '../../evaluation/tasks/vehicles/noise.js';
import { scoreDrive } from '../../evaluation/tasks/vehicles/score.js';
import {
  type DriveMotion,
  loadWindow,
  type Window,
  windowsOf,
} from '../../evaluation/tasks/vehicles/windows.js';
import { sampleDrive } from './sample-drive.js';

const IDENTITY = { name: 'drive', sha256: 'a'.repeat(64) };
const PLAN = { contextFrames: 21, horizonS: 10, stepS: 2, blockS: 6 };
const CAR: VehicleParameters = {
  ...STANDARD_VEHICLE,
  steeringRatio: 13,
  steeringOffsetRad: 0.05,
  understeerRadS2pm: 0.005,
  speedScale: 1.02,
  cameraAheadM: 1.2,
  steeringDelayS: 0.1,
  speedDelayS: 0.05,
  stiffnessMps2: 100,
};
const DRIVE = sampleDrive(CAR, 50);

function windows(): readonly Window[] {
  return windowsOf(DRIVE, IDENTITY, 0, PLAN).map((chosen) => loadWindow(DRIVE, chosen, PLAN.contextFrames));
}

function positionErrors(motion: DriveMotion, truth: DriveMotion): readonly number[] {
  return errorsAt(motion, truth, [1, 5, 10]).positionM;
}

describe('windowsOf', () => {
  it('lays windows on either side of the middle, none across it', () => {
    const cases = windowsOf(DRIVE, IDENTITY, 3, PLAN);
    const on = (side: string) => cases.filter((one) => one.side === side);
    expect([on('train').length, on('heldout').length]).toEqual([8, 8]);
    for (const { side, startS, horizonS } of cases) {
      if (side === 'train') expect(startS + 1 + horizonS).toBeLessThanOrEqual(25 + 1e-9);
      else expect(startS).toBeGreaterThanOrEqual(25 - 1e-9);
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(new Set(on('heldout').map(({ unit }) => unit)).size).toBe(3);
    expect(cases[0]).toMatchObject({ episode: 3, recording: IDENTITY, name: 'drive@1.00' });
  });

  it('shows a context that ends at the origin and holds nothing of what follows but the commands', () => {
    const { context, truth } = windows()[5]!;
    expect([context.timeS.length, context.timeS.at(-1), context.xM.at(-1), context.yM.at(-1)]).toEqual([
      21, 0, 0, 0,
    ]);
    expect([truth.timeS[0], truth.xM[0], truth.yM[0]]).toEqual([0, 0, 0]);
    expect(truth.timeS.at(-1)).toBeCloseTo(10, 9);
    expect(truth.yawRad[0]).toBe(context.yawRad.at(-1));
    expect(Math.max(...context.seen!.speedMps.timeS)).toBeLessThanOrEqual(0);
    expect(Math.max(...context.commanded!.speedMps.timeS)).toBeLessThanOrEqual(10);
  });
});

describe('estimateMotion', () => {
  it('finds speed, course, turn rate and acceleration of a turn', () => {
    const [speedMps, yawRateRadps, accelerationMps2] = [12, 0.2, 1.5];
    const timeS = Float64Array.from({ length: 21 }, (_, i) => (i - 20) / 20);
    const turn = { speedMps, courseRad: 0.5, accelerationMps2, yawRateRadps, yawRad: 0.4 };
    const past = timeS.map((time) => time);
    const { xM, yM } = continueTurning(turn, past);
    const yawRad = timeS.map((time) => 0.4 + yawRateRadps * time);
    const found = estimateMotion({ timeS, xM, yM, yawRad, seen: null, commanded: null, untilS: timeS });
    expect(found.speedMps).toBeCloseTo(speedMps, 1);
    expect(found.courseRad).toBeCloseTo(0.5, 2);
    expect(found.yawRateRadps).toBeCloseTo(yawRateRadps, 9);
    expect(found.accelerationMps2).toBeCloseTo(accelerationMps2, 0);
    const still = new Float64Array(21);
    const rest = estimateMotion({
      timeS,
      xM: still,
      yM: still,
      yawRad,
      seen: null,
      commanded: null,
      untilS: timeS,
    });
    expect([rest.speedMps, rest.accelerationMps2, rest.courseRad]).toEqual([0, 0, 0.4]);
  });
});

describe('continueTurning', () => {
  it.each([
    [10, 1, 0.3],
    [10, -2, -0.4],
    [8, 0, 0.2],
    [8, 0.5, 1e-6],
    [8, -3, 0],
  ])('integrates %d m/s, %d m/s2 and %d rad/s, and stands when it has stopped', (v, a, w) => {
    const until = Float64Array.of(0.5, 3, 6);
    const seen = { speedMps: v, courseRad: 0.3, accelerationMps2: a, yawRateRadps: w, yawRad: 0.1 };
    const { xM, yM } = continueTurning(seen, until);
    let [x, y, t] = [0, 0, 0];
    for (const [frame, end] of until.entries()) {
      for (; t < end - 1e-9; t += 1e-4) {
        const speed = Math.max(0, v + a * (t + 5e-5));
        x += speed * Math.cos(0.3 + w * (t + 5e-5)) * 1e-4;
        y += speed * Math.sin(0.3 + w * (t + 5e-5)) * 1e-4;
      }
      expect(Math.hypot(xM[frame]! - x, yM[frame]! - y)).toBeLessThan(2e-3);
    }
  });
});

describe('forecastBicycle', () => {
  it('repeats a drive of its own car from recorded controls, and is worse with another car', () => {
    for (const { context, truth, measured } of windows().slice(2, 6)) {
      const own = positionErrors(forecastBicycle(context, CAR, 'steering-speed'), truth);
      const other = positionErrors(forecastBicycle(context, STANDARD_VEHICLE, 'steering-speed'), truth);
      const told = positionErrors(followMeasured(context, measured, CAR), truth);
      const accelerated = positionErrors(forecastBicycle(context, CAR, 'steering-acceleration'), truth);
      expect(Math.max(...own)).toBeLessThan(0.8);
      expect(other[2]!).toBeGreaterThan(5 * own[2]!);
      expect(Math.max(...told)).toBeLessThan(0.6);
      // The accelerometer's bias of 0.3 m/s2 would make 15 m if it were not found.
      expect(Math.max(...accelerated)).toBeLessThan(3);
    }
  });

  it('knows nothing of what comes after when controls are held', () => {
    const [chosen] = windowsOf(DRIVE, IDENTITY, 0, PLAN);
    const { context } = loadWindow(DRIVE, chosen!, PLAN.contextFrames);
    const shifted = (values: Float64Array) =>
      values.map((value, i) => (DRIVE.timeS[i]! > 1 ? value + 100 : value));
    const other = loadWindow(
      { ...DRIVE, xM: shifted(DRIVE.xM), yawRad: shifted(DRIVE.yawRad), log: null },
      chosen!,
      21,
    );
    expect(forecastBicycle(other.context, CAR, 'held')).toEqual(forecastBicycle(context, CAR, 'held'));
  });

  it('lets held controls fade', () => {
    const { context } = windows()[1]!;
    const endOf = (steeringHeldS: number) =>
      forecastBicycle(context, { ...CAR, steeringHeldS }, 'held').yawRad.at(-1)! - context.yawRad.at(-1)!;
    expect(Math.abs(endOf(0.5))).toBeLessThan(Math.abs(endOf(5)));
    expect(Math.abs(endOf(5))).toBeLessThan(Math.abs(endOf(1000)));
  });
});

describe('fitProblems', () => {
  it('has its least loss at the car that drove', () => {
    const [car] = fitProblems(true);
    const some = windows().slice(1, 8);
    const loss = (values: Record<string, number>) =>
      some.reduce((sum, window) => sum + car!.loss(window, { ...CAR, ...values }), 0);
    const least = loss({});
    for (const { name, lo, hi } of car!.parameters) {
      const value = CAR[name as keyof VehicleParameters];
      const step = 0.2 * (hi - lo);
      const away = value + step <= hi ? value + step : value - step;
      expect(loss({ [name]: away }), name).toBeGreaterThan(least);
    }
  });

  it('finds the driver apart from the car, and the car from poses alone', () => {
    const names = (hasLog: boolean) =>
      fitProblems(hasLog).map(({ parameters }) => parameters.map(({ name }) => name));
    const [[, driver], [poses]] = [names(true), names(false)];
    expect(driver).toEqual(['steeringHeldS', 'accelerationHeldS']);
    expect(poses).not.toContain('steeringRatio');
    for (const hasLog of [true, false])
      expect(new Set(names(hasLog).flat()).size).toBe(names(hasLog).flat().length);
    const broken = {
      ...windows()[0]!,
      truth: { ...windows()[0]!.truth, xM: new Float64Array(201).fill(Number.NaN) },
    };
    for (const { loss } of fitProblems(true)) expect(Number.isFinite(loss(broken, {}))).toBe(true);
  });
});

describe('fitNoise', () => {
  it('finds the noise that made the variances, of either order', () => {
    const times = [1, 2, 3, 5, 7, 10];
    for (const order of [1, 2] as const) {
      const grown = grownVariances(times, 4, order);
      const squares = times.map((t, i) => 0.2 ** 2 * t * t + 0.6 ** 2 * grown[i]!);
      const { offset, diffusion, memoryS } = fitNoise(times, squares, order);
      expect(memoryS).toBe(4);
      expect(offset).toBeCloseTo(0.2, 6);
      expect(diffusion).toBeCloseTo(0.6, 6);
    }
    expect(
      fitNoise(
        times,
        times.map(() => 0),
        2,
      ),
    ).toMatchObject({ offset: 0, diffusion: 0 });
  });

  it('draws paths whose integral spreads as it says', () => {
    const noise = { offset: 0, diffusion: 0.5, memoryS: 2 };
    const random = randomStream(1, 'test');
    let squares = 0;
    const paths = 2000;
    for (let path = 0; path < paths; path++) {
      const at = drawPath(noise, 5, random);
      let [v, p] = [0, 0];
      for (let t = 0.05; t < 5; t += 0.1) {
        p += (v + (at(t) * 0.1) / 2) * 0.1;
        v += at(t) * 0.1;
      }
      squares += (p * p) / paths;
    }
    const [expected] = grownVariances([5], 2, 2);
    expect(squares / (0.25 * expected!)).toBeGreaterThan(0.88);
    expect(squares / (0.25 * expected!)).toBeLessThan(1.12);
  });

  it('finds nothing missed where nothing was', () => {
    const misses = fitMisses(
      windows().map((window) => ({ ...window, values: { ...CAR } })),
      'steering-speed',
    );
    expect(misses.along.offset).toBeLessThan(0.05);
    expect(misses.alongStanding).toMatchObject({ offset: 0, diffusion: 0 });
  });
});

describe('scoreDrive', () => {
  const timeS = Float64Array.of(0, 1, 2, 3);
  const motion = (x: number[], y: number[], yaw = [0, 0, 0, 0]): DriveMotion => ({
    timeS,
    xM: Float64Array.from(x),
    yM: Float64Array.from(y),
    yawRad: Float64Array.from(yaw),
  });
  // Drives north.
  const north = [1, 1, 1, 1].map(() => Math.PI / 2);
  const truth = motion([0, 0, 0, 0], [0, 4, 8, 12], north);

  it('splits an error along and across the car, and shares it by the distance', () => {
    const point = motion(
      [0, 0.5, 1, 3],
      [0, 4, 7, 8],
      north.map((yaw, i) => yaw + 2 * Math.PI - 0.1 * i),
    );
    const { overall, byHorizon, finite } = scoreDrive({ point }, truth, [1, 2, 2.5, 3, 4]);
    const row = (name: string) => byHorizon[name]!.map(({ value }) => Number(value.toFixed(6)));
    expect(finite).toBe(true);
    expect(row('position_m')).toEqual([
      0.5,
      Number(Math.SQRT2.toFixed(6)),
      Number(Math.hypot(2, 2.5).toFixed(6)),
      5,
      Number.NaN,
    ]);
    expect(row('along_m').slice(0, 4)).toEqual([0, 1, 2.5, 4]);
    expect(row('across_m').slice(0, 4)).toEqual([0.5, 1, 2, 3]);
    expect(byHorizon.heading_deg![3]!.value).toBeCloseTo((0.3 * 180) / Math.PI, 9);
    // 4 m are not enough for a share; 12 are.
    expect(byHorizon.drift_pct_travelled![0]!.valid).toBe(false);
    expect(byHorizon.drift_pct_travelled![3]!.value).toBeCloseTo((100 * 5) / 12, 9);
    expect(byHorizon.position_m![4]!.valid).toBe(false);
    expect(overall.along_coverage_90).toBeUndefined();
    expect(scoreDrive({ point: motion([0, Number.NaN, 0, 0], [0, 0, 0, 0]) }, truth, [1]).finite).toBe(false);
  });

  it('judges a distribution by coverage, rank and energy score', () => {
    const at = (offset: number) => motion([0, offset, offset, offset], [0, 4, 8, 12], north);
    const around = Array.from({ length: 19 }, (_, i) => at((i - 9) / 10));
    const held = scoreDrive({ point: truth, members: around }, truth, [1, 2, 3]);
    expect(held.overall).toMatchObject({
      along_coverage_90: { value: 1 },
      across_coverage_90: { value: 1 },
    });
    expect(held.pit!['position across the car']!.reduce((sum, n) => sum + n)).toBe(3);
    const beside = scoreDrive({ point: at(3), members: around.map((_, i) => at(3 + i / 100)) }, truth, [3]);
    expect(beside.overall.across_coverage_90!.value).toBe(0);
    // To the right of the truth (east, driving north): the truth ranks above all members to the left.
    expect(beside.pit!['position across the car']![9]).toBe(1);
    expect(held.byHorizon.position_crps_m![2]!.value).toBeLessThan(
      beside.byHorizon.position_crps_m![0]!.value,
    );
    const sure = scoreDrive({ point: at(2), members: [at(2), at(2)] }, truth, [3]);
    expect(sure.byHorizon.position_crps_m![0]!.value).toBe(2);
  });
});
