import { tickTimeNs } from '../../core/time.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, FieldDescription, SensorSample, StreamDescription } from '../contract.js';
import { createNoise, type NoiseSource } from '../noise.js';
import { createTicks, type Instant } from '../ticks.js';
import { createCellForces, createFeelingPatch, requireStepRate } from '../touch/felt-forces.js';
import { createRelaxation, createSpread } from '../touch/gel.js';
import { edgeSpreadM, pressDown } from './gel-depth.js';
import { createMarkers, type Markers } from './markers.js';
import { createShade, LIGHT_AZIMUTHS_RAD, toLevel } from './shade.js';
import type { TactileImageSpecification } from './specification.js';

/**
 * Creates an optical tactile sensor: a camera behind a soft layer on a patch of a body.
 *
 * Fields: `colour` uint8 [height, width, 3] sRGB; `heightM` float32 [height, width] of the layer's surface, negative where it
 * is pressed in, without noise; with markers, `markerPx` float32 [markers, 2] column and row of each dot. Rows run along the
 * patch's x and columns along its y: a map of the patch, not mirrored.
 *
 * The mean contact force since the last image sinks bodies into the layer by Hertz' law (`indent`), at most by its thickness;
 * the surface follows them (`pressDown`), spread by `gel.spreadM` and late by the gel's hysteresis; three lights at 30, 150
 * and 270 degrees shade it (`createShade`). Markers move as the surface of a layer on a hard back under shear: q t / G, q
 * spread over a third of the thickness t, G = E / 2 (1 + nu).
 *
 * @throws UmweltError `invalid-input` when the scene has no such body, or the rate is above the solver's.
 */
export const createTactileImage: CreateSensor<TactileImageSpecification> = (name, specification, spec) => {
  const { rateHz, height, width } = specification;
  requireStepRate(name, rateHz, spec);
  const feeling = createFeelingPatch(name, specification, height, width, spec);
  const [s0, s1, t0, t1] = feeling.patch.bounds;
  const pitchM = [(s1 - s0) / height, (t1 - t0) / width] as const;
  const layer = createLayer(specification, pitchM);
  const shade = createShade({ ...specification, pitchM });
  const markers = createMarkers(specification.markers, height, width, pitchM);
  const light = new Float64Array(height * width * 3);
  const source = specification.noise
    ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'image')
    : null;
  const ticksUntil = createTicks(rateHz);
  let before: SimFrame | null = null;

  const read = (instant: Instant): SensorSample['values'] => {
    const lengthNs = tickTimeNs(instant.tick, rateHz) - tickTimeNs(instant.tick - 1, rateHz);
    layer.press((forces, each) => feeling.read(forces, instant, 1e9 / Number(lengthNs), each));
    shade(light, layer.depthM);
    const heightM = Float32Array.from(layer.depthM, (depth) => (depth === 0 ? 0 : -depth));
    const places = new Float32Array(markers.count * 2);
    markers.place(layer.shiftRowsM, layer.shiftColumnsM, places);
    markers.draw(light, places);
    const colour = expose(light, specification.noiseLevels, source);
    return markers.count === 0 ? { colour, heightM } : { colour, heightM, markerPx: places };
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
  return { stream: describe(name, specification, pitchM, markers), sense };
};

type Read = ReturnType<typeof createFeelingPatch>['read'];
type PressLayer = (
  read: (forces: Parameters<Read>[0], each: NonNullable<Parameters<Read>[3]>) => boolean,
) => void;

/** Makes the state of the soft layer: its depth, and how far its surface has moved aside. */
function createLayer(specification: TactileImageSpecification, pitchM: readonly [number, number]) {
  const { height, width, thicknessM, gel, rateHz } = specification;
  const cells = height * width;
  const cellAreaM2 = pitchM[0] * pitchM[1];
  const sizeM = [height * pitchM[0], width * pitchM[1]] as const;
  const forces = createCellForces(cells);
  const [depthM, scratch] = [new Float64Array(cells), new Float64Array(cells)];
  const spread = createSpread(height, width, sizeM, gel.spreadM);
  const spreadEdge = createSpread(height, width, sizeM, edgeSpreadM(thicknessM));
  const parts = [depthM, forces.rowsN, forces.columnsN];
  const lags = parts.map(() => createRelaxation(cells, rateHz, gel));
  // Shift per force on a cell: t / (G A).
  const perN = (thicknessM * 2 * (1 + gel.poisson)) / (gel.youngPa * cellAreaM2);
  const press: PressLayer = (read) => {
    depthM.fill(0);
    const touched = read(forces, (pressed) =>
      pressDown(depthM, scratch, pressed, thicknessM, cellAreaM2, spreadEdge),
    );
    if (!touched) for (const part of parts) part.fill(0);
    if (!touched && !lags.some(({ isActive }) => isActive)) return;
    if (touched) {
      spread(depthM);
      for (const shift of [forces.rowsN, forces.columnsN]) {
        spreadEdge(shift);
        for (let cell = 0; cell < cells; cell++) shift[cell]! *= perN;
      }
    }
    for (const [index, part] of parts.entries()) lags[index]!.step(part);
  };
  return { depthM, shiftRowsM: forces.rowsN, shiftColumnsM: forces.columnsN, press };
}

/** Turns linear light into 8-bit sRGB with noise. */
function expose(light: Float64Array, noiseLevels: number, source: NoiseSource | null): Uint8Array {
  const colour = new Uint8Array(light.length);
  for (let index = 0; index < light.length; index++) {
    const level = toLevel(light[index]!) + (source === null ? 0 : noiseLevels * source.next());
    colour[index] = Math.min(255, Math.max(0, Math.floor(level + 0.5)));
  }
  return colour;
}

function describe(
  name: string,
  { rateHz, height, width, body, positionM, orientation, patch, thicknessM }: TactileImageSpecification,
  pitchM: readonly [number, number],
  { count }: Markers,
): StreamDescription {
  const fields: FieldDescription[] = [
    {
      name: 'colour',
      dataType: 'uint8',
      shape: [height, width, 3],
      unit: 'sRGB',
      description: 'the lit layer; rows along x, columns along y of the patch',
    },
    {
      name: 'heightM',
      dataType: 'float32',
      shape: [height, width],
      unit: 'm',
      description: "the layer's surface along the patch's normal, negative where pressed in",
    },
  ];
  if (count > 0) {
    fields.push({
      name: 'markerPx',
      dataType: 'float32',
      shape: [count, 2],
      unit: 'px',
      description: 'column and row of each marker',
    });
  }
  return {
    name,
    kind: 'tactile-image',
    rateHz,
    samplesPerRow: 1,
    fields,
    metadata: {
      body,
      positionM,
      orientation,
      patch,
      pitchM,
      thicknessM,
      lightAzimuthsRad: LIGHT_AZIMUTHS_RAD,
    },
  };
}
