import { describe, expect, it } from 'vitest';
import {
  axleStiffness,
  type BicycleParameters,
  type BicycleState,
  drive,
  STANDARD_CAR,
  steadyLateralMps,
  steadySteerRad,
  tyreForceMps2,
} from '../../evaluation/tasks/vehicles/bicycle.js';

const AT_REST: BicycleState = { xM: 0, yM: 0, headingRad: 0, speedMps: 0, lateralMps: 0, yawRateRadps: 0 };

function drift(
  timeS: number,
  parameters: BicycleParameters,
  speedMps: number,
  steerRad: number,
): BicycleState {
  return drive(parameters, { ...AT_REST, speedMps }, [timeS], () => ({
    steerRad,
    driveMps2: 0,
    speedMps,
  }))[0]!;
}

describe('tyreForceMps2', () => {
  it('starts with its stiffness, is odd, saturates at the limit, without a corner', () => {
    expect(tyreForceMps2(70, 5, 1e-6) / 1e-6).toBeCloseTo(70, 3);
    expect(tyreForceMps2(70, 5, -0.05)).toBe(-tyreForceMps2(70, 5, 0.05));
    expect(tyreForceMps2(70, 5, 1)).toBe(5);
    const edge = Math.atan(15 / 70);
    expect(tyreForceMps2(70, 5, edge - 1e-7)).toBeCloseTo(5, 9);
    const slope = (tyreForceMps2(70, 5, edge) - tyreForceMps2(70, 5, edge - 1e-5)) / 1e-5;
    expect(Math.abs(slope)).toBeLessThan(0.01);
  });
});

describe('drive', () => {
  it('turns as the steady state of the linear model says', () => {
    const grippy = { ...STANDARD_CAR, friction: 1000 };
    for (const [speedMps, steerRad] of [
      [8, 0.02],
      [15, -0.01],
      [30, 0.004],
    ] as const) {
      const { yawRateRadps, lateralMps } = drift(6, grippy, speedMps, steerRad);
      expect(steadySteerRad(grippy, speedMps, yawRateRadps) / steerRad).toBeCloseTo(1, 2);
      expect(lateralMps).toBeCloseTo(steadyLateralMps(grippy, speedMps, yawRateRadps), 2);
    }
  });

  it('rolls a circle of the right size at walking speed', () => {
    const steerRad = 0.3;
    const radiusM = STANDARD_CAR.wheelbaseM / Math.tan(steerRad);
    const speedMps = 1.5;
    const rolling = {
      ...AT_REST,
      speedMps,
      yawRateRadps: speedMps / radiusM,
      lateralMps: (STANDARD_CAR.frontShare * STANDARD_CAR.wheelbaseM * speedMps) / radiusM,
    };
    const lap = (2 * Math.PI * radiusM) / speedMps;
    const [half, whole] = drive(STANDARD_CAR, rolling, [lap / 2, lap], () => ({
      steerRad,
      driveMps2: 0,
      speedMps,
    }));
    expect(Math.hypot(whole!.xM, whole!.yM)).toBeLessThan(1e-3);
    // The centre of mass runs on a larger circle than the rear axle.
    const outer = Math.hypot(radiusM, STANDARD_CAR.frontShare * STANDARD_CAR.wheelbaseM);
    expect(Math.hypot(half!.xM, half!.yM)).toBeCloseTo(2 * outer, 3);
  });

  it('understeers: wider the faster, and slides on when the tyres give no more', () => {
    const curved = (speedMps: number) => drift(5, STANDARD_CAR, speedMps, 0.02).yawRateRadps / speedMps;
    expect(curved(25)).toBeLessThan(curved(10));
    const ice = { ...STANDARD_CAR, friction: 0.1 };
    const [before, later] = [3, 3.001].map((timeS) => {
      const { headingRad, lateralMps } = drift(timeS, ice, 25, 0.02);
      const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
      return [25 * c - lateralMps * s, 25 * s + lateralMps * c];
    });
    const acceleration = Math.hypot(later![0]! - before![0]!, later![1]! - before![1]!) / 0.001;
    const held = Math.abs(drift(3, ice, 25, 0.02).yawRateRadps * drift(3, ice, 25, 0.02).lateralMps);
    // Held at its speed along itself, the car is pushed forwards by what a turning, sliding car loses.
    expect(Math.sqrt(acceleration ** 2 - held ** 2)).toBeLessThan(0.1 * 9.81);
    expect(drift(3, STANDARD_CAR, 25, 0.02).yawRateRadps * 25).toBeGreaterThan(0.1 * 9.81);
    const [front, rear] = axleStiffness(STANDARD_CAR);
    const { frontShare, understeerRadS2pm, stiffnessMps2 } = STANDARD_CAR;
    expect(front + rear).toBeCloseTo(stiffnessMps2, 9);
    expect(frontShare / front - (1 - frontShare) / rear).toBeCloseTo(understeerRadS2pm, 12);
  });

  it('coasts down as drag says, and brakes to a stand', () => {
    const airOnly = { ...STANDARD_CAR, rollingMps2: 0, dragPerM: 0.001 };
    const start = { ...AT_REST, speedMps: 30 };
    const [coasted] = drive(airOnly, start, [20], () => ({ steerRad: 0, driveMps2: 0 }));
    expect(coasted!.speedMps).toBeCloseTo(30 / (1 + 0.001 * 30 * 20), 6);
    expect(coasted!.xM).toBeCloseTo(Math.log(1 + 0.001 * 30 * 20) / 0.001, 4);
    const [stopped, still] = drive(STANDARD_CAR, start, [10, 20], () => ({ steerRad: 0.1, driveMps2: -6 }));
    expect(stopped!.speedMps).toBe(0);
    expect(Math.hypot(still!.xM - stopped!.xM, still!.yM - stopped!.yM)).toBeLessThan(0.01);
  });

  it('gives the same path whatever times it is asked for', () => {
    const control = (timeS: number) => ({ steerRad: 0.02 * Math.sin(timeS), driveMps2: Math.cos(timeS) });
    const start = { ...AT_REST, speedMps: 12 };
    const [once] = drive(STANDARD_CAR, start, [5], control);
    const often = drive(
      STANDARD_CAR,
      start,
      Array.from({ length: 500 }, (_, i) => (i + 1) / 100),
      control,
    ).at(-1)!;
    for (const key of ['xM', 'yM', 'headingRad', 'speedMps'] as const)
      expect(often[key]).toBeCloseTo(once![key], 4);
  });
});
