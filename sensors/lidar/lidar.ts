import { UmweltError } from '../../core/errors.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { createMount } from '../mount.js';
import { layBeam, widthOf } from './beam.js';
import { createEchoes } from './echoes.js';
import { createMotion, placeBetween } from './motion.js';
import { BATCHES_PER_GROUP, countRays, layOut, type Pattern } from './pattern.js';
import type { LidarSpecification } from './specification.js';
import { createTracer } from './tracer.js';
import { createView } from './view.js';

/** Values of one field of one row that are still handled in one piece. */
const LARGEST_ROW = 2 ** 21;

/**
 * Creates a lidar whose rays leave one after the other, each from where the sensor is and towards where the bodies are at its
 * own time: motion distorts the scan.
 *
 * Fields: `rangeM` float32 [channels, columns, returns], along the ray from the sensor at the ray's time, +Infinity where
 * nothing comes back; `intensity` float32 likewise, strength of the return, 1 for a white surface facing the sensor at 1 m,
 * 0 where nothing comes back; `timeOffsetNs` int32 [channels, columns], from the row's time to the ray's. A row's time is its
 * first ray's; a last row that would be incomplete is not emitted. Metadata: `elevationsRad` [channels] and `azimuthsRad`
 * [columns] give each ray's direction in the sensor's frame, [cos e cos a, cos e sin a, sin e].
 *
 * @throws UmweltError `invalid-input` when the scene has no such body, a row is too large or too short, ranges leave nothing to
 * see, or a pose is not finite.
 */
export const createLidar: CreateSensor<LidarSpecification> = (name, specification, spec) => {
  const { rateHz, returns } = specification;
  const rays = countRays(specification.pattern);
  requireSense(name, specification, rays);
  const beam = layBeam(specification.subRays, specification.divergenceRad);
  const pattern = layOut(specification.pattern, widthOf(beam));
  const timeOffsetNs = Float64Array.from({ length: rays }, (_, ray) =>
    Math.floor((ray * 1e9) / (rays * rateHz)),
  );
  const fire = createFiring(name, specification, spec, pattern, beam);
  let row = emptyRow(rays, returns);
  let rows = 0;
  let fired = 0;
  let before: SimFrame | null = null;

  const emit = (timeNs: bigint): SensorSample => {
    const offsets = new Int32Array(rays);
    for (let ray = 0; ray < rays; ray++) offsets[pattern.places[ray]!] = timeOffsetNs[ray]!;
    const values = { ...row, timeOffsetNs: offsets };
    row = emptyRow(rays, returns);
    rows += 1;
    fired = 0;
    return { stream: name, timeNs, values };
  };
  const sense = (frame: SimFrame): SensorSample[] => {
    const start = before ?? frame;
    before = frame;
    fire.placeBetween(start, frame);
    const spanNs = Number(frame.timeNs - start.timeNs);
    const samples: SensorSample[] = [];
    for (;;) {
      const timeNs = tickTimeNs(rows, rateHz);
      const dueNs = Number(frame.timeNs - timeNs);
      let end = fired;
      while (end < rays && timeOffsetNs[end]! <= dueNs) end += 1;
      if (end > fired) {
        const sinceNs = Number(timeNs - start.timeNs);
        fire.rays(row, fired, end, (ray) => (spanNs === 0 ? 1 : (sinceNs + timeOffsetNs[ray]!) / spanNs));
        fired = end;
      }
      if (fired < rays) return samples;
      samples.push(emit(timeNs));
    }
  };
  return { stream: describe(name, specification, pattern), sense };
};

type Row = { readonly rangeM: Float32Array; readonly intensity: Float32Array };

function emptyRow(rays: number, returns: number): Row {
  return {
    rangeM: new Float32Array(rays * returns).fill(Number.POSITIVE_INFINITY),
    intensity: new Float32Array(rays * returns),
  };
}

