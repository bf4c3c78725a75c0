import type { Sensor, SensorSample } from './contract.js';

/**
 * Delays a sensor: each sample is stamped, and handed out, when it arrives, `latencyS` after it was taken. What is still
 * on its way when the episode ends never arrives. The stream's metadata says the latency, so that a reader can undo it.
 *
 * @param latencyS at least 0.
 */
export function withLatency(sensor: Sensor, latencyS: number): Sensor {
  const stream = { ...sensor.stream, metadata: { ...sensor.stream.metadata, latencyS } };
  const latencyNs = BigInt(Math.round(latencyS * 1e9));
  if (latencyNs === 0n) return { stream, sense: (frame) => sensor.sense(frame) };
  const underway: SensorSample[] = [];
  return {
    stream,
    sense(frame) {
      for (const sample of sensor.sense(frame))
        underway.push({ ...sample, timeNs: sample.timeNs + latencyNs });
      const arrived = underway.findIndex(({ timeNs }) => timeNs > frame.timeNs);
      return underway.splice(0, arrived < 0 ? underway.length : arrived);
    },
  };
}
