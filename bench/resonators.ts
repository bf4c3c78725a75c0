import { createResonators } from '../sensors/audio/resonators.js';
import type { BenchResult } from './contract.js';

const BODIES = 20;
const MODES = 16;
const RATE = 48000;
const STEP = 48;

/** Seconds of sound a second that 20 ringing bodies of 16 modes make at 48 kHz on one core, beside ten. */
export async function benchRinging(): Promise<BenchResult> {
  const banks = Array.from({ length: BODIES }, (_, body) => {
    const frequencyHz = Float64Array.from({ length: MODES }, (_, mode) => 200 + 31 * body + 800 * mode);
    const bank = createResonators(
      frequencyHz,
      new Float64Array(MODES).fill(0.01),
      new Float64Array(MODES).fill(1),
      RATE,
    );
    bank.push(new Float64Array(MODES).fill(1), 0, 10);
    return bank;
  });
  const out = new Float64Array(STEP);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 12; round++) {
    const start = performance.now();
    for (let step = 0; step < 250; step++) for (const bank of banks) bank.render(out, STEP);
    best = Math.min(best, performance.now() - start);
  }
  const value = 250 / best;
  return {
    name: 'audio.ringing.realtime',
    value,
    unit: 's of sound/s',
    reference: 'ten times real time',
    reference_value: 10,
    ratio: value / 10,
  };
}
