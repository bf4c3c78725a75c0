import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { JointSpec, SimSpec } from '../../scenarios/contract.js';
import { createEncoder } from '../../sensors/encoder/encoder.js';
import { type EncoderSpecification, encoderSpecification } from '../../sensors/encoder/specification.js';
import { body, scene, scripted } from './scene.js';

const base = body('base', 'fixed', { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] }, 'steel');
const arm = body('arm', 'dynamic', { kind: 'box', halfExtentsM: [0.2, 0.02, 0.02] }, 'steel');
const hinge: JointSpec = {
  name: 'elbow',
  kind: 'revolute',
  parent: 0,
  child: 1,
  anchorInParentM: [0, 0, 0],
  anchorInChildM: [0, 0, 0],
  axis: [0, 0.6, 0.8],
};
const slide: JointSpec = { ...hinge, name: 'lift', kind: 'prismatic', axis: [0, 0, 1] };
const spec: SimSpec = { ...scene([base, arm], {}, 1), joints: [hinge, slide] };

function specification(document: object): EncoderSpecification {
  return encoderSpecification.parse({ kind: 'encoder', joint: 'elbow', ...document }) as EncoderSpecification;
}

/** Readings at 1 kHz while the joint follows `angle(t)`. */
function turn(angle: (t: number) => number, document: object = {}) {
  const encoder = createEncoder('encoder', specification(document), spec);
  const still = [0, 0, 0, 1, 0, 0, 0];
  const frames = scripted(spec, (step) => ({
    poses: [...still, 0, 0, 0, ...fromAxisAngle(hinge.axis, angle(step / 1000))],
  }));
  return frames
    .flatMap((frame) => encoder.sense(frame))
    .map(({ values }) => ({ position: values.position![0]!, speed: values.speed![0]! }));
}

describe('an encoder', () => {
  it('counts steps of the angle over whole turns, both ways', () => {
    const step = (2 * Math.PI) / 512;
    for (const sign of [1, -1]) {
      const readings = turn((t) => sign * 20 * t, { countsPerUnit: 512 });
      for (const [i, { position }] of readings.entries()) {
        expect(Math.abs(position - sign * 0.02 * i)).toBeLessThanOrEqual(step / 2 + 1e-9);
        expect(Math.abs(position / step - Math.round(position / step))).toBeLessThan(1e-6);
      }
      expect(readings.at(-1)!.position * sign).toBeGreaterThan(6 * Math.PI);
    }
  });

  it('reads without steps where it has no counts, from its offset', () => {
    const readings = turn((t) => 2 * t, { countsPerUnit: 0, offset: 0.5 });
    expect(readings[400]!.position).toBeCloseTo(1.3, 9);
  });

  it('tells speed by counting over a window', () => {
    const window = 50;
    const readings = turn((t) => 3 * t, { countsPerUnit: 4096, speedWindow: window });
    const resolution = ((2 * Math.PI) / 4096 / window) * 1000;
    for (const { speed } of readings.slice(window))
      expect(Math.abs(speed - 3)).toBeLessThanOrEqual(resolution);
    expect(turn((t) => 3 * t, { countsPerUnit: 0 })[500]!.speed).toBeCloseTo(3, 6);
  });

  it('lags by half its play, on either side', () => {
    const triangle = (t: number): number => (t < 0.5 ? t : 1 - t);
    const readings = turn(triangle, { countsPerUnit: 0, backlash: 0.1 });
    expect(readings[30]!.position).toBe(0);
    expect(readings[400]!.position).toBeCloseTo(0.35, 9);
    expect(readings[550]!.position).toBeCloseTo(0.45, 9);
    expect(readings[900]!.position).toBeCloseTo(0.15, 9);
  });

  it('reads the travel of a prismatic joint in metres', () => {
    const encoder = createEncoder('encoder', specification({ joint: 'lift', countsPerUnit: 1000 }), spec);
    const frames = scripted(spec, (step) => ({
      poses: [0, 0, 0, 1, 0, 0, 0, 0.3, 0, 0.0002 * step, 1, 0, 0, 0],
    }));
    const readings = frames
      .flatMap((frame) => encoder.sense(frame))
      .map(({ values }) => values.position![0]!);
    expect(readings[500]).toBeCloseTo(0.1, 12);
    expect(readings[503]).toBeCloseTo(0.101, 12);
    expect(encoder.stream.fields.map(({ unit }) => unit)).toEqual(['m', 'm/s']);
  });

  it('refuses a joint that is not there or does not turn or slide', () => {
    expect(() => createEncoder('e', specification({ joint: 'knee' }), spec)).toThrow(
      /sensors\.e\.joint: expected the name of a revolute or prismatic joint \(elbow, lift\), got "knee"/,
    );
    const ball = { ...spec, joints: [{ ...hinge, kind: 'spherical' as const }] };
    expect(() => createEncoder('e', specification({}), ball)).toThrow(/which is spherical/);
  });

  it('refuses numbers that make no encoder, and names a joint without a position', () => {
    for (const wrong of [
      { countsPerUnit: -1 },
      { backlash: -0.1 },
      { speedWindow: 0 },
      { rateHz: Number.NaN },
    ])
      expect(() => specification(wrong)).toThrow();
    expect(() => turn(() => Number.NaN)).toThrow(
      /expected a finite position of joint elbow at 0 s, got \[NaN\]/,
    );
  });
});
