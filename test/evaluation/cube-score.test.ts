import { describe, expect, it } from 'vitest';
import { fromRotationVector } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import { setState } from '../../evaluation/body-state.js';
import type { Trajectory } from '../../evaluation/contract.js';
import { MEMBERS } from '../../evaluation/tasks/contactnets-cube/cube-method.js';
import { medianMotion } from '../../evaluation/tasks/contactnets-cube/median-motion.js';
import { METRICS, scoreForecast } from '../../evaluation/tasks/contactnets-cube/score.js';
import { emptyTrajectory } from '../../evaluation/trajectory.js';
import { stillTrajectory, WIDTH_M } from './sample-recordings.js';

const FRAMES = 150;
const random = randomStream(8, 'test', 'score');

/** Independent poses frame by frame, off by a normal draw on every axis; frame 0 is known. */
function drawn(deviationM = 0.01, deviationRad = 0.1): Trajectory {
  const motion = emptyTrajectory(100, FRAMES);
  for (let frame = 0; frame < FRAMES; frame++) {
    const k = frame === 0 ? 0 : 1;
    setState(motion, frame, {
      positionM: [0, 1, 2].map(() => k * deviationM * random.normal()) as unknown as [number, number, number],
      orientation: fromRotationVector(
        [0, 1, 2].map(() => k * deviationRad * random.normal()) as unknown as [number, number, number],
      ),
      linearVelocityMps: [0, 0, 0],
      angularVelocityRadps: [0, 0, 0],
    });
  }
  return motion;
}

function ensemble(deviationM?: number, deviationRad?: number) {
  const members = Array.from({ length: MEMBERS }, () => drawn(deviationM, deviationRad));
  return { point: medianMotion(members), members };
}

describe('the scores of a toss', () => {
  it('are the errors themselves where the forecast is a single motion, and say nothing of coverage', () => {
    const [point, truth] = [drawn(), drawn()];
    const { overall, byHorizon, finite, pit } = scoreForecast({ point }, truth, [0, 0.5, 9], WIDTH_M);
    expect(finite).toBe(true);
    expect(pit).toBeUndefined();
    expect(overall.position_crps_pct_width).toEqual(overall.position_pct_width);
    expect(overall.rotation_crps_deg).toEqual(overall.rotation_deg);
    expect(byHorizon.position_crps_pct_width).toEqual(byHorizon.position_pct_width);
    expect(overall.position_coverage_90).toBeUndefined();
    expect(byHorizon.position_pct_width!.map(({ valid }) => valid)).toEqual([true, true, false]);
  });

  it('of members that all agree are those of one', () => {
    const [point, truth] = [drawn(), drawn()];
    const agreed = { point, members: Array.from({ length: 5 }, () => point) };
    const [one, many] = [{ point }, agreed].map(
      (forecast) => scoreForecast(forecast, truth, [], WIDTH_M).overall,
    );
    for (const name of ['position_crps_pct_width', 'rotation_crps_deg']) {
      expect(many![name]!.value).toBeCloseTo(one![name]!.value, 9);
    }
    expect(many!.position_coverage_90!.value).toBe(0);
  });

  it("cover 90 % with a flat rank histogram when drawn from the truth's own distribution", () => {
    const { overall, pit } = scoreForecast(ensemble(), drawn(), [], WIDTH_M);
    // 447 axes and 149 balls: twice the standard error is 0.03 and 0.05.
    expect(Math.abs(overall.position_coverage_90!.value - 0.9)).toBeLessThan(0.035);
    expect(Math.abs(overall.rotation_coverage_90!.value - 0.9)).toBeLessThan(0.06);
    const counts = pit!.position!;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3 * (FRAMES - 1));
    const expected = (3 * (FRAMES - 1)) / 10;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.9 % of nine degrees of freedom.
    expect(chiSquared).toBeLessThan(27.9);
  });

  it.each([
    ['too narrow', 0.4, (coverage: number) => coverage < 0.75, true],
    ['too wide', 2.5, (coverage: number) => coverage > 0.97, false],
  ] as const)('tell an ensemble that is %s from a right one', (_, factor, isOff, isHollow) => {
    const truth = drawn();
    const right = scoreForecast(ensemble(), truth, [], WIDTH_M).overall;
    const { overall, pit } = scoreForecast(ensemble(0.01 * factor, 0.1 * factor), truth, [], WIDTH_M);
    expect(isOff(overall.position_coverage_90!.value)).toBe(true);
    expect(isOff(overall.rotation_coverage_90!.value)).toBe(true);
    const { position } = pit!;
    expect(position![0]! + position![9]! > position![4]! + position![5]!).toBe(isHollow);
    // The score is proper: what is drawn as the truth is scores best.
    for (const name of ['position_crps_pct_width', 'rotation_crps_deg']) {
      expect(overall[name]!.value).toBeGreaterThan(right[name]!.value);
    }
  });

  it('of the truth itself are none, and what is not finite says so', () => {
    const truth = stillTrajectory(10);
    const { overall } = scoreForecast({ point: truth, members: [truth, truth] }, truth, [0.05], WIDTH_M);
    for (const name of [
      'position_pct_width',
      'rotation_deg',
      'position_crps_pct_width',
      'rotation_crps_deg',
    ]) {
      expect(overall[name]).toEqual({ value: 0, valid: true });
    }
    expect(overall.position_coverage_90!.value).toBe(1);
    const broken = stillTrajectory(10);
    broken.positionM[9] = Number.NaN;
    expect(scoreForecast({ point: broken }, truth, [], WIDTH_M).finite).toBe(false);
    expect(Object.keys(overall).sort()).toEqual(METRICS.map(({ name }) => name).sort());
  });
});
