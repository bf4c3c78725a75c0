import { exp } from '../../core/math/exact.js';
import { tickTimeNs } from '../../core/time.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import type { CreateSensor, SensorSample, StreamDescription } from '../contract.js';
import { bodyIndex } from '../mount.js';
import { createNoise } from '../noise.js';
import { createTicks } from '../ticks.js';
import type { TemperatureSpecification } from './specification.js';
import { contactTemperatureC, effusivityOf, meanHeatFluxWpm2 } from './touch-heat.js';

/** A contact that lasts. */
interface Touch {
  readonly begunNs: bigint;
  /** End of the last step with contact. */
  lastNs: bigint;
}

/** What a step does to the surface. */
interface Heat {
  /** Where the thermometer tends. */
  readonly towardsC: number;
  /** Mean flux between two times, W/m2. */
  flux(fromNs: bigint, toNs: bigint): number;
}

/**
 * Creates a thermometer in a body's surface that feels the heat of what touches it.
 *
 * Fields: `temperatureC` float32 [], which follows the temperature of the contact (`contactTemperatureC`) with a lag of
 * `lagS`, and that of the body where nothing touches; `heatFluxWpm2` float32 [], the mean flux into the body since the last
 * reading (`meanHeatFluxWpm2`: it falls as 1 / sqrt(t)), without noise. Of several bodies at once the mean counts, weighted by
 * their normal force. The bodies' own temperatures stay as the scenario has them.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body.
 */
export const createTemperature: CreateSensor<TemperatureSpecification> = (name, specification, spec) => {
  const { rateHz, lagS, noise, noiseC } = specification;
  const body = bodyIndex(`sensors.${name}.body`, specification.body, spec);
  const restC = specification.restC ?? spec.bodies[body]!.temperatureC;
  const heatOf = createHeat(body, restC, specification.gapS, spec);
  const source = noise
    ? createNoise(spec.seed, spec.scenario, 'episode', spec.episode, name, 'reading')
    : null;
  const ticksUntil = createTicks(rateHz);
  let temperatureC = restC;
  let heatJpm2 = 0;
  let reachedNs = 0n;
  let before: SimFrame | null = null;

  const advance = ({ towardsC, flux }: Heat, untilNs: bigint): void => {
    const spanS = Number(untilNs - reachedNs) / 1e9;
    if (spanS <= 0) return;
    heatJpm2 += flux(reachedNs, untilNs) * spanS;
    const kept = lagS === 0 ? 0 : exp(-spanS / lagS);
    temperatureC = towardsC + (temperatureC - towardsC) * kept;
    reachedNs = untilNs;
  };
  const sense = (frame: SimFrame): SensorSample[] => {
    const heat = before === null ? null : heatOf(before, frame);
    before = frame;
    const samples = ticksUntil(frame).map(({ tick, timeNs }) => {
      if (heat !== null) advance(heat, timeNs);
      const intervalS = Number(tickTimeNs(tick, rateHz) - tickTimeNs(tick - 1, rateHz)) / 1e9;
      const reading = temperatureC + (source === null ? 0 : noiseC * source.next());
      const values = {
        temperatureC: Float32Array.of(reading),
        heatFluxWpm2: Float32Array.of(heatJpm2 / intervalS),
      };
      heatJpm2 = 0;
      return { stream: name, timeNs, values };
    });
    if (heat !== null) advance(heat, frame.timeNs);
    return samples;
  };
  return { stream: describe(name, specification), sense };
};

/** Makes a function that finds what the contacts of a step do to a body's surface. */
function createHeat(body: number, restC: number, gapS: number, spec: SimSpec) {
  const own = effusivityOf(spec.bodies[body]!.material);
  const effusivities = spec.bodies.map(({ material }) => effusivityOf(material));
  const gapNs = BigInt(Math.round(gapS * 1e9));
  const touches = new Map<number, Touch>();
  return (before: SimFrame, after: SimFrame): Heat => {
    const weights = new Map<number, number>();
    for (const { bodyA, bodyB, normalImpulseNs } of after.contacts) {
      if (bodyA !== body && bodyB !== body) continue;
      const other = bodyA === body ? bodyB : bodyA;
      weights.set(other, (weights.get(other) ?? 0) + normalImpulseNs);
    }
    const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return { towardsC: restC, flux: () => 0 };
    let towardsC = 0;
    for (const [other, weight] of weights) {
      const known = touches.get(other);
      const goesOn = known !== undefined && before.timeNs - known.lastNs <= gapNs;
      if (goesOn) known.lastNs = after.timeNs;
      else touches.set(other, { begunNs: before.timeNs, lastNs: after.timeNs });
      const { temperatureC } = spec.bodies[other]!;
      towardsC += (weight / total) * contactTemperatureC(own, restC, effusivities[other]!, temperatureC);
    }
    const flux = (fromNs: bigint, toNs: bigint): number => {
      let sum = 0;
      for (const [other, weight] of weights) {
        const { begunNs } = touches.get(other)!;
        const [fromS, toS] = [Number(fromNs - begunNs) / 1e9, Number(toNs - begunNs) / 1e9];
        const { temperatureC } = spec.bodies[other]!;
        sum +=
          (weight / total) * meanHeatFluxWpm2(own, restC, effusivities[other]!, temperatureC, fromS, toS);
      }
      return sum;
    };
    return { towardsC, flux };
  };
}

function describe(name: string, { rateHz, body, lagS, restC }: TemperatureSpecification): StreamDescription {
  return {
    name,
    kind: 'temperature',
    rateHz,
    samplesPerRow: 1,
    fields: [
      {
        name: 'temperatureC',
        dataType: 'float32',
        shape: [],
        unit: 'degC',
        description: 'of the surface where it is touched',
      },
      {
        name: 'heatFluxWpm2',
        dataType: 'float32',
        shape: [],
        unit: 'W/m2',
        description: 'into the body, mean since the last reading',
      },
    ],
    metadata: { body, lagS, ...(restC === undefined ? {} : { restC }) },
  };
}
