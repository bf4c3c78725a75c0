import { createSlab } from '../../core/slab.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { addNoise, createNoise } from '../noise.js';
import { createTicks, type Instant } from '../ticks.js';
import { createCellForces, createFeelingPatch, requireStepRate } from '../touch/felt-forces.js';
import { createRelaxation, createSpread } from '../touch/gel.js';
import type { SurfacePatch } from '../touch/surface-patch.js';
import type { TactileSpecification } from './specification.js';

/** Readings that share one allocation. */
const READINGS_PER_BLOCK = 64;
/** Along rows and columns: the form of a contact shows from about six samples on. */
const LEAST_SAMPLES = 16;

/**
 * Creates an array of taxels on a patch of a body.
 *
 * A reading is the mean over the interval since the last one: `pressurePa` [rows, columns] and `shearPa`
 * [rows, columns, 2] (traction on the patch along rows and along columns). The solver's contact force is laid on the cells
 * as the geometry of what presses says (`createPress`: Hertz' pressure, Mindlin's partial slip), spread by the soft layer
 * (`createSpread`), and lags as it does (`createRelaxation`). Pressure times cell area adds up to the normal force (on a
 * curved patch as vectors along the cells' normals).
 *
 * @throws UmweltError `invalid-input` when the scene has no such body, or the rate is above the solver's.
 */
export const createTactile: CreateSensor<TactileSpecification> = (name, specification, spec) => {
  const { rateHz, rows, columns, noise, pressureNoisePa, shearNoisePa } = specification;
  requireStepRate(name, rateHz, spec);
  const feeling = createFeelingPatch(name, specification, rows, columns, spec, LEAST_SAMPLES);
  const { areaM2 } = feeling.cells;
  const cells = rows * columns;
  const forces = createCellForces(cells);
  const parts = [forces.normalN, forces.rowsN, forces.columnsN];
  const [s0, s1, t0, t1] = feeling.patch.bounds;
  const spread = createSpread(rows, columns, [s1 - s0, t1 - t0], specification.gel.spreadM);
  const lags = parts.map(() => createRelaxation(cells, rateHz, specification.gel));
  const source = noise
    ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading')
    : null;
  const allocate = createSlab(Float32Array, READINGS_PER_BLOCK * cells * 3);
  const ticksUntil = createTicks(rateHz);
  let before: SimFrame | null = null;

  const read = (instant: Instant): SensorSample['values'] => {
    const pressurePa = allocate(cells);
    const shearPa = allocate(cells * 2);
    const lengthNs = tickTimeNs(instant.tick, rateHz) - tickTimeNs(instant.tick - 1, rateHz);
    const touched = feeling.read(forces, instant, 1e9 / Number(lengthNs));
    if (touched || lags.some(({ isActive }) => isActive)) {
      for (const [index, values] of parts.entries()) {
        if (!touched) values.fill(0);
        else spread(values);
        lags[index]!.step(values);
      }
      for (let cell = 0; cell < cells; cell++) {
        const perM2 = 1 / areaM2[cell]!;
        pressurePa[cell] = forces.normalN[cell]! * perM2;
        shearPa[cell * 2] = forces.rowsN[cell]! * perM2;
        shearPa[cell * 2 + 1] = forces.columnsN[cell]! * perM2;
      }
    }
    if (source !== null) {
      addNoise(pressurePa, pressureNoisePa, source);
      addNoise(shearPa, shearNoisePa, source);
    }
    return { pressurePa, shearPa };
  };

  const sense = (frame: SimFrame): SensorSample[] => {
    const start = before ?? frame;
    before = frame;
    let felt = 0;
    const samples = ticksUntil(frame).map((instant) => {
      feeling.take(start, frame, instant.fraction - felt);
      felt = instant.fraction;
      return { stream: name, timeNs: instant.timeNs, values: read(instant) };
    });
    feeling.take(start, frame, 1 - felt);
    return samples;
  };
  return { stream: describe(name, specification, feeling.patch), sense };
};

function describe(
  name: string,
  { rateHz, rows, columns, body, patch, positionM, orientation }: TactileSpecification,
  { bounds: [s0, s1, t0, t1] }: SurfacePatch,
): StreamDescription {
  const where = 'rows along x, columns along y of the patch, from the negative side';
  return {
    name,
    kind: 'tactile',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'pressurePa',
        dataType: 'float32',
        shape: [rows, columns],
        unit: 'Pa',
        description: `normal pressure; ${where}`,
      },
      {
        name: 'shearPa',
        dataType: 'float32',
        shape: [rows, columns, 2],
        unit: 'Pa',
        description: `traction on the patch along rows, then columns; ${where}`,
      },
    ],
    metadata: { body, positionM, orientation, patch, pitchM: [(s1 - s0) / rows, (t1 - t0) / columns] },
  };
}
