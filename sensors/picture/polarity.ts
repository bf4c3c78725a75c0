import type { Picture } from './picture.js';

const NONE = [90, 90, 90] as const;
const BRIGHTER = [255, 120, 60] as const;
const DARKER = [40, 110, 255] as const;
/** Share of the full colour that a single event gets. */
const LEAST = 0.4;

/** Paints sums of events: brighter in orange, darker in blue, the more the stronger; grey where they cancel or there are none. */
export function paintPolarity(sums: ArrayLike<number>, width: number, height: number): Picture {
  let most = 1;
  for (let pixel = 0; pixel < width * height; pixel++) most = Math.max(most, Math.abs(sums[pixel]!));
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const sum = sums[pixel]!;
    const colour = sum > 0 ? BRIGHTER : DARKER;
    const strength = sum === 0 ? 0 : LEAST + ((1 - LEAST) * Math.abs(sum)) / most;
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = Math.round(NONE[channel]! + (colour[channel]! - NONE[channel]!) * strength);
    }
  }
  return { width, height, rgb };
}
