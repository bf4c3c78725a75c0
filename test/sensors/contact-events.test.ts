import { describe, expect, it } from 'vitest';
import type { SimSpec } from '../../scenarios/contract.js';
import { createContactEvents } from '../../sensors/contact-events/contact-events.js';
import {
  type ContactEventsSpecification,
  contactEventsSpecification,
} from '../../sensors/contact-events/specification.js';
import type { SensorSample } from '../../sensors/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { simulate } from '../../sim/simulate.js';
import { createWorld } from '../../sim/world.js';
import { body, contact, scene, scripted } from './scene.js';

const table = body('table', 'fixed', { kind: 'box', halfExtentsM: [1, 1, 0.02] }, 'wood', { friction: 0.4 });
const cube = body('cube', 'dynamic', { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] }, 'wood', {
  massKg: 1,
  friction: 0.4,
  pose: { positionM: [0, 0, 0.07], orientation: [1, 0, 0, 0] },
});

function settings(document: object = {}): ContactEventsSpecification {
  return contactEventsSpecification.parse({
    kind: 'contact-events',
    ...document,
  }) as ContactEventsSpecification;
}

/** All events with their times in seconds. */
function listEvents(samples: readonly SensorSample[]) {
  return samples.flatMap(({ timeNs, values }) =>
    Array.from({ length: values.count![0]! }, (_, at) => ({
      kind: ['', 'begin', 'end', 'slip', 'stick'][values.event![at * 3]!],
      bodies: [values.event![at * 3 + 1], values.event![at * 3 + 2]],
      timeS: Number(timeNs) / 1e9 + values.offsetS![at]!,
      offsetS: values.offsetS![at]!,
      forceN: values.forceN![at]!,
      impulseNs: values.impulseNs![at]!,
      ratio: values.ratio![at]!,
      pointM: [...values.pointM!.subarray(at * 3, at * 3 + 3)],
    })),
  );
}

function watch(spec: SimSpec, frames: Iterable<SimFrame>, document: object = {}) {
  const sensor = createContactEvents('contacts', settings(document), spec);
  return listEvents([...frames].flatMap((frame) => sensor.sense(frame)));
}

describe('begin and end', () => {
  const spec = scene([table, cube], {}, 0.2);
  const touching = (from: number, to: number) => (step: number) => ({
    contacts:
      step >= from && step <= to ? [contact([0.1, 0, 0.02], 0.004), contact([0.3, 0, 0.02], 0.012)] : [],
  });

  it('have the time, force, impulse and place of the contact', () => {
    const events = watch(spec, scripted(spec, touching(51, 80)));
    expect(events.map(({ kind, bodies }) => [kind, ...bodies])).toEqual([
      ['begin', 0, 1],
      ['end', 0, 1],
    ]);
    // Steps 51 to 80 of 1 ms last from 50 to 80 ms.
    expect(events.map(({ timeS }) => timeS)).toEqual([expect.closeTo(0.05, 9), expect.closeTo(0.08, 9)]);
    for (const { forceN, pointM } of events) {
      expect(forceN).toBeCloseTo(16, 4);
      expect(pointM[0]).toBeCloseTo(0.25, 6);
    }
    expect(events[0]!.impulseNs).toBeCloseTo(0.016, 7);
    expect(events[1]!.impulseNs).toBeCloseTo(30 * 0.016, 6);
  });

  it('leave out gaps that are short and forces that are small, where asked to', () => {
    const bouncing = scripted(spec, (step) => ({
      contacts: step % 10 < 5 ? [contact([0, 0, 0.02], 0.01)] : [],
    }));
    expect(watch(spec, bouncing).length).toBeGreaterThan(30);
    expect(watch(spec, bouncing, { gapS: 0.0055 }).map(({ kind }) => kind)).toEqual(['begin']);
    expect(watch(spec, bouncing, { minForceN: 10.1 })).toEqual([]);
    expect(watch(spec, bouncing, { body: 'cube' })).toEqual(watch(spec, bouncing));
  });

  it('count what finds no room in a row', () => {
    const sensor = createContactEvents('contacts', settings({ rateHz: 10, maxEvents: 3 }), spec);
    const rows = scripted(spec, (step) => ({ contacts: step % 2 ? [contact([0, 0, 0.02], 0.01)] : [] }))
      .flatMap((frame) => sensor.sense(frame))
      .map(({ values }) => [values.count![0], values.dropped![0]]);
    expect(rows).toEqual([
      [0, 0],
      [3, 97],
      [3, 97],
    ]);
  });
});

describe('slip in a real world', () => {
  it('starts where a rising pull meets mu times the weight, within 2 %', async () => {
    // 0 to 8 N in a second, in steps of 4 mN; friction holds 0.4 x 9.81 = 3.924 N.
    const ramp = Array.from({ length: 1000 }, (_, ms) => ({
      fromS: 0.2 + ms / 1000,
      toS: 0.201 + ms / 1000,
      forceN: [(ms + 0.5) * 0.008, 0, 0] as const,
      torqueNm: [0, 0, 0] as const,
    }));
    const spec = scene([table, { ...cube, forces: ramp }], {}, 1);
    const world = await createWorld(spec);
    const events = watch(spec, simulate(world, 1));
    world.free();
    expect(events[0]!.kind).toBe('begin');
    const slips = events.filter(({ kind, timeS }) => kind === 'slip' && timeS > 0.2);
    expect(slips).toHaveLength(1);
    const pullN = (slips[0]!.timeS - 0.2) * 8;
    expect(Math.abs(pullN / (0.4 * 9.81) - 1)).toBeLessThan(0.02);
    expect(slips[0]!.ratio / 0.4).toBeGreaterThan(0.98);
  });

  it('starts on a plane that tilts where its slope is mu, within 2 %', async () => {
    // Gravity turns instead of the plane: 0.5 g along x at the end of the ramp.
    const ramp = Array.from({ length: 1000 }, (_, ms) => {
      const angle = Math.atan(((ms + 0.5) / 1000) * 0.6);
      return {
        fromS: 0.2 + ms / 1000,
        toS: 0.201 + ms / 1000,
        forceN: [9.81 * Math.sin(angle), 0, 9.81 * (1 - Math.cos(angle))] as const,
        torqueNm: [0, 0, 0] as const,
      };
    });
    const spec = scene([table, { ...cube, forces: ramp }], {}, 1);
    const world = await createWorld(spec);
    const events = watch(spec, simulate(world, 1)).filter(({ timeS }) => timeS > 0.2);
    world.free();
    const slip = events.find(({ kind }) => kind === 'slip')!;
    expect(Math.abs(((slip.timeS - 0.2) * 0.6) / 0.4 - 1)).toBeLessThan(0.02);
  });
});

it('refuses a body that is not there', () => {
  expect(() => createContactEvents('contacts', settings({ body: 'hand' }), scene([table]))).toThrow(
    /sensors\.contacts\.body: expected the name of a body \(table\), got "hand"/,
  );
});