/** Makes what fires rays of a row, in order, into the bodies between two frames. */
function createFiring(
  name: string,
  specification: LidarSpecification,
  spec: SimSpec,
  { places, directions, batches, cones, groupCones }: Pattern,
  beam: Float64Array,
) {
  const { subRays, returns, maxRangeM } = specification;
  const mount = createMount(name, specification, spec);
  const motion = createMotion(spec);
  const viewAt = createView(mount, motion);
  const tracer = createTracer(motion, mount, viewAt, maxRangeM);
  const echoes = createEchoes(name, specification, spec);
  const albedos = spec.bodies.map(({ albedo }) => (albedo[0] + albedo[1] + albedo[2]) / 3);
  const batchOf = batchesOfRays(batches, places.length);
  const { hit } = tracer;
  const firePulse = (ray: number, fraction: number): void => {
    const { origin, axes } = viewAt(fraction);
    const [dx, dy, dz] = [directions[ray * 3]!, directions[ray * 3 + 1]!, directions[ray * 3 + 2]!];
    // To the left of the ray and up from it; a ray straight up has y for its left.
    const across = Math.sqrt(dx * dx + dy * dy);
    const lx = across === 0 ? 0 : -dy / across;
    const ly = across === 0 ? 1 : dx / across;
    for (let k = 0; k < subRays; k++) {
      const left = beam[k * 2]!;
      const up = beam[k * 2 + 1]!;
      const x = dx + left * lx - up * dz * ly;
      const y = dy + left * ly + up * dz * lx;
      const z = dz + up * (dx * ly - dy * lx);
      const scale = 1 / Math.sqrt(x * x + y * y + z * z);
      tracer.cast(
        fraction,
        origin,
        (axes[0]! * x + axes[3]! * y + axes[6]! * z) * scale,
        (axes[1]! * x + axes[4]! * y + axes[7]! * z) * scale,
        (axes[2]! * x + axes[5]! * y + axes[8]! * z) * scale,
      );
      if (hit.body >= 0) echoes.add(hit.rangeM, albedos[hit.body]!, hit.incidence, 1 / subRays);
    }
  };
  return {
    placeBetween: (before: SimFrame, after: SimFrame) => placeBetween(motion, before, after),
    rays(row: Row, begin: number, end: number, fractionOf: (ray: number) => number): void {
      let gathered = -1;
      for (let from = begin; from < end; ) {
        const batch = batchOf[from]!;
        const to = Math.min(batches[batch + 1]!, end);
        const group = Math.floor(batch / BATCHES_PER_GROUP);
        if (group !== gathered) {
          const next = Math.min((group + 1) * BATCHES_PER_GROUP, batches.length - 1);
          tracer.gather(groupCones, group, fractionOf(from), fractionOf(Math.min(batches[next]!, end) - 1));
          gathered = group;
        }
        tracer.narrow(cones, batch, fractionOf(from), fractionOf(to - 1));
        for (let ray = from; ray < to; ray++) {
          echoes.clear();
          firePulse(ray, fractionOf(ray));
          echoes.read(row.rangeM, row.intensity, places[ray]! * returns);
        }
        from = to;
      }
    },
  };
}

/** [rays] the batch of each ray. */
function batchesOfRays(batches: Int32Array, rays: number): Int32Array {
  const batchOf = new Int32Array(rays);
  for (let batch = 0; batch + 1 < batches.length; batch++)
    batchOf.fill(batch, batches[batch]!, batches[batch + 1]!);
  return batchOf;
}

function requireSense(
  name: string,
  { rateHz, returns, minRangeM, maxRangeM }: LidarSpecification,
  rays: number,
): void {
  const fail = (key: string, context: Record<string, unknown>, message: string): never => {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, ...context },
      `sensors.${name}.${key}: ${message}`,
    );
  };
  const values = rays * returns;
  if (values > LARGEST_ROW) {
    fail(
      'pattern',
      { values },
      `expected at most ${LARGEST_ROW} values a row, got ${values}; take fewer columns or returns`,
    );
  }
  if (rays * rateHz > 1e9) {
    fail(
      'rateHz',
      { rateHz, rays },
      `expected a nanosecond or more between rays, got ${rays} rays at ${rateHz} Hz; take a lower rate`,
    );
  }
  if (minRangeM >= maxRangeM) {
    fail(
      'minRangeM',
      { minRangeM, maxRangeM },
      `expected less than maxRangeM (${maxRangeM}), got ${minRangeM}`,
    );
  }
}

function describe(
  name: string,
  { rateHz, returns, pattern: { kind }, body, positionM, orientation }: LidarSpecification,
  { elevationsRad, azimuthsRad }: Pattern,
): StreamDescription {
  const shape = [elevationsRad.length, azimuthsRad.length];
  const float = (title: string, unit: string, description: string) =>
    ({ name: title, dataType: 'float32', shape: [...shape, returns], unit, description }) as const;
  return {
    name,
    kind: 'lidar',
    rateHz,
    samplesPerRow: 1,
    fields: [
      float(
        'rangeM',
        'm',
        "along the ray, from the sensor at the ray's time; +Infinity where nothing comes back",
      ),
      float('intensity', '1', 'strength of the return; a white surface facing the sensor at 1 m has 1'),
      {
        name: 'timeOffsetNs',
        dataType: 'int32',
        shape,
        unit: 'ns',
        description: "from the row's time to the ray's",
      },
    ],
    metadata: { pattern: kind, elevationsRad, azimuthsRad, body: body ?? null, positionM, orientation },
  };
}
