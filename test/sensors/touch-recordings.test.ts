import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureSlide, PHASES, ROW_HZ, type SlideFigures, slideFinger, trimmedMean } from './finger-slide.js';

const FOLDER = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'fabricslide-tactile', 'data');
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.startsWith('Linen_')) : [];
const about = FILES.length === 0 ? `(skipped: no recordings at ${FOLDER})` : '';

/** Newtons that a simulated finger presses with for a count of the recordings, whose counts are not calibrated. */
const N_PER_COUNT = 0.02;
/** Asperities of the simulated cloth, m. */
const CLOTH_M = 4e-5;

const FORCES = [120, 150, 180, 210];
const SPEEDS = [20, 50, 100, 150];

interface Recording {
  readonly force: number;
  readonly speed: number;
  readonly rows: readonly (readonly number[])[];
  readonly durationS: number;
}

function readRecording(name: string): Recording {
  const [, force, speed] = /_F(\d+)_V-?(\d+)mmps/.exec(name)!;
  const lines = readFileSync(join(FOLDER, name), 'utf8').trim().split('\n').slice(1);
  const cells = lines.map((line) => line.split(',').map(Number));
  return {
    force: Number(force),
    speed: Number(speed),
    rows: cells.map((row) => row.slice(3)),
    durationS: (cells.at(-1)![0]! - cells[0]![0]!) / 1000,
  };
}

const rowAt = (timeS: number) => Math.round(timeS * ROW_HZ);

/** The sliding part of a simulated slide, as long as a recording at least. */
function simulateSlide(force: number, speed: number): SlideFigures {
  const slide = { forceN: force * N_PER_COUNT, speedMps: speed / 1000, slideS: 4, asperityM: CLOTH_M };
  return measureSlide(slideFinger(slide).slice(rowAt(PHASES.slideS + 0.2)));
}

describe('a simulated finger slide', () => {
  const rows = slideFinger({ forceN: 3, speedMps: 0.1, slideS: 2, asperityM: CLOTH_M });
  const part = (fromS: number, toS: number) => rows.slice(rowAt(fromS), rowAt(toS));
  const level = (fromS: number, toS: number) =>
    part(fromS, toS).reduce((sum, row) => sum + trimmedMean(row), 0) / part(fromS, toS).length;

  it('taps: nothing, then a rise within the pressing time, then a plateau under the held force', () => {
    const held = level(1.5, PHASES.slideS);
    expect(Math.abs(level(0, PHASES.touchS))).toBeLessThan(0.01 * held);
    const risen = rows.findIndex((row) => trimmedMean(row) > 0.9 * held) / ROW_HZ;
    expect(risen).toBeGreaterThan(PHASES.touchS);
    expect(risen).toBeLessThan(PHASES.pressedS + 0.15);
    expect(level(1.2, 1.5) / held).toBeCloseTo(1, 1);
    expect(level(PHASES.slideS + 0.2, 4) / held).toBeCloseTo(1, 1);
  });

  it('vibrates while it slides, at least three times as much as at rest', () => {
    const rest = measureSlide(part(1.5, PHASES.slideS)).activity;
    expect(measureSlide(part(PHASES.slideS + 0.2, 4)).activity / rest).toBeGreaterThan(3);
  });
});

describe.skipIf(FILES.length === 0)(`beside real slides over linen ${about}`, () => {
  const recordings = FILES.map(readRecording);
  const real = recordings.map(({ force, speed, rows }) => ({ force, speed, ...measureSlide(rows) }));
  const simulated = FORCES.flatMap((force) =>
    SPEEDS.map((speed) => ({ force, speed, ...simulateSlide(force, speed) })),
  );
  type Case = (typeof simulated)[number];
  const mean = (cases: readonly Case[], key: keyof SlideFigures, of: (one: Case) => boolean) => {
    const values = cases
      .filter(of)
      .map((one) => one[key])
      .filter((value) => Number.isFinite(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };

  it('recordings are slides of one length each, already pressed at the first row: they hold no tap', () => {
    for (const { speed, durationS, rows } of recordings) {
      expect((durationS * speed) / 1000 / 0.59).toBeCloseTo(1, 1);
      const { plateau } = measureSlide(rows);
      expect(trimmedMean(rows[0]!) / plateau).toBeGreaterThan(0.75);
    }
  });

  it('plateaus stand in the same ratios to each other, within 5 %', () => {
    const levels = (cases: readonly Case[]) =>
      FORCES.map((force) => mean(cases, 'plateau', (one) => one.force === force));
    const [measured, made] = [levels(real), levels(simulated)];
    for (const i of [1, 2, 3])
      expect(Math.abs(made[i]! / made[0]! / (measured[i]! / measured[0]!) - 1)).toBeLessThan(0.05);
  });

  it('taxels change as much from row to row, within a factor of two, and more the faster the finger slides', () => {
    const levels = (cases: readonly Case[]) =>
      SPEEDS.map((speed) => mean(cases, 'activity', (one) => one.speed === speed));
    const [measured, made] = [levels(real), levels(simulated)];
    for (const [i] of SPEEDS.entries()) {
      expect(made[i]! / measured[i]!).toBeGreaterThan(0.5);
      expect(made[i]! / measured[i]!).toBeLessThan(2);
      if (i === 0) continue;
      expect(measured[i]!).toBeGreaterThan(measured[i - 1]!);
      expect(made[i]!).toBeGreaterThan(made[i - 1]!);
    }
  });

  it('spectra below 17.9 Hz move up with speed', () => {
    const centres = (cases: readonly Case[]) =>
      SPEEDS.map((speed) => mean(cases, 'centroidHz', (one) => one.speed === speed));
    for (const levels of [centres(real), centres(simulated)]) {
      for (const i of [1, 2, 3]) expect(levels[i]!).toBeGreaterThan(levels[i - 1]!);
      expect(levels[3]!).toBeLessThan(17.9);
    }
  });

  it.runIf(process.env.UMWELT_FIGURES)('figures', () => {
    for (const key of ['plateau', 'ripple', 'activity', 'centroidHz'] as const) {
      for (const [name, cases] of [
        ['real', real],
        ['simulated', simulated],
      ] as const) {
        const byForce = FORCES.map((force) => mean(cases, key, (one) => one.force === force).toPrecision(3));
        const bySpeed = SPEEDS.map((speed) => mean(cases, key, (one) => one.speed === speed).toPrecision(3));
        console.info(`${key} ${name}: by force ${byForce.join(' ')}; by speed ${bySpeed.join(' ')}`);
      }
    }
  });
});
